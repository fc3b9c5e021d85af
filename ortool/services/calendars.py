"""Calendars: slots as iCalendar bytes for an audience."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import select

from ortool.calendar import Audience
from ortool.people.permissions import Verb
from ortool.services import access, calendar_parts, renderings
from ortool.services.boards import day_span
from ortool.services.renderings import Selection
from ortool.services.theatre import Theatre
from ortool.storage.tables import ProcedureRow

CANCELLED_DAYS = 7


def export_calendar(theatre: Theatre, first: date, days: int, audience: Audience, **narrowed: Any) -> bytes:
    """Return the slots of some days as one iCalendar file; `narrowed` as in `export_pieces`, which it raises as."""
    return b"".join(export_pieces(theatre, first, days, audience, **narrowed))


def export_pieces(
    theatre: Theatre,
    first: date,
    days: int,
    audience: Audience,
    room: str = "",
    person: str = "",
    service: str = "",
    case: int = 0,
    cancelled_days: int = CANCELLED_DAYS,
    series: bool = True,
    phases: bool = False,
) -> Iterator[bytes]:
    """Return the slots of `days` days from `first` as the pieces of an iCalendar file.

    The same data gives the same bytes, on any day on which the same cancelled slots are kept. With `phases` those of
    each case stand behind the slots; a running one lasts until now. Raises as
    `Theatre.permit` where the file would name patients and the reader may not.
    """
    audience = Audience(audience)
    if audience is Audience.NAMED:
        access.seen(theatre, Verb.NAME_PATIENTS, f"calendar from {first}")
    span = day_span(theatre, first, days)
    selection = Selection(
        start=span.start,
        end=span.end,
        cancelled_since=since(theatre, cancelled_days),
        room=room,
        person=person,
        service=service,
        case=case,
        series=series,
    )
    name = " ".join(filter(None, (theatre.settings.site, room, service)))
    more = calendar_parts.phases(theatre, selection, audience) if phases else b""
    renderings.fill(theatre, selection, audience)
    return renderings.stream(theatre, selection, audience, name, more)


def since(theatre: Theatre, cancelled_days: int) -> datetime:
    """Return from when on a cancellation is still shown (UTC): the beginning of a day, so that a day has one answer."""
    today = theatre.now().astimezone(theatre.settings.zone).date()
    return day_span(theatre, today - timedelta(days=cancelled_days)).start


def services_of(theatre: Theatre) -> list[str]:
    """Return the services (specialties) that procedures belong to, by name."""
    with theatre.reading() as session:
        return sorted({one for one in session.exec(select(ProcedureRow.specialty)) if one})
