"""The phases of the cases in a calendar, and the visits after an operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlmodel import Session

from ortool.calendar import CALENDAR_TAIL, Audience, calendar_head
from ortool.calendar.parts import VisitEvent, phase_events, render_phase, render_visit
from ortool.checklist.clocks import started_at
from ortool.checklist.phases import phase_clocks
from ortool.checklist.run import Run
from ortool.checklist.timers import Timer
from ortool.errors import Refused
from ortool.people.permissions import Verb
from ortool.services import access, renderings, running
from ortool.services.dossiers import dossier_of

if TYPE_CHECKING:
    from ortool.calendar import SlotEvent
    from ortool.services.renderings import Selection
    from ortool.services.theatre import Theatre

VISIT_UNITS = ("wk", "mo")
FOLLOW_UP = "recovery-plan"


def phases(theatre: Theatre, selection: Selection, audience: Audience) -> bytes:
    """Return the phases of every case in a selection as events, by slot and then in order. Raises BadInput."""
    found: list[bytes] = []
    with theatre.reading() as session:
        for case_id, event in _slots(session, selection, audience):
            run = dossier_of(theatre, session, case_id).run if not event.cancelled else None
            if run is not None:
                parts = phase_events(event, phase_clocks(run, theatre.now()), len(run.stamps) + event.revision)
                found += [render_phase(one, audience, theatre.store.site_id) for one in parts]
    return b"".join(found)


def _slots(session: Session, selection: Selection, audience: Audience) -> Iterator[tuple[str, SlotEvent]]:
    for page in renderings.pages(session, selection, Audience.BUSY, "s.case_id"):
        events = dict(renderings.events_of(session, [row[0] for row in page], audience is Audience.NAMED))
        for row in page:
            yield row[1], events[row[0]]


def visits(theatre: Theatre, case_id: str, audience: Audience, list_id: str = FOLLOW_UP) -> bytes:
    """Return the visits of a case's recovery plan as a calendar of days. The plan has begun on the ward.

    Raises as `running.open_case`; and Refused where there is no plan that has begun, or no slot.
    """
    audience = Audience(audience)
    if audience is Audience.NAMED:
        access.seen(theatre, Verb.NAME_PATIENTS, "visits after an operation")
    access.in_somebodys_name(theatre)
    dossier = running.open_case(theatre, case_id)  # whoever may not read the case is told so first
    dossier = running.open_case(theatre, case_id, list_id) if list_id else dossier
    run, number, slot = dossier.run, dossier.case.number, dossier.slot
    if run is None or not dossier.started or slot is None:
        raise Refused(f"The {list_id} of case {number} has not begun.", "Its first stamp begins it.")
    event = renderings.event_of(dossier.case, slot, named=audience is Audience.NAMED)
    found = [one for timer in run.plan.checklist.timers if (one := _visit(theatre, event, run, timer))]
    found.sort(key=lambda one: (one.day, one.visit))
    site, settings = theatre.store.site_id, theatre.settings
    as_of = max((one.changed_at for one in found), default=event.changed_at)
    name = "Visits" if audience is Audience.BUSY else f"Visits, case {number}"
    head = calendar_head(name=f"{settings.site} {name}", as_of=as_of, zone=settings.zone)
    return head + b"".join(render_visit(one, audience, site) for one in found) + CALENDAR_TAIL


def _visit(theatre: Theatre, event: SlotEvent, run: Run, timer: Timer) -> VisitEvent | None:
    """Return the visit that a clock of weeks or months stands for, None where it is no such clock or has not begun."""
    begun, choice = started_at(run, timer)
    length, _ = timer.length(choice, 1, theatre.settings.site_values) if begun else (None, False)
    if timer.unit not in VISIT_UNITS or begun is None or length is None:
        return None
    zone = theatre.settings.zone
    held = [moment for stamp in timer.stops if (moment := run.at_time(stamp))]
    day = length.after(begun, zone).astimezone(zone).date()
    changed = max([event.changed_at, begun, *held])
    return VisitEvent(event, timer.id, timer.title, day, bool(held), event.revision + len(run.stamps), changed)
