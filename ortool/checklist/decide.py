"""The rules of a run: a command becomes entries, or a refusal in a sentence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ortool.checklist import coded_rules, count_path, counts, extra_rules, once, timer_rules, values
from ortool.checklist.commands import (
    AddToCount,
    AnswerItem,
    AnswerTimer,
    Command,
    Decision,
    DeclareEmergency,
    EndEmergency,
    ExplainDelay,
    GiveReason,
    JoinTeam,
    LeaveTeam,
    PassGate,
    RecordComplication,
    RecordCount,
    ReopenPause,
    SnoozeTimer,
    StampMilestone,
    StartEvent,
    StartTimer,
    TakeReading,
    Undo,
    Voice,
)
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import has_changed
from ortool.checklist.implant_rules import IMPLANT_RULES, implant_subject
from ortool.checklist.paper import transcription
from ortool.checklist.records import (
    Added,
    Answer,
    Complication,
    Count,
    DelayReason,
    EmergencyMark,
    Extra,
    GatePass,
    Given,
    Implant,
    Live,
    Stamp,
    State,
    TeamMark,
    TimerMark,
)
from ortool.checklist.rules import NeedsReason, second_of, when
from ortool.checklist.run import NEEDS_REASON, Run
from ortool.errors import Refused

SLIP = timedelta(seconds=60)
MAX_COUNT = 999


class GateClosed(Refused):
    """A pause holds something back. `pauses` are their ids, `missing` what each still needs."""

    def __init__(self, message: str, hint: str, pauses: tuple[str, ...], missing: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.pauses = pauses
        self.missing = missing


class AlreadyAnswered(Refused):
    """The same was answered before: by whom (a person's id), and when it was recorded (UTC)."""

    def __init__(self, message: str, hint: str, actor: str, at: datetime) -> None:
        super().__init__(message, hint)
        self.actor, self.at = actor, at


def decide(run: Run, command: Command, actor: Voice, now: datetime) -> Decision:
    """Return the entry that `command` makes at `now` (UTC). Raises Refused with the reason and the mend."""
    once.check(run, command, actor)
    return _RULES[type(command)](run, command, actor, now)


def _answer(run: Run, command: AnswerItem, actor: Voice, now: datetime) -> Decision:
    item = run.plan.items.get(command.item)
    if item is None:
        raise Refused(f"This checklist has no item {command.item!r}.")
    occurred_at = when(command.occurred_at, now)
    _pause_may_begin(run, item, now)
    _allowed_state(run, item, command)
    _reasoned(run, item, command)
    said = values.said(run, item, command, occurred_at)
    _same_again(run, item, command, said.value)
    second = _second_voice(run, item, command, actor, said.stops)
    body: dict[str, object] = {"item": item.id, "state": command.state.value}
    body |= transcription(command) | said.body()
    optional = {"reason": command.reason, "second": second, "defer_to": command.defer_to}
    return Decision("item.answered", body | {name: text for name, text in optional.items() if text}, occurred_at)


def _pause_may_begin(run: Run, item: Item, now: datetime) -> None:
    pause = run.plan.pause_of.get(item.id)
    if pause and not run.is_emergency and (held := run.blocking(pause.id, now)):
        raise gate_closed(run, f"{pause.id} {pause.title}", held[0].id, now)


def _same_again(run: Run, item: Item, command: AnswerItem, value: str) -> None:
    current = count_path.answer_now(run, item.id)
    if (
        current
        and not has_changed(run, current)
        and (current.state, current.value) == (command.state, value)
        and not command.reason.strip()
    ):
        raise AlreadyAnswered(
            f"{item.id} is already {words(current.state)}.",
            "Undo it first, or give a reason to correct it.",
            current.actor,
            current.recorded_at,
        )


def _allowed_state(run: Run, item: Item, command: AnswerItem) -> None:
    state = command.state
    if state in (State.OPEN, State.AUTO):
        raise Refused(f"{item.id} cannot be set to {words(state)} by hand.", "Undo takes an answer back.")
    if item.type in (ItemType.AUTO, ItemType.COUNT) and state in (State.DONE, State.NO):
        what = "by its count" if item.type is ItemType.COUNT else "by itself"
        raise Refused(f"{item.id} {item.prompt} is answered {what}.", "Override it if it must be passed.")
    if state is State.NOT_APPLICABLE and not item.not_applicable:
        raise Refused(f"{item.id} {item.prompt} always applies.", "Answer no with a reason, or override it.")
    if state is State.DEFERRED:
        _may_be_deferred(run, item, command.defer_to)


def _may_be_deferred(run: Run, item: Item, target: str) -> None:
    if item.defer_to is None:
        raise Refused(f"{item.id} {item.prompt} cannot be put off.", "Answer it, or override it with a reason.")
    if target != item.defer_to or target not in run.plan.pauses:
        raise Refused(f"{item.id} can only be put off to {item.defer_to}.")
    if run.is_passed(run.plan.pauses[target]):
        raise Refused(f"{item.id} cannot be put off to {target}: that pause has been passed.")


def _reasoned(run: Run, item: Item, command: AnswerItem) -> None:
    """Ask for a reason; in an emergency it is asked for afterwards."""
    if command.state in NEEDS_REASON and not command.reason.strip() and not run.is_emergency:
        raise Refused(f"{words(command.state).capitalize()} needs a reason at {item.id} {item.prompt}.")


def _second_voice(run: Run, item: Item, command: AnswerItem, actor: Voice, stops: tuple[str, ...]) -> str:
    pause = run.plan.pause_of.get(item.id)
    overriding = command.state is State.OVERRIDDEN
    strict = item.hard_stop or bool(stops) or bool(pause and pause.definition.never_whole)
    if overriding and strict and not run.is_emergency:
        second_of(actor, command.second, tuple(role.value for role in item.override_by), f"Overriding {item.id}")
    elif (command.state is State.DONE and item.second_reader) or command.second:
        second_of(actor, command.second, (), f"{item.id} {item.prompt}")
    return command.second.id if command.second else ""


def _stamp(run: Run, command: StampMilestone, _actor: Voice, now: datetime) -> Decision:
    definition = run.plan.stamps.get(command.stamp)
    if definition is None:
        raise Refused(f"This checklist has no time stamp {command.stamp!r}.")
    occurred_at = when(command.occurred_at, now)
    earlier = run.stamps.get(definition.id)
    held = () if earlier else run.blocking(definition.id, occurred_at)
    if held and not run.is_emergency:
        raise gate_closed(run, f"{definition.id} {definition.title}", held[0].id, occurred_at)
    if earlier and not command.reason.strip():
        raise Refused(
            f"{definition.title} is already stamped.", "Give a reason to correct its time, or undo it within a minute."
        )
    if earlier and occurred_at == earlier.occurred_at:
        raise Refused(f"{definition.title} stands at that time already.", "Write the time that it should be.")
    body: dict[str, Any] = {"stamp": definition.id} | transcription(command)
    autos = earlier.autos if earlier else _frozen_autos(run, definition.id, occurred_at)
    if autos:
        body["autos"] = dict(autos)
    if passed := earlier.passed if earlier else tuple(pause.id for pause in held):
        body["passed"] = list(passed)
    if earlier:
        body |= {"corrects": earlier.seq, "reason": command.reason.strip()}
    return Decision("milestone.stamped", body, occurred_at)


def _frozen_autos(run: Run, stamp: str, at: datetime) -> dict[str, bool]:
    return {
        item.id: run.auto_result(item, at).holds
        for pause in run.plan.gated_by.get(stamp, ())
        for item in pause.items
        if item.type is ItemType.AUTO
    }


def gate_closed(run: Run, what: str, pause_id: str, now: datetime) -> GateClosed:
    """Return the refusal of `what`, held back by a pause, with what is missing as sentences."""
    pause = run.plan.pauses[pause_id]
    missing = tuple(f"{item.id} {item.prompt}" for item in run.missing(pause, now))
    named = "; ".join(missing[:3]) + (f"; and {len(missing) - 3} more" if len(missing) > 3 else "")
    hint = (
        "Override each of these singly, by two people with a reason."
        if pause.definition.never_whole
        else "Answer them, or pass the pause with a reason and a second person."
    )
    return GateClosed(f"{what} waits for {pause.id} {pause.title}: {named}.", hint, (pause.id,), missing)


def _pass_gate(run: Run, command: PassGate, actor: Voice, now: datetime) -> Decision:
    pause = run.plan.pauses.get(command.pause)
    if pause is None or pause not in run.plan.gated_by.get(command.target, ()):
        raise Refused(f"{command.pause} does not hold back {command.target}.")
    missing = run.missing(pause, now)
    if not missing:
        raise Refused(f"{pause.id} {pause.title} is complete; nothing needs to be overridden.")
    if pause.definition.never_whole:
        raise Refused(
            f"{pause.id} {pause.title} is never passed as a whole.",
            "Override each open item singly, by two people with a reason.",
        )
    if not command.reason.strip():
        raise Refused(f"Passing {pause.id} {pause.title} needs a reason.")
    roles = tuple(sorted({role.value for item in missing for role in item.override_by}))
    second_of(actor, command.second, roles, f"Passing {pause.id} {pause.title}")
    assert command.second is not None
    return Decision(
        "gate.overridden",
        {
            "pause": pause.id,
            "target": command.target,
            "reason": command.reason.strip(),
            "second": command.second.id,
            "missing": [item.id for item in missing],
        },
    )


def _record_count(run: Run, command: RecordCount, actor: Voice, now: datetime) -> Decision:
    checklist = run.plan.checklist
    if not counts.is_moment(checklist, command.moment):
        raise Refused(f"This checklist has no count {command.moment!r}.")
    known = [category.id for category in checklist.count_categories]
    if set(command.found) != set(known):
        raise Refused(f"A count names every category once: {', '.join(known)}.")
    if any(not 0 <= number <= MAX_COUNT for number in command.found.values()):
        raise Refused(f"A count is a number from 0 to {MAX_COUNT}.")
    second_of(actor, command.second, (), "A count")
    assert command.second is not None
    first, baseline = not run.ledger.counts, checklist.counts[0]
    if first and command.moment != baseline.id:
        raise Refused(
            f"There is no first count to compare {command.moment} with.",
            f"Record it as {baseline.id}: {baseline.title}.",
        )
    expected = dict(command.found) if first else run.ledger.expected(known)
    body: dict[str, object] = {"moment": command.moment, "found": dict(command.found), "expected": expected}
    body |= transcription(command)
    return Decision("count.recorded", body | {"second": command.second.id}, when(command.occurred_at, now))


def _add_to_count(run: Run, command: AddToCount, _actor: Voice, now: datetime) -> Decision:
    known = {category.id for category in run.plan.checklist.count_categories}
    if command.category not in known:
        raise Refused(f"{command.category!r} is not counted in this checklist.", f"Known: {', '.join(sorted(known))}.")
    if not run.ledger.counts:
        raise Refused("Nothing can be added before the first count.", "Record the baseline count first.")
    expected = run.ledger.expected().get(command.category, 0) + command.number
    if command.number == 0 or not 0 <= expected <= MAX_COUNT:
        raise Refused(f"Adding {command.number} would make {expected} of {command.category}.")
    body: dict[str, object] = {"category": command.category, "number": command.number}
    return Decision("count.added", body | transcription(command), when(command.occurred_at, now))


def _start_timer(run: Run, command: StartTimer, _actor: Voice, now: datetime) -> Decision:
    return timer_rules.start(run, command, when(command.occurred_at, now))


def _answer_timer(run: Run, command: AnswerTimer, _actor: Voice, now: datetime) -> Decision:
    return timer_rules.answer(run, command, when(command.occurred_at, now))


def _snooze_timer(run: Run, command: SnoozeTimer, _actor: Voice, now: datetime) -> Decision:
    return timer_rules.snooze(run, command, now)


def _take_reading(run: Run, command: TakeReading, _actor: Voice, now: datetime) -> Decision:
    return timer_rules.read(run, command, when(command.occurred_at, now))


def _undo(run: Run, command: Undo, _actor: Voice, now: datetime) -> Decision:
    record = run.find(command.ref)
    if record is None:
        raise Refused("There is nothing to undo there.", "It may have been undone already.")
    if isinstance(record, Extra) and _answered_in(run, record):
        raise Refused(f"{subject(record)} has been worked on.", "Answer what does not apply as such.")
    if isinstance(record, GatePass) and run.has_happened(record.target):
        raise Refused(f"{record.target} happened on the strength of this override.", f"Undo {record.target} first.")
    if now - record.recorded_at > SLIP and not command.reason.strip():
        raise NeedsReason(f"{subject(record)} was recorded more than a minute ago.", "Undoing it needs a reason.")
    body: dict[str, object] = {"ref": record.seq, "what": subject(record)}
    return Decision("entry.undone", body | ({"reason": command.reason.strip()} if command.reason.strip() else {}))


def _answered_in(run: Run, record: Extra) -> list[str]:
    pause = run.plan.pauses.get(record.instance)
    return [item.id for item in pause.items if item.id in run.answers] if pause else []


def subject(record: Live) -> str:
    """Return in a few words what a record is about."""
    match record:
        case Answer():
            return f"{record.item} {words(record.state)}"
        case Stamp():
            return f"time stamp {record.stamp}"
        case GatePass():
            return f"override of {record.pause}"
        case Count():
            return f"count {record.moment}"
        case Added():
            return f"{record.number:+d} {record.category}"
        case TimerMark():
            return f"clock {record.timer} {record.act} {record.value}".strip()
        case Extra():
            return f"{record.kind} {record.instance}"
        case EmergencyMark():
            return f"emergency {record.act}"
        case Given():
            return f"reason for entry {record.ref}"
        case TeamMark():
            return f"{record.role.replace('_', ' ')} {record.act}"
        case Implant():
            return implant_subject(record)
        case DelayReason():
            return f"reason {record.code} for a delay"
        case Complication():
            return f"complication {record.event}"


def words(state: State) -> str:
    """Return a state as words."""
    return state.value.replace("_", " ")


_RULES: dict[type, Callable[..., Decision]] = {
    AnswerItem: _answer,
    StampMilestone: _stamp,
    PassGate: _pass_gate,
    RecordCount: _record_count,
    AddToCount: _add_to_count,
    StartTimer: _start_timer,
    AnswerTimer: _answer_timer,
    SnoozeTimer: _snooze_timer,
    TakeReading: _take_reading,
    Undo: _undo,
    StartEvent: extra_rules.start_event,
    ReopenPause: extra_rules.reopen,
    DeclareEmergency: extra_rules.declare_emergency,
    EndEmergency: extra_rules.end_emergency,
    GiveReason: extra_rules.give_reason,
    JoinTeam: extra_rules.join_team,
    LeaveTeam: extra_rules.leave_team,
    ExplainDelay: coded_rules.explain_delay,
    RecordComplication: coded_rules.record_complication,
    **IMPLANT_RULES,
}
