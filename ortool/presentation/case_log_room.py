"""The sections of a case log about who was in the room, and what came on the way: events, emergencies, reasons owed."""

from rich.console import RenderableType
from rich.text import Text

from ortool.caselog.answers import AnswerLine
from ortool.caselog.happenings import EmergencyLine, EventLine, OwedLine
from ortool.caselog.report import CaseReport
from ortool.caselog.room import StintLine
from ortool.checklist.records import State
from ortool.presentation.case_log_view import View, said
from ortool.presentation.plain import BAD, GOOD, WARN, data, indented, joined
from ortool.presentation.words import STATE_WORDS, glyph


def in_room(report: CaseReport, view: View) -> list[RenderableType]:
    """Show who was in the room in which role, from when to when, and each relief with its time."""
    parts: list[RenderableType] = []
    for line in report.in_room:
        parts += [_stint(line, view), indented(said(view, line.came, line.seqs[:1]))]
        if line.left:
            parts.append(indented(said(view, line.left, line.seqs[1:])))
    return parts


def _stint(line: StintLine, view: View) -> Text:
    left = view.at(line.left.occurred_at) if line.left else "not written down as left"
    relieved = Text("relieved ").append_text(data(line.relieved)) if line.relieved else None
    by = Text("relieved by ").append_text(data(line.relieved_by)) if line.relieved_by else None
    role = data(line.role.replace("_", " "))
    return joined([data(line.name, "bold"), role, f"{view.at(line.came.occurred_at)} - {left}", relieved, by])


def events(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each event that was opened and each pause read again, with every line of it, answered or open."""
    parts: list[RenderableType] = []
    for line in report.events:
        parts.append(_event(line))
        if line.reason:
            parts.append(indented(Text("reason: ").append_text(data(line.reason, "bold"))))
        parts.append(indented(said(view, line.mark, line.seqs[:1])))
        for item in line.items:
            parts += [indented(part) for part in answer_parts(item, view)]
    return parts


def _event(line: EventLine) -> Text:
    what = line.priority.upper() if line.kind == "event" else "READ AGAIN"
    left = Text(f"{line.open} open", style=WARN) if line.open else Text("every line answered", style=GOOD)
    return joined([Text(what, style=WARN), data(f"{line.id} {line.title}", "bold"), left])


def answer_parts(line: AnswerLine, view: View) -> list[RenderableType]:
    """Return a line of a list: what was said and why, and beneath it who said so and both times."""
    state = line.state
    plain = state in (State.OPEN, State.DONE, State.AUTO)
    word = Text(
        "OPEN" if line.is_open and plain else STATE_WORDS[state], style="" if plain and not line.is_open else WARN
    )
    value = data(f"{line.value} {line.unit}".strip(), "bold") if line.value else None
    put_off = Text("to ").append_text(data(line.defer_to)) if line.defer_to else None
    reason = Text("reason: ").append_text(data(line.reason, "bold")) if line.reason else None
    still = Text("still needed", style=WARN) if line.is_open and not plain else None
    mark = glyph(State.OPEN if line.is_open and plain else state, view.ascii_only)
    parts: list[RenderableType] = [
        joined([joined([mark, data(f"{line.id} {line.prompt}")], " "), word, put_off, value, reason, still])
    ]
    if line.mark:
        parts.append(indented(said(view, line.mark, line.seqs, line.second)))
    return parts


def emergency(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each emergency, and what it let through without a reason: owed, or given afterwards with both times."""
    parts: list[RenderableType] = []
    for line in report.emergencies:
        parts += [_emergency(line, view), indented(said(view, line.declared, line.seqs[:1]))]
        if line.ended:
            parts.append(indented(said(view, line.ended, line.seqs[1:])))
    if report.emergencies and not report.owed:
        parts.append(Text("Nothing went without its reason."))
    for owed in report.owed:
        parts += _owed(owed, view)
    return parts


def _emergency(line: EmergencyLine, view: View) -> Text:
    until = f"ended {view.at(line.ended.occurred_at)}" if line.ended else "not ended"
    reason = data(line.reason, "bold") if line.reason else None
    return joined([Text("EMERGENCY", style=BAD), f"declared {view.at(line.declared.occurred_at)}", until, reason])


def _owed(line: OwedLine, view: View) -> list[RenderableType]:
    standing = Text("REASON OWED", style=BAD) if line.is_owed else Text("reason given later", style=GOOD)
    if line.replaced:
        standing = Text("later answered again")
    what = joined([data(f"{line.id} {line.title}", "bold"), data(line.said), standing])
    parts: list[RenderableType] = [what]
    if line.passed:
        parts.append(indented(Text("passing ").append_text(joined([data(one) for one in line.passed], "; "))))
    parts.append(indented(said(view, line.mark, line.seqs[:1])))
    if line.given:
        parts.append(indented(Text("reason: ").append_text(data(line.reason, "bold"))))
        parts.append(indented(said(view, line.given, line.seqs[1:], line.second)))
    return parts
