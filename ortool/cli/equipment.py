"""`ortool equipment`: what there is a number of, and how long one is away after its use."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.exchange.furniture_list import ListedEquipment
    from ortool.schedule.resources import Equipment
    from ortool.services.importing import Imported

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="List and set equipment.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool equipment list")
def list_equipment(
    ctx: typer.Context,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write them here, to be changed and imported again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List equipment, implant sets and recovery beds; those that are not in use too."""
    from ortool.cli.output import save, show_json, show_list
    from ortool.exchange.lists_out import equipment_csv
    from ortool.presentation.listing import column
    from ortool.services.furnishing import furniture

    with opened(ctx) as theatre:
        found = furniture(theatre).equipment
        if csv is not None:
            save(csv, equipment_csv(found))
            return
        if as_json:
            show_json([_json(one, used) for one, used in found])
            return
        columns = [
            column("id", [one.id for one, _ in found]),
            column("name", [one.name for one, _ in found], least=10),
            column("kind", [one.kind.value for one, _ in found]),
            column("units", [one.units for one, _ in found]),
            column("ready after", [f"{_ready(one)} min" if _ready(one) else "" for one, _ in found]),
            column("", ["" if used else "not in use" for _, used in found]),
        ]
        show_list(columns, 'There is none. `ortool equipment set c-arm --name "C-arm" --units 2` adds some.')


@app.command("import", epilog="Example: ortool equipment import equipment.csv --by co1")
def import_equipment_list(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV (UTF-8) with a header: id, name, kind, units, ready, in use.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; write when there is no fault.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Set equipment as a list says. With one fault nothing is written; what is not on it stays."""
    from ortool.cli.importing import Words, import_file
    from ortool.services.furniture_lists import import_equipment
    from ortool.services.setup import SYSTEM

    with opened(ctx) as theatre:
        actor = SYSTEM if dry_run else actor_of(ctx, theatre)
        import_file(
            file,
            lambda text, only_asked: import_equipment(theatre, actor, text, file.name, only_asked),
            _preview,
            Words("equipment", "Set", "set", asdict),
            yes,
            dry_run,
            as_json,
        )


@app.command("set", epilog='Example: ortool equipment set c-arm --name "C-arm" --units 2 --by co1')
def set_equipment(
    ctx: typer.Context,
    equipment: Annotated[str, typer.Argument(metavar="ID", help="Its id; a new one adds equipment.")],
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="Its name.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="equipment, set or recovery (beds).")] = None,
    units: Annotated[int | None, typer.Option(help="How many there are.")] = None,
    ready: Annotated[int | None, typer.Option(metavar="MINUTES", help="How long one is away after its use.")] = None,
    in_use: Annotated[bool, typer.Option("--in-use/--not-in-use", help="Whether slots may hold it.")] = True,
    as_json: Json = False,
) -> None:
    """Change equipment, or add some. What is not given stays as it is."""
    from ortool.cli.output import show, show_json
    from ortool.schedule.resources import Equipment, Kind
    from ortool.services.furnishing import change_equipment, furniture

    with opened(ctx) as theatre:
        wanted = equipment.strip().casefold()
        old = next((one for one, _ in furniture(theatre).equipment if one.id == wanted), None)
        if kind is not None and kind not in {each.value for each in Kind}:
            raise BadInput(f"{kind[:20]!r} is no kind of equipment.", "Write equipment, set or recovery.")
        new = Equipment(
            wanted,
            name if name is not None else old.name if old else "",
            Kind(kind) if kind else old.kind if old else Kind.EQUIPMENT,
            units if units is not None else old.units if old else 1,
            timedelta(minutes=ready) if ready is not None else old.ready if old else timedelta(),
        )
        changed = change_equipment(theatre, actor_of(ctx, theatre), new, in_use)
        if as_json:
            show_json(_json(changed, in_use))
        else:
            show(f"{changed.id}: {changed.units} of {changed.name}{'' if in_use else ', not in use'}.")


def _preview(found: Imported[ListedEquipment]) -> None:
    from ortool.cli.output import show_list
    from ortool.presentation.listing import column

    rows = found.listed
    columns = [
        column("id", [one.id for one in rows]),
        column("name", [one.name for one in rows], least=10),
        column("kind", [one.kind.value if one.kind else "=" for one in rows]),
        column("units", ["=" if one.units is None else one.units for one in rows]),
        column("ready after", ["=" if one.ready is None else f"{one.ready} min" for one in rows]),
        column("in use", [{None: "=", True: "yes", False: "no"}[one.in_use] for one in rows]),
    ]
    show_list(columns, "The list holds no equipment.")


def _ready(one: Equipment) -> int:
    return one.ready // timedelta(minutes=1)


def _json(one: Equipment, used: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind.value,
        "units": one.units,
        "ready_minutes": _ready(one),
        "in_use": used,
    }
