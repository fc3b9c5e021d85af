"""A case log as a page for print: the sections of the screen, one by one, with the bars of the phases drawn to scale.

HTML, PDF and Markdown all come from this one page, and this page from the sections that the screen and the command line
show: no face can say something that the others do not.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ortool.caselog.page import Bar, Bars, Block, Grid, Line, Page, Paragraph, Section, Span, Tone
from ortool.caselog.report import CaseReport
from ortool.presentation.case_log_facts import FACTS
from ortool.presentation.case_log_lists import list_heading, list_section
from ortool.presentation.case_log_times import TIMES, phases, unsigned
from ortool.presentation.case_log_view import View, source, view_of
from ortool.presentation.gantt import bars, phase_words, window
from ortool.presentation.plain import BAD, GOOD, QUIET, WARN, joined, wall
from ortool.presentation.words import day
from ortool.text import clean

TONES = {BAD: Tone.BAD, WARN: Tone.WARN, GOOD: Tone.GOOD, QUIET: Tone.QUIET, "bold": Tone.STRONG}
LEGEND = ("planned (P50)", "taken", "beyond P50")
LONGEST_AXIS = timedelta(days=3)
_LONGEST = 1_000_000


def case_page(report: CaseReport, zone: ZoneInfo) -> Page:
    """Return the whole log of a case as a page, times in `zone`."""
    view = view_of(report, zone, 100, False)
    case = report.case
    born = f"born {case.born:%d %b %Y}" if case.born else ""
    return Page(
        f"Case log {case.number}",
        clean("  ".join(filter(None, (case.patient_name, born, case.hospital_number))), _LONGEST),
        f"Made {day(report.now, zone)} {wall(report.now, zone)}, times in {zone.key}",
        _seal(report, zone),
        not report.altered,
        tuple(_sections(report, view)),
    )


def _seal(report: CaseReport, zone: ZoneInfo) -> str:
    if not report.signatures:
        return unsigned(report)
    one = report.signatures[-1]
    at = f"{day(one.mark.occurred_at, zone)} {wall(one.mark.occurred_at, zone)}"
    altered = "ALTERED SINCE IT WAS SIGNED. " if report.altered else ""
    return clean(f"{altered}Signed by {one.signer or one.mark.by} {at}, SHA-256 {one.sha256 or one.digest}", _LONGEST)


def _sections(report: CaseReport, view: View) -> Iterator[Section]:
    for heading, section in (*TIMES, *FACTS):
        blocks = _phases(report, view) if section is phases else _blocks(section(report, view))
        if found := tuple(_together(blocks)):
            yield Section(heading, found)
    for line in report.lists:
        yield Section(clean(list_heading(line), _LONGEST), tuple(_blocks(list_section(line, view))))


def _together(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, with labelled rows that follow each other as one table."""
    rows: list[tuple[Line, ...]] = []
    for block in blocks:
        if isinstance(block, Grid) and not block.heads:
            rows += block.rows
            continue
        if rows:
            yield Grid((), tuple(rows))
            rows = []
        yield block
    if rows:
        yield Grid((), tuple(rows))


def _blocks(parts: Iterable[RenderableType]) -> Iterator[Block]:
    for part in parts:
        match part:
            case Text():
                yield Paragraph(line_of(part))
            case Padding():
                for block in _blocks([part.renderable]):
                    assert isinstance(block, Paragraph)
                    yield Paragraph(block.line, block.depth + 1)
            case Table():
                yield _grid(part)
            case _:
                raise TypeError(f"a section of the log may not hold {type(part).__name__}")


def _grid(table: Table) -> Grid:
    heads = tuple(str(column.header) for column in table.columns) if table.show_header else ()
    cells = zip(*(column.cells for column in table.columns), strict=True)
    return Grid(heads, tuple(tuple(_cell(cell) for cell in row) for row in cells))


def _cell(cell: RenderableType) -> Line:
    assert isinstance(cell, Text | str)
    return line_of(cell if isinstance(cell, Text) else Text(cell))


def line_of(text: Text) -> Line:
    """Return styled text as spans, each with the innermost style that says something."""
    edges = sorted({0, len(text), *(edge for span in text.spans for edge in (span.start, span.end))})
    found: list[Span] = []
    for start, end in pairwise(edges):
        styles = [str(span.style) for span in text.spans if span.start <= start and end <= span.end]
        tone = next((TONES[style] for style in reversed([str(text.style), *styles]) if style in TONES), Tone.PLAIN)
        found.append(Span(text.plain[start:end], tone))
    return tuple(found)


def _phases(report: CaseReport, view: View) -> Iterator[Block]:
    found = bars(report)
    if not found:
        return
    start, end = window(report, list(found.values()))
    drawn: list[Bar] = []
    for line in report.phases:
        times = f"{view.at(line.started)} - {view.at(line.ended)}" if line.started else ""
        words = line_of(joined([times, phase_words(line), source(line.seqs)]))
        title = clean(line.title, _LONGEST)
        bar = found.get(line.id)
        if bar is None or bar.end <= start:
            drawn.append(Bar(title, words, 0, 0, -1, ""))
            continue
        taken = _place(bar.taken_end, start, end) if bar.taken_end else -1
        places = _place(bar.start, start, end), _place(bar.planned_end, start, end)
        drawn.append(Bar(title, words, *places, taken, line.grade))
    yield Bars(LEGEND, tuple(_ticks(start, end, view.zone)), tuple(drawn))


def _place(moment: datetime, start: datetime, end: datetime) -> int:
    return min(1000, max(0, (moment - start) * 1000 // (end - start)))


def _ticks(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, str]]:
    """Yield the full hours; so many of them that a dozen or fewer stand on the axis."""
    hours = 1 + (end - start) // timedelta(hours=12)
    moment = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while moment <= end and end - start <= LONGEST_AXIS:
        if moment >= start:
            yield _place(moment, start, end), wall(moment, zone)
        moment += timedelta(hours=hours)
