"""The sections of a case log that hold what was said and counted: pauses, exceptions, counts, values, people."""

from collections.abc import Callable, Sequence

from rich.console import RenderableType
from rich.text import Text

from ortool.caselog.figures import GateLine, PauseLine
from ortool.caselog.findings import AddedLine, CountLine, ExceptionLine, PersonLine, RemarkLine, ValueLine
from ortool.caselog.report import CaseReport
from ortool.checklist.definition import ItemType
from ortool.checklist.records import PauseState, State
from ortool.presentation.answers import label_words, time_words, with_times
from ortool.presentation.case_log_construct import construct_section
from ortool.presentation.case_log_more import complications, delays, drugs, imaging, volumes
from ortool.presentation.case_log_room import emergency, events, in_room
from ortool.presentation.case_log_view import View, said, source
from ortool.presentation.plain import BAD, GOOD, WARN, data, indented, joined, whole_seconds
from ortool.presentation.signal_lines import signal_lines
from ortool.presentation.words import STATE_WORDS, glyph

Section = Callable[[CaseReport, View], Sequence[RenderableType]]


def pauses(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each pause: its state, how long its answers took against its target, and who gave them."""
    parts: list[RenderableType] = []
    for line in report.pauses:
        parts += [_pause(line), indented(_pause_times(line, view))]
    return parts


def _pause(line: PauseLine) -> Text:
    good = line.state is PauseState.COMPLETE
    left = (
        (line.open, "open"),
        (line.no, "no"),
        (line.not_applicable, "not applicable"),
        (line.overridden, "overridden"),
        (line.deferred, "deferred"),
    )
    counted = ", ".join(f"{number} {word}" for number, word in left if number)
    passed = Text("PASSED BY OVERRIDE", style=BAD) if line.passed_by_override else None
    state = Text(line.state.value, style=GOOD if good else WARN)
    return joined([data(f"{line.id} {line.title}", "bold"), state, counted, passed])


def _pause_times(line: PauseLine, view: View) -> Text:
    if line.duration is None:
        return joined([f"no answers, target {line.target_seconds} s"])
    took = f"{view.at(line.opened)} - {view.at(line.closed)}, {whole_seconds(line.duration)} s"
    answered = Text("answered by ").append_text(joined([data(name) for name in line.people], ", "))
    return joined([f"{took} (target {line.target_seconds} s)", answered, source(line.seqs)])


def gates(report: CaseReport, view: View) -> list[RenderableType]:
    """Show every pause that was passed incomplete: what was missing, why, and the two people."""
    return [part for line in report.gates for part in gate_parts(line, view)]


def gate_parts(line: GateLine, view: View) -> list[RenderableType]:
    """Return one pause that was passed incomplete."""
    who = said(view, line.mark, line.seqs, line.second)
    return [_gate(line), *(indented(part) for part in (_reason(line.reason), _missing(line), who))]


def _gate(line: GateLine) -> Text:
    words = Text("! PASSED INCOMPLETE ", style=BAD)
    return words.append_text(data(f"{line.pause} {line.title} on the way to {line.target} {line.target_title}"))


def _missing(line: GateLine) -> Text:
    return Text("missing: ").append_text(joined([data(item) for item in line.missing], "; "))


def _reason(reason: str) -> Text:
    return Text("reason: ").append_text(data(reason, "bold")) if reason else Text("no reason recorded")


def exceptions(report: CaseReport, view: View) -> list[RenderableType]:
    """Show every answer that was not plain done, every correction, and all that was taken back."""
    parts = [part for line in report.exceptions for part in exception_parts(line, view)]
    return parts or ([Text("none")] if report.checklist else [])


def exception_parts(line: ExceptionLine, view: View) -> list[RenderableType]:
    """Return one departure, with what stood before it."""
    who = said(view, line.mark, line.seqs, line.second)
    return [_exception(line, view), *(indented(part) for part in (*_details(line, view), who))]


def _exception(line: ExceptionLine, view: View) -> Text:
    states = {state.value: state for state in State}
    state = states.get(line.kind)
    word = (STATE_WORDS[state] if state else line.kind).upper()
    mark = glyph(state, view.ascii_only) if state else "~"
    replaced = None if line.stands else Text("later answered again")
    head = Text(f"{mark} {word}", style=WARN)
    return joined([head, data(f"{line.id} {line.title}", "bold"), _value(line, view), replaced])


def _value(line: ExceptionLine, view: View) -> Text | None:
    if line.kind == State.DEFERRED.value:
        return data(line.said)
    return Text("value ").append_text(data(with_times(line.value, view.zone, view.day))) if line.value else None


def _details(line: ExceptionLine, view: View) -> list[Text]:
    details: list[Text] = []
    if line.reason or line.kind not in (State.DEFERRED.value, "undone", "corrected"):
        details.append(_reason(line.reason))
    if line.original:
        was = data(with_times(line.was, view.zone, view.day)).append(", ") if line.was else Text()
        told = data(line.original.by).append(f" ({line.original.auth}) ").append_text(view.when(line.original))
        details.append(Text("was: ").append_text(was).append_text(told))
    elif line.was:
        details.append(Text("was: ").append_text(data(line.was)))
    return details


def counts(report: CaseReport, view: View) -> list[RenderableType]:
    """Show every count by category, and what came to the field between them."""
    both: tuple[CountLine | AddedLine, ...] = (*report.counts, *report.added)
    lines = sorted(both, key=lambda line: line.mark.seq)
    parts: list[RenderableType] = []
    for line in lines:
        if isinstance(line, CountLine):
            verdict = Text("agrees", style=GOOD) if line.agrees else Text("DOES NOT AGREE", style=BAD)
            parts += [joined([data(f"{line.moment} {line.title}", "bold"), verdict]), indented(_categories(line))]
            parts.append(indented(said(view, line.mark, line.seqs, line.second)))
        else:
            added = data(f"{line.title} {line.number:+d}", "bold")
            parts.append(joined([added, said(view, line.mark, line.seqs)]))
    return parts


def _categories(line: CountLine) -> Text:
    return joined([_category(one.title, one.found, one.expected) for one in line.categories], "; ")


def _category(title: str, found: int, expected: int) -> Text:
    if found == expected:
        return data(title).append(f" {found}")
    return data(title, BAD).append(f" {found}, expected {expected}, difference {found - expected:+d}")


def values(report: CaseReport, view: View) -> list[RenderableType]:
    """Show what was read off or chosen, and what closed-loop items found as their gate was passed."""
    parts: list[RenderableType] = []
    for line in report.values:
        failed = None if line.holds else Text("NOT MET", style=BAD)
        value = joined([data(f"{_read_off(line, view)} {line.unit}", "bold"), failed])
        parts.append(joined([data(f"{line.id} {line.prompt}").append(": ").append_text(value)]))
        parts.append(indented(said(view, line.mark, line.seqs, line.second)))
    return parts


def _read_off(line: ValueLine, view: View) -> str:
    if line.type == ItemType.TIME:
        return time_words(line.value, view.zone, view.day)
    return label_words(line.value, line.scan, whole=True) if line.scan else line.value


def remarks(report: CaseReport, view: View) -> list[RenderableType]:
    """Show notes, cancellations and addenda in full."""
    return [part for line in report.remarks for part in remark_parts(line, view)]


def remark_parts(line: RemarkLine, view: View) -> list[RenderableType]:
    """Return one note with all its words."""
    head = joined([Text(line.kind, style="bold"), said(view, line.mark, line.seqs)])
    parts: list[RenderableType] = [head, indented(data(line.text, multiline=True))]
    if line.before or line.after:
        parts.append(indented(Text("before: ").append_text(data(line.before))))
        parts.append(indented(Text("after: ").append_text(data(line.after, "bold"))))
    return parts


def people(report: CaseReport, _view: View) -> list[RenderableType]:
    """Show everybody who appears, and how often they entered something or stood as second person."""
    return [_person(line) for line in report.people]


def _person(line: PersonLine) -> Text:
    known = f"known by: {', '.join(line.auths)}" if line.auths else None
    entered = f"entered {line.entered}" if line.entered else None
    seconded = f"second person for {line.seconded}" if line.seconded else None
    return joined([data(line.name, "bold"), data(line.id), ", ".join(line.roles), entered, seconded, known])


def open_points(report: CaseReport, _view: View) -> list[RenderableType]:
    """Show what still stands open, up to the signature."""
    started = report.checklist is not None and report.checklist.started
    return [data(sentence) for sentence in report.unfinished] if started else []


def signature(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each signature with its words and the digest of the entries that it covers."""
    parts: list[RenderableType] = []
    for line in report.signatures:
        parts += [data(line.statement, "bold"), said(view, line.mark, line.seqs)]
        parts.append(Text(f"covers {line.covers} {'entry' if line.covers == 1 else 'entries'} with the digest"))
        parts.append(indented(data(line.digest)))
        if line.sha256:
            parts.append(Text("SHA-256 of what was signed"))
            parts.append(indented(data(line.sha256)))
            parts.append(indented(data(f"{line.schema}, journal head {line.head_seq}:{line.head[:16]}")))
    parts += [data(sentence, BAD) for sentence in report.altered]
    if parts and not report.altered and report.is_checked:
        parts.append(Text("What stands now is what was signed.", style=GOOD))
    if report.from_list is not None:
        return parts
    return parts or [Text("not signed", style=WARN)]


def team_signals(report: CaseReport, _view: View) -> list[RenderableType]:
    """Show what the record says of itself, to the team: counts, never who."""
    return [data(line) for line in signal_lines(report.signals)]


FACTS: tuple[tuple[str, Section], ...] = (
    ("In the room", in_room),
    ("Pauses", pauses),
    ("Gates passed incomplete", gates),
    ("Delays", delays),
    ("Events", events),
    ("Emergency", emergency),
    ("Complications", complications),
    ("Exceptions and corrections", exceptions),
    ("Counts", counts),
    ("Construct", construct_section),
    ("Imaging", imaging),
    ("Blood loss and volumes", volumes),
    ("Drugs and reminders", drugs),
    ("Values", values),
    ("Notes and addenda", remarks),
    ("People", people),
    ("Signals to the team", team_signals),
    ("Still open", open_points),
    ("Signature", signature),
)
