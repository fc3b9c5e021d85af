"""`ortool calendar`: slots as iCalendar files."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from ortool.cli import calendar_sources
from ortool.cli.session import opened
from ortool.errors import BadInput

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Slots as iCalendar files; leave and closures from them.",
)

app.command("import", epilog="Example: ortool calendar import holidays.ics --as closures --name Holidays --by co1")(
    calendar_sources.import_calendar
)
app.add_typer(calendar_sources.sources, name="source")

LIMITS = (
    "A file shows the slots as of now and is never renewed by itself; calendar programs re-read subscribed ones "
    "only every 4 to 24 hours (Google) and ignore hints. For the same day look at the day board."
)
NAMED = "WARNING: this file names patients. Hand it only to those who may read that, and delete it when it is read in."


@app.callback()
def calendar() -> None:
    """Write slots as iCalendar files; take leave and closures from them."""


@app.command("export", epilog="Example: ortool calendar export --room OR2 --from today --days 7 --out or2.ics")
def export(
    ctx: typer.Context,
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only this room.")] = "",
    person: Annotated[str, typer.Option(metavar="PERSON", help="Only slots of this surgeon or anaesthetist.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")] = "today",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days from there.")] = 7,
    audience: Annotated[
        Literal["busy", "slot", "team", "named"],
        typer.Option(
            help="busy: room taken; slot: and specialty, case number; team: and staff; named: and the patient."
        ),
    ] = "slot",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to stdout.")] = None,
) -> None:
    """Write the slots of some days as an iCalendar file. Moved slots move, cancelled ones are cancelled."""
    from ortool.calendar import Audience
    from ortool.cli.inputs import read_day
    from ortool.cli.output import say
    from ortool.presentation.words import clock
    from ortool.services.boards import day_board
    from ortool.services.calendars import export_calendar
    from ortool.services.people import find_person

    with opened(ctx) as theatre:
        known = day_board(theatre).rooms
        if room and room not in known:
            raise BadInput(f"There is no room {room[:20]!r}.", f"Known rooms: {', '.join(known)}.")
        person_id = find_person(theatre, person).id if person else ""
        start = read_day(first, theatre)
        data = export_calendar(theatre, start, days, Audience(audience), room, person_id)
        if audience == "named":
            say(NAMED)
        if out is None:
            sys.stdout.buffer.write(data)
        else:
            write_whole(out, data)
            say(f"Written to {out}, as of {clock(theatre.now(), theatre.settings.zone)}.")
        say(LIMITS)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file completely or not at all, readable by its owner alone. Raises BadInput."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that exists.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
