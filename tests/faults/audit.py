"""An independent look at a database after a fault: what was acknowledged is there, and everything agrees."""

from collections.abc import Iterable
from typing import Any

from ortool.caselog.milestones import CaseState, state_of
from ortool.journal import log
from ortool.journal.canonical import decode
from ortool.services.cases import stream_of
from ortool.services.running import refold
from ortool.services.theatre import Theatre
from ortool.storage.store import Store, cursor_of

OVERLAPS = """SELECT count(*) FROM claim one JOIN claim two ON one.resource = two.resource AND one.lane = two.lane
  AND one.slot_id < two.slot_id AND one.start_at < two.end_at AND two.start_at < one.end_at"""

AFTERWARDS = (CaseState.SIGNED.value, CaseState.CANCELLED.value)


def rows(theatre: Theatre, sql: str, *words: Any) -> list[Any]:
    """Return the rows of a query of our own."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute(sql, words)
        return list(cursor.fetchall())


def overlaps(theatre: Theatre) -> int:
    """Count the overlapping pairs of claims."""
    return int(rows(theatre, OVERLAPS)[0][0])


def audit(theatre: Theatre, acknowledged: Iterable[str] = (), forbidden: Iterable[str] = ()) -> list[str]:
    """Return every breach: a broken chain, a lost or an unasked entry, a table that differs from the journal."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        found = [f"journal: {fault}" for fault in log.verify(cursor, theatre.store.site_id).faults]
        if isinstance(theatre.store, Store) and (check := _all(cursor, "PRAGMA quick_check")[0][0]) != "ok":
            found.append(f"file: {check}")
        stored = {row[0] for row in _all(cursor, "SELECT command_id FROM entry")}
        found += [f"lost: {name}" for name in acknowledged if name not in stored]
        found += [f"extra: {name}" for name in forbidden if name in stored]
        found += _slots(cursor)
        if pairs := _all(cursor, OVERLAPS)[0][0]:
            found.append(f"overlaps: {pairs}")
        cases = _all(cursor, "SELECT id, state FROM op_case")
        streams = {row[0] for row in _all(cursor, "SELECT DISTINCT stream FROM entry")}
    return found + _states(theatre, cases, streams)


def _all(cursor: Any, sql: str) -> list[Any]:
    cursor.execute(sql)
    return list(cursor.fetchall())


def _slots(cursor: Any) -> list[str]:
    """Compare the schedule's tables with a fold of its entries that is written here once more."""
    wanted: dict[str, tuple[Any, ...]] = {}
    kinds = "'slot.booked', 'slot.moved', 'slot.cancelled'"
    for kind, raw in _all(cursor, f"SELECT kind, body FROM entry WHERE kind IN ({kinds}) ORDER BY seq"):
        body = decode(bytes(raw))
        if kind == "slot.cancelled":
            wanted[body["slot"]] = (*wanted[body["slot"]][:3], body["revision"], "cancelled")
        else:
            wanted[body["slot"]] = (body["room"], body["start_us"], body["end_us"], body["revision"], "booked")
    stored = _all(cursor, "SELECT id, room_id, start_at, end_at, revision, state FROM slot")
    found = [] if {row[0]: tuple(row[1:]) for row in stored} == wanted else ["slots: not what the journal says"]
    holding = {row[0] for row in _all(cursor, "SELECT DISTINCT slot_id FROM claim WHERE resource LIKE 'room:%'")}
    if holding != {name for name, slot in wanted.items() if slot[-1] == "booked"}:
        found.append("claims: they are not those of the booked slots")
    return found


def _states(theatre: Theatre, cases: list[Any], streams: set[str]) -> list[str]:
    """Compare each case's queried state with a fold of its run that trusts no cache."""
    found = []
    for case_id, state in cases:
        run = refold(theatre, case_id)
        if run is not None and state not in AFTERWARDS and state != state_of(run.stamps).value:
            found.append(f"projection: case {case_id} is {state}, its journal says {state_of(run.stamps).value}")
        if stream_of(case_id) not in streams:
            found.append(f"projection: case {case_id} is in no entry")
    return found
