"""What a person may ask of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ortool.checklist.records import State


@dataclass(frozen=True, slots=True)
class Voice:
    """A person as a run knows one: an id, a name to put into sentences, and the case roles they may take."""

    id: str
    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """Answer an item. `occurred_at` is when it happened (UTC); None means now.

    `paper` is the form transcribed from, `written_by` the id of who wrote it there, `verified_by` that of who compared
    what is entered with it.

    The `value` of an item of type time is an instant as `moments.written` writes it, that of a scan the code as it was
    scanned; `today` is the day in the theatre's zone, by which a label has expired. `confirms` is the entry of the
    earlier answer that was shown and is confirmed.
    """

    item: str
    state: State
    value: str = ""
    reason: str = ""
    second: Voice | None = None
    defer_to: str = ""
    occurred_at: datetime | None = None
    paper: str = ""
    written_by: str = ""
    confirms: int = 0
    today: date | None = None
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class StampMilestone:
    """Say that a milestone happened. `paper` is the form transcribed from."""

    stamp: str
    occurred_at: datetime | None = None
    reason: str = ""
    paper: str = ""
    written_by: str = ""
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class PassGate:
    """Pass an incomplete pause on the way to `target`, with a reason and a second person."""

    pause: str
    target: str
    reason: str
    second: Voice | None


@dataclass(frozen=True, slots=True)
class RecordCount:
    """Say what two people counted at a moment. `paper` is the form transcribed from."""

    moment: str
    found: Mapping[str, int]
    second: Voice | None
    occurred_at: datetime | None = None
    paper: str = ""
    written_by: str = ""
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class AddToCount:
    """Say what came to the field after the first count (negative: what was handed off for good)."""

    category: str
    number: int
    occurred_at: datetime | None = None
    paper: str = ""
    written_by: str = ""
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Start a clock that is started by hand."""

    timer: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnswerTimer:
    """Say that what a clock asks for was done. `occurred_at` is when (UTC); None means now."""

    timer: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakeReading:
    """Say what was read off for a clock that runs by its readings, such as a mean arterial pressure."""

    timer: str
    value: str
    occurred_at: datetime | None = None
    paper: str = ""
    written_by: str = ""
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class SnoozeTimer:
    """Put a clock off by so many minutes from now, with a reason."""

    timer: str
    minutes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the record of the entry `ref`."""

    ref: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StartEvent:
    """Open the read-do list of an event."""

    event: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReopenPause:
    """Read a pause again: the patient was moved, the table changed."""

    pause: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeclareEmergency:
    """Let nothing be held back from now on; reasons are asked for afterwards."""

    reason: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndEmergency:
    """Let gates hold again."""


@dataclass(frozen=True, slots=True)
class GiveReason:
    """Say afterwards why something was passed in an emergency."""

    ref: int
    reason: str
    second: Voice | None = None


@dataclass(frozen=True, slots=True)
class JoinTeam:
    """Say that somebody takes a role in the room, relieving another person (an id) where one is named."""

    person: Voice
    role: str
    relieves: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeaveTeam:
    """Say that somebody left the room."""

    person: str
    role: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExplainDelay:
    """Say why something was late: `start`, `ready`, `hold` or a phase, by a code; `minutes` 0 means all of it."""

    delay: str
    code: str
    minutes: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class RecordComplication:
    """Say what went wrong, by a code, graded. `corrects` is the entry of an earlier one that this replaces."""

    event: str
    grade: str = ""
    severity: int = 0
    text: str = ""
    occurred_at: datetime | None = None
    corrects: int = 0


CodedCommand = ExplainDelay | RecordComplication
ExtraCommand = StartEvent | ReopenPause | DeclareEmergency | EndEmergency | GiveReason | JoinTeam | LeaveTeam
TimerCommand = StartTimer | AnswerTimer | SnoozeTimer | TakeReading


@dataclass(frozen=True, slots=True)
class Device:
    """An implant in hand: its barcode as it was scanned, and what was typed where the barcode is silent or missing."""

    raw: str = ""
    device_identifier: str = ""
    lot: str = ""
    serial: str = ""
    expires: date | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What only the house knows of implants: the day in the theatre's zone, and where serials were used in other cases.

    `used_serials` are (device identifier or empty, serial, words of where); the service fills this in.
    """

    today: date | None = None
    used_serials: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanImplant:
    """Say what size is planned for a place."""

    part: str
    place: str
    values: Mapping[str, str]
    regulatory_context: str = ""


@dataclass(frozen=True, slots=True)
class PlaceImplant:
    """Say that an implant is in its place. `reason` and `second` override a hard stop."""

    part: str
    place: str
    device: Device
    values: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    second: Voice | None = None
    regulatory_context: str = ""
    occurred_at: datetime | None = None
    shelf: Shelf = Shelf()


@dataclass(frozen=True, slots=True)
class CheckImplant:
    """Add readings to an implant that is in its place, such as set screws final-tight 2/2."""

    part: str
    place: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WasteImplant:
    """Say that an implant was opened and not used, with the reason."""

    part: str
    device: Device
    reason: str
    place: str = ""
    second: Voice | None = None
    shelf: Shelf = Shelf()


@dataclass(frozen=True, slots=True)
class ExplantImplant:
    """Say that an implant was taken out: the one placed in this case, or earlier hardware (then `device` names it)."""

    part: str
    place: str
    reason: str
    device: Device = Device()
    second: Voice | None = None


ImplantCommand = PlanImplant | PlaceImplant | CheckImplant | WasteImplant | ExplantImplant
Command = (
    AnswerItem | StampMilestone | PassGate | RecordCount | AddToCount | Undo
    | TimerCommand | ExtraCommand | ImplantCommand | CodedCommand
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """An entry to be written: its kind, its body, and when it happened (UTC)."""

    kind: str
    body: dict[str, object] = field(default_factory=dict)
    occurred_at: datetime | None = None
