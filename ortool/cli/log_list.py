"""`ortool log list`: find case logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.log_filters import Day, Days, Event, Level, Lot, Procedure, Room, Surgeon, Words, wanted_of
from ortool.cli.log_shown import ToSignNow, list_to_sign
from ortool.cli.session import opened

if TYPE_CHECKING:
    from ortool.caselog.found import Found


def list_command(
    ctx: typer.Context,
    *,
    day: Day = "",
    days: Days = 1,
    surgeon: Surgeon = "",
    procedure: Procedure = "",
    level: Level = "",
    room: Room = "",
    event: Event = "",
    lot: Lot = "",
    words: Words = "",
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Only those still to be signed.")] = False,
    to_sign: ToSignNow = False,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="No more than this, the newest first.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the cases that have begun, newest first: whether they are signed, and how much was typed late."""
    if to_sign:
        list_to_sign(ctx, as_json)
        return
    from ortool.cli.output import say, show_json, show_list
    from ortool.presentation.found import columns
    from ortool.services.finding import find_cases

    with opened(ctx) as theatre:
        wanted = wanted_of(theatre, day, days, surgeon, procedure, room, level, event, lot, words, unsigned)
        found = find_cases(theatre, wanted, most)
        if as_json:
            show_json([found_json(one) for one in found.cases])
        else:
            show_list(columns(found.cases, theatre.settings.zone), "There are no case logs.")
        if found.more:
            say(f"There are more than these {most}; narrow the search, or take --most.")


def found_json(found: Found) -> dict[str, Any]:
    """Return one case of the list."""
    from ortool.caselog.milestones import CaseState
    from ortool.cli.shapes import stamp

    case = found.case
    return {
        "case": case.number,
        "planned_start": stamp(found.slot.start),
        "room": found.slot.room_id,
        "procedure": case.procedure_id,
        "levels": case.levels,
        "surgeon": case.surgeon_id,
        "state": case.state.value,
        "signed": case.state is CaseState.SIGNED,
        "late_percent": None if found.late is None else round(found.late, 1),
        "from_list_of_the_past": found.is_history,
        "implants": [
            {"part": one.part, "place": one.place, "action": one.action, "serial": one.serial} for one in found.pieces
        ],
    }
