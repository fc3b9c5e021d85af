"""The sample theatre with a waiting list, a surgeon's block, a closed room and a held slot, for the week screen."""

from datetime import UTC, date, datetime, timedelta

from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services import booking, cases, furnishing, people
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre
from ortool.storage.tables_calendar import SeriesRow

MONDAY = date(2026, 11, 23)


def at(hour: float, day: int = 24) -> datetime:
    """Return a time of day in Amsterdam in this November."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour - 1)


def coordinator(theatre: Theatre) -> Actor:
    """Return who schedules here."""
    return Actor(people.find_person(theatre, "co1"))


def waits(theatre: Theatre, number: int, procedure: str, surgeon: str, **words: object) -> cases.Case:
    """Add a case without a slot."""
    new = cases.NewCase(f"W-{number:03}", f"Waiting {number} Invented", procedure, surgeon, **words)  # type: ignore[arg-type]
    return cases.add_case(theatre, SYSTEM, new)


def with_a_waiting_list(theatre: Theatre) -> list[cases.Case]:
    """Fill the week: three waiting cases, a block, a closure, hours, a held slot. Returns the cases that wait."""
    furnishing.change_room(theatre, SYSTEM, "OR4", furnishing.RoomWords(hours="mon-fri 08:00-13:00"))
    with theatre.writing(SYSTEM, Verb.SET_THEATRE) as desk:
        desk.session.add(
            SeriesRow(
                id="b1", kind="block", resource="room:OR2", first_day=date(2026, 11, 24), starts="07:00", ends="12:00",
                owner="person:sp2", changed_at=at(8, 20),
            )
        )  # fmt: skip
        desk.session.add(
            SeriesRow(
                id="c1", kind="closure", resource="room:OR1", first_day=date(2026, 11, 26), starts="00:00", ends="24:00",
                title="ventilation", changed_at=at(8, 20),
            )
        )  # fmt: skip
    found = [
        waits(theatre, 1, "microdiscectomy", "sp2", levels="L4-5", side="left", priority=1,
              since=date(2026, 10, 1), due=date(2026, 11, 20)),
        waits(theatre, 2, "microdiscectomy", "sp3", levels="L5-S1", side="right", priority=3,
              since=date(2026, 11, 2), due=date(2026, 12, 15)),
        waits(theatre, 3, "microdiscectomy", "sp3", levels="L3-4", side="left", since=date(2026, 11, 9)),
    ]  # fmt: skip
    booking.book(theatre, SYSTEM, found[2].id, "OR1", at(8, 28), 60, hold=True)
    return found[:2]
