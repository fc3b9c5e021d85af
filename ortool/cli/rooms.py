"""`ortool room`: what rooms can do, when they are open, what is kept free after each slot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of, opened

if TYPE_CHECKING:
    from ortool.schedule.resources import Room

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="List and set rooms.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool room list")
def list_rooms(ctx: typer.Context, as_json: Json = False) -> None:
    """List the rooms, in the order of the board; those that are not in use too."""
    from ortool.cli.output import show_json, show_list
    from ortool.presentation.listing import column
    from ortool.services.furnishing import furniture

    with opened(ctx) as theatre:
        found = furniture(theatre).rooms
        if as_json:
            show_json([_json(room, used) for room, used in found])
            return
        columns = [
            column("room", [room.id for room, _ in found]),
            column("name", [room.name for room, _ in found], least=10, rank=1),
            column("hours", [room.hours.written or "always" for room, _ in found], rank=2, least=10),
            column("turnover", [_turnover(room) for room, _ in found]),
            column("can", [", ".join(sorted(room.capabilities)) for room, _ in found], least=8),
            column("", ["" if used else "not in use" for _, used in found]),
        ]
        show_list(columns, "There are no rooms: `ortool init --theatre FILE` loads them.")


@app.command("set", epilog='Example: ortool room set OR2 --hours "mon-fri 07:30-17:00" --can laminar-flow --by co1')
def set_room(
    ctx: typer.Context,
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id; a new one makes a room.")],
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="Its name.")] = None,
    can: Annotated[str | None, typer.Option(metavar="WORDS", help="What it can do: laminar-flow, mri.")] = None,
    hours: Annotated[str | None, typer.Option(metavar="TEXT", help='As "mon-fri 07:30-17:00"; empty: always.')] = None,
    turnover: Annotated[
        int | None, typer.Option(help="Minutes kept free after each slot; -1: as the site sets.")
    ] = None,
    in_use: Annotated[bool | None, typer.Option("--in-use/--not-in-use", help="Whether slots may be booked.")] = None,
    as_json: Json = False,
) -> None:
    """Change a room, or make one."""
    from ortool.cli.output import show, show_json
    from ortool.services.furnishing import RoomWords, change_room

    with opened(ctx) as theatre:
        words = RoomWords(name, can, hours, turnover, in_use)
        changed = change_room(theatre, actor_of(ctx, theatre), room, words)
        if as_json:
            show_json(_json(changed, in_use is not False))
        else:
            show(f"{changed.id}: {changed.name}; open {changed.hours.written or 'always'}.")


def _turnover(room: Room) -> str:
    return "" if room.turnover is None else f"{room.turnover // timedelta(minutes=1)} min"


def _json(room: Room, used: bool) -> dict[str, Any]:
    return {
        "id": room.id,
        "name": room.name,
        "capabilities": sorted(room.capabilities),
        "hours": room.hours.written,
        "turnover_minutes": None if room.turnover is None else room.turnover // timedelta(minutes=1),
        "in_use": used,
    }
