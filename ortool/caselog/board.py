"""A day in the theatre as values: rooms, their cases, and how far each has come."""

from dataclasses import dataclass, field
from datetime import date, datetime

from ortool.caselog.case import Case, Slot


@dataclass(frozen=True, slots=True)
class BoardCase:
    """One case on the board: planned span, and actual times as far as they are known (UTC)."""

    case: Case
    slot: Slot
    phase: str = ""
    phase_grade: str = ""
    in_room: datetime | None = None
    out_of_room: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A day in the theatre's zone: rooms in order, and each room's cases by planned start.

    `seq` is the number of the journal's newest entry in the picture that it was read from.
    """

    day: date
    now: datetime
    rooms: dict[str, str]
    cases: dict[str, tuple[BoardCase, ...]]
    seq: int = field(default=0, compare=False)

    @property
    def all_cases(self) -> list[BoardCase]:
        """Every case of the day by planned start."""
        return sorted((one for room in self.cases.values() for one in room), key=lambda one: one.slot.start)
