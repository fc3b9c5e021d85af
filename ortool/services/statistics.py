"""Statistics over the cases of a database: read once, counted by the pure rules."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ortool.caselog.found import Wanted
from ortool.caselog.past import Delay, PastCase
from ortool.caselog.statistics import Rules, Statistics
from ortool.caselog.statistics import statistics as count_up
from ortool.errors import BadInput
from ortool.journal.entry import from_micros
from ortool.people.permissions import Verb
from ortool.services import access, indexing
from ortool.services.finding import conditions
from ortool.services.history import PAST, UNPLANNED
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of

_SLOTS = """SELECT s.start_at, s.end_at, s.state, s.changed_at, s.cancel_reason, s.room_id, r.name, c.id, c.number,
 c.procedure_id, p.name, p.specialty, c.surgeon_id, u.name, c.urgency, c.levels, c.checklist_sha256, c.state
 FROM slot s JOIN op_case c ON c.id = s.case_id JOIN procedure p ON p.id = c.procedure_id
 JOIN room r ON r.id = s.room_id JOIN person u ON u.id = c.surgeon_id"""
_TIMES = """SELECT t.case_id, t.stamp, t.occurred_at, t.recorded_at FROM case_time t
 JOIN slot s ON s.case_id = t.case_id JOIN op_case c ON c.id = t.case_id"""
_MARKS = """SELECT m.case_id, m.kind, m.what, m.minutes FROM case_mark m
 JOIN slot s ON s.case_id = m.case_id JOIN op_case c ON c.id = m.case_id"""


@dataclass(slots=True)
class _Seen:
    times: dict[str, datetime]
    late: set[str]
    events: list[str]
    delays: list[Delay]


def statistics_of(theatre: Theatre, wanted: Wanted, rules: Rules | None = None) -> Statistics:
    """Return the statistics of the cases that fit. They name no patient. Raises BadInput, NeedsIdentity or Refused."""
    access.seen(theatre, Verb.READ_LIST, "statistics")
    return count_up(past_cases(theatre, wanted), rules or Rules(theatre.settings.zone))


def past_cases(theatre: Theatre, wanted: Wanted) -> list[PastCase]:
    """Return the cases whose day is over or begun, and those that were cancelled, as statistics read them."""
    if wanted.words or wanted.unsigned:
        raise BadInput("Statistics are not made of a search in notes, nor of unsigned cases.", "Leave that out.")
    indexing.follow(theatre)
    limit = theatre.settings.late_minutes * 60_000_000
    with theatre.reading() as session:
        cursor = cursor_of(session)
        where, values = conditions(theatre, cursor, wanted)
        # Whether its slot was confirmed, or given back before the patient came all the same, a case took place.
        cursor.execute(f"{_SLOTS} WHERE {where}", values)
        rows = cursor.fetchall()
        cursor.execute(f"{_TIMES} WHERE {where}", values)
        seen = _times(cursor.fetchall(), limit)
        cursor.execute(f"{_MARKS} WHERE {where}", values)
        _add_marks(seen, cursor.fetchall())
        cursor.close()
    newest: dict[str, PastCase] = {}
    for row in sorted(rows, key=lambda one: one[3]):
        case = _case(row, seen.get(row[7]) or _Seen({}, set(), [], []))
        # What nobody has begun and nobody has cancelled is still to come.
        if case.times or case.cancelled_at is not None:
            newest[case.id] = case
    return list(newest.values())


def _times(rows: Iterable[Any], limit: int) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = defaultdict(lambda: _Seen({}, set(), [], []))
    for case_id, stamp, occurred, recorded in rows:
        one = seen[case_id]
        one.times[stamp] = from_micros(int(occurred))
        if recorded - occurred > limit:
            one.late.add(stamp)
    return seen


def _add_marks(seen: dict[str, _Seen], rows: Iterable[Any]) -> None:
    for case_id, kind, what, minutes in rows:
        if kind == "delay":
            seen[case_id].delays.append(Delay(what, int(minutes)))
        else:
            seen[case_id].events.append(what)


def _case(row: Any, seen: _Seen) -> PastCase:
    (start, end, state, changed, reason, room_id, room, case_id, number, procedure_id, procedure, specialty,
     surgeon_id, surgeon, urgency, levels, sha256, _) = row  # fmt: skip
    is_history = state in (PAST, UNPLANNED)
    case = PastCase(
        case_id, int(number), procedure_id, procedure, specialty, surgeon_id, surgeon, room_id, room, urgency, levels,
        from_micros(int(start)), from_micros(int(end)), state != UNPLANNED, is_history,
        times=seen.times, late=frozenset(seen.late), events=tuple(seen.events), delays=tuple(seen.delays),
        is_followed=bool(sha256),
    )  # fmt: skip
    if state == "cancelled" and not seen.times:
        return replace(case, cancelled_at=from_micros(int(changed)), cancel_reason=reason)
    return case


def numbers_of(theatre: Theatre) -> dict[str, int]:
    """Return the number of every case by its id."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT id, number FROM op_case")
        found = {str(case): int(number) for case, number in cursor.fetchall()}
        cursor.close()
    return found
