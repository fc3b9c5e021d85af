"""The day board and the list of cases: what is planned, and how far each case has come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlmodel import Session, col, select

from ortool.caselog.board import Board, BoardCase
from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState
from ortool.journal import log
from ortool.journal.entry import from_micros, to_micros
from ortool.schedule.slots import Span
from ortool.services import access
from ortool.services.cases import case_of, rooms_of, slot_of, stream_of
from ortool.services.people import names_of
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of, rows_of
from ortool.storage.tables import CaseRow, ProcedureRow, SlotRow

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier


_S = TypeVar("_S")
_PLANNED = """SELECT s.id, s.case_id, s.room_id, s.start_at, s.end_at, s.state, s.cancel_reason, s.revision,
 s.changed_at, c.number, c.hospital_number, c.patient_name, c.born, c.procedure_id, p.name, p.short, p.specialty,
 c.levels, c.side, c.surgeon_id, c.anaesthetist_id, c.urgency, c.allergies, c.neuromonitoring, c.notes, c.state,
 c.priority, c.waiting_since, c.due, c.needs
 FROM slot s JOIN op_case c ON c.id = s.case_id JOIN procedure p ON p.id = c.procedure_id
 WHERE s.start_at < ? AND s.start_at > ? AND s.end_at > ? ORDER BY s.start_at, s.room_id"""
_DAY = timedelta(days=1) // timedelta(microseconds=1)
SIGNABLE = (CaseState.OUT_OF_ROOM, CaseState.RECOVERED)
MOST_TO_SIGN = 500


@dataclass(frozen=True, slots=True)
class ToSign:
    """A case whose log can be signed, and what still stands open in it, as sentences. None of it forbids to sign."""

    case: Case
    lacks: tuple[str, ...]


def day_span(theatre: Theatre, first: date, days: int = 1) -> Span:
    """Return the UTC span of whole days in the theatre's zone; 23 or 25 hours on the nights the clock changes."""
    zone = theatre.settings.zone
    bounds = (datetime.combine(day, time(), zone) for day in (first, first + timedelta(days=days)))
    start, end = bounds
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def day_board(theatre: Theatre, day: date | None = None) -> Board:
    """Return the board of a day (today in the theatre's zone where none is given)."""
    now = theatre.now()
    day = day or now.astimezone(theatre.settings.zone).date()
    with theatre.reading() as session:
        rooms = rooms_of(session)
        closed = {row[0] for row in rows_of(session, "SELECT id FROM room WHERE NOT active")}
        found = planned(session, day_span(theatre, day), rooms)
        seq = theatre.newest_in(session)
    # A room that only a list of the past names shows on the days on which something took place there.
    in_use = {slot.room_id for _, slot in found}
    rooms = {room: name for room, name in rooms.items() if room in in_use or room not in closed}
    found = _as_may_be_read(theatre, found, str(day))
    placed: dict[str, list[BoardCase]] = {room: [] for room in rooms}
    for case, slot in found:
        if not slot.cancelled or case.state.has_started:
            placed.setdefault(slot.room_id, []).append(_board_case(theatre, case, slot, now))
    return Board(day, now, rooms, {room: tuple(cases) for room, cases in placed.items()}, seq)


def planned(session: Session, span: Span, rooms: dict[str, str] | None = None) -> list[tuple[Case, Slot]]:
    """Return the cases whose slots touch `span`, by start. A slot is at most a day long, which bounds the search."""
    names, rooms = names_of(session), rooms or rooms_of(session)
    start, end = to_micros(span.start), to_micros(span.end)
    found = rows_of(session, _PLANNED, (end, start - _DAY, start))
    return [(_case(row[9:], row[1], names), _slot(row[:9], rooms)) for row in found]


def _slot(row: Sequence[Any], rooms: dict[str, str]) -> Slot:
    slot_id, case_id, room_id, start, end, state, reason, revision, changed = row
    return Slot(
        slot_id, case_id, room_id, rooms.get(room_id, room_id), from_micros(start), from_micros(end),
        state in ("cancelled", "released"), reason, revision, from_micros(changed), state == "held",
    )  # fmt: skip


def _case(row: Sequence[Any], case_id: str, names: dict[str, str]) -> Case:
    (number, hospital_number, name, born, procedure_id, procedure, short, specialty, levels, side, surgeon,
     anaesthetist, urgency, allergies, monitored, notes, state, priority, since, due, needs) = row  # fmt: skip
    return Case(
        case_id, number, hospital_number, name, _date(born), procedure_id, procedure, short, specialty, levels, side,
        surgeon, names.get(surgeon, surgeon), anaesthetist or "", names.get(anaesthetist or "", ""), urgency,
        allergies, None if monitored is None else bool(monitored), notes, CaseState(state), priority, _date(since),
        _date(due), needs,
    )  # fmt: skip


def _date(stored: date | str | None) -> date | None:
    """Return a day; SQLite keeps it as text."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def _board_case(theatre: Theatre, case: Case, slot: Slot, now: datetime) -> BoardCase:
    if not case.state.has_started:
        return BoardCase(case, slot)
    # A day on which nothing has begun needs no checklist: the first board of the morning is up sooner.
    from ortool.services.running import progress_dossier

    return progress_of(progress_dossier(theatre, case), slot, now)


def progress_of(dossier: Dossier, slot: Slot, now: datetime) -> BoardCase:
    """Return how far a case has come."""
    from ortool.checklist.phases import current_phase

    run = dossier.run
    if run is None:
        return BoardCase(dossier.case, slot)
    clock = current_phase(run, now)
    return BoardCase(
        dossier.case,
        slot,
        clock.phase.title if clock else "",
        clock.grade if clock else "",
        run.at_time("PIR"),
        run.at_time("POR"),
    )


def case_list(theatre: Theatre, first: date | None = None, days: int = 1) -> list[tuple[Case, Slot | None]]:
    """Return the cases of a span of days with their slots, cancelled ones too; without a day, every case by number."""
    with theatre.reading() as session:
        found = list(planned(session, day_span(theatre, first, days))) if first is not None else _every_case(session)
    what = f"{first} and {days - 1} more days" if first else "every case"
    shown = _as_may_be_read(theatre, found, what)
    if theatre.identifies and not access.names_patients(theatre, what):
        return [(case, _without_words(slot) if slot else None) for case, slot in shown]
    return shown


def _without_words(slot: Slot) -> Slot:
    """Return a slot without the reason that somebody typed: it may name the patient."""
    return replace(slot, cancel_reason=access.HIDDEN if slot.cancel_reason else "")


def signable(theatre: Theatre) -> dict[str, int]:
    """Return the cases whose logs can be signed now by id, the oldest first, 500 at the most: their newest version."""
    from ortool.services.history import PAST, UNPLANNED

    # What came from a list of the past has no run that anybody could sign.
    listed = select(SlotRow.case_id).where(col(SlotRow.state).in_((PAST, UNPLANNED)))
    with theatre.reading() as session:
        query = select(CaseRow.id).where(col(CaseRow.state).in_([state.value for state in SIGNABLE]))
        query = query.where(col(CaseRow.id).not_in(listed))
        found = session.exec(query.order_by(col(CaseRow.number)).limit(MOST_TO_SIGN)).all()
        cursor = cursor_of(session)
        versions = {one: log.version_of(cursor, stream_of(one)) for one in found}
        cursor.close()
    return versions


def to_sign(theatre: Theatre, ids: Iterable[str] | None = None) -> list[ToSign]:
    """Return what still stands open in the cases whose logs can be signed now; with `ids`, in these.

    Each is read whole: a screen asks for a few at a time. Whose they are is shown as on the day's list.
    """
    from ortool.caselog.unfinished import unfinished
    from ortool.services.dossiers import dossier_of

    ids = signable(theatre) if ids is None else ids
    with theatre.reading() as session:
        now = theatre.now()
        # What is only read through here must not push the cases under way out of memory.
        dossiers = [dossier_of(theatre, session, one, keep=False) for one in ids]
    lacking = [
        (one.case, tuple(unfinished(one, now))) for one in dossiers if one.case.state in SIGNABLE
    ]  # fmt: skip
    return [ToSign(case, lacks) for case, lacks in _as_may_be_read(theatre, lacking, "logs to be signed")]


def _as_may_be_read(theatre: Theatre, found: Sequence[tuple[Case, _S]], what: str) -> list[tuple[Case, _S]]:
    if not theatre.identifies or access.names_patients(theatre, what):
        return list(found)
    return [(access.nameless(case), slot) for case, slot in found]


def _every_case(session: Session) -> list[tuple[Case, Slot | None]]:
    names, rooms = names_of(session), rooms_of(session)
    procedures = {row.id: row for row in session.exec(select(ProcedureRow)).all()}
    slots: dict[str, Slot] = {}
    for row in session.exec(select(SlotRow).order_by(col(SlotRow.changed_at))).all():
        slots[row.case_id] = slot_of(row, rooms)
    cases: Sequence[CaseRow] = session.exec(select(CaseRow).order_by(col(CaseRow.number))).all()
    return [(case_of(row, procedures[row.procedure_id], names), slots.get(row.id)) for row in cases]
