"""`ortool room`: what rooms can do, when they are open, what is kept free after each slot."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of, opened

if TYPE_CHECKING:
    from ortool.exchange.furniture_list import ListedRoom
    from ortool.schedule.resources import Room
    from ortool.services.importing import Imported

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="List and set rooms.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool room list")
def list_rooms(
    ctx: typer.Context,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write them here, to be changed and imported again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the rooms, in the order of the board; those that are not in use too."""
    from ortool.cli.output import save, show_json, show_list
    from ortool.exchange.lists_out import rooms_csv
    from ortool.presentation.listing import column
    from ortool.services.furnishing import furniture

    with opened(ctx) as theatre:
        found = furniture(theatre).rooms
        if csv is not None:
            save(csv, rooms_csv(found))
            return
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


@app.command("import", epilog="Example: ortool room import rooms.csv --by co1")
def import_rooms_list(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV (UTF-8) with a header: id, name, hours, can, turnover, in use.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; write when there is no fault.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Set rooms as a list says. With one fault nothing is written; what is not on it stays."""
    from ortool.cli.importing import Words, import_file
    from ortool.services.furniture_lists import import_rooms
    from ortool.services.setup import SYSTEM

    with opened(ctx) as theatre:
        actor = SYSTEM if dry_run else actor_of(ctx, theatre)
        import_file(
            file,
            lambda text, only_asked: import_rooms(theatre, actor, text, file.name, only_asked),
            _preview,
            Words("room", "Set", "set", asdict),
            yes,
            dry_run,
            as_json,
        )


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


def _preview(found: Imported[ListedRoom]) -> None:
    from ortool.cli.output import show_list
    from ortool.presentation.listing import column

    rows = found.listed
    columns = [
        column("room", [one.id for one in rows]),
        column("name", [one.name for one in rows], least=10, rank=1),
        column("hours", [_said(one.hours, "always") for one in rows], rank=2, least=10),
        column("turnover", [_minutes(one.turnover) for one in rows]),
        column("can", [_said(one.can, "nothing special") for one in rows], least=8),
        column("in use", [{None: "=", True: "yes", False: "no"}[one.in_use] for one in rows]),
    ]
    show_list(columns, "The list holds no room.")


def _said(value: str | None, empty: str) -> str:
    """Return what a list says, `=` where it leaves a thing as it is."""
    return "=" if value is None else value or empty


def _minutes(turnover: int | None) -> str:
    return "=" if turnover is None else "site's" if turnover < 0 else f"{turnover} min"


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
