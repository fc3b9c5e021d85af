"""Calendars: slots as iCalendar bytes for an audience."""

from datetime import UTC, date, datetime

from ortool.calendar import Audience, SlotEvent, Staff, render_calendar
from ortool.caselog.case import Case, Slot
from ortool.people.permissions import Verb
from ortool.services import access
from ortool.services.boards import day_span, planned
from ortool.services.theatre import Theatre

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def export_calendar(
    theatre: Theatre, first: date, days: int, audience: Audience, room: str = "", person: str = ""
) -> bytes:
    """Return the slots of `days` days from `first` as an iCalendar file. The same data gives the same bytes."""
    if audience is Audience.NAMED:
        access.seen(theatre, Verb.NAME_PATIENTS, f"calendar from {first}")
    with theatre.reading() as session:
        found = planned(session, day_span(theatre, first, days))
    events = [
        event_of(case, slot)
        for case, slot in found
        if (not room or slot.room_id == room) and (not person or person in (case.surgeon_id, case.anaesthetist_id))
    ]
    newest = max((event.changed_at for event in events), default=EPOCH)
    name = " ".join(filter(None, (theatre.settings.site, room)))
    return render_calendar(
        events,
        audience=audience,
        site=theatre.store.site_id,
        name=name,
        as_of=newest,
        zone=theatre.settings.zone,
    )


def event_of(case: Case, slot: Slot) -> SlotEvent:
    """Return a slot as a calendar event; the calendar room decides what each audience may read of it."""
    people = [Staff("surgeon", case.surgeon)]
    if case.anaesthetist:
        people.append(Staff("anaesthetist", case.anaesthetist))
    return SlotEvent(
        slot_id=slot.id,
        revision=slot.revision,
        start=slot.start.replace(microsecond=0),
        end=slot.end.replace(microsecond=0),
        changed_at=slot.changed_at,
        cancelled=slot.cancelled,
        room_id=slot.room_id,
        room_name=slot.room,
        case_number=case.number,
        procedure=case.procedure_short,
        specialty=case.specialty,
        patient_name=case.patient_name,
        born=case.born,
        hospital_number=case.hospital_number,
        people=tuple(people),
        levels=case.levels,
        side=case.side,
        urgency=case.urgency,
        notes=case.notes,
    )
