"""What published instances have in common: whole minutes and numbered days, as a week of the planner.

A format's minute need not be one of ours: the greatest minute that divides all of its minutes becomes one step of the
planner's grid, so nothing is rounded. Where a day of the format is then longer than ours, it takes several.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import gcd
from typing import Protocol
from zoneinfo import ZoneInfo

from ortool.schedule.durations import Duration, lognormal
from ortool.schedule.placing import Rules
from ortool.schedule.planner.problem import GRID, Waiter, WeekPlan, WeekProblem, Weights
from ortool.schedule.resources import House, Room
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind

MONDAY = date(2026, 11, 30)
Places = dict[str, tuple[str, int]]
"""The room and the day of each patient that is placed."""


class Instance(Protocol):
    """A published instance: how the planner sees it, and how its own rules judge a plan."""

    form: str
    limits: str
    """What of the format is not looked at."""

    def problem(self) -> WeekProblem:
        """Return it as a week of the planner."""

    def places(self, plan: WeekPlan) -> Places:
        """Return a plan in the words of the format."""

    def loss(self, places: Places) -> int:
        """Return what a plan costs, by the format's own definition."""

    def lost(self, points: float) -> float:
        """Return what a plan of so many points of the planner costs."""

    def violations(self, places: Places) -> list[str]:
        """Return which of the format's rules a plan breaks."""

    def words(self, loss: float) -> str:
        """Return a cost as the format counts it."""

    def gap(self, loss: float, least: float) -> str:
        """Return how far a cost is from the least possible."""


@dataclass(frozen=True)
class Clock:
    """How minutes and days of a format become ours."""

    unit: int
    stride: int

    @classmethod
    def of(cls, minutes: Iterable[int]) -> "Clock":
        """Return the clock in which all of these minutes are whole steps."""
        known = [one for one in minutes if one]
        unit = gcd(*known) or 1
        longest = max(known, default=unit) // unit * GRID
        return cls(unit, -(-longest // (24 * 60)))

    def length(self, minutes: int) -> timedelta:
        """Return so many of its minutes."""
        return timedelta(minutes=minutes // self.unit * GRID)

    def duration(self, minutes: int) -> Duration:
        """Return a duration that is certain."""
        ours = minutes // self.unit * GRID
        return lognormal(ours, ours)

    def day(self, number: int) -> date:
        """Return a day by its number."""
        return MONDAY + timedelta(days=number * self.stride)

    def number(self, day: date) -> int:
        """Return the number of a day."""
        return (day - MONDAY).days // self.stride


def week_of(
    clock: Clock,
    days: Sequence[int],
    sessions: Iterable[tuple[str, int, int]],
    waiting: Sequence[Waiter],
    weights: Weights,
    **more: object,
) -> WeekProblem:
    """Return the week of some sessions (room, day, minutes), open to everybody. `days` are the first and the last."""
    blocks, rooms = [], {}
    for room, day, minutes in sessions:
        rooms[room] = Room(room, room)
        start = datetime.combine(clock.day(day), time(), UTC)
        span = Span(start, start + clock.length(minutes))
        if minutes:
            blocks.append(Window(WindowKind.BLOCK, f"room:{room}", span, released=True))
    first = clock.day(days[0])
    # In these formats a surgeon may be in two rooms at a time: only minutes and rooms of a day are counted.
    rules = Rules(ZoneInfo("UTC"), rooms_per_surgeon=len(rooms))
    span_days = (days[1] - days[0] + 1) * clock.stride
    begin = datetime.combine(first, time(), UTC)
    return WeekProblem(House(rooms), rules, blocks, (), waiting, first, span_days, begin, weights, **more)  # type: ignore[arg-type]


def free(**weights: object) -> Weights:
    """Return weights in which only these cost anything, and full sessions are not late."""
    nothing = {"overdue": 0, "overdue_day": 0, "idle": 0.0, "overtime": 0.0, "room_change": 0, "late": 1.0}
    return Weights(**(nothing | weights))  # type: ignore[arg-type]
