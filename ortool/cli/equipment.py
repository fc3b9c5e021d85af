"""`ortool equipment`: what there is a number of, and how long one is away after its use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.schedule.resources import Equipment

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="List and set equipment.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool equipment list")
def list_equipment(ctx: typer.Context, as_json: Json = False) -> None:
    """List equipment, implant sets and recovery beds; those that are not in use too."""
    from ortool.cli.output import show_json, show_list
    from ortool.presentation.listing import column
    from ortool.services.furnishing import furniture

    with opened(ctx) as theatre:
        found = furniture(theatre).equipment
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
