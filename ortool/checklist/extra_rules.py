"""The rules of what comes on the way: events, pauses read again, emergencies, reasons owed, people in the room."""

from datetime import datetime

from ortool.checklist.commands import (
    Decision,
    DeclareEmergency,
    EndEmergency,
    GiveReason,
    JoinTeam,
    LeaveTeam,
    ReopenPause,
    StartEvent,
    Voice,
)
from ortool.checklist.definition import Role
from ortool.checklist.extras import place_now
from ortool.checklist.records import Answer, Stamp
from ortool.checklist.rules import second_of, when
from ortool.checklist.run import Run
from ortool.errors import Refused


def start_event(run: Run, command: StartEvent, _actor: Voice, now: datetime) -> Decision:
    """Open the read-do list of an event."""
    known = {event.id: event for event in run.plan.checklist.events}
    if command.event not in known:
        raise Refused(f"This checklist has no event {command.event!r}.", f"Known: {', '.join(known) or 'none'}.")
    number = 1 + _last_number(run, command.event, 0)
    body: dict[str, object] = {"event": command.event, "number": number, "after": _place(run)}
    return Decision("event.started", body, when(command.occurred_at, now))


def reopen(run: Run, command: ReopenPause, _actor: Voice, _now: datetime) -> Decision:
    """Read a pause again: a new instance, the old one stays as it was."""
    pause = run.plan.pauses.get(command.pause)
    if pause is None or "#" in command.pause:
        raise Refused(f"There is no pause {command.pause!r} to read again.")
    if not any(item.id in run.answers for item in pause.items):
        raise Refused(f"{pause.id} {pause.title} has not been read yet.", "Read it first.")
    if not command.reason.strip():
        raise Refused(f"Reading {pause.id} again needs a reason.", "For example: table moved.")
    number = 1 + _last_number(run, command.pause, 1)
    body: dict[str, object] = {"pause": command.pause, "number": number, "after": _place(run)}
    return Decision("pause.reopened", body | {"reason": command.reason.strip()})


def _last_number(run: Run, of: str, first: int) -> int:
    """Return the highest number that stands: an earlier one may have been undone, and no two may be the same."""
    return max((extra.number for extra in run.extras if extra.of == of), default=first)


def _place(run: Run) -> str:
    touched = [getattr(record, "item", "") or getattr(record, "stamp", "") for record in run.live]
    return place_now(run.base, touched)


def declare_emergency(run: Run, command: DeclareEmergency, _actor: Voice, now: datetime) -> Decision:
    """From now on nothing is held back; the reasons are asked for afterwards."""
    if run.is_emergency:
        raise Refused("The emergency is declared already.")
    return Decision("emergency.declared", {"reason": command.reason.strip()}, when(command.occurred_at, now))


def end_emergency(run: Run, _command: EndEmergency, _actor: Voice, now: datetime) -> Decision:
    """Gates hold again; what was passed meanwhile is owed a reason."""
    if not run.is_emergency:
        raise Refused("No emergency is declared.")
    return Decision("emergency.ended", {}, now)


def give_reason(run: Run, command: GiveReason, actor: Voice, _now: datetime) -> Decision:
    """Say afterwards why something was passed in the emergency, with a second person."""
    record = run.find(command.ref)
    if not isinstance(record, Answer | Stamp) or record not in run.owed:
        raise Refused("No reason is owed there.")
    if not command.reason.strip():
        raise Refused("A reason needs words.")
    second_of(actor, command.second, (), "Giving a reason afterwards")
    assert command.second is not None
    body: dict[str, object] = {"ref": record.seq, "reason": command.reason.strip(), "second": command.second.id}
    return Decision("reason.given", body)


def join_team(run: Run, command: JoinTeam, _actor: Voice, now: datetime) -> Decision:
    """Say that somebody takes a role in the room; whoever held it is relieved where the command says so."""
    if command.role not in {role.value for role in Role}:
        raise Refused(f"{command.role!r} is no role.")
    if command.role not in command.person.roles:
        raise Refused(f"{command.person.name} is not listed as {command.role.replace('_', ' ')}.")
    if any(stint.person == command.person.id and stint.role == command.role for stint in run.present):
        raise Refused(f"{command.person.name} is in the room as {command.role.replace('_', ' ')} already.")
    body: dict[str, object] = {"person": command.person.id, "role": command.role}
    if command.relieves:
        if not any((stint.person, stint.role) == (command.relieves, command.role) for stint in run.present):
            raise Refused("Whoever is relieved is not in the room in that role.")
        body["relieves"] = command.relieves
    return Decision("team.joined", body, when(command.occurred_at, now))


def leave_team(run: Run, command: LeaveTeam, _actor: Voice, now: datetime) -> Decision:
    """Say that somebody has left the room."""
    if not any((stint.person, stint.role) == (command.person, command.role) for stint in run.present):
        raise Refused("That person is not in the room in that role.")
    return Decision("team.left", {"person": command.person, "role": command.role}, when(command.occurred_at, now))
