"""Who is on the table, on every screen: nothing that identifies, no side and no allergy is ever cut."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ortool.caselog.dossier import Dossier
from ortool.checklist.phases import current_phase
from ortool.presentation.pieces import Piece, wrap
from ortool.presentation.words import clock, hours

NO_ALLERGY = {"none known", "none", "nil", "nkda", "nka", "no known allergies"}


def identity_lines(dossier: Dossier, now: datetime, zone: ZoneInfo, width: int) -> list[list[Piece]]:
    """Return the identity bar as lines of pieces: two where they fit, more where a name or an allergy is long."""
    case, slot = dossier.case, dossier.slot
    born = f"born {case.born.isoformat()}" if case.born else "born ?"
    where = f"{slot.room_id} · case {case.number}" if slot else f"case {case.number}"
    approval = [] if dossier.run is None or dossier.is_approved else [Piece("not locally approved", "warn")]
    first = [
        Piece(case.patient_name, "name"),
        Piece(born, "id"),
        Piece(case.hospital_number, "id"),
        _allergy(case.allergies),
    ]
    operation = " ".join(filter(None, (case.procedure, case.levels)))
    second = [
        Piece(operation, "id"),
        *([Piece(f"side {case.side.upper()}", "name")] if case.side else []),
        Piece(where, "plain"),
        Piece(_phase_words(dossier, now), "plain"),
        *approval,
        Piece(clock(now, zone, seconds=False), "clock"),
    ]
    return [line for part in (first, second) for line in wrap(part, width)]


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
