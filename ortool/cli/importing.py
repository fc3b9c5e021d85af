"""`ortool case import`: a theatre list comes in, all of it or nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.services.importing import Imported
    from ortool.services.theatre import Theatre


def import_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A theatre list as CSV (UTF-8) with a header.")],
    column: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=HEADER", help="Which header stands for a field; may be repeated.")
    ] = None,
    date_order: Annotated[Literal["iso", "dmy", "mdy"], typer.Option(help="How dates are written.")] = "iso",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; write when there is no fault.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read a theatre list, show it, ask, and book every case in it. With one fault nothing is written."""
    from ortool.cli.inputs import pairs, read_bytes
    from ortool.exchange.theatre_list import decode
    from ortool.services.importing import import_list
    from ortool.services.setup import SYSTEM

    data = read_bytes(file)
    columns = pairs(column or [], "--column name=Patient")
    with opened(ctx) as theatre:
        actor = SYSTEM if dry_run else actor_of(ctx, theatre)
        try:
            text = decode(data)
            found = import_list(theatre, actor, text, file.name, columns, date_order, dry_run=True)
        except BadInput as wrong:
            raise BadInput(f"{file.name}: {wrong.message}", wrong.hint) from None
        if found.faults:
            _show_faults(found, file.name, as_json)
            raise typer.Exit(1)
        if not as_json:
            _preview(theatre, found, whole=dry_run)
        if not dry_run and (yes or _confirmed(len(found.listed))):
            found = import_list(theatre, actor, text, file.name, columns, date_order)
        _result(found, file.name, as_json)


def _confirmed(cases: int) -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Nothing was written: there is nobody to ask.", "Add --yes to write, or --dry-run to look.")
    return typer.confirm(f"Book these {cases} cases?", err=True)


def _preview(theatre: Theatre, found: Imported, whole: bool) -> None:
    from ortool.cli.import_preview import SHOWN, counts, preview_columns
    from ortool.cli.output import say, show, show_list
    from ortool.presentation.words import plural
    from ortool.services.cases import procedure_names
    from ortool.services.people import list_people

    zone, listed = theatre.settings.zone, found.listed
    shown = listed if whole else listed[:SHOWN]
    columns = preview_columns(shown, procedure_names(theatre), list_people(theatre, "surgeon"), zone)
    show_list(columns, "The list holds no case.")
    if len(listed) > len(shown):
        show(f"… and {len(listed) - len(shown)} more; --dry-run shows every one.")
    if len(listed) > SHOWN:
        show()
        for line in counts(listed):
            show(line)
    today = theatre.now().astimezone(zone).date()
    if past := sum(one.start.astimezone(zone).date() < today for one in listed):
        say(f"{plural(past, 'case')} of {len(listed)} before today, {today:%a %d %b %Y}.")
    if found.ignored:
        say(f"Columns that are not read: {', '.join(found.ignored)}.")


def _show_faults(found: Imported, file: str, as_json: bool) -> None:
    from ortool.cli.output import say, show_json

    if as_json:
        show_json(_json(found, file))
        return
    for fault in found.faults:
        column = f', column "{fault.column}"' if fault.column else ""
        say(f"{file}:line {fault.line}{column}: {fault.sentence}")
    say(f"Nothing was written: {len(found.faults)} fault{'s' * (len(found.faults) > 1)} in {file}.")


def _result(found: Imported, file: str, as_json: bool) -> None:
    from ortool.cli.output import say, show_json

    if as_json:
        show_json(_json(found, file))
    elif found.written:
        say(f"{len(found.listed)} cases are booked.")
    else:
        say(f"Nothing was written. {len(found.listed)} cases could be booked.")


def _json(found: Imported, file: str) -> dict[str, Any]:
    from ortool.cli.shapes import stamp

    return {
        "file": file,
        "written": found.written,
        "columns": dict(found.columns),
        "ignored": list(found.ignored),
        "faults": [{"line": one.line, "column": one.column, "sentence": one.sentence} for one in found.faults],
        "cases": [
            {
                "line": one.line,
                "room": one.room,
                "start": stamp(one.start),
                "minutes": one.minutes,
                "hospital_number": one.hospital_number,
                "procedure": one.procedure,
            }
            for one in found.listed
        ],
    }
