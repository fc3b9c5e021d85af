"""A run: one checklist carried out for one case, folded from the case's entries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ortool.checklist import autos, moments
from ortool.checklist.carried import carry_over
from ortool.checklist.coded import WITHDRAWN
from ortool.checklist.coded_records import READERS as CODED_READERS
from ortool.checklist.counts import Ledger
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import is_open_again
from ortool.checklist.extra_records import READERS as EXTRA_READERS
from ortool.checklist.extras import extended
from ortool.checklist.implant_records import READERS
from ortool.checklist.plan import Plan, PlannedPause, PlannedStep
from ortool.checklist.records import (
    Added,
    Answer,
    Complication,
    Count,
    DelayReason,
    EmergencyMark,
    EntryLike,
    Extra,
    GatePass,
    Given,
    Live,
    PauseState,
    Stamp,
    State,
    TeamMark,
    TimerMark,
    Undone,
)
from ortool.checklist.team import Stint, stints

NEEDS_REASON = {State.NO, State.NOT_APPLICABLE, State.OVERRIDDEN}
CLOSING = {State.DONE, State.NOT_APPLICABLE, State.OVERRIDDEN, State.DEFERRED, State.AUTO}


@dataclass(frozen=True)
class Run:
    """The state of a run. `live` are its records in order, without those that were undone."""

    base: Plan
    live: tuple[Live, ...] = ()
    undone: tuple[Undone, ...] = ()
    taken_back: tuple[Live, ...] = ()

    @cached_property
    def extras(self) -> tuple[Extra, ...]:
        """What came on the way: events and pauses read again, in order."""
        return tuple(record for record in self.live if isinstance(record, Extra))

    @cached_property
    def plan(self) -> Plan:
        """The plan as it now is: the one that the run began with, and what came on the way."""
        return extended(self.base, self.extras) if self.extras else self.base

    @cached_property
    def is_emergency(self) -> bool:
        """Whether an emergency is declared and has not ended."""
        marks = [record.act for record in self.live if isinstance(record, EmergencyMark)]
        return bool(marks) and marks[-1] == "declared"

    @cached_property
    def owed(self) -> tuple[Answer | Stamp, ...]:
        """What an emergency let pass without its reason, and nobody has given one since."""
        given = {subject_of(self.find(record.ref)) for record in self.live if isinstance(record, Given)}
        current: tuple[Answer | Stamp, ...] = (*self.answers.values(), *self.stamps.values())
        late = [record for record in current if subject_of(record) not in given and self.owes(record)]
        return tuple(sorted(late, key=lambda record: record.seq))

    @staticmethod
    def owes(record: Answer | Stamp) -> bool:
        """Whether a record went through without the reason that it needs, as an emergency allows."""
        if isinstance(record, Stamp):
            return bool(record.passed)
        return record.state in NEEDS_REASON and not record.reason

    @cached_property
    def present(self) -> tuple[Stint, ...]:
        """Who is in the room now, in which role, since when."""
        return tuple(stint for stint in self.team if stint.until is None)

    @cached_property
    def team(self) -> tuple[Stint, ...]:
        """Who was in the room in which role, from when to when."""
        return stints(record for record in self.live if isinstance(record, TeamMark))

    @cached_property
    def delay_reasons(self) -> tuple[DelayReason, ...]:
        """Why things were late, in the order in which it was said."""
        return tuple(record for record in self.live if isinstance(record, DelayReason))

    @cached_property
    def complications(self) -> tuple[Complication, ...]:
        """What went wrong and stands, without what was corrected or withdrawn since."""
        every = [record for record in self.live if isinstance(record, Complication)]
        corrected = {record.corrects for record in every}
        return tuple(one for one in every if one.seq not in corrected and one.event != WITHDRAWN)

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """The current answer of each answered item."""
        return {record.item: record for record in self.live if isinstance(record, Answer)}

    @cached_property
    def stamps(self) -> dict[str, Stamp]:
        """The current stamp of each milestone that happened."""
        return {record.stamp: record for record in self.live if isinstance(record, Stamp)}

    @cached_property
    def passes(self) -> dict[str, GatePass]:
        """The pauses whose gate was passed without being complete."""
        return {record.pause: record for record in self.live if isinstance(record, GatePass)}

    @cached_property
    def ledger(self) -> Ledger:
        """The count ledger."""
        return Ledger(
            tuple(r for r in self.live if isinstance(r, Count)), tuple(r for r in self.live if isinstance(r, Added))
        )

    @cached_property
    def timer_marks(self) -> dict[str, tuple[TimerMark, ...]]:
        """What was done with each clock, in the order in which it was entered."""
        found: dict[str, tuple[TimerMark, ...]] = {}
        for record in self.live:
            if isinstance(record, TimerMark):
                found[record.timer] = (*found.get(record.timer, ()), record)
        return found

    @cached_property
    def deferred_into(self) -> dict[str, tuple[Item, ...]]:
        """For each pause, the items deferred to it from an earlier one; they stay there, first, once answered."""
        found: dict[str, dict[str, Item]] = {}
        for record in self.live:
            if isinstance(record, Answer) and record.state is State.DEFERRED:
                found.setdefault(record.defer_to, {})[record.item] = self.plan.items[record.item]
        return {pause: tuple(items.values()) for pause, items in found.items()}

    def items_of(self, pause: PlannedPause) -> tuple[Item, ...]:
        """Return the items that a pause asks now: those deferred to it first, then its own."""
        return (*self.deferred_into.get(pause.id, ()), *pause.items)

    def happened_at(self, answer: Answer) -> datetime:
        """Return when what an answer tells of happened (UTC): the time that it names, else when it was given."""
        item = self.plan.items.get(answer.item)
        named = moments.read(answer.value) if item and item.type is ItemType.TIME else None
        return named or answer.occurred_at

    def at_time(self, stamp: str) -> datetime | None:
        """Return when a milestone occurred (UTC), or None."""
        found = self.stamps.get(stamp)
        return found.occurred_at if found else None

    def is_passed(self, pause: PlannedPause) -> bool:
        """Whether something that the pause gates has happened."""
        return any(self.has_happened(target) for target in pause.definition.gates)

    def has_happened(self, target: str) -> bool:
        """Whether a stamp has been stamped, or an item of a pause answered."""
        if target in self.stamps:
            return True
        return any(
            item.id in self.answers
            for pause in self.plan.pauses.values()
            if target in (pause.id, pause.definition.id)
            for item in pause.items
        )

    def state_of(self, item: Item, now: datetime, in_pause: str = "") -> State:
        """Return an item's state at `now` (UTC). Closed-loop items are computed, and frozen with their gate."""
        answer = self.answers.get(item.id)
        if answer and is_open_again(self, answer):
            return State.OPEN
        if answer and answer.state is not State.DEFERRED:
            return answer.state
        if answer and in_pause != answer.defer_to:
            return State.DEFERRED
        if item.type is ItemType.COUNT and item.moment:
            return {None: State.OPEN, True: State.AUTO, False: State.NO}[self.ledger.is_correct(item.moment)]
        if item.type is ItemType.AUTO:
            return State.AUTO if self.auto_result(item, now).holds else State.OPEN
        return State.OPEN

    def auto_result(self, item: Item, now: datetime) -> autos.Result:
        """Return what a closed-loop item finds, frozen where its pause's gate has been passed."""
        pause = self.plan.pause_of.get(item.id)
        for target in pause.definition.gates if pause else ():
            stamp = self.stamps.get(target)
            if stamp and item.id in stamp.autos:
                return autos.evaluate(self, item, stamp.occurred_at, frozen=stamp.autos[item.id])
        return autos.evaluate(self, item, now)

    def is_closed(self, item: Item, now: datetime, in_pause: str = "") -> bool:
        """Whether an item needs nothing more. A `no` with its reason closes a soft item, never a hard stop."""
        state = self.state_of(item, now, in_pause)
        return state in CLOSING or (state is State.NO and not item.hard_stop and item.type is not ItemType.COUNT)

    def missing(self, pause: PlannedPause, now: datetime) -> tuple[Item, ...]:
        """Return the items that keep a pause from being complete."""
        return tuple(item for item in self.items_of(pause) if not self.is_closed(item, now, pause.id))

    def pause_state(self, pause: PlannedPause, now: datetime) -> PauseState:
        """Return the state of a pause at `now` (UTC)."""
        items = self.items_of(pause)
        states = [self.state_of(item, now, pause.id) for item in items]
        if self.missing(pause, now):
            return PauseState.OPEN if any(item.id in self.answers for item in items) else PauseState.WAITING
        if State.DEFERRED in states:
            return PauseState.EXCEPT_DEFERRED
        if State.OVERRIDDEN in states:
            return PauseState.WITH_OVERRIDES
        return PauseState.COMPLETE

    def blocking(self, target: str, now: datetime) -> tuple[PlannedPause, ...]:
        """Return the pauses that hold back a stamp or a pause: incomplete, and not passed by an override."""
        return tuple(pause for pause in self.plan.gated_by.get(target, ()) if self._holds_back(pause, now))

    def _is_spent(self, passed: GatePass) -> bool:
        """Whether what an override was given for was stamped and undone: the next time it is asked for anew."""
        return any(
            isinstance(record, Stamp) and record.stamp == passed.target and record.seq > passed.seq
            for record in self.taken_back
        )

    def _holds_back(self, pause: PlannedPause, now: datetime) -> bool:
        """Whether a pause is incomplete beyond what its override, if any, said was missing."""
        passed = self.passes.get(pause.id)
        if passed and self._is_spent(passed):
            passed = None
        accepted = passed.missing if passed else ()
        return any(item.id not in accepted for item in self.missing(pause, now))

    def is_step_closed(self, step: PlannedStep, now: datetime) -> bool:
        """Whether nothing is left to do at a step."""
        if step.stamp:
            return step.stamp.id in self.stamps
        if step.pause:
            return not self.missing(step.pause, now)
        assert step.record is not None
        return self.is_closed(step.record, now)

    def find(self, ref: int) -> Live | None:
        """Return the live record of the entry `ref`."""
        return next((record for record in reversed(self.live) if record.seq == ref), None)


def newest_of(run: Run) -> int:
    """Return the number of the newest entry that the run was folded from, 0 where there is none."""
    return max((records[-1].seq for records in (run.live, run.undone) if records), default=0)


def subject_of(record: Live | None) -> str:
    """Return the item or the stamp that a record is about, empty for any other."""
    return getattr(record, "item", "") or getattr(record, "stamp", "")


def fold(plan: Plan, entries: Iterable[EntryLike]) -> Run:
    """Return the run that `entries` (in order of `seq`) make of `plan`. Entries of other kinds are passed over."""
    return advance(Run(plan), entries)


def advance(run: Run, entries: Iterable[EntryLike]) -> Run:
    """Return `run` with later `entries` folded in."""
    live, undone, taken_back = list(run.live), list(run.undone), list(run.taken_back)
    known = len(live)
    for entry in entries:
        if entry.kind == "entry.undone":
            _take_back(entry, live, undone, taken_back)
        elif reader := _READERS.get(entry.kind):
            live.append(reader(entry))
    after = Run(run.base, tuple(live), tuple(undone), tuple(taken_back))
    if len(undone) == len(run.undone):
        carry_over(run, after, live[known:])
    return after


def _take_back(entry: EntryLike, live: list[Live], undone: list[Undone], taken_back: list[Live]) -> None:
    ref = int(entry.body["ref"])
    for index in range(len(live) - 1, -1, -1):
        if live[index].seq == ref:
            taken_back.append(live.pop(index))
            break
    undone.append(Undone(*_base(entry), ref, str(entry.body.get("what", "")), str(entry.body.get("reason", ""))))


def _base(entry: EntryLike) -> tuple[int, datetime, datetime, str, str]:
    return entry.seq, entry.occurred_at, entry.recorded_at, entry.actor, entry.auth


def _answer(entry: EntryLike) -> Answer:
    body = entry.body
    return Answer(
        *_base(entry),
        item=str(body["item"]),
        state=State(body["state"]),
        value=str(body.get("value", "")),
        reason=str(body.get("reason", "")),
        second=str(body.get("second", "")),
        defer_to=str(body.get("defer_to", "")),
        transcribed=str(body.get("transcribed", "")),
        written_by=str(body.get("written_by", "")),
        verified_by=str(body.get("verified_by", "")),
        scan=dict(body.get("scan", {})),
        stops=tuple(body.get("stops", ())),
        confirms=str(body.get("confirms", "")),
        ref=int(body.get("ref", 0)),
    )


def _stamp(entry: EntryLike) -> Stamp:
    body = entry.body
    return Stamp(
        *_base(entry),
        stamp=str(body["stamp"]),
        autos=dict(body.get("autos", {})),
        reason=str(body.get("reason", "")),
        transcribed=str(body.get("transcribed", "")),
        written_by=str(body.get("written_by", "")),
        verified_by=str(body.get("verified_by", "")),
        passed=tuple(body.get("passed", ())),
    )


def _gate_pass(entry: EntryLike) -> GatePass:
    body = entry.body
    return GatePass(
        *_base(entry),
        pause=str(body["pause"]),
        target=str(body["target"]),
        reason=str(body["reason"]),
        second=str(body["second"]),
        missing=tuple(body["missing"]),
    )


def _count(entry: EntryLike) -> Count:
    body = entry.body
    return Count(
        *_base(entry),
        moment=str(body["moment"]),
        found=dict(body["found"]),
        expected=dict(body["expected"]),
        second=str(body["second"]),
        transcribed=str(body.get("transcribed", "")),
        written_by=str(body.get("written_by", "")),
        verified_by=str(body.get("verified_by", "")),
    )


def _added(entry: EntryLike) -> Added:
    body = entry.body
    return Added(
        *_base(entry),
        category=str(body["category"]),
        number=int(body["number"]),
        transcribed=str(body.get("transcribed", "")),
        written_by=str(body.get("written_by", "")),
        verified_by=str(body.get("verified_by", "")),
    )


def _timer(entry: EntryLike) -> TimerMark:
    body, act = entry.body, entry.kind.removeprefix("timer.")
    words = (str(body.get(name, "")) for name in ("reason", "value", "transcribed", "written_by", "verified_by"))
    return TimerMark(*_base(entry), str(body["timer"]), act, int(body.get("minutes", 0)), *words)


_READERS: dict[str, Callable[[EntryLike], Live]] = {
    "item.answered": _answer,
    "milestone.stamped": _stamp,
    "gate.overridden": _gate_pass,
    "count.recorded": _count,
    "count.added": _added,
    "timer.started": _timer,
    "timer.answered": _timer,
    "timer.snoozed": _timer,
    "timer.read": _timer,
    **EXTRA_READERS,
    **READERS,
    **CODED_READERS,
}
