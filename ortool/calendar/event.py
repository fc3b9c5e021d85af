"""What an exported slot may hold, and the four circles of readers it may be written for."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

_LAST_REVISION = 2**31 - 1


class Audience(StrEnum):
    """Who will read an export. Each level shows what the one before shows, and more.

    - `BUSY`: that the room is taken: "OR2: busy". Times, state and the room, nothing of the case.
    - `SLOT`: specialty and internal case number: "OR2: spine, case 4711". Never the hospital number.
    - `TEAM`: also the staff, by role and name.
    - `NAMED`: also patient, birth date, hospital number, procedure, levels, side, urgency and notes. For files only.
    """

    BUSY = "busy"
    SLOT = "slot"
    TEAM = "team"
    NAMED = "named"

    @property
    def allowed_in_feeds(self) -> bool:
        """False for `NAMED`: a feed's address is copied, cached and polled by others, a file is handed over once."""
        return self is not Audience.NAMED


class Staff(NamedTuple):
    """One person of the case's team: the role in this case and the name, both as shown."""

    role: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEvent:
    """One slot as an export may know it. Texts are foreign and raw; they are cleaned when they are written.

    `slot_id` is a UUID in text. `revision` rises with every change of the slot. `late_minutes` is how much later than
    planned it is expected to begin, or once it has begun to end. `start`, `end` and
    `changed_at` are timezone-aware UTC; fractions of a second are dropped when written. Anything else is a ValueError.
    """

    slot_id: str
    revision: int
    start: datetime
    end: datetime
    changed_at: datetime
    cancelled: bool
    room_id: str
    room_name: str
    case_number: int
    tentative: bool = False
    late_minutes: int = 0
    # Out of the repr: a traceback or a log line that shows an event must not show a patient.
    procedure: str = field(default="", repr=False)
    specialty: str = ""
    patient_name: str | None = field(default=None, repr=False)
    born: date | None = field(default=None, repr=False)
    hospital_number: str | None = field(default=None, repr=False)
    people: tuple[Staff, ...] = field(default=(), repr=False)
    levels: str = field(default="", repr=False)
    side: str = field(default="", repr=False)
    urgency: str = field(default="", repr=False)
    notes: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse values that no calendar could say. Raises ValueError."""
        UUID(self.slot_id)
        if not 0 <= self.revision <= _LAST_REVISION:
            raise ValueError(f"revision must be 0 to {_LAST_REVISION}, not {self.revision}")
        for name in ("start", "end", "changed_at"):
            _require_utc(name, getattr(self, name))
        if whole_second(self.end) <= whole_second(self.start):
            raise ValueError("a slot must end at least one second after it starts")


def whole_second(moment: datetime) -> datetime:
    """Return `moment` without its fraction of a second, which iCalendar cannot say."""
    return moment.replace(microsecond=0)


def _require_utc(name: str, moment: datetime) -> None:
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"{name} must be a timezone-aware UTC time, not {moment.isoformat()}")
