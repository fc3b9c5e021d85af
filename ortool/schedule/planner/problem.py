"""What is to be planned and what came out of it: values, in UTC and minutes.

One point is worth one minute of a staffed, empty theatre. So every weight below reads as a price: how many minutes of
theatre a hospital would leave empty to place such a patient this week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ortool.schedule.durations import Duration
from ortool.schedule.placing import Rules, Wanted
from ortool.schedule.resources import House
from ortool.schedule.slots import Held, Span
from ortool.schedule.windows import Window

GRID = 5
"""Minutes. Slots begin on the five minutes."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a site prefers, in points, and the risk it accepts."""

    priority: tuple[int, ...] = (400, 200, 100, 50, 25)
    """Points for placing a patient of priority 1 … 5 [SITE]."""
    doubling: int = 28
    """Days of waiting after which a patient counts twice as much as at first; then three times, and so on [SITE]."""
    overdue: int = 200
    """Points more for a patient who is past the due date, or would be by the end of the week."""
    overdue_day: int = 10
    """Points more for each day past it."""
    idle: float = 1.0
    """Points that a minute of an open block without work costs."""
    overtime: float = 1.75
    """Points that a minute after the block's end costs (Dexter: over-utilised time is dearer by three quarters)."""
    room_change: int = 15
    """Points for each further room that a surgeon works in on one day."""
    opening: int = 0
    """Points that a block costs as soon as anything lies in it."""
    later: float = 0.0
    """Points less for each day after the first on which the patient could be placed."""
    late: float = 0.25
    """The agreed chance, per block, that its last case ends after the block does."""


@dataclass(frozen=True, slots=True)
class Draw:
    """So much of something that is counted by the day: a ward bed, minutes of a surgeon.

    It is taken on the days from `first` to `last`, counted from that of the operation; days before it are negative.
    """

    what: str
    amount: int
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Waiter:
    """A case that waits. `waited` is in days; `due` the last day on which it should be done, `ready` the first.

    `urgent` with a due day in the week: it must be placed, or is named first. `refusal`: why it cannot be planned.
    `draws` count where there is a quota. `minutes` is the slot that a booking gives it; 0: as long as it is expected.
    """

    wanted: Wanted
    duration: Duration
    priority: int = 3
    waited: int = 0
    due: date | None = None
    urgent: bool = False
    ready: date | None = None
    draws: tuple[Draw, ...] = ()
    refusal: str = ""
    minutes: int = 0

    @property
    def number(self) -> int:
        """The case's number."""
        return self.wanted.number


@dataclass(frozen=True, slots=True)
class Tie:
    """A case that must lie (pin) or must not lie (forbid) in a room, on a day, or both. None is any."""

    case: int
    room: str | None = None
    day: date | None = None

    def holds(self, room: str, day: date) -> bool:
        """Whether it speaks of this room and day."""
        return self.room in (None, room) and self.day in (None, day)


@dataclass(frozen=True, slots=True)
class WeekProblem:
    """Everything that a plan depends on. `standing` are the durations of the cases that lie there already, by number.

    Nothing is placed before `not_before` (UTC), the end of the freeze window. `quotas` say how much there is on a day
    of what patients draw; what is not named there is never short.
    """

    house: House
    rules: Rules
    windows: Sequence[Window]
    held: Sequence[Held]
    waiting: Sequence[Waiter]
    first: date
    days: int
    not_before: datetime
    weights: Weights = field(default_factory=Weights)
    standing: Mapping[int, Duration] = field(default_factory=dict)
    pins: tuple[Tie, ...] = ()
    forbidden: tuple[Tie, ...] = ()
    quotas: Mapping[tuple[str, date], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a case is to lie (UTC)."""

    case: int
    case_id: str
    room: str
    span: Span


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A case that goes on waiting, and the one thing that would have to give. `missed`: it would be past due."""

    case: int
    case_id: str
    reason: str
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A case as it stands in its line: priority 1 (first) to 5, and the days that it waits."""

    case: int
    priority: int
    waited: int


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A case that goes on waiting while `count` cases are placed whose turn comes later; `by` are the first of them.

    `reason` is the waiting case's own: what would have to give. `planner.overtaking` says who stands before whom.
    """

    waits: Queued
    by: tuple[Queued, ...]
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class RoomDay:
    """An open block: its cases, how full it is (turnover is work), and how likely it ends late."""

    room: str
    span: Span
    cases: tuple[int, ...]
    utilisation: float
    late: float
    overtime: float
    """Expected minutes after the end."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a plan is worth in points, tier by tier. `missed`: urgent cases not placed in time; `unkept`: pins."""

    missed: int
    urgency: float
    efficiency: float
    people: float
    unkept: int = 0

    @property
    def points(self) -> float:
        """The tiers together; `unkept` and `missed` stand above them."""
        return self.urgency - self.efficiency - self.people

    @property
    def key(self) -> tuple[tuple[int, int], float]:
        """What is compared: no points outweigh an urgent case, and no urgent case what is fixed.

        Sums in another order differ in the last digits; that makes no plan a better one.
        """
        return (-self.unkept, -self.missed), round(self.points, 6)


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """A plan that is legal by the rules that refuse a booking.

    `bound` is what no plan can exceed, in points; None where it was not worked out. `baseline` is the best simple rule.
    `overtaken` are those of the unplaced whose turn it was before some of the placed.
    """

    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    rooms: tuple[RoomDay, ...]
    score: Score
    baseline: Score
    baseline_rule: str
    method: str
    seed: int
    bound: float | None = None
    overtaken: tuple[Overtaken, ...] = ()

    @property
    def gap(self) -> float | None:
        """How far from the best possible it is at most, as a share of the bound."""
        if self.bound is None or self.bound <= 0:
            return None
        return max(0.0, (self.bound - self.score.points) / self.bound)


def week_span(problem: WeekProblem) -> Span:
    """Return the days of the plan, midnight to midnight in the theatre's zone (UTC)."""
    from datetime import UTC, time

    zone = problem.rules.zone
    begin = datetime.combine(problem.first, time(), zone).astimezone(UTC)
    end = datetime.combine(problem.first + timedelta(days=problem.days), time(), zone).astimezone(UTC)
    return Span(begin, end)
