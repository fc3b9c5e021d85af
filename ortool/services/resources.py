"""Everything a slot can be made of, as it stands now: rooms, equipment with what is held, people and who is away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, func, select

from ortool.people.person import Person
from ortool.schedule.resources import Equipment, Room
from ortool.schedule.slots import LONGEST_CLAIM, Span
from ortool.schedule.windows import WindowKind
from ortool.services.boards import day_span
from ortool.services.furnishing import furniture
from ortool.services.people import list_people
from ortool.services.theatre import Theatre
from ortool.services.windows import windows
from ortool.storage.tables_beside import ClaimRow


@dataclass(frozen=True, slots=True)
class Resources:
    """Rooms and equipment with whether they are in use, units held now by equipment, people, who is away this week."""

    rooms: tuple[tuple[Room, bool], ...]
    equipment: tuple[tuple[Equipment, bool], ...]
    held: Mapping[str, int]
    people: tuple[Person, ...]
    away: Mapping[str, tuple[Span, ...]]


def resources(theatre: Theatre) -> Resources:
    """Return everything a slot can be made of. The week begins on Monday in the theatre's zone."""
    now, zone = theatre.now(), theatre.settings.zone
    today = now.astimezone(zone).date()
    week = day_span(theatre, today - timedelta(days=today.weekday()), 7)
    held = (
        select(ClaimRow.resource, func.count())
        .where(
            col(ClaimRow.resource).startswith("equipment:"),
            col(ClaimRow.start_at) > now - LONGEST_CLAIM,
            col(ClaimRow.start_at) <= now,
            col(ClaimRow.end_at) > now,
        )
        .group_by(col(ClaimRow.resource))
    )
    away: dict[str, tuple[Span, ...]] = {}
    with theatre.reading() as session:
        counted = {name.partition(":")[2]: count for name, count in session.exec(held).all()}
        for window in windows(session, week, zone, now):
            if window.kind is WindowKind.LEAVE:
                person = window.resource.partition(":")[2]
                away[person] = (*away.get(person, ()), window.span)
    found = furniture(theatre)
    return Resources(found.rooms, found.equipment, counted, tuple(list_people(theatre)), away)
