"""The sections of a case log that hold times: who and what it is about, plan, phases, milestones, intervals."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ortool.caselog.case import Case
from ortool.caselog.figures import Figure, MilestoneLine, PlanLine
from ortool.caselog.intervals import OWN
from ortool.caselog.milestones import CaseState
from ortool.caselog.report import CaseReport
from ortool.presentation.case_log_view import View, people, source
from ortool.presentation.gantt import ASCII, BLOCKS, gantt, legend, phase_words
from ortool.presentation.plain import (
    BAD,
    QUIET,
    WARN,
    data,
    hanging,
    indented,
    joined,
    length,
    plain_table,
    wall,
    whole_minutes,
)
from ortool.presentation.words import day, plural

Section = Callable[[CaseReport, View], Sequence[RenderableType]]
_LABEL = 16


def header(report: CaseReport, view: View) -> list[RenderableType]:
    """Say whose log this is and how far it can be relied on. Every safety fact is there, stated or not."""
    case = report.case
    signed = Text("signed") if report.is_signed else Text(unsigned(report), style=WARN)
    if report.altered:
        signed = Text("SIGNED, AND ALTERED SINCE", style=BAD)
    state = None if case.state is CaseState.SIGNED else case.state.value
    title = joined([Text(f"Case log {case.number}", style="bold"), state, signed])
    rows: list[tuple[str, Text]] = [
        ("Patient", _patient(case)),
        ("Operation", _operation(case)),
        ("Allergies", data(case.allergies, "bold") if case.allergies else Text("not recorded", style=WARN)),
        ("Team", joined([_named("surgeon", case.surgeon), _named("anaesthetist", case.anaesthetist)])),
        ("Urgency", data(case.urgency)),
        ("Neuromonitoring", Text({True: "yes", False: "no", None: "not stated"}[case.neuromonitoring])),
        ("Notes", data(case.notes, multiline=True)),
        *_record(report, view),
        ("As of", Text(f"{day(report.now, view.zone)} {wall(report.now, view.zone)}, times in {view.zone.key}")),
    ]
    return [title, *(hanging(Text(label), text, _LABEL) for label, text in rows if text)]


def unsigned(report: CaseReport) -> str:
    """Return the word for a log that nobody has signed: what came from a list is nobody's to sign."""
    return "NOT SIGNED" if report.from_list is None else "FROM A LIST OF THE PAST"


def _record(report: CaseReport, view: View) -> list[tuple[str, Text]]:
    if (listed := report.from_list) is None:
        return [("Checklist", _checklist(report)), ("Approval", _approval(report)), ("Typed late", _lateness(report))]
    read = f"read in {day(listed.mark.recorded_at, view.zone)} {view.at(listed.mark.recorded_at)[-5:]}"
    words = [data(listed.source), Text(f"row {listed.line}"), Text(read), people(listed.mark), source(listed.seqs)]
    nobody = "Nobody here entered these times, and when they were typed is not known. There was no checklist."
    return [("From a list", joined(words)), ("", Text(nobody, style=WARN))]


def _patient(case: Case) -> Text:
    born = f"born {day(case.born)[4:]}" if case.born else "date of birth not recorded"
    number = Text("hospital number ").append_text(data(case.hospital_number, "bold"))
    return joined([data(case.patient_name, "bold"), Text(born), number])


def _operation(case: Case) -> Text:
    side = data(case.side, "bold") if case.side else Text("side not stated", style=WARN)
    return joined([data(case.procedure), data(case.levels, "bold") if case.levels else None, side])


def _named(role: str, name: str) -> Text | None:
    return Text(f"{role} ").append_text(data(name)) if name else None


def _checklist(report: CaseReport) -> Text:
    one = report.checklist
    if one is None:
        return Text("none", style=WARN)
    return joined(
        [
            data(f"{one.title}, {one.id} version {one.version}"),
            Text(f"sha256 {one.sha256}"),
            None if one.started else Text("not begun"),
        ]
    )


def _approval(report: CaseReport) -> Text:
    one = report.checklist
    if one is None or not one.approved:
        return Text("NOT LOCALLY APPROVED" if one else "", style=WARN)
    return joined([Text("approved by"), data(one.approved_by), data(one.approved_on)], " ")


def _lateness(report: CaseReport) -> Text:
    one = report.lateness
    words = f"{one.late} of {plural(one.timed, 'timed record')} ({one.percent} %), limit {one.limit_minutes} min"
    return joined([Text(words, style=WARN if one.late else ""), source(one.seqs)])


def plan_and_actual(report: CaseReport, view: View) -> list[RenderableType]:
    """Show the first plan, each move, the slot that stands, and when the patient came and left."""
    plan = report.plan
    lines = [(line.kind.capitalize(), _planned(line, view)) for line in (plan.first, *plan.moves) if line]
    if plan.start and plan.end:
        slot = data(plan.room).append(f", {day(plan.start, view.zone)} {view.at(plan.start)} - {view.at(plan.end)}")
        lines.append(("Slot", slot))
    else:
        lines.append(("Slot", Text("none")))
    if plan.cancelled:
        lines.append(("CANCELLED", data(plan.cancel_reason or "no reason recorded", BAD)))
    lines += [
        ("In room", _against(view.at(plan.in_room), (plan.start_delay, plan.first_start_delay), "start")),
        ("Out of room", _against(view.at(plan.out_of_room), (plan.over_run,), "end")),
    ]
    return [hanging(Text(label), text, _LABEL) for label, text in lines]


def _planned(line: PlanLine, view: View) -> Text:
    reason = Text("reason: ").append_text(data(line.reason)) if line.reason else None
    span = data(line.room).append(f", {view.at(line.start)} - {view.at(line.end)}")
    entered = Text("entered ").append(view.at(line.mark.recorded_at))
    return joined([span, reason, entered, people(line.mark), source(line.seqs)])


def _against(actual: str, figures: Sequence[Figure], what: str) -> Text:
    parts: list[Text | str | None] = [actual]
    for index, figure in enumerate(figures):
        # The first booking is only worth a word where a move has changed the answer.
        if figure.value is not None and (index == 0 or figure.value != figures[0].value):
            named = f"planned {what}" if index == 0 else f"first planned {what}"
            parts.append(_delay(figure.value, named).append(" ").append_text(source(figure.seqs)))
    return joined(parts)


def _delay(value: timedelta, named: str) -> Text:
    total = whole_minutes(value)
    if total == 0:
        return Text(f"on the {named}")
    return Text(f"{abs(total)} min {'after' if total > 0 else 'before'} the {named}", style=WARN if total > 0 else "")


def phases(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each phase in words and as a bar on one axis."""
    brush = ASCII if view.ascii_only else BLOCKS
    parts: list[RenderableType] = []
    for line, bar in gantt(report, view.width - 2, view.zone, brush):
        if line is None:
            parts.append(Text(legend(brush)))
        else:
            times = f"{view.at(line.started)} - {view.at(line.ended)}" if line.started else ""
            parts.append(joined([data(line.title, "bold"), times, phase_words(line), source(line.seqs)]))
        parts.append(indented(bar))
    return parts


def milestones(report: CaseReport, view: View) -> list[RenderableType]:
    """Show every milestone in order: occurred, typed, by whom; then what is missing and what contradicts."""
    if not report.milestones:
        return []
    if report.from_list is not None:
        table = plain_table(view.width, "Occurred", "Milestone", "Entry")
        for line in report.milestones:
            at = view.at(line.mark.occurred_at) if line.mark else "-"
            table.add_row(Text(at), data(f"{line.id} {line.title}"), source(line.seqs))
        return [table]
    table = plain_table(view.width, "Occurred", "Typed", "Milestone", "By", "Entry")
    for line in report.milestones:
        _milestone(table, line, report, view)
    return [table, *_summary(report, view)]


def _milestone(table: Table, line: MilestoneLine, report: CaseReport, view: View) -> None:
    kind = line.standard if line.required else f"{line.standard}, optional"
    title = data(f"{line.id} {line.title}").append(f" ({kind})")
    for earlier in line.corrected_from:
        title.append("\ncorrected from ").append_text(view.when(earlier)).append(" by ").append_text(people(earlier))
    if line.mark:
        typed = view.typed(line.mark)
        if not line.mark.late and whole_minutes(line.mark.lag):
            typed.append(f" {length(line.mark.lag)}", style=QUIET)
        table.add_row(Text(view.at(line.mark.occurred_at)), typed, title, people(line.mark), source(line.seqs))
    elif line.is_missing and (line.passed_by or report.case.state in (CaseState.RECOVERED, CaseState.SIGNED)):
        table.add_row(Text("MISSING", style=BAD), Text(""), title, Text(""), Text(""))
    else:
        table.add_row(Text("-" if not line.required else "not yet"), Text(""), title, Text(""), Text(""))


def _summary(report: CaseReport, view: View) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if report.missing:
        names = ", ".join(line.id for line in report.missing)
        parts.append(Text("Required and not stamped: ", style=WARN).append_text(data(names)))
    if report.not_on_checklist:
        names = ", ".join(report.not_on_checklist)
        parts.append(Text(f"Milestones of the AACD glossary that are not on this checklist: {names}", style=QUIET))
    for pair in report.contradictions:
        before, after = pair.before, pair.after
        words = data(f"{after.stamp} {view.at(after.occurred_at)} lies before {before.stamp}")
        words.append(f" {view.at(before.occurred_at)}, {length(pair.gap)}: ").append("out of order", style=BAD)
        parts.append(joined([words, source(pair.seqs)]))
    return parts


def intervals(report: CaseReport, view: View) -> list[RenderableType]:
    """Show every derived interval with its formula and its source; a negative one is flagged, never hidden."""
    if not report.intervals:
        return []
    table = plain_table(view.width, "Interval", "Length", "Formula", "Entry")
    for one in report.intervals:
        value = Text(length(one.value), style="bold")
        if one.missing:
            value = Text(f"no {', '.join(one.missing)}")
        if one.out_of_order:
            value.append(" OUT OF ORDER", style=BAD)
        table.add_row(Text(one.name), value, Text(one.formula), source(one.seqs))
    sources = dict.fromkeys(one.source for one in report.intervals if one.source != OWN)
    return [table, Text(f"Formulas: {'; '.join(sources)}", style=QUIET)]


TIMES: tuple[tuple[str, Section], ...] = (
    ("Case", header),
    ("Plan and actual", plan_and_actual),
    ("Phases", phases),
    ("Milestones", milestones),
    ("Intervals", intervals),
)
