"""What was typed or scanned as an answer, understood: with the theatre's zone, its clock and its day."""

from dataclasses import replace

from ortool.checklist import moments
from ortool.checklist.commands import AnswerItem, Command
from ortool.checklist.definition import ItemType
from ortool.checklist.records import State
from ortool.checklist.run import Run
from ortool.schedule.clock_time import read_clock_time
from ortool.services.theatre import Theatre
from ortool.text import clean


def understood(theatre: Theatre, run: Run, command: Command) -> Command:
    """Return a command as the rules read it: a time of day as an instant, a label with the day. Raises BadInput."""
    item = run.plan.items.get(command.item) if isinstance(command, AnswerItem) else None
    if item is None or not isinstance(command, AnswerItem):
        return command
    said_at, zone = command.occurred_at or theatre.now(), theatre.settings.zone
    if item.type is ItemType.SCAN:
        return replace(command, today=said_at.astimezone(zone).date())
    command = replace(command, value=clean(command.value))
    is_time = item.type is ItemType.TIME and command.state is State.DONE and command.value.strip()
    if is_time and moments.read(command.value.strip()) is None:
        return replace(command, value=moments.written(read_clock_time(command.value, said_at, zone)))
    return command
