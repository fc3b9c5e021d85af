"""`ortool log export`: case logs for registries, other systems and logbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ortool.cli.log_filters import Day, Days, Event, Level, Lot, Procedure, Room, Surgeon, wanted_of
from ortool.cli.session import actor_of, opened, options_of
from ortool.errors import BadInput


def export_command(
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written; it must not exist yet.")],
    form: Annotated[
        Literal["csv", "json", "fhir", "omop", "logbook"],
        typer.Option("--format", help="One row a case, JSON, a FHIR R4 bundle, one row a milestone, or a logbook."),
    ] = "csv",
    identified: Annotated[
        bool, typer.Option("--identified", help="Name patients and people and keep free text, for who may.")
    ] = False,
    trainee: Annotated[str, typer.Option(metavar="PERSON", help="Whose logbook.")] = "",
    day: Day = "",
    days: Days = 1,
    surgeon: Surgeon = "",
    procedure: Procedure = "",
    level: Level = "",
    room: Room = "",
    event: Event = "",
    lot: Lot = "",
) -> None:
    """Write case logs to a file that only you may read. Without --identified nothing in it says whose they are.

    Dates are then moved by the same number of weeks for each patient, free text is left out, ages end at 90. The shape
    of the JSON is `ortool/exchange/schemas/case-logs-1.json`. A logbook names its own person and no patient.
    """
    from ortool.cli.output import say
    from ortool.services.log_export import Form, export_logs
    from ortool.services.people import find_person

    if (form == "logbook") != bool(trainee):
        raise BadInput("A logbook is somebody's.", "Add --format logbook and --trainee PERSON.")
    with opened(ctx) as theatre:
        if options_of(ctx).by.strip():
            actor_of(ctx, theatre)
        person = find_person(theatre, trainee).id if trainee else ""
        wanted = wanted_of(theatre, day, days, surgeon, procedure, room, level, event, lot)
        _write(to, export_logs(theatre, wanted, Form(form), identified, person))
    say(f"Written: {to}, {'with names' if identified else 'without names'}.")


def _write(path: Path, text: str) -> None:
    import os

    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput(f"There is a file {path} already.", "Name another one.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another file.") from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
