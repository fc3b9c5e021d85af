"""Finding cases of the past: by surgeon, procedure, level, day, room, event, lot, and by the words of their notes."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from ortool.caselog.found import Found, FoundList, Piece, Wanted
from ortool.caselog.milestones import CaseState
from ortool.caselog.statistics_causes import EVENT_FIGURE
from ortool.checklist.levels import parse_levels
from ortool.checklist.places import segments
from ortool.errors import BadInput
from ortool.people.permissions import Bond, Ruling, Verb, rule
from ortool.people.person import SYSTEM
from ortool.services import access, indexing
from ortool.services.cases import case_of, rooms_of, slot_of
from ortool.services.history import PAST, UNPLANNED
from ortool.services.people import names_of
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow, PersonRow, ProcedureRow, SlotRow
from ortool.storage.tables_beside import ImplantRow
from ortool.text import clean, identifier

MOST = 200
_BEGUN = [state.value for state in CaseState if state.has_started]
_HISTORY = (PAST, UNPLANNED)
_CHUNK = 500


def find_cases(theatre: Theatre, wanted: Wanted, most: int = MOST, after: int = 0) -> FoundList:
    """Return the cases that have begun and fit, newest first, `most` of them after the first `after`.

    Who may not see names gets none. Words and events are searched in the cases that one may read without a
    reason. Raises BadInput, NeedsIdentity, or Refused.
    """
    sentence = "a list of case logs"
    if wanted.event:
        sentence = "a search for what happened"
        access.seen(theatre, Verb.READ_LIST, sentence)
    if wanted.lot:
        sentence = f"lot {identifier(wanted.lot)}"
        access.seen(theatre, Verb.READ_LIST, sentence)
    if wanted.words:
        sentence = "a search in the notes"
        access.seen(theatre, Verb.READ_LIST, sentence)
    names = access.names_patients(theatre, sentence)
    if wanted.event or wanted.words:
        indexing.follow(theatre)
    with theatre.reading() as session:
        cursor = cursor_of(session)
        where, parameters = conditions(theatre, cursor, wanted)
        cursor.execute(
            f"SELECT s.id FROM slot s {_joined(cursor, wanted)} JOIN op_case c ON c.id = s.case_id"
            f" WHERE {where} AND c.state IN ({_marks(_BEGUN)}) AND s.state <> 'cancelled'"
            " ORDER BY s.start_at DESC, c.number DESC LIMIT ? OFFSET ?",
            (*parameters, *_BEGUN, most + 1, after),
        )
        ids = [str(row[0]) for row in cursor.fetchall()]
        found = _read(theatre, session, cursor, ids[:most], wanted.lot)
        cursor.close()
    if not names and theatre.identifies:
        found = [replace(one, case=access.nameless(one.case)) for one in found]
    return FoundList(tuple(found), len(ids) > most)


def _joined(cursor: Any, wanted: Wanted) -> str:
    """Return how slots and cases are joined.

    Where nothing narrows the cases, SQLite is told (by the word CROSS) to read the newest slots first and no more than
    are shown; where something does, it begins with those few cases.
    """
    asked = (wanted.surgeon, wanted.procedure, wanted.level, wanted.event, wanted.lot, wanted.words)
    return "CROSS" if indexing.is_sqlite(cursor) and not any(asked) else ""


def cases_behind(theatre: Theatre, ids: Sequence[str], figure: str, most: int = MOST) -> FoundList:
    """Return the cases behind a figure (its id), in its order.

    Who may not see names gets none; behind a figure of events one gets those of the cases that one may read without a
    reason, for there a name says what happened to whom.
    """
    names = access.names_patients(theatre, "the cases behind a figure")
    narrow = figure.startswith(EVENT_FIGURE) and not _reads_every_case(theatre)
    with theatre.reading() as session:
        cursor = cursor_of(session)
        slots: dict[str, str] = {}
        for begin in range(0, min(most, len(ids)), _CHUNK):
            chunk = ids[begin : min(begin + _CHUNK, most)]
            cursor.execute(
                f"SELECT case_id, id FROM slot WHERE case_id IN ({_marks(chunk)}) ORDER BY changed_at", chunk
            )
            slots |= dict(cursor.fetchall())
        found = _read(theatre, session, cursor, [slots[one] for one in ids[:most] if one in slots], "")
        cursor.close()
    if not names and theatre.identifies:
        found = [replace(one, case=access.nameless(one.case)) for one in found]
    elif narrow:
        own = theatre.reader.person.id
        found = [
            one if own in (one.case.surgeon_id, one.case.anaesthetist_id)
            else replace(one, case=access.nameless(one.case))
            for one in found
        ]  # fmt: skip
    return FoundList(tuple(found), len(ids) > most)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def conditions(theatre: Theatre, cursor: Any, wanted: Wanted) -> tuple[str, tuple[Any, ...]]:
    """Return what is wanted as SQL over a slot `s` and its case `c`, with its parameters. Raises BadInput."""
    parts: list[str] = ["1 = 1"]
    values: list[Any] = []

    def add(sql: str, *parameters: Any) -> None:
        parts.append(sql)
        values.extend(parameters)

    zone = theatre.settings.zone
    if wanted.first is not None:
        add("s.start_at >= ?", _micros(datetime.combine(wanted.first, time(), zone)))
    if wanted.last is not None:
        add("s.start_at < ?", _micros(datetime.combine(wanted.last + timedelta(days=1), time(), zone)))
    for column, value in (
        ("c.surgeon_id", wanted.surgeon), ("c.procedure_id", wanted.procedure), ("s.room_id", wanted.room),
    ):  # fmt: skip
        if value:
            add(f"{column} = ?", clean(value))
    if wanted.level:
        levels = _levels_with(cursor, wanted.level)
        add(f"c.levels IN ({_marks(levels)})" if levels else "1 = 0", *levels)
    if wanted.event:
        add(
            "c.id IN (SELECT case_id FROM case_mark WHERE what = ? AND kind IN ('event', 'complication'))", wanted.event
        )
    if wanted.lot:
        add("c.id IN (SELECT case_id FROM implant WHERE lot = ? AND lot <> '' AND NOT undone)", identifier(wanted.lot))
    if wanted.words:
        sql, words = indexing.matching(cursor, wanted.words)
        add(f"c.id IN ({sql})", *words)
    if wanted.event or wanted.words:
        _only_readable(theatre, add)
    if wanted.unsigned:
        add(f"c.state <> 'signed' AND s.state NOT IN ({_marks(_HISTORY)})", *_HISTORY)
    return " AND ".join(parts), tuple(values)


def _only_readable(theatre: Theatre, add: Any) -> None:
    """Leave out what the reader may open with a reason only: that a case is found says what happened in it."""
    if not _reads_every_case(theatre):
        add("(c.surgeon_id = ? OR c.anaesthetist_id = ?)", theatre.reader.person.id, theatre.reader.person.id)


def _reads_every_case(theatre: Theatre) -> bool:
    """Whether the reader may open anybody's case without a reason."""
    reader = theatre.reader
    if not theatre.identifies or reader.auth == SYSTEM:
        return True
    return rule(Verb.READ_CASE, reader.person.grants, Bond.OTHER, reader.is_proven) is Ruling.ALLOWED


def _levels_with(cursor: Any, text: str) -> list[str]:
    wanted = set(segments(parse_levels(text)))
    if not wanted:
        raise BadInput(f"{text[:20]!r} is no level.", "Write for example L4-5.")
    cursor.execute("SELECT DISTINCT levels FROM op_case WHERE levels <> ''")
    return [str(row[0]) for row in cursor.fetchall() if wanted <= set(segments(parse_levels(str(row[0]))))]


def _micros(local: datetime) -> int:
    return round(local.astimezone(UTC).timestamp()) * 1_000_000


def _read(theatre: Theatre, session: Any, cursor: Any, ids: Sequence[str], lot: str) -> list[Found]:
    names, rooms = names_of(session), rooms_of(session)
    query = (
        select(SlotRow, CaseRow, ProcedureRow)
        .join(CaseRow, col(CaseRow.id) == col(SlotRow.case_id))
        .join(ProcedureRow, col(ProcedureRow.id) == col(CaseRow.procedure_id))
    )
    rows: dict[str, tuple[SlotRow, CaseRow, ProcedureRow]] = {}
    for begin in range(0, len(ids), _CHUNK):
        chunk = ids[begin : begin + _CHUNK]
        rows |= {row[0].id: row for row in session.exec(query.where(col(SlotRow.id).in_(chunk))).all()}
    late = _lateness(cursor, theatre, [row[1].id for row in rows.values()])
    pieces = _pieces(session, lot) if lot else {}
    found = []
    for slot, case, procedure in (rows[one] for one in ids):
        is_history = slot.state in _HISTORY
        share = None if is_history else late.get(case.id)
        value = case_of(case, procedure, names)
        found.append(Found(value, slot_of(slot, rooms), share, is_history, tuple(pieces.get(case.id, ()))))
    return found


def _lateness(cursor: Any, theatre: Theatre, cases: Sequence[str]) -> dict[str, float]:
    limit = theatre.settings.late_minutes * 60_000_000
    found: dict[str, float] = {}
    for begin in range(0, len(cases), _CHUNK):
        chunk = cases[begin : begin + _CHUNK]
        cursor.execute(
            "SELECT case_id, count(*), sum(CASE WHEN recorded_at - occurred_at > ? THEN 1 ELSE 0 END)"
            f" FROM case_time WHERE case_id IN ({_marks(chunk)}) GROUP BY case_id",
            (limit, *chunk),
        )
        found |= {str(case): 100 * int(late) / int(count) for case, count, late in cursor.fetchall()}
    return found


def _pieces(session: Any, lot: str) -> dict[str, list[Piece]]:
    query = select(ImplantRow).where(col(ImplantRow.lot) == identifier(lot), col(ImplantRow.undone).is_(False))
    found: dict[str, list[Piece]] = {}
    for row in session.exec(query.order_by(col(ImplantRow.seq))).all():
        found.setdefault(row.case_id, []).append(Piece(row.part, row.place, row.action, row.serial))
    return found


def surgeon_called(theatre: Theatre, text: str) -> str:
    """Return the id of the surgeon with this id, these initials or this name, retired ones too. Raises BadInput."""
    with theatre.reading() as session:
        rows = session.exec(select(PersonRow).where(col(PersonRow.roles).contains("surgeon"))).all()
    return _called("surgeon", text, {row.id: (row.id, row.initials, row.name) for row in rows})


def procedure_called(theatre: Theatre, text: str) -> str:
    """Return the id of the procedure with this id, name or short name. Raises BadInput."""
    with theatre.reading() as session:
        rows = session.exec(select(ProcedureRow)).all()
    return _called("procedure", text, {row.id: (row.id, row.name, row.short) for row in rows})


def room_called(theatre: Theatre, text: str) -> str:
    """Return the id of the room with this id or name. Raises BadInput."""
    with theatre.reading() as session:
        rooms = rooms_of(session)
    return _called("room", text, {room: (room, name) for room, name in rooms.items()})


def _called(what: str, text: str, known: Mapping[str, Sequence[str]]) -> str:
    wanted = text.strip().casefold()
    found = [one for one, words in known.items() if wanted in (word.casefold() for word in words)]
    if len(found) != 1:
        problem = "is not known here" if not found else f"could be {', '.join(found[:4])}"
        near = difflib.get_close_matches(text.strip(), [word for words in known.values() for word in words], n=1)
        raise BadInput(f"The {what} {clean(text, 40)!r} {problem}.", f"Did you mean {near[0]}?" if near else "")
    return found[0]
