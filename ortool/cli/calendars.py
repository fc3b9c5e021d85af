"""`ortool calendar`: slots as iCalendar files."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ortool.cli import calendar_sources, feeds, sending
from ortool.cli.session import opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from datetime import date

    from ortool.services.theatre import Theatre

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Slots as iCalendar files and feeds; leave and closures from them.",
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

app.add_typer(feeds.app, name="feed")
app.command("push", epilog="Example: ortool calendar push https://host/su1/theatre/ --user su1 --person su1 --by co1")(
    sending.push
)
app.command("invite", epilog="Example: ortool calendar invite 1004 --out mails --by co1")(sending.invite)


@app.callback()
def calendar() -> None:
    """Write slots as iCalendar files and feeds; take leave and closures from them."""


@app.command("export", epilog="Example: ortool calendar export --room OR2 --from today --days 7 --out or2.ics")
def export(
    ctx: typer.Context,
    *,
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only this room.")] = "",
    person: Annotated[str, typer.Option(metavar="PERSON", help="Only slots of this surgeon or anaesthetist.")] = "",
    service: Annotated[str, typer.Option(metavar="SERVICE", help="Only this specialty, such as spine.")] = "",
    case: Annotated[str, typer.Option(metavar="CASE", help="Only this case.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")] = "today",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days from there.")] = 7,
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, instead of --days.")] = "",
    audience: Annotated[
        Literal["busy", "slot", "team", "named"],
        typer.Option(
            help="busy: room taken; slot: and specialty, case number; team: and staff; named: and the patient."
        ),
    ] = "slot",
    cancelled_days: Annotated[
        int, typer.Option(min=0, max=400, help="How long a cancelled slot is still shown as cancelled.")
    ] = 7,
    phases: Annotated[
        bool, typer.Option("--phases", help="The phases of each case too, as planned and then as they were.")
    ] = False,
    slots_only: Annotated[bool, typer.Option("--slots-only", help="Leave blocks and closures out.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to stdout.")] = None,
) -> None:
    """Write the slots of some days as an iCalendar file. Moved slots move, cancelled ones are cancelled."""
    from ortool.calendar import Audience
    from ortool.cli.output import say
    from ortool.presentation.words import clock
    from ortool.services.calendars import export_pieces

    if audience == "named" and out is None:
        raise BadInput("What names patients goes into a file only.", "Name one with --out.")
    with opened(ctx) as theatre:
        start, days = read_days(theatre, first, days, last)
        narrowed = narrowed_to(theatre, room, person, service, case)
        narrowed |= {"cancelled_days": cancelled_days, "series": not slots_only, "phases": phases}
        pieces = export_pieces(theatre, start, days, Audience(audience), **narrowed)
        if audience == "named":
            say(NAMED)
        if out is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
        else:
            write_whole(out, pieces)
            say(f"Written to {out}, as of {clock(theatre.now(), theatre.settings.zone)}.")
        say(LIMITS)


def read_days(theatre: Theatre, first: str, days: int, last: str) -> tuple[date, int]:
    """Return the first day and how many days there are; a last day goes before a number. Raises BadInput."""
    from ortool.cli.inputs import read_day

    start = read_day(first, theatre)
    if last:
        days = (read_day(last, theatre) - start).days + 1
    if not 1 <= days <= 400:
        raise BadInput("The last day is not within 400 days after the first.", "Check --from and --to.")
    return start, days


@app.command("visits", epilog="Example: ortool calendar visits 1004 --out visits.ics --by su1")
def visits(
    ctx: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")],
    list_id: Annotated[str, typer.Option("--list", metavar="LIST", help="The follow-up list.")] = "recovery-plan",
    audience: Annotated[
        Literal["busy", "slot", "team", "named"], typer.Option(help="As for export; named names the patient.")
    ] = "slot",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to stdout.")] = None,
) -> None:
    """Write the visits after an operation, from its recovery plan, as days of an iCalendar file."""
    from ortool.calendar import Audience
    from ortool.cli.output import say
    from ortool.services.calendar_parts import visits as visits_of
    from ortool.services.cases import find_case

    if audience == "named" and out is None:
        raise BadInput("What names patients goes into a file only.", "Name one with --out.")
    with opened(ctx) as theatre:
        data = visits_of(theatre, find_case(theatre, case).id, Audience(audience), list_id)
        if audience == "named":
            say(NAMED)
        if out is None:
            sys.stdout.buffer.write(data)
        else:
            write_whole(out, [data])
            say(f"Written to {out}.")


def narrowed_to(theatre: Theatre, room: str, person: str, service: str, case: str) -> dict[str, Any]:
    """Return what a calendar is narrowed to, by the ids that are stored. Raises BadInput that names what there is."""
    from ortool.services.calendars import services_of
    from ortool.services.cases import find_case, list_rooms
    from ortool.services.people import find_person

    known, services = list_rooms(theatre), services_of(theatre)
    if room and room not in known:
        raise BadInput(f"There is no room {room[:20]!r}.", f"Known rooms: {', '.join(known)}.")
    found = {one.casefold(): one for one in services}
    if service and service.casefold() not in found:
        raise BadInput(f"There is no service {service[:20]!r}.", f"Known services: {', '.join(services)}.")
    return {
        "room": room,
        "person": find_person(theatre, person).id if person else "",
        "service": found[service.casefold()] if service else "",
        "case": find_case(theatre, case).number if case else 0,
    }


def write_whole(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file completely or not at all, readable by its owner alone. Raises BadInput."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that exists.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in [data] if isinstance(data, bytes) else data:
                file.write(piece)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
