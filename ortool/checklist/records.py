"""What a run is made of: the records folded from its entries, and the entry they are read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """The state of an item (DESIGN: shown by glyph, word and colour)."""

    OPEN = "open"
    DONE = "done"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    OVERRIDDEN = "overridden"
    DEFERRED = "deferred"
    AUTO = "auto"


class PauseState(StrEnum):
    """The state of a pause."""

    WAITING = "waiting"
    OPEN = "open"
    COMPLETE = "complete"
    WITH_OVERRIDES = "complete with overrides"
    EXCEPT_DEFERRED = "complete except deferred"


class PhaseState(StrEnum):
    """The state of a phase."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"


class EntryLike(Protocol):
    """What the fold reads of a journal entry. Both times are timezone-aware UTC."""

    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def auth(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Record:
    """Who entered something, when it happened and when it was typed (both UTC)."""

    seq: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    auth: str


@dataclass(frozen=True, slots=True)
class Answer(Record):
    """What was said to an item. `transcribed` is the number of the form that it stood on first, `written_by` who had
    written it there, and `verified_by` who compared the two.

    `scan` are the parts of a scanned label and `stops` the hard stops overridden with it; `confirms` is the item whose
    earlier answer, the entry `ref`, was confirmed.
    """

    item: str
    state: State
    value: str = ""
    reason: str = ""
    second: str = ""
    defer_to: str = ""
    transcribed: str = ""
    written_by: str = ""
    verified_by: str = ""
    scan: Mapping[str, str] = field(default_factory=dict)
    stops: tuple[str, ...] = ()
    confirms: str = ""
    ref: int = 0


@dataclass(frozen=True, slots=True)
class Stamp(Record):
    """A milestone that happened; `autos` are the closed-loop items frozen as this stamp passed their gate.

    `passed` are the pauses that an emergency passed on the way, for which a reason is owed.
    """

    stamp: str
    autos: Mapping[str, bool] = field(default_factory=dict)
    reason: str = ""
    passed: tuple[str, ...] = ()
    transcribed: str = ""
    written_by: str = ""
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class GatePass(Record):
    """A pause passed although it was not complete: the reason and the second person stand for ever."""

    pause: str
    target: str
    reason: str
    second: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count(Record):
    """One count by two people: what was found of each category at one moment."""

    moment: str
    found: Mapping[str, int]
    expected: Mapping[str, int]
    second: str
    transcribed: str = ""
    written_by: str = ""
    verified_by: str = ""

    @property
    def differences(self) -> dict[str, int]:
        """Found minus expected, where they differ. An excess is a difference too."""
        return {name: n - self.expected[name] for name, n in self.found.items() if n != self.expected.get(name, n)}


@dataclass(frozen=True, slots=True)
class Added(Record):
    """Things brought to the field after the baseline count."""

    category: str
    number: int
    transcribed: str = ""
    written_by: str = ""
    verified_by: str = ""


class Action(StrEnum):
    """What was done with an implant. `CHECKED` adds readings to one that is in place."""

    PLANNED = "planned"
    PLACED = "placed"
    CHECKED = "checked"
    WASTED = "wasted"
    EXPLANTED = "explanted"


@dataclass(frozen=True, slots=True)
class Implant(Record):
    """An implant and what was done with it. `place` is a tag such as `L4-left`; `ref` the placing that is explanted.

    `entry` is `scan` or `manual`; `stops` are the sentences of the hard stops that `reason` and `second` overrode.
    """

    action: Action
    part: str
    place: str
    values: Mapping[str, str] = field(default_factory=dict)
    device_identifier: str = ""
    lot: str = ""
    serial: str = ""
    expires: date | None = None
    raw: str = ""
    entry: str = ""
    description: str = ""
    regulatory_context: str = ""
    reason: str = ""
    second: str = ""
    stops: tuple[str, ...] = ()
    ref: int = 0


@dataclass(frozen=True, slots=True)
class TimerMark(Record):
    """What was done with a clock: `started` by hand, `answered`, `snoozed` by so many minutes, or a value `read`."""

    timer: str
    act: str
    minutes: int = 0
    reason: str = ""
    value: str = ""
    transcribed: str = ""
    written_by: str = ""
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class Extra(Record):
    """A pause that came on the way: an `event`'s list, or a pause `reopened`; it stands behind the step `after`."""

    kind: str
    of: str
    number: int
    after: str
    reason: str = ""

    @property
    def instance(self) -> str:
        """The id of the pause that this makes."""
        return f"{self.of}#{self.number}"


@dataclass(frozen=True, slots=True)
class EmergencyMark(Record):
    """An emergency `declared` or `ended`."""

    act: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Given(Record):
    """A reason given afterwards for what an emergency passed."""

    ref: int
    reason: str
    second: str


@dataclass(frozen=True, slots=True)
class TeamMark(Record):
    """Somebody `joined` or `left` the room in a role."""

    person: str
    role: str
    act: str
    relieves: str = ""


@dataclass(frozen=True, slots=True)
class Undone(Record):
    """A record taken back: which one, and why."""

    ref: int
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class DelayReason(Record):
    """Why something was late: which delay, a code of the list, and how many of its minutes (0: all of them)."""

    delay: str
    code: str
    minutes: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Complication(Record):
    """What went wrong, by its code: Clavien-Dindo `grade`, SAVES `severity` (0: not said), what it `corrects`."""

    event: str
    grade: str = ""
    severity: int = 0
    text: str = ""
    corrects: int = 0


Live = (
    Answer | Stamp | GatePass | Count | Added | TimerMark | Extra | EmergencyMark | Given | TeamMark | Implant
    | DelayReason | Complication
)  # fmt: skip
