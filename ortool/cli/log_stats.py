"""`ortool log stats`: where the days went."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.log_filters import Day, Days, Event, Level, Procedure, Room, Surgeon, wanted_of
from ortool.cli.session import opened
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from ortool.caselog.statistics import Hours


def stats_command(
    ctx: typer.Context,
    *,
    day: Day = "",
    days: Days = 1,
    surgeon: Surgeon = "",
    procedure: Procedure = "",
    level: Level = "",
    room: Room = "",
    event: Event = "",
    hours: Annotated[str, typer.Option(metavar="HH:MM-HH:MM", help="Staffed hours, Mon to Fri.")] = "07:30-15:30",
    grace: Annotated[int, typer.Option(min=0, max=60, help="Minutes that a first start may be late.")] = 0,
    cap: Annotated[int, typer.Option(min=10, max=240, help="Minutes after which a turnover is prolonged.")] = 60,
    credit: Annotated[int, typer.Option(min=0, max=120, help="Minutes of set-up and clean-up for each case.")] = 30,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one HTML file that needs no other.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the cases behind each figure.")] = False,
) -> None:
    """Show starts, turnovers, hours used, plans, cancellations, delays, events and spread, each with n and definition.

    No patient is named. People are not compared on fewer than 20 cases.
    """
    from ortool.caselog.statistics import Rules
    from ortool.cli.output import say, show, show_json, width
    from ortool.presentation.statistics import lines
    from ortool.presentation.statistics_html import page
    from ortool.presentation.statistics_json import statistics_json
    from ortool.services.statistics import numbers_of, statistics_of

    if html is not None and html.exists() and not force:
        raise Refused(f"{html} is there already; nothing was written.", "Name another file, or say --force.")
    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        rules = Rules(zone, _hours(hours), grace, cap, credit)
        found = statistics_of(theatre, wanted_of(theatre, day, days, surgeon, procedure, room, level, event), rules)
        if html is not None:
            _write(html, page(found, theatre.settings.site, zone, theatre.now(), numbers_of(theatre)))
            say(f"Written: {html}")
        elif as_json:
            show_json(statistics_json(found, numbers_of(theatre)))
        else:
            for line in lines(found, zone, width()):
                show(line)


def _hours(text: str) -> Hours:
    from ortool.caselog.statistics import Hours

    first, _, last = text.partition("-")
    try:
        found = Hours(time.fromisoformat(first.strip()), time.fromisoformat(last.strip()))
    except ValueError:
        raise BadInput(f"{text[:40]!r} are no hours.", "Write for example 07:30-15:30.") from None
    if found.start >= found.end:
        raise BadInput("The hours end before they begin.", "Write for example 07:30-15:30.")
    return found


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another file.") from None
