"""Statistics of past cases: every figure with its n, its definition and source, its late entries and its cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ortool.caselog.numbers import Five
from ortool.caselog.past import PastCase

GLOSSARY = "AACD Procedural Times Glossary, Am J Anesthesiol 1996;23(5S):1-12"
OWN = "ortool"
FEWEST = 20
"""People are not compared under so many cases (fact base §8.1)."""
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means, in words, and where that comes from."""

    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `value` is None where there is nothing to count, and `note` says why.

    `cases` are the ids of the cases behind it; `late` the percentage of the times it was read from that were typed
    late, None where nobody knows; `history` how many of its cases came from a file. `low` and `high` bound it (95 %).
    """

    id: str
    label: str
    value: float | None
    unit: str
    n: int
    definition: Definition
    cases: tuple[str, ...] = ()
    late: float | None = None
    history: int = 0
    low: float | None = None
    high: float | None = None
    five: Five | None = None
    points: tuple[float, ...] = ()
    note: str = ""


class Plot(StrEnum):
    """How a chapter is drawn."""

    NONE = "none"
    BARS = "bars"
    BOXES = "boxes"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Chapter:
    """Figures that belong together. `note` says what was left out, and why."""

    id: str
    title: str
    figures: tuple[Figure, ...]
    plot: Plot = Plot.NONE
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours in which a room is staffed, by the theatre's wall clock, Monday to Friday."""

    start: time = time(7, 30)
    end: time = time(15, 30)

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Return the staffed hours of a day, None at the weekend."""
        if day.weekday() > 4:
            return None
        return datetime.combine(day, self.start, zone), datetime.combine(day, self.end, zone)


Stretch = tuple[datetime, datetime]


class Basis(StrEnum):
    """What says when a room is staffed: the blocks of the day, the room's opening hours, or fixed hours."""

    BLOCKS = "blocks"
    ROOM = "room"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site may choose about its figures. `grace` and `credit` are minutes, `cap` the longest turnover,
    `list_final` when the list is final on the day before, by the theatre's wall clock.

    `blocks` are the stretches of owned time (UTC, apart from each other, in order) by day and room; `open_on` says a
    room's opening hours of a day, None for a room that has none. `hours` count where there is neither.
    """

    zone: ZoneInfo
    hours: Hours = Hours()
    grace: int = 0
    cap: int = 60
    credit: int = 30
    list_final: time = time(15)
    blocks: Mapping[tuple[date, str], tuple[Stretch, ...]] = field(default_factory=dict)
    open_on: Callable[[date, str], tuple[Stretch, ...] | None] = lambda day, room: None

    def basis_of(self, day: date, room: str) -> Basis:
        """Return what says when a room is staffed on a day."""
        if (day, room) in self.blocks:
            return Basis.BLOCKS
        return Basis.FIXED if self.open_on(day, room) is None else Basis.ROOM

    def staffed(self, day: date, room: str) -> tuple[Stretch, ...]:
        """Return the staffed stretches of a room-day; none where the room is not staffed then."""
        if (day, room) in self.blocks:
            return self.blocks[day, room]
        if (opening := self.open_on(day, room)) is not None:
            return opening
        fixed = self.hours.on(day, self.zone)
        return (fixed,) if fixed else ()


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the theatre's day of a moment."""
    return moment.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Behind:
    """The cases behind one figure or several: how many, their ids, the share of late times, how many from a file."""

    n: int
    ids: tuple[str, ...]
    late: float | None
    history: int


def behind(cases: Sequence[PastCase], read: Sequence[str] = ()) -> Behind:
    """Return what stands behind figures that are read from these milestones of `cases`."""
    late, history = lateness(cases, read)
    return Behind(len(cases), tuple(dict.fromkeys([case.id for case in cases])), late, history)


def make(
    name: str,
    label: str,
    unit: str,
    definition: Definition,
    cases: Sequence[PastCase] | Behind,
    value: Callable[[], float] | float,
    read: Sequence[str] = (),
    **more: object,
) -> Figure:
    """Return a figure over `cases`; `read` are the milestones that it is read from."""
    one = cases if isinstance(cases, Behind) else behind(cases, read)
    n = int(str(more.pop("n", one.n)))
    found = (value() if callable(value) else value) if n else None
    note = str(more.pop("note", "")) or ("" if n else "No case to count.")
    return Figure(name, label, found, unit, n, definition, one.ids, one.late, one.history, note=note, **more)  # type: ignore[arg-type]


def lateness(cases: Sequence[PastCase], read: Sequence[str]) -> tuple[float | None, int]:
    """Return the percentage of times that were typed late, and how many cases came from a file."""
    known = [case for case in cases if not case.is_history]
    times = sum([stamp in case.times for stamp in read for case in known])
    late = sum([len(case.late.intersection(read)) for case in known if case.late])
    return (100 * late / times if times else None, len(cases) - len(known))


@dataclass(frozen=True, slots=True)
class Statistics:
    """All chapters over a number of cases, from the first planned start to the last."""

    chapters: tuple[Chapter, ...]
    cases: int
    history: int
    first: datetime | None
    last: datetime | None

    def find(self, figure: str) -> Figure:
        """Return a figure by its id. Raises KeyError."""
        for chapter in self.chapters:
            for one in chapter.figures:
                if one.id == figure:
                    return one
        raise KeyError(figure)


def statistics(cases: Sequence[PastCase], rules: Rules) -> Statistics:
    """Return every chapter over `cases`, in any order."""
    from ortool.caselog import statistics_causes, statistics_plan, statistics_rooms, statistics_spread

    ordered = sorted(cases, key=lambda case: (case.start, case.number))
    chapters = (
        *statistics_rooms.chapters(ordered, rules),
        *statistics_plan.chapters(ordered, rules),
        *statistics_causes.chapters(ordered),
        *statistics_spread.chapters(ordered),
    )
    return Statistics(
        chapters,
        len(ordered),
        sum(case.is_history for case in ordered),
        ordered[0].start if ordered else None,
        ordered[-1].start if ordered else None,
    )
