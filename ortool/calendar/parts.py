"""What belongs to a slot: the phases of its case as sub-events, and the visits after it as days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from icalendar import Event

from ortool.calendar.disclosure import disclose, one_line
from ortool.calendar.event import Audience, SlotEvent, whole_second
from ortool.calendar.export import event_uid
from ortool.calendar.value import Text
from ortool.checklist.phases import PhaseClock
from ortool.checklist.records import PhaseState
from ortool.errors import BadInput

IN_ROOM = "PIR"


@dataclass(frozen=True, slots=True)
class PhaseEvent:
    """One phase of a slot's case (UTC), as planned or, as far as it has begun, as it was.

    `title` is the checklist's, `number` its place among the `many` phases. `revision` rises with whatever is entered in
    the case, `changed_at` is the newest of it.
    """

    slot: SlotEvent
    phase: str
    title: str
    start: datetime
    end: datetime
    begun: bool
    ended: bool
    revision: int
    changed_at: datetime
    number: int = 1
    many: int = 1


@dataclass(frozen=True, slots=True)
class VisitEvent:
    """A visit after an operation: the local day on which it is due. Its `slot` is that of the operation."""

    slot: SlotEvent
    visit: str
    title: str
    day: date
    held: bool
    revision: int
    changed_at: datetime


def phase_events(slot: SlotEvent, clocks: tuple[PhaseClock, ...], revision: int) -> list[PhaseEvent]:
    """Return the phases of a case: the patient comes in when the slot begins, and one phase follows another.

    What has begun stands at its actual times; what is still to come begins where the one before it is expected to end.
    """
    shown = [one for one in clocks if one.state is not PhaseState.SKIPPED and one.projected > timedelta()]
    anchor = next((n for n, one in enumerate(shown) if one.phase.starts == IN_ROOM), 0)
    cursor = slot.start - sum((one.p50 for one in shown[:anchor]), timedelta())
    found = []
    for number, clock in enumerate(shown, 1):
        start = whole_second(clock.started) if clock.started else cursor
        end = max(whole_second(clock.ended) if clock.ended else start + clock.projected, start + timedelta(seconds=1))
        changed = max(moment for moment in (slot.changed_at, clock.started, clock.ended) if moment)
        found.append(
            PhaseEvent(
                slot, clock.phase.id, clock.phase.title, start, end, clock.started is not None,
                clock.ended is not None, revision, changed, number, len(shown),
            )
        )  # fmt: skip
        cursor = end
    return found


def render_phase(event: PhaseEvent, audience: Audience, site: str) -> bytes:
    """Return the VEVENT of a phase, related to its slot's. Raises BadInput for an audience that reads no case.

    Names of phases can tell what operation it is: they are for the team; others read the phase's number.
    """
    audience = Audience(audience)
    if audience is Audience.BUSY:
        raise BadInput("Phases say something of the case.", "Ask for the audience slot, or leave them out.")
    how = "as it was" if event.ended else "running" if event.begun else "planned"
    room = one_line(event.slot.room_id) or one_line(event.slot.room_name)
    words = one_line(event.title)
    if audience is Audience.SLOT:
        words = f"phase {event.number:d} of {event.many:d}"
    summary = f"{room}: {words} ({how}), case {event.slot.case_number:d}"
    vevent = _begun(event.slot, f"phase {event.phase}", site, summary, event.revision, event.changed_at)
    vevent.add("dtstart", event.start.astimezone(UTC))
    vevent.add("dtend", event.end.astimezone(UTC))
    vevent.add("location", Text(one_line(event.slot.room_name)))
    vevent.add("categories", Text("phase"))
    return bytes(vevent.to_ical())


def render_visit(event: VisitEvent, audience: Audience, site: str) -> bytes:
    """Return the VEVENT of a visit, a whole day that takes no time of anybody's calendar."""
    audience = Audience(audience)
    words = f"{one_line(event.title)}, case {event.slot.case_number:d}" if audience is not Audience.BUSY else "Visit"
    vevent = _begun(event.slot, f"visit {event.visit}", site, words, event.revision, event.changed_at)
    vevent.add("dtstart", event.day)
    vevent.add("dtend", event.day + timedelta(days=1))
    vevent.add("categories", Text("visit"))
    description = disclose(event.slot, audience).description
    if held := "Held." if event.held and audience is not Audience.BUSY else "":
        description = f"{held}\n{description}".strip()
    if description:
        vevent.add("description", Text(description))
    return bytes(vevent.to_ical())


def _begun(slot: SlotEvent, part: str, site: str, summary: str, revision: int, changed_at: datetime) -> Event:
    changed = whole_second(changed_at).astimezone(UTC)
    vevent = Event()
    vevent.add("summary", Text(f"Cancelled: {summary}" if slot.cancelled else summary))
    vevent.add("dtstamp", changed)
    vevent.add("last-modified", changed)
    # The same part of the same slot has the same identifier, whatever it is called.
    name = part.encode(errors="replace").decode()
    vevent.add("uid", event_uid(site, str(uuid5(UUID(slot.slot_id), name))))
    vevent.add("related-to", Text(event_uid(site, slot.slot_id)))
    vevent.add("sequence", revision)
    vevent.add("status", "CANCELLED" if slot.cancelled else "CONFIRMED")
    vevent.add("transp", "TRANSPARENT")
    vevent.add("x-microsoft-cdo-busystatus", Text("FREE"))
    return vevent
