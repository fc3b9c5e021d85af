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
from ortool.calendar.series import render_series, zone_of
from ortool.errors import StorageFault
from ortool.journal.entry import from_micros, to_micros
from ortool.services.calendar_series import facts_of, series_of
from ortool.services.cases import case_of, rooms_of, slot_of
from ortool.services.people import names_of
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow, ProcedureRow, SlotRow
from ortool.storage.tables_calendar import PublishedRow

if TYPE_CHECKING:
    from ortool.caselog.case import Case, Slot
    from ortool.services.theatre import Theatre

PAGE = 2_000
# Both keep the order of the page that they read. SQLite joins texts only, and these are UTF-8.
_JOINED = {
    "sqlite": "CAST(group_concat(said, '') AS BLOB)",
    "postgresql": "string_agg(said, '\\x'::bytea ORDER BY start_at, id)",
}
_SHIFT = 10**18
_LONGEST = to_micros(from_micros(0) + timedelta(days=1))
_BEGINS = ("", -(2**62))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which slots a calendar holds: those that touch `start` to `end` (UTC), of a room, a person, a service or a case.

    Empty words choose all, with their blocks and closures where `series`. A cancelled slot is in it where that was
    done at `cancelled_since` or later.
    """

    start: datetime
    end: datetime
    cancelled_since: datetime
    room: str = ""
    person: str = ""
    service: str = ""
    case: int = 0
    series: bool = True


# The revision covers the slot's times, room and state, and a case keeps its number.
_BUSY = ("s.revision", "s.changed_at", "f.moves", "f.changed_at", "m.name")
_SLOT = (*_BUSY, "p.specialty")
_OF = {Audience.BUSY: _BUSY, Audience.SLOT: _SLOT, Audience.TEAM: (*_SLOT, "su.name", "an.name")}
# No text that was taken in holds it, so that none can run into its neighbour.
_BETWEEN = "\x1f"
_SLOTS = " FROM slot s LEFT JOIN published f ON f.slot_id = s.id"
_CASES = " JOIN op_case c ON c.id = s.case_id JOIN procedure p ON p.id = c.procedure_id"
_FROM = f"{_SLOTS}{_CASES} JOIN room m ON m.id = s.room_id"
_PEOPLE = " LEFT JOIN person su ON su.id = c.surgeon_id LEFT JOIN person an ON an.id = c.anaesthetist_id"


def facts_sql(audience: Audience) -> str:
    """Return the SQL of a slot's facts for an audience below `named`."""
    columns = _OF[audience]
    form = _BETWEEN.join([RENDERER.replace("'", ""), *["%s"] * len(columns)])
    return f"format('{form}', {', '.join(columns)})"


def stream(theatre: Theatre, selection: Selection, audience: Audience, name: str, more: bytes = b"") -> Iterator[bytes]:
    """Yield a calendar in pieces, in one consistent picture. What is not stored is rendered on the way.

    Slots stand by their planned start and then by their id, behind them blocks and closures, and `more`.
    """
    site = theatre.store.site_id
    with theatre.reading() as session:
        series = series_of(theatre, session, selection)
        as_of = max([newest_change(session, selection), *(one.changed_at for one in series)])
        zones = {zone_of(one, theatre.now()) or b"" for one in series}
        yield calendar_head(name=name, as_of=as_of, zone=theatre.settings.zone) + b"".join(sorted(zones))
        yield from _events(theatre, session, selection, audience)
        yield b"".join(render_series(one, audience, site, selection.start, selection.end) for one in series)
    yield more + CALENDAR_TAIL


def _events(theatre: Theatre, session: Session, selection: Selection, audience: Audience) -> Iterator[bytes]:
    """Yield the events page by page. The database joins a page that is stored as a whole, and no row is touched."""
    if audience is Audience.NAMED:
        yield from _event_by_event(theatre, session, pages(session, selection, audience, "NULL"), audience)
        return
    stored = f"CASE WHEN r.facts = {facts_sql(audience)} THEN r.event END"
    query, values = _page_query(selection, audience, stored)
    # Fixed in length, so that the greatest is the last in order: by start, then by id.
    place = f"CAST({_SHIFT} + start_at AS TEXT) || id"
    joined = _JOINED[session.get_bind().dialect.name]
    last, at = _BEGINS
    cursor = cursor_of(session)
    try:
        while True:
            asked = [*values, at, at, last]
            cursor.execute(f"SELECT {joined}, count(*), count(said), max({place}) FROM ({query}) page", asked)
            data, rows, present, end = cursor.fetchone()
            if rows and present == rows:
                yield bytes(data)
            elif rows:
                cursor.execute(query, asked)
                yield from _event_by_event(theatre, session, [cursor.fetchall()], audience)
            if rows < PAGE:
                return
            at, last = int(end[: len(str(_SHIFT))]) - _SHIFT, end[len(str(_SHIFT)) :]
    finally:
        cursor.close()


def _event_by_event(
    theatre: Theatre, session: Session, found: Iterable[list[Any]], audience: Audience
) -> Iterator[bytes]:
    for page in found:
        fresh = _rendered(theatre, session, [row[0] for row in page if row[1] is None], audience)
        yield b"".join([bytes(row[1] or fresh[row[0]]) for row in page])


def rendered_events(theatre: Theatre, selection: Selection, audience: Audience) -> dict[str, bytes]:
    """Return each slot's event by the slot's id, by planned start, in one consistent picture."""
    found: dict[str, bytes] = {}
    stored = f"CASE WHEN r.facts = {facts_sql(audience)} THEN r.event END"
    with theatre.reading() as session:
        for page in pages(session, selection, audience, stored):
            fresh = _rendered(theatre, session, [row[0] for row in page if row[1] is None], audience)
            found |= {row[0]: bytes(row[1] or fresh[row[0]]) for row in page}
    return found


def fill(theatre: Theatre, selection: Selection, audience: Audience) -> int:
    """Render and keep what is missing or old, and return how many that were. What cannot be kept is left out."""
    kept = 0
    if audience is Audience.NAMED or theatre.is_writing:
        return kept
    with theatre.reading() as session:
        facts = facts_sql(audience)
        for page in pages(session, selection, audience, f"CASE WHEN r.facts = {facts} THEN NULL ELSE {facts} END"):
            stale = {row[0]: row[1] for row in page if row[1] is not None}
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
        for page in pages(session, selection, audience, facts_sql(audience)):
            digest.update("\n".join([row[0] + row[1] for row in page]).encode())
            digest.update(b"\n")
        for one in series_of(theatre, session, selection):
            digest.update(facts_of(one).encode())
    return digest.hexdigest()


def newest_change(session: Session, selection: Selection) -> datetime:
    """Return when the newest of these slots was changed (UTC), the beginning of 2000 where there is none."""
    where, values = _where(selection)
    cursor = cursor_of(session)
    joined = _CASES if selection.person or selection.service or selection.case else ""
    cursor.execute(f"SELECT max(s.changed_at), max(f.changed_at){_SLOTS}{joined} WHERE {where}", values)
    found = [one for one in cursor.fetchone() or () if one is not None]
    cursor.close()
    return from_micros(max(found)) if found else datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _where(selection: Selection) -> tuple[str, list[Any]]:
    start, end = to_micros(selection.start), to_micros(selection.end)
    stands = "(s.state IN ('booked', 'held') OR s.changed_at >= ?)"
    words = ["s.start_at < ? AND s.start_at > ? AND s.end_at > ?", stands]
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


def pages(session: Session, selection: Selection, audience: Audience, what: str) -> Iterator[list[Any]]:
    """Yield rows of a slot's id and what is asked of it, in pages by start and id. A named event is never stored."""
    query, values = _page_query(selection, audience, what)
    last, at = _BEGINS
    cursor = cursor_of(session)
    try:
        while True:
            cursor.execute(query, [*values, at, at, last])
            page = cursor.fetchall()
            if page:
                yield page
            if len(page) < PAGE:
                return
            last, _, at = page[-1]
    finally:
        cursor.close()


def _page_query(selection: Selection, audience: Audience, what: str) -> tuple[str, list[Any]]:
    """Return the query of one page after a start (asked twice) and an id, and the values before those three."""
    where, values = _where(selection)
    stored = "r." in what
    query = (
        f"SELECT s.id AS id, {what} AS said, s.start_at AS start_at{_FROM}"
        f"{_PEOPLE if audience is Audience.TEAM else ''}"
        f"{' LEFT JOIN rendered r ON r.slot_id = s.id AND r.audience = ?' if stored else ''} WHERE {where}"
        f" AND s.start_at >= ? AND (s.start_at > ? OR s.id > ?) ORDER BY s.start_at, s.id LIMIT {PAGE}"
    )
    return query, [*([audience.value] if stored else []), *values]


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
    # What was forecast of a slot is over once it is moved or cancelled.
    live = moved if moved and moved.revision == slot.revision else None
    start, end = (live.start_at, live.end_at) if live else (slot.start, slot.end)
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
        tentative=slot.held,
        room_id=slot.room_id,
        room_name=slot.room,
        case_number=case.number,
        specialty=case.specialty,
        people=tuple(people),
        late_minutes=live.late_minutes if live else 0,
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
