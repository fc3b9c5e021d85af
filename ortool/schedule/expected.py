"""The values of a day's forecast: what is expected of whom, and what was found. Times are timezone-aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ortool.schedule.slots import Span

if TYPE_CHECKING:
    from ortool.schedule.durations import Duration

LIKELY = 0.5
POSSIBLE = 0.25
"""From these chances on a clash or an overtime is told as expected, as possible."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a case holds while its patient is in the room; `lanes` cases may hold it at once.

    `resource` is its key (`room:OR1`, `person:p3`), `label` its name in sentences; `after` is how long it takes until
    the next case can have it: turnover, reprocessing. `count` lanes are held.
    """

    resource: str
    label: str
    lanes: int = 1
    after: Duration | None = None
    count: int = 1

    @property
    def is_room(self) -> bool:
        """Whether it is the room itself."""
        return self.resource.startswith("room:")


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase of a case: its planned minutes, and when it started and ended (None: not yet)."""

    title: str
    planned: Duration
    started: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A case of the day: its planned stay in the room, what it needs, how long it may take, how far it has come."""

    id: str
    number: int
    room: str
    planned: Span
    needs: tuple[Need, ...]
    stay: Duration
    stages: tuple[Stage, ...] = ()
    began: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A moment that is not known yet: half of the scenarios are through by `p50`. All three are equal once it is."""

    p10: datetime
    p50: datetime
    p90: datetime

    @property
    def is_known(self) -> bool:
        """Whether it has happened."""
        return self.p10 == self.p90


@dataclass(frozen=True, slots=True)
class Why:
    """One link of a reason chain: what `kind` of delay case `number` in `room` has. `minutes` is how much, at P50.

    `waits`: `label` is with case `other` until `until`; `late start`: it came late into the room; `phase`: `label`
    runs beyond its P50; `long`: it needs more than its slot.
    """

    kind: str
    number: int
    room: str
    minutes: int
    label: str = ""
    other: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseForecast:
    """What is expected of one case. `late` is how many minutes its P50 end lies behind the plan; early is negative.

    `is_silent`: its whole planned time has passed, nothing keeps it, and nobody has stamped anything: no forecast.
    """

    id: str
    number: int
    room: str
    planned: Span
    start: Range
    end: Range
    chance_inside: float
    is_running: bool = False
    is_over: bool = False
    is_silent: bool = False
    why: tuple[Why, ...] = ()

    @property
    def late(self) -> int:
        """Whole minutes."""
        return round((self.end.p50 - self.planned.end) / _MINUTE)


@dataclass(frozen=True, slots=True)
class Clash:
    """Something will not be free when a case is planned. `until` is when it is; `chance` that it comes too late."""

    number: int
    room: str
    planned: datetime
    need: Need
    holder: int
    holder_room: str
    until: Range
    chance: float
    why: tuple[Why, ...] = ()

    @property
    def is_likely(self) -> bool:
        """Whether it comes with an even chance or more."""
        return self.chance >= LIKELY


@dataclass(frozen=True, slots=True)
class Overtime:
    """When a room's last case ends, against when the room closes; `minutes` is the mean beyond closing."""

    room: str
    closes: datetime
    finish: Range
    chance: float
    minutes: int


@dataclass(frozen=True, slots=True)
class DayForecast:
    """The rest of a day as seen at `now`: cases in planned order, clashes the most urgent first, rooms by id."""

    now: datetime
    cases: tuple[CaseForecast, ...]
    clashes: tuple[Clash, ...]
    overtime: tuple[Overtime, ...]

    def of(self, case_id: str) -> CaseForecast | None:
        """Return the forecast of one case, None where there is none."""
        return next((one for one in self.cases if one.id == case_id), None)
