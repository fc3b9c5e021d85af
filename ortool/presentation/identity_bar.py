"""Who is on the table, on every screen: nothing that identifies, no side and no allergy is ever cut."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ortool.caselog.case import Case
from ortool.caselog.dossier import Dossier
from ortool.checklist.phases import current_phase
from ortool.presentation.pieces import Piece, wrap
from ortool.presentation.words import clock, day, hours

WIDE = 100
NO_ALLERGY = {"none known", "none", "nil", "nkda", "nka", "no known allergies"}


def identity_lines(dossier: Dossier, now: datetime, zone: ZoneInfo, width: int) -> list[list[Piece]]:
    """Return the identity bar as lines of pieces: two where they fit, more where a name or an allergy is long."""
    case, slot = dossier.case, dossier.slot
    born = f"born {case.born.isoformat()}" if case.born else "born ?"
    first = [
        *_patient(case, born),
        _allergy(case.allergies),
    ]
    roomy = width >= WIDE
    operation = " ".join(filter(None, (case.procedure if roomy else case.procedure_short, case.levels)))
    room = f"{slot.room_id} · " if slot else ""
    other_day = slot is not None and slot.start.astimezone(zone).date() != now.astimezone(zone).date()
    unapproved = dossier.run is not None and not dossier.is_approved
    second = [
        *([Piece(dossier.run.plan.checklist.title, "warn")] if dossier.list_id and dossier.run else []),
        Piece(operation, "id"),
        *([Piece(f"side {case.side.upper()}", "name")] if case.side else []),
        Piece(f"{room}case {case.number}", "plain"),
        Piece(_phase_words(dossier, now) if roomy else case.state.value, "plain"),
        *([Piece(day(slot.start, zone), "warn")] if slot and other_day and not dossier.started else []),
        *([Piece("not locally approved", "warn")] if unapproved else []),
        Piece(clock(now, zone), "clock"),
    ]
    return [line for part in (first, second) for line in wrap(part, width)]


def _patient(case: Case, born: str) -> list[Piece]:
    if not case.patient_name:
        return [Piece("patient not shown: nobody is known here (key w)", "warn")]
    return [Piece(case.patient_name, "name"), Piece(born, "id"), Piece(case.hospital_number, "id")]


def _allergy(text: str) -> Piece:
    if not text.strip():
        return Piece("allergies not asked", "warn")
    if text.strip().casefold() in NO_ALLERGY:
        return Piece("no known allergies", "plain")
    return Piece(f"ALLERGY: {text}", "alarm")


def _phase_words(dossier: Dossier, now: datetime) -> str:
    clock_now = current_phase(dossier.run, now) if dossier.run else None
    if clock_now is None:
        return dossier.case.state.value
    return f"{clock_now.phase.title} {hours(clock_now.elapsed)}"
