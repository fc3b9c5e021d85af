"""A past case as statistics read it: what was planned, what was stamped, what came in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# The id of the room or the surgeon of a past case whose list did not say it.
NOT_RECORDED = "not-recorded"
# The hospital number and the name of a patient whom such a list does not name.
UNNAMED = "not recorded"


@dataclass(frozen=True, slots=True)
class Delay:
    """Minutes lost to one coded reason (fact base §8.2)."""

    code: str
    minutes: int


@dataclass(frozen=True, slots=True)
class PastCase:
    """One case of the past. Times are aware UTC; `times` holds the current value of each milestone by its id.

    `is_planned`: the slot's times were planned before, not taken from what happened. `late` are the milestones typed
    later than the site's limit; `is_history`: it came from a file, so that nobody knows when its times were typed.
    `standing` is the standing estimate of such a case (P50 and P90 in minutes), 0 where nobody knows one.
    """

    id: str
    number: int
    procedure_id: str
    procedure: str
    specialty: str
    surgeon_id: str
    surgeon: str
    room_id: str
    room: str
    urgency: str
    levels: str
    start: datetime
    end: datetime
    is_planned: bool = True
    is_history: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    times: Mapping[str, datetime] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    events: tuple[str, ...] = ()
    delays: tuple[Delay, ...] = ()
    is_followed: bool = False
    standing: tuple[float, float] = (0.0, 0.0)

    @property
    def planned(self) -> float:
        """The planned minutes in the room."""
        return minutes(self.end - self.start)

    @property
    def in_room(self) -> float | None:
        """Room occupancy in minutes, POR - PIR; None where a stamp is missing or the two run backwards."""
        return self.between("PIR", "POR")

    def between(self, first: str, last: str) -> float | None:
        """Return the minutes between two milestones; None where one is missing or they run backwards."""
        times = self.times
        if (begins := times.get(first)) is None or (ends := times.get(last)) is None or ends < begins:
            return None
        return (ends - begins).total_seconds() / 60


def minutes(length: timedelta) -> float:
    """Return a length in minutes."""
    return length.total_seconds() / 60
