"""Statistics of past cases: every figure with its n, its definition and source, its late entries and its cases."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site may choose about its figures. `grace` and `credit` are minutes, `cap` the longest turnover."""

    zone: ZoneInfo
    hours: Hours = Hours()
    grace: int = 0
    cap: int = 60
    credit: int = 30


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the theatre's day of a moment."""
    return moment.astimezone(zone).date()


def make(
    name: str,
    label: str,
    unit: str,
    definition: Definition,
    cases: Sequence[PastCase],
    value: Callable[[], float] | float,
    read: Iterable[str] = (),
    **more: object,
) -> Figure:
    """Return a figure over `cases`; `read` are the milestones that it is read from."""
    late, history = lateness(cases, read)
    ids = tuple(dict.fromkeys(case.id for case in cases))
    n = int(str(more.pop("n", len(cases))))
    found = (value() if callable(value) else value) if n else None
    note = str(more.pop("note", "")) or ("" if n else "No case to count.")
    return Figure(name, label, found, unit, n, definition, ids, late, history, note=note, **more)  # type: ignore[arg-type]


def lateness(cases: Iterable[PastCase], read: Iterable[str]) -> tuple[float | None, int]:
    """Return the percentage of times that were typed late, and how many cases came from a file."""
    cases, read = tuple(cases), tuple(read)
    known = [case for case in cases if not case.is_history]
    times = sum(stamp in case.times for case in known for stamp in read)
    late = sum(stamp in case.late for case in known for stamp in read)
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
