"""Statistics over the cases of a database: read once, counted by the pure rules."""

import gc
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, select

from ortool.caselog.delays import delays as explained_delays
from ortool.caselog.found import Wanted
from ortool.caselog.milestones import CaseState
from ortool.caselog.past import Delay, PastCase, minutes
from ortool.caselog.statistics import Rules, Statistics, Stretch
from ortool.caselog.statistics import statistics as count_up
from ortool.errors import BadInput
from ortool.journal.entry import from_micros
from ortool.people.permissions import Verb
from ortool.schedule.hours import read_hours
from ortool.schedule.slots import Span
from ortool.schedule.windows import WindowKind
from ortool.services import access, indexing
from ortool.services.cases import rooms_of
from ortool.services.dossiers import dossier_of
from ortool.services.finding import conditions
from ortool.services.histories import Known, known_from
from ortool.services.history import PAST, UNPLANNED
from ortool.services.people import names_of
from ortool.services.theatre import Theatre
from ortool.services.windows import windows
from ortool.storage.store import cursor_of
from ortool.storage.tables import ProcedureRow, RoomRow

# What many cases share, such as a surgeon's name, is read once and not in every row.
_SLOTS = """SELECT c.id, s.state, c.state, s.start_at, s.end_at, s.changed_at, s.cancel_reason, s.room_id, c.number,
 c.procedure_id, c.surgeon_id, c.urgency, c.levels, c.checklist_sha256 FROM slot s JOIN op_case c ON c.id = s.case_id"""
# One row for each case: statistics of many cases are mostly the time that it takes to read their rows.
_TIMES = "SELECT t.case_id, {} FROM case_time t WHERE t.case_id IN ({}) GROUP BY t.case_id"
_IDS = "SELECT s.case_id FROM slot s JOIN op_case c ON c.id = s.case_id WHERE {}"
_READ = ("PIR", "PST", "PF", "POR")
_NOT_BEGUN = frozenset(
    state.value for state in CaseState if not state.has_started and state is not CaseState.IN_HOLDING
)
_NONE_LATE = frozenset[str]()
_NO_TIMES: tuple[dict[str, datetime], frozenset[str]] = ({}, _NONE_LATE)
_MARKS = "SELECT m.case_id, m.kind, m.what, m.minutes FROM case_mark m WHERE m.case_id IN ({}) ORDER BY m.seq"


def statistics_of(theatre: Theatre, wanted: Wanted, rules: Rules | None = None) -> Statistics:
    """Return the statistics of the cases that fit. They name no patient. Raises BadInput, NeedsIdentity or Refused."""
    access.seen(theatre, Verb.READ_LIST, "statistics")
    final = time.fromisoformat(theatre.settings.list_final)
    rules = replace(rules or Rules(theatre.settings.zone), list_final=final)
    with _uncollected():
        cases = past_cases(theatre, wanted, _READ)
        return count_up(cases, _with_house(theatre, cases, rules))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector rest: nothing that is read here is in a circle, and walking over it all costs half as much."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _with_house(theatre: Theatre, cases: Sequence[PastCase], rules: Rules) -> Rules:
    """Return the rules with the blocks that stood on the days of these cases, and the opening hours of their rooms."""
    if not cases:
        return rules
    days = [case.start for case in cases]
    span = Span(min(days) - timedelta(days=1), max(days) + timedelta(days=1))
    with theatre.reading() as session:
        hours = {room.id: read_hours(room.hours) for room in session.exec(select(RoomRow)).all() if room.hours}
        found = windows(session, span, rules.zone, theatre.now())
    owned: dict[tuple[date, str], list[Span]] = {}
    for window in found:
        if window.kind is WindowKind.BLOCK and window.resource.startswith("room:"):
            key = (window.span.start.astimezone(rules.zone).date(), window.resource.removeprefix("room:"))
            owned.setdefault(key, []).append(window.span)
    blocks = {key: tuple(_joined(spans)) for key, spans in owned.items()}

    def open_on(day: date, room: str) -> tuple[Stretch, ...] | None:
        if room not in hours:
            return None
        return tuple((one.start, one.end) for one in hours[room].spans(day, rules.zone))

    return replace(rules, blocks=blocks, open_on=open_on)


def _joined(spans: Iterable[Span]) -> Iterator[Stretch]:
    """Yield stretches that lie apart: blocks may touch and overlap."""
    begins = ends = None
    for span in sorted(spans, key=lambda one: one.start):
        if begins is not None and ends is not None and span.start <= ends:
            ends = max(ends, span.end)
            continue
        if begins is not None and ends is not None:
            yield begins, ends
        begins, ends = span.start, span.end
    if begins is not None and ends is not None:
        yield begins, ends


def past_cases(theatre: Theatre, wanted: Wanted, stamps: Sequence[str] = ()) -> list[PastCase]:
    """Return the cases whose day is over or begun, and those that were cancelled, as statistics read them.

    `stamps` are the milestones whose times are wanted, all of them where none is named.
    """
    if wanted.words or wanted.unsigned:
        raise BadInput("Statistics are not made of a search in notes, nor of unsigned cases.", "Leave that out.")
    indexing.follow(theatre)
    limit = theatre.settings.late_minutes * 60_000_000
    with theatre.reading() as session:
        cursor = cursor_of(session)
        where, values = conditions(theatre, cursor, wanted)
        # Whether its slot was confirmed, or given back before the patient came all the same, a case took place.
        cursor.execute(f"{_SLOTS} WHERE {where} ORDER BY s.changed_at", values)
        rows = cursor.fetchall()
        # Of a list of the past nobody knows when its times were typed.
        live = {row[0] for row in rows if row[1] not in (PAST, UNPLANNED)}
        times = _times(cursor, tuple(stamps) or _every_stamp(cursor), where, values, limit, live)
        names = _names(session)
        # A case that was booked again has several slots, but each of its marks once.
        cursor.execute(_MARKS.format(_IDS.format(where)), values)
        events, delays = _marks(cursor.fetchall())
        for case, given in delays.items():
            if any(not one.minutes for one in given):
                delays[case] = _explained(theatre, session, case)
        cursor.close()
    newest: dict[str, PastCase] = {}
    for row in rows:
        one, stamped = row[0], times.get(row[0])
        cancelled = row[1] == "cancelled" and stamped is None
        # What nobody has begun and nobody has cancelled is still to come.
        if stamped or cancelled or row[2] not in _NOT_BEGUN:
            newest[one] = _case(row, names, stamped or _NO_TIMES, events.get(one, ()), delays.get(one, ()), cancelled)
    return list(newest.values())


class _Names(NamedTuple):
    """What cases share, by id: rooms, people, and procedures with their specialty and what is known of their length."""

    rooms: dict[str, str]
    people: dict[str, str]
    procedures: dict[str, tuple[str, str, Known]]


def _names(session: Session) -> _Names:
    procedures = session.exec(select(ProcedureRow)).all()
    known = {row.id: (row.name, row.specialty, known_from(row)) for row in procedures}
    return _Names(rooms_of(session), names_of(session), known)


def _every_stamp(cursor: Any) -> tuple[str, ...]:
    cursor.execute("SELECT DISTINCT stamp FROM case_time ORDER BY stamp", ())
    return tuple(str(row[0]) for row in cursor.fetchall())


def _times(
    cursor: Any, stamps: Sequence[str], where: str, values: Sequence[Any], limit: int, live: Set[str]
) -> dict[str, tuple[dict[str, datetime], frozenset[str]]]:
    """Return the times of these milestones, and which of the `live` cases' were typed late, by case."""
    columns = ["max(CASE WHEN t.recorded_at - t.occurred_at > ? THEN 1 ELSE 0 END)"]
    for _ in stamps:
        columns.append("max(CASE WHEN t.stamp = ? THEN t.occurred_at END)")
    cursor.execute(_TIMES.format(", ".join(columns), _IDS.format(where)), (limit, *stamps, *values))
    rows = cursor.fetchall()
    late = _late(cursor, where, values, limit) if any(row[1] and row[0] in live for row in rows) else {}
    places = list(enumerate(stamps, 2))
    return {
        row[0]: (
            {stamp: from_micros(at) for place, stamp in places if (at := row[place]) is not None},
            late.get(row[0], _NONE_LATE),
        )
        for row in rows
    }


def _late(cursor: Any, where: str, values: Sequence[Any], limit: int) -> dict[str, frozenset[str]]:
    cursor.execute(
        f"SELECT t.case_id, t.stamp FROM case_time t JOIN slot s ON s.case_id = t.case_id JOIN op_case c"
        f" ON c.id = t.case_id WHERE t.recorded_at - t.occurred_at > ? AND s.state NOT IN (?, ?) AND {where}",
        (limit, PAST, UNPLANNED, *values),
    )
    found: dict[str, frozenset[str]] = {}
    for case, stamp in cursor.fetchall():
        found[case] = found.get(case, _NONE_LATE) | {stamp}
    return found


def _marks(rows: Iterable[Any]) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[Delay, ...]]]:
    events: dict[str, tuple[str, ...]] = {}
    delays: dict[str, tuple[Delay, ...]] = {}
    for case_id, kind, what, length in rows:
        if kind == "delay":
            delays[case_id] = (*delays.get(case_id, ()), Delay(what, int(length)))
        else:
            events[case_id] = (*events.get(case_id, ()), what)
    return events, delays


def _explained(theatre: Theatre, session: Session, case: str) -> tuple[Delay, ...]:
    """Return the reasons of a case's delays, one given for "all of it" with what the others leave, in whole minutes."""
    found = []
    for delay in explained_delays(dossier_of(theatre, session, case), theatre.now()):
        whole = sum(not reason.minutes for reason in delay.reasons)
        left = int(minutes(delay.value)) - sum(reason.minutes for reason in delay.reasons)
        found += [Delay(one.code, one.minutes or max(0, left // whole)) for one in delay.reasons]
    return tuple(found)


def _case(
    row: Any, names: _Names, times: tuple[dict[str, datetime], frozenset[str]], events: tuple[str, ...],
    delays: tuple[Delay, ...], cancelled: bool,
) -> PastCase:  # fmt: skip
    (case_id, state, _, start, end, changed, reason, room_id, number, procedure_id, surgeon_id, urgency, levels,
     sha256) = row  # fmt: skip
    procedure, specialty, known = names.procedures[procedure_id]
    return PastCase(
        case_id, number, procedure_id, procedure, specialty, surgeon_id, names.people[surgeon_id],
        room_id, names.rooms[room_id], urgency, levels,
        from_micros(start), from_micros(end), state != UNPLANNED, state in (PAST, UNPLANNED),
        from_micros(changed) if cancelled else None, reason if cancelled else "",
        times[0], times[1], events, delays, bool(sha256), known.standing(levels),
    )  # fmt: skip


def numbers_of(theatre: Theatre) -> dict[str, int]:
    """Return the number of every case by its id."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT id, number FROM op_case")
        found = {str(case): int(number) for case, number in cursor.fetchall()}
        cursor.close()
    return found
