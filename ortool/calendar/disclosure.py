"""What each audience reads: the one place where a slot's values become words for strangers."""

from dataclasses import dataclass

from ortool.calendar.event import Audience, SlotEvent
from ortool.text import clean

_NOTES_LIMIT = 2000
_LINE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The words of one event that its audience may read. Cleaned; only `description` may hold line feeds."""

    summary: str
    location: str
    category: str
    description: str


def disclose(event: SlotEvent, audience: Audience) -> Disclosed:
    """Return what `audience` may read of `event`. Raises ValueError on an audience that does not exist."""
    # A plain string would compare unequal to every level and fall through to the widest one.
    audience = Audience(audience)
    room = one_line(event.room_name) or "Theatre"
    # A title is read in a cell of a week: the room's id there, its name as the place.
    title = one_line(event.room_id) or room
    specialty = one_line(event.specialty)
    if audience is Audience.BUSY:
        subject, category, lines = "busy", room, []
    else:
        case = f"case {event.case_number:d}"
        subject = f"{specialty}, {case}" if specialty else case
        if event.late_minutes > 0 and not event.cancelled:
            subject = f"{subject}, running {event.late_minutes:d} min late"
        category = specialty or room
        lines = _description(event, audience)
    prefix = "Cancelled: " if event.cancelled else ""
    return Disclosed(f"{prefix}{title}: {subject}", room, category, "\n".join(lines))


def one_line(text: str, limit: int = _LINE_LIMIT) -> str:
    """Return `text` cleaned, on one line, with single spaces, cut at `limit` characters."""
    # A run of spaces longer than a folded line makes a blank continuation line: vobject reads that as the value's end.
    return " ".join(clean(text, limit).split())


def _description(event: SlotEvent, audience: Audience) -> list[str]:
    if audience is Audience.SLOT:
        return []
    staff = [_labelled(one_line(person.role) or "staff", person.name) for person in event.people]
    if audience is Audience.TEAM:
        return [line for line in staff if line]
    # Here and not in the summary, which lock screens and shared views show without being asked.
    patient = [
        _labelled("Patient", event.patient_name),
        _labelled("Born", event.born.isoformat() if event.born else None),
        _labelled("Hospital number", event.hospital_number),
        _labelled("Procedure", event.procedure),
        _labelled("Levels", event.levels),
        _labelled("Side", event.side),
        _labelled("Urgency", event.urgency),
    ]
    return [line for line in (*patient, *staff, *_notes(event.notes)) if line]


def _labelled(label: str, value: str | None) -> str:
    cleaned = one_line(value or "")
    return f"{label}: {cleaned}" if cleaned else ""


def _notes(notes: str) -> list[str]:
    lines = [" ".join(line.split()) for line in clean(notes, _NOTES_LIMIT, multiline=True).split("\n")]
    kept = [line for line in lines if line]
    return ["Notes:", *kept] if kept else []
