"""The timed lines of a case report. Each carries `seqs`: the journal entries it was read from. Times are UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.caselog.marks import Mark, Seqs
from ortool.checklist.records import PauseState, PhaseState


@dataclass(frozen=True, slots=True)
class Figure:
    """A planned time held against an actual one. Negative means earlier than planned."""

    name: str
    formula: str
    value: timedelta | None
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A booking or a move as it was entered."""

    kind: str
    room: str
    start: datetime
    end: datetime
    reason: str
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class PlanActual:
    """The plan, its moves, the slot that stands, and what became of it."""

    first: PlanLine | None
    moves: tuple[PlanLine, ...]
    room: str
    start: datetime | None
    end: datetime | None
    cancelled: bool
    cancel_reason: str
    in_room: datetime | None
    out_of_room: datetime | None
    start_delay: Figure
    first_start_delay: Figure
    over_run: Figure


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A phase's clock. `grade` is empty until it has started; `out_of_order` where it ended before it started."""

    id: str
    title: str
    state: PhaseState
    p50: timedelta
    p90: timedelta
    started: datetime | None
    ended: datetime | None
    elapsed: timedelta
    over: timedelta
    grade: str
    out_of_order: bool
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone: its stamp, and the earlier stamps that it corrects. `passed_by`: a later one happened without it."""

    id: str
    title: str
    standard: str
    required: bool
    passed_by: bool
    mark: Mark | None
    corrected_from: tuple[Mark, ...]
    seqs: Seqs

    @property
    def is_missing(self) -> bool:
        """Whether it is required and not stamped."""
        return self.required and self.mark is None


@dataclass(frozen=True, slots=True)
class GateLine:
    """A pause passed although something was missing: by whom, with whom, why, and what."""

    pause: str
    title: str
    target: str
    target_title: str
    reason: str
    missing: tuple[str, ...]
    second: str
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A pause: how long its answers took, who gave them, and how many were not plain.

    `opened` and `closed` are when the first and the last answer happened that were entered before the gate was passed.
    """

    id: str
    title: str
    state: PauseState
    opened: datetime | None
    closed: datetime | None
    target_seconds: int
    people: tuple[str, ...]
    open: int
    no: int
    not_applicable: int
    overridden: int
    deferred: int
    passed_by_override: bool
    seqs: Seqs

    @property
    def duration(self) -> timedelta | None:
        """From the first answer to the last."""
        return self.closed - self.opened if self.opened and self.closed else None
