"""Stored events: what an audience reads of a slot is rendered once, and a calendar is a read and a join.

The database itself says of what an event is made (`facts`): its times and revision, and every name and number that the
audience reads. Where that is not what a stored event was made of, it is made anew; nothing has to be told of a change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from ortool.calendar import CALENDAR_TAIL, RENDERER, Audience, SlotEvent, Staff, calendar_head, render_event
from ortool.errors import StorageFault
from ortool.journal.entry import from_micros, to_micros
from ortool.services.cases import case_of, rooms_of, slot_of
from ortool.services.people import names_of
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow, ProcedureRow, PublishedRow, SlotRow

if TYPE_CHECKING:
    from ortool.caselog.case import Case, Slot
    from ortool.services.theatre import Theatre

PAGE = 1_000
_LONGEST = to_micros(from_micros(0) + timedelta(days=1))
_BEGINS = (-(2**62), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which slots a calendar holds: those that touch `start` to `end` (UTC), of a room, a person, a service or a case.

    Empty words choose all. A cancelled slot is in it while it was cancelled at `cancelled_since` or later.
    """

    start: datetime
    end: datetime
    cancelled_since: datetime
    room: str = ""
    person: str = ""
    service: str = ""
    case: int = 0


def _text(column: str) -> str:
    """Return SQL for a text that cannot run into its neighbour."""
    return f"coalesce(length({column}), 0) || ':' || coalesce({column}, '')"


_BUSY = [
    "s.revision", "s.changed_at", "s.start_at", "s.end_at", "s.state", "coalesce(f.start_at, 0)",
    "coalesce(f.end_at, 0)", "coalesce(f.changed_at, 0)", "coalesce(f.moves, 0)", _text("m.id"), _text("m.name"),
]  # fmt: skip
_SLOT = [*_BUSY, "c.number", _text("p.specialty"), "coalesce(f.late_minutes, 0)"]
_TEAM = [*_SLOT, _text("su.name"), _text("an.name")]
_OF = {Audience.BUSY: _BUSY, Audience.SLOT: _SLOT, Audience.TEAM: _TEAM}
_FROM = """ FROM slot s JOIN op_case c ON c.id = s.case_id JOIN procedure p ON p.id = c.procedure_id
 JOIN room m ON m.id = s.room_id LEFT JOIN published f ON f.slot_id = s.id"""
_PEOPLE = " LEFT JOIN person su ON su.id = c.surgeon_id LEFT JOIN person an ON an.id = c.anaesthetist_id"


def facts_sql(audience: Audience) -> str:
    """Return the SQL of a slot's facts for an audience below `named`."""
    version = RENDERER.replace("'", "")
    return f"'{version}|' || " + " || '|' || ".join(_OF[audience])


def stream(theatre: Theatre, selection: Selection, audience: Audience, name: str, more: bytes = b"") -> Iterator[bytes]:
    """Yield a calendar in pieces, in one consistent picture. What is not stored is rendered on the way.

    Slots stand by their planned start and then by their id. `more` is what follows behind them.
    """
    with theatre.reading() as session:
        as_of = newest_change(session, selection)
        yield calendar_head(name=name, as_of=as_of, zone=theatre.settings.zone)
        for page in _pages(session, selection, audience):
            fresh = _rendered(theatre, session, [slot for slot, facts, made, _ in page if facts != made], audience)
            yield b"".join(event if facts == made else fresh[slot] for slot, facts, made, event in page)
    yield more + CALENDAR_TAIL


def fill(theatre: Theatre, selection: Selection, audience: Audience) -> int:
    """Render and keep what is missing or old, and return how many that were. What cannot be kept is left out."""
    kept = 0
    if audience is Audience.NAMED or theatre.is_writing:
        return kept
    with theatre.reading() as session:
        for page in _pages(session, selection, audience):
            stale = {slot: facts for slot, facts, made, _ in page if facts != made}
            events = _rendered(theatre, session, list(stale), audience)
            try:
                _keep(theatre, audience, ((slot, facts, events[slot]) for slot, facts in stale.items()))
            except StorageFault:  # a copy that is not kept is made again
                return kept
            kept += len(stale)
    return kept


def fingerprint(theatre: Theatre, selection: Selection, audience: Audience) -> str:
    """Return what changes whenever a byte of the events would, without rendering or reading any."""
    digest = hashlib.sha256(RENDERER.encode())
    with theatre.reading() as session:
        for page in _pages(session, selection, audience, events=False):
            digest.update("\n".join([row[1] for row in page]).encode())
            digest.update(b"\n")
    return digest.hexdigest()


def newest_change(session: Session, selection: Selection) -> datetime:
    """Return when the newest of these slots was changed (UTC), the beginning of 2000 where there is none."""
    where, values = _where(selection)
    cursor = cursor_of(session)
    cursor.execute(f"SELECT max(s.changed_at), max(f.changed_at){_FROM} WHERE {where}", values)
    found = [one for one in cursor.fetchone() or () if one is not None]
    cursor.close()
    return from_micros(max(found)) if found else datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _where(selection: Selection) -> tuple[str, list[Any]]:
    start, end = to_micros(selection.start), to_micros(selection.end)
    words = ["s.start_at < ? AND s.start_at > ? AND s.end_at > ?", "(s.state = 'booked' OR s.changed_at >= ?)"]
    values: list[Any] = [end, start - _LONGEST, start, to_micros(selection.cancelled_since)]
    for condition, wanted, times in (
        ("s.room_id = ?", selection.room, 1),
        ("(c.surgeon_id = ? OR c.anaesthetist_id = ?)", selection.person, 2),
        ("p.specialty = ?", selection.service, 1),
        ("c.number = ?", selection.case, 1),
    ):
        if wanted:
            words.append(condition)
            values += [wanted] * times
    return " AND ".join(words), values


def _pages(
    session: Session, selection: Selection, audience: Audience, events: bool = True
) -> Iterator[list[tuple[str, str, str | None, bytes]]]:
    """Yield (slot, facts, facts of the stored event, stored event) in pages; a named event is never stored."""
    where, values = _where(selection)
    named = audience is Audience.NAMED
    stored = events and not named
    facts = "s.id" if named else facts_sql(audience)
    kept = " LEFT JOIN rendered r ON r.slot_id = s.id AND r.audience = ?" if stored else ""
    query = (
        f"SELECT s.id, {facts}, {'r.facts, r.event' if stored else 'NULL, NULL'}, s.start_at{_FROM}"
        f"{_PEOPLE if audience is Audience.TEAM else ''}{kept} WHERE {where}"
        f" AND s.start_at >= ? AND (s.start_at > ? OR s.id > ?) ORDER BY s.start_at, s.id LIMIT {PAGE}"
    )
    first = [audience.value] if stored else []
    at, last = _BEGINS
    cursor = cursor_of(session)
    try:
        while True:
            cursor.execute(query, [*first, *values, at, at, last])
            page = cursor.fetchall()
            if page:
                yield [row[:4] for row in page]
            if len(page) < PAGE:
                return
            at, last = page[-1][4], page[-1][0]
    finally:
        cursor.close()


def _rendered(theatre: Theatre, session: Session, slots: list[str], audience: Audience) -> dict[str, bytes]:
    if not slots:
        return {}
    site = theatre.store.site_id
    found = events_of(session, slots, audience is Audience.NAMED)
    return {slot: render_event(event, audience, site) for slot, event in found}


def events_of(session: Session, slots: list[str], named: bool = False) -> Iterator[tuple[str, SlotEvent]]:
    """Yield the events of some slots; only `named` ones know anything of the patient."""
    names, rooms = names_of(session), rooms_of(session)
    moved = {row.slot_id: row for row in session.exec(_of_slots(select(PublishedRow), PublishedRow.slot_id, slots))}
    query = (
        select(SlotRow, CaseRow, ProcedureRow)
        .join(CaseRow, col(CaseRow.id) == col(SlotRow.case_id))
        .join(ProcedureRow, col(ProcedureRow.id) == col(CaseRow.procedure_id))
    )
    for slot, case, procedure in session.exec(_of_slots(query, SlotRow.id, slots)):
        yield slot.id, event_of(case_of(case, procedure, names), slot_of(slot, rooms), moved.get(slot.id), named)
    session.expunge_all()


def _of_slots(query: Any, column: Any, slots: list[str]) -> Any:
    return query.where(col(column).in_(slots))


def event_of(case: Case, slot: Slot, moved: PublishedRow | None = None, named: bool = False) -> SlotEvent:
    """Return a slot as a calendar event, with the times that were published last; the patient only where `named`."""
    people = [Staff("surgeon", case.surgeon)]
    if case.anaesthetist:
        people.append(Staff("anaesthetist", case.anaesthetist))
    start, end = (moved.start_at, moved.end_at) if moved else (slot.start, slot.end)
    patient: dict[str, Any] = (
        {
            "procedure": case.procedure_short, "patient_name": case.patient_name, "born": case.born,
            "hospital_number": case.hospital_number, "levels": case.levels, "side": case.side,
            "urgency": case.urgency, "notes": case.notes,
        }
        if named
        else {}
    )  # fmt: skip
    return SlotEvent(
        slot_id=slot.id,
        # A move of the slot and a move of its forecast both make a new revision; neither ever takes one back.
        revision=slot.revision + (moved.moves if moved else 0),
        start=start.replace(microsecond=0),
        end=end.replace(microsecond=0),
        changed_at=max(slot.changed_at, moved.changed_at) if moved else slot.changed_at,
        cancelled=slot.cancelled,
        room_id=slot.room_id,
        room_name=slot.room,
        case_number=case.number,
        specialty=case.specialty,
        people=tuple(people),
        late_minutes=moved.late_minutes if moved else 0,
        **patient,
    )


def _keep(theatre: Theatre, audience: Audience, events: Iterable[tuple[str, str, bytes]]) -> None:
    rows = list(events)
    if not rows:
        return
    with theatre.store.writing() as session:
        cursor = cursor_of(session)
        for slot, facts, event in rows:
            cursor.execute(
                "INSERT INTO rendered (slot_id, audience, facts, event) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (slot_id, audience) DO UPDATE SET facts = excluded.facts, event = excluded.event",
                (slot, audience.value, facts, event),
            )
        cursor.close()
