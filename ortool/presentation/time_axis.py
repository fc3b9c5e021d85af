"""A row of time: which columns a case takes, in which lane, and the hours above it. Layout only, no drawing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.caselog.board import BoardCase
from ortool.presentation.words import CASE_GLYPHS
from ortool.text import clean

_STEPS = (1, 2, 3, 4, 6, 12, 24)
# Every zone's offset is a whole number of quarters of an hour, so that each full local hour stands on this grid.
_GRID = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Block:
    """A case on its room's row: planned and actual columns, both ends included, and the lane it is drawn in.

    `cut_left` and `cut_right` say that something of it lies outside the window.
    """

    case: BoardCase
    first: int
    last: int
    actual_first: int | None
    actual_last: int | None
    lane: int
    cut_left: bool = False
    cut_right: bool = False

    @property
    def extent(self) -> tuple[int, int]:
        """The first and the last column that it takes, planned and actual together."""
        return _extent(self.first, self.last, self.actual_first, self.actual_last)


def _extent(first: int, last: int, actual_first: int | None, actual_last: int | None) -> tuple[int, int]:
    if actual_first is None or actual_last is None:
        return first, last
    return min(first, actual_first), max(last, actual_last)


def column(moment: datetime, start: datetime, end: datetime, width: int) -> int:
    """Return the column in which `moment` falls when [start, end) is spread over `width`; it may lie outside.

    Raises ValueError for a window without length or width.
    """
    if end <= start or width < 1:
        raise ValueError("a time axis needs a length and a width")
    # Two times of one zone would be subtracted by the clock on the wall, which is wrong when it changes.
    begin, stop, at = (one.astimezone(UTC) for one in (start, end, moment))
    return int((at - begin) * width // (stop - begin))


def lay_out_room(
    cases: Iterable[BoardCase], start: datetime, end: datetime, width: int, now: datetime
) -> tuple[Block, ...]:
    """Return a room's cases as blocks inside columns 0 to width - 1, by planned start.

    A patient still in the room takes the columns up to `now`. Blocks that would touch the same column, planned or
    actual, get different lanes, so that an over-run never hides the case it runs into. A case outside the window
    stays visible at its edge.
    """
    blocks: list[Block] = []
    for case in sorted(cases, key=lambda one: (one.slot.start, one.case.number)):
        first, last = _columns(case.slot.start, case.slot.end, start, end, width)
        actual = _actual(case, now)
        actual_first, actual_last = _columns(*actual, start, end, width) if actual else (None, None)
        low, high = _extent(first, last, actual_first, actual_last)
        lane = _free_lane(blocks, low, high)
        moments = (case.slot.start, case.slot.end, *(actual or ()))
        cut = min(moments) < start, max(moments) > end
        blocks.append(Block(case, first, last, actual_first, actual_last, lane, *cut))
    return tuple(blocks)


def _actual(case: BoardCase, now: datetime) -> tuple[datetime, datetime] | None:
    if case.in_room is None:
        return None
    return case.in_room, max(case.in_room, case.out_of_room or now)


def _columns(begin: datetime, stop: datetime, start: datetime, end: datetime, width: int) -> tuple[int, int]:
    first = min(max(column(begin, start, end, width), 0), width - 1)
    # The end is not part of the span: cases that follow each other share no column.
    last = min(max(column(stop, start, end, width) - 1, first), width - 1)
    return first, last


def _free_lane(blocks: list[Block], low: int, high: int) -> int:
    taken = {b.lane for b in blocks if b.extent[0] <= high and low <= b.extent[1]}
    return next(lane for lane in range(len(blocks) + 1) if lane not in taken)


def now_column(start: datetime, end: datetime, width: int, now: datetime) -> int | None:
    """Return the column of the now-line, None where now lies outside the window."""
    return column(now, start, end, width) if start <= now < end else None


def label_of(case: BoardCase, columns: int, ascii_only: bool = False) -> str:
    """Return the longest label of a case that fits into `columns` cells; never a number or a level cut short."""
    one = case.case
    number, what = str(one.number), clean(f"{one.procedure_short} {one.levels} {one.side}".replace("  ", " "))
    place = clean(f"{one.levels} {one.side}")
    candidates = (
        f"{number} {what} {'/' if ascii_only else '·'} {clean(one.surgeon)}",
        f"{number} {what}",
        f"{number} {place}" if place else number,
        number,
        "*" if ascii_only else CASE_GLYPHS[one.state],
    )
    return next((text for text in candidates if cell_len(text) <= columns), "")


def axis(start: datetime, end: datetime, width: int, zone: ZoneInfo) -> str:
    """Return a line of exactly `width` cells with the local full hours at their columns.

    Labels never touch. On the nights when the clock changes the skipped hour is absent and the repeated one stands
    twice, each where it happens.
    """
    hours = [(column(moment, start, end, width), local) for moment, local in _full_hours(start, end, zone)]
    for step in _STEPS:
        wanted = [(place, local) for place, local in hours if local.hour % step == 0]
        for form in ("%H:%M", "%H"):
            labels = [(place, local.strftime(form)) for place, local in wanted]
            if wanted and _fit(labels):
                return _line(labels, width)
    return _line([(place, f"{local:%H}") for place, local in hours], width)


def _full_hours(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    moment = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while moment < end:
        local = moment.astimezone(zone)
        if local.minute == 0 and moment >= start:
            yield moment, local
        moment += _GRID


def _fit(labels: list[tuple[int, str]]) -> bool:
    pairs = pairwise(labels)
    return all(place + len(text) < after for (place, text), (after, _) in pairs)


def _line(labels: list[tuple[int, str]], width: int) -> str:
    line = ""
    for place, text in labels:
        if (not line or place > len(line)) and place + len(text) <= width:
            line = line.ljust(place) + text
    return line.ljust(width)
