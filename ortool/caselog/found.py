"""Cases that are looked for, and what a list shows of those that were found."""

from dataclasses import dataclass
from datetime import date

from ortool.caselog.case import Case, Slot


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty does not count. Days are the theatre's, `last` included; people by id.

    `words`: every one of them stands in the notes of the case, the last one may be a beginning.
    """

    first: date | None = None
    last: date | None = None
    surgeon: str = ""
    procedure: str = ""
    level: str = ""
    room: str = ""
    event: str = ""
    lot: str = ""
    words: str = ""
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """An implant of the lot that was looked for: what it was, where it went, what was done with it."""

    part: str
    place: str
    action: str
    serial: str


@dataclass(frozen=True, slots=True)
class Found:
    """One case of a list. `late` is the percentage of its times that were typed late, None where nobody knows.

    `is_history`: it came from a file of the past.
    """

    case: Case
    slot: Slot
    late: float | None
    is_history: bool
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundList:
    """The newest cases that were looked for, and whether there are more."""

    cases: tuple[Found, ...]
    more: bool
