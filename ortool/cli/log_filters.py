"""The options by which cases of the past are found, the same for every command, and what they mean."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ortool.caselog.found import Wanted
    from ortool.services.theatre import Theatre

Day = Annotated[str, typer.Option("--day", metavar="DAY", help="today, yesterday or YYYY-MM-DD; without it all.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3_660, help="How many days from there.")]
Surgeon = Annotated[str, typer.Option("--surgeon", metavar="PERSON", help="Only this surgeon's.")]
Procedure = Annotated[str, typer.Option("--procedure", metavar="PROCEDURE", help="Only this procedure, by id or name.")]
Room = Annotated[str, typer.Option("--room", metavar="ROOM", help="Only this room, by id or name.")]
Level = Annotated[str, typer.Option("--level", metavar="LEVEL", help="Only those at this level, such as L4-5.")]
Event = Annotated[str, typer.Option("--event", metavar="EVENT", help="Only those with this event or complication.")]
Lot = Annotated[str, typer.Option("--lot", metavar="LOT", help="Only those that got an implant of this lot.")]
Words = Annotated[str, typer.Option("--words", metavar="WORDS", help="Only those whose notes hold all these words.")]


def wanted_of(
    theatre: Theatre,
    day: str = "",
    days: int = 1,
    surgeon: str = "",
    procedure: str = "",
    room: str = "",
    level: str = "",
    event: str = "",
    lot: str = "",
    words: str = "",
    unsigned: bool = False,
) -> Wanted:
    """Return what the options ask for. Raises BadInput that names what is not known here."""
    from ortool.caselog.found import Wanted
    from ortool.cli.inputs import read_day
    from ortool.services.finding import procedure_called, room_called, surgeon_called

    first: date | None = read_day(day, theatre) if day else None
    return Wanted(
        first,
        first + timedelta(days=days - 1) if first else None,
        surgeon_called(theatre, surgeon) if surgeon else "",
        procedure_called(theatre, procedure) if procedure else "",
        level,
        room_called(theatre, room) if room else "",
        event,
        lot,
        words,
        unsigned,
    )
