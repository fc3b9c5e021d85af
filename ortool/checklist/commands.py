"""What a person may ask of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ortool.checklist.records import State


@dataclass(frozen=True, slots=True)
class Voice:
    """A person as a run knows one: an id, a name to put into sentences, and the case roles they may take."""

    id: str
    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """Answer an item. `occurred_at` is when it happened (UTC); None means now. `paper` is the form transcribed from."""

    item: str
    state: State
    value: str = ""
    reason: str = ""
    second: Voice | None = None
    defer_to: str = ""
    occurred_at: datetime | None = None
    paper: str = ""


@dataclass(frozen=True, slots=True)
class StampMilestone:
    """Say that a milestone happened. `paper` is the form transcribed from."""

    stamp: str
    occurred_at: datetime | None = None
    reason: str = ""
    paper: str = ""


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


@dataclass(frozen=True, slots=True)
class AddToCount:
    """Say what came to the field after the first count (negative: what was handed off for good)."""

    category: str
    number: int


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


TimerCommand = StartTimer | AnswerTimer | SnoozeTimer
Command = AnswerItem | StampMilestone | PassGate | RecordCount | AddToCount | TimerCommand | Undo


@dataclass(frozen=True, slots=True)
class Decision:
    """An entry to be written: its kind, its body, and when it happened (UTC)."""

    kind: str
    body: dict[str, object] = field(default_factory=dict)
    occurred_at: datetime | None = None
