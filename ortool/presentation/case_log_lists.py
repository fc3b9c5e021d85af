"""The sections of a case log that hold the reviews and follow-ups beside the operation, each for itself."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from ortool.caselog.answers import AnswerLine
from ortool.caselog.findings import ExceptionLine
from ortool.caselog.lists import ListLine
from ortool.checklist.records import State
from ortool.presentation.case_log_facts import exception_parts, gate_parts, remark_parts
from ortool.presentation.case_log_room import answer_parts
from ortool.presentation.case_log_view import View, said
from ortool.presentation.plain import GOOD, WARN, data, indented, joined
from ortool.presentation.words import plural


def list_heading(line: ListLine) -> str:
    """Return the heading of a list's section, such as `Follow-up: Recovery and follow-up plan`."""
    return f"{line.kind}: {line.checklist.title}"


def list_section(line: ListLine, view: View) -> Iterator[RenderableType]:
    """Yield a list's own checklist version, its time stamps, every line answered or open, and its departures."""
    one = line.checklist
    approval = data(f"approved by {one.approved_by}") if one.approved else Text("NOT LOCALLY APPROVED", style=WARN)
    yield joined([data(f"{one.id} version {one.version}"), Text(f"sha256 {one.sha256}"), approval])
    yield Text(plural(line.open, "line") + " open", style=WARN) if line.open else Text("no line open", style=GOOD)
    for stamp in line.milestones:
        if stamp.mark:
            yield data(f"{stamp.id} {stamp.title}", "bold")
            yield indented(said(view, stamp.mark, stamp.seqs))
        else:
            yield joined([data(f"{stamp.id} {stamp.title}", "bold"), "not yet"])
    for name, title, state in (("", "", ""), *((one.id, one.title, one.state.value) for one in line.pauses)):
        lines = [answer for answer in line.answers if answer.pause == name]
        if name:
            yield joined([data(f"{name} {title}", "bold"), state])
        yield from _answers(lines, view)
    for gate in line.gates:
        yield from gate_parts(gate, view)
    for exception in line.exceptions:
        if not _is_told(exception):
            yield from exception_parts(exception, view)
    for remark in line.remarks:
        yield from remark_parts(remark, view)


def _answers(lines: list[AnswerLine], view: View) -> Iterator[RenderableType]:
    """Yield what was answered line by line, and what nobody has answered yet in one line."""
    for line in lines:
        if line.mark or not line.is_open:
            yield from (indented(part) for part in answer_parts(line, view))
    if left := [data(f"{line.id} {line.prompt}") for line in lines if line.is_open and not line.mark]:
        yield indented(Text("open: ", style=WARN).append_text(joined(left, "; ")))


def _is_told(line: ExceptionLine) -> bool:
    """Whether a departure is what its item's own line says already: the answer that stands, and nothing before it."""
    return line.stands and not line.was and line.kind in {state.value for state in State}
