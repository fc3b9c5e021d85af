"""The phases of a case as bars on one time axis: planned light, taken solid, beyond plan marked, all of it in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.text import Text

from ortool.caselog.figures import PhaseLine
from ortool.caselog.report import CaseReport
from ortool.checklist.records import PhaseState
from ortool.presentation.plain import BAD, QUIET, WARN, whole_minutes
from ortool.presentation.time_axis import axis, column

_FAR = timedelta(hours=3)
_STYLES = {"late": WARN, "over": BAD}


@dataclass(frozen=True, slots=True)
class Brush:
    """The characters of a bar, one cell wide each."""

    planned: str
    taken: str
    over: str


BLOCKS = Brush("░", "█", "▒")
ASCII = Brush(".", "#", "+")


@dataclass(frozen=True, slots=True)
class Bar:
    """A phase's stretch on the axis (UTC): planned to `planned_end`, taken to `taken_end` (None: not begun)."""

    line: PhaseLine
    start: datetime
    planned_end: datetime
    taken_end: datetime | None

    @property
    def end(self) -> datetime:
        """The later of the planned and the actual end."""
        return max(self.planned_end, self.taken_end or self.planned_end)


def legend(brush: Brush) -> str:
    """Return what the characters of the bars mean."""
    return f"{brush.planned} planned (P50)  {brush.taken} taken  {brush.over} beyond P50"


def bars(report: CaseReport) -> dict[str, Bar]:
    """Return each phase's bar by phase id; none for a skipped phase. What has not begun follows what has."""
    found: dict[str, Bar] = {}
    cursor = report.plan.start or report.now
    for line in report.phases:
        if line.state is PhaseState.SKIPPED:
            continue
        start = line.started or cursor
        taken_end = start + line.elapsed if line.started else None
        found[line.id] = Bar(line, start, start + line.p50, taken_end)
        cursor = line.ended or found[line.id].end
    return found


def window(report: CaseReport, found: Sequence[Bar]) -> tuple[datetime, datetime]:
    """Return the span of the axis. A phase that was over hours before the operation would squash the rest: left out."""
    anchor = report.plan.in_room or report.plan.start
    near = [bar for bar in found if anchor is None or bar.end > anchor - _FAR] or list(found)
    starts = [bar.start for bar in near] + ([report.plan.start] if report.plan.start else [])
    return min(starts), max(bar.end for bar in near) + timedelta(minutes=1)


def gantt(report: CaseReport, width: int, zone: ZoneInfo, brush: Brush) -> Iterator[tuple[PhaseLine | None, Text]]:
    """Yield the hours (with None) and then each phase with its bar, `width` cells each. Nothing without phases."""
    found = bars(report)
    if not found:
        return
    start, end = window(report, list(found.values()))
    yield None, Text(axis(start, end, width, zone), style=QUIET)
    for line in report.phases:
        yield line, _draw(found.get(line.id), start, end, width, brush)


def _draw(bar: Bar | None, start: datetime, end: datetime, width: int, brush: Brush) -> Text:
    text = Text()
    if bar is None:
        return text
    if bar.end <= start:
        return text.append("< earlier", style=QUIET)
    first, planned, taken = (
        None if moment is None else min(max(column(moment, start, end, width), 0), width)
        for moment in (bar.start, bar.planned_end, bar.taken_end)
    )
    assert first is not None
    assert planned is not None
    first = min(first, width - 1)
    solid = 0 if taken is None else max(1, min(taken, planned) - first)
    beyond = 0 if taken is None or bar.line.over <= timedelta() else max(1, taken - max(planned, first + solid))
    light = max(0 if taken is not None else 1, planned - first - solid)
    text.append(" " * first).append(brush.taken * solid, style="green")
    text.append(brush.over * beyond, style=_STYLES.get(bar.line.grade, WARN)).append(brush.planned * light, style=QUIET)
    text.truncate(width, overflow="crop")
    return text


def phase_words(line: PhaseLine) -> Text:
    """Return how a phase went, in words."""
    planned = f"planned {whole_minutes(line.p50)} min (P90 {whole_minutes(line.p90)})"
    if not line.started:
        return Text(f"{line.state.value}; {planned}")
    if line.out_of_order:
        return Text("OUT OF ORDER: it ended before it started", style=BAD)
    verb = "running for" if line.state is PhaseState.RUNNING else "took"
    # The difference of the two that stand beside it: rounded by itself, it may not be what a reader makes of them.
    beyond = whole_minutes(line.elapsed) - whole_minutes(line.p50)
    over = f", {beyond} min beyond P50" if line.over > timedelta() and beyond > 0 else ""
    text = Text(f"{verb} {whole_minutes(line.elapsed)} min, {planned}: ")
    return text.append(line.grade + over, style=_STYLES.get(line.grade, ""))
