"""A week of the theatre as values: what is planned in each room on each day, whose time it is, and what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from ortool.caselog.board import BoardCase
from ortool.caselog.case import Case
from ortool.schedule.gaps import Gap
from ortool.schedule.slots import SHORTEST, Span
from ortool.schedule.windows import Window, WindowKind

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for a slot, for so many days. `minutes` is its procedure's planned time in the room.

    `overdue` are the days since it should have been done at the latest, 0 for none.
    """

    case: Case
    minutes: int
    needs: str
    days: int
    overdue: int


@dataclass(frozen=True, slots=True)
class RoomDay:
    """One room on one day of the theatre's zone; every span is UTC.

    `opened`: its hours, or the site's day where it has none, without what is closed. `free`: what is open and not
    taken, turnover included. `slots` touch the day, by start; `windows` are the blocks and closures that do, and
    `owners` the names of the people who own blocks, by `person:ID`.
    """

    room_id: str
    day: date
    span: Span
    opened: tuple[Span, ...] = ()
    free: tuple[Span, ...] = ()
    slots: tuple[BoardCase, ...] = ()
    windows: tuple[Window, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def open_minutes(self) -> int:
        """How long it is open, in whole minutes."""
        return minutes_of(self.opened)

    @property
    def booked_minutes(self) -> int:
        """How long it is planned for on this day, inside its hours and outside them."""
        spans = (Span(one.slot.start, one.slot.end) for one in self.slots)
        return minutes_of(Span(max(s.start, self.span.start), min(s.end, self.span.end)) for s in spans)

    @property
    def per_cent(self) -> int | None:
        """How full it is, above 100 where more is planned than it is open; None where it is not open."""
        return round(100 * self.booked_minutes / self.open_minutes) if self.open_minutes else None

    @property
    def held(self) -> int:
        """How many slots are not confirmed yet."""
        return sum(one.slot.held for one in self.slots)

    @property
    def blocks(self) -> tuple[Window, ...]:
        """Whose time it is."""
        return tuple(one for one in self.windows if one.kind is WindowKind.BLOCK)

    @property
    def closures(self) -> tuple[Window, ...]:
        """What closes the room."""
        return tuple(one for one in self.windows if one.kind is WindowKind.CLOSURE)


@dataclass(frozen=True, slots=True)
class Week:
    """Some days of the theatre: its rooms by id in the order of the board, and each room's days."""

    days: tuple[date, ...]
    now: datetime
    rooms: Mapping[str, str]
    cells: Mapping[tuple[str, date], RoomDay]

    @property
    def all_cases(self) -> list[BoardCase]:
        """Every planned case once, by start."""
        found = {one.slot.id: one for cell in self.cells.values() for one in cell.slots}
        return sorted(found.values(), key=lambda one: (one.slot.start, one.slot.room_id))

    def cell(self, room_id: str, day: date) -> RoomDay | None:
        """Return one room on one day, None where that is not shown."""
        return self.cells.get((room_id, day))


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def minutes_of(spans: Iterable[Span]) -> int:
    """Return the whole minutes of some spans together."""
    return sum(max(span.length, timedelta()) // _MINUTE for span in spans)


def left_over(spans: Sequence[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what of some spans is not taken, without what is too short for any slot."""
    left = list(spans)
    for gone in taken:
        left = [
            part
            for span in left
            for part in (Span(span.start, min(span.end, gone.start)), Span(max(span.start, gone.end), span.end))
            if part.length > timedelta()
        ]
    return tuple(span for span in left if span.length >= SHORTEST)


def inside(gaps: Iterable[Gap], opened: Mapping[str, Sequence[Span]]) -> list[Gap]:
    """Return gaps cut to the stretches in which their rooms are open, so that the whole case lies in one; by start."""
    found: list[Gap] = []
    for gap in gaps:
        for span in opened.get(gap.room, ()):
            first, last = max(gap.first, span.start), min(gap.last, span.end - gap.length)
            if first <= last:
                found.append(replace(gap, first=first, last=last))
    return sorted(found, key=lambda gap: (gap.first, gap.room))
