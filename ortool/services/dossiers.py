"""What is known of a case, read whole or made from what was known before."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from ortool.caselog.case import Case
from ortool.caselog.dossier import Dossier
from ortool.caselog.history import read_history
from ortool.caselog.milestones import state_of
from ortool.checklist.definition import Checklist
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import Plan, facts_of, make_plan
from ortool.checklist.run import Run, advance
from ortool.journal import log
from ortool.journal.entry import Entry
from ortool.journal.signing import CHECKPOINT
from ortool.services import checklists
from ortool.services.cases import current_slot, read_case, rooms_of, slot_of, stream_of
from ortool.services.history import IMPORTED
from ortool.services.offline import run_key
from ortool.services.people import names_of
from ortool.services.theatre import Desk, Folded, Theatre
from ortool.storage.store import cursor_of, session_of
from ortool.storage.tables import CaseRow, ProcedureRow
from ortool.storage.transaction import Transaction

_FEW = 200  # entries: where more came meanwhile, reading everything anew costs no more
_CHANGES_NO_TABLE = frozenset({"item.answered", "timer.answered", "timer.snoozed", "timer.read", CHECKPOINT})


def dossier_of(
    theatre: Theatre, picture: Session | Transaction, case_id: str, list_id: str = "", keep: bool = True
) -> Dossier:
    """Return the dossier of a case as it stands in a picture of the database. Raises Refused where there is none.

    With `keep` it stays in memory for the next who asks.
    """
    key, cursor = run_key(case_id, list_id), cursor_of(picture)
    try:
        known = _as_known(theatre, cursor, key)
        return known or _read_anew(theatre, session_of(picture), cursor, case_id, list_id, keep)
    finally:
        cursor.close()


def _as_known(theatre: Theatre, cursor: log.Cursor, key: str) -> Dossier | None:
    """Return the dossier that was made before, with what was answered since; None where anything else was written.

    Whatever changes a table is an entry too: while there are only answers, case, slot and names stand as they were.
    """
    folded = theatre.runs_seen().get(key, Folded())
    if folded.dossier is None:
        return None
    since = log.kinds_from(cursor, folded.seq, _FEW)
    is_whole = bool(since) and since[0][0] == folded.seq and len(since) < _FEW
    if not is_whole or any(kind not in _CHANGES_NO_TABLE for _, _, kind in since[1:]):
        return None
    dossier, stream = folded.dossier, stream_of(key)
    is_longer = any(of == stream for _, of, _ in since[1:])
    if is_longer and (later := log.read_stream(cursor, stream, folded.version)):
        dossier, folded = _with(dossier, folded, later)
    theatre.runs_seen()[key] = replace(folded, seq=since[-1][0], dossier=dossier)
    return dossier


def _read_anew(
    theatre: Theatre, session: Session, cursor: log.Cursor, case_id: str, list_id: str, keep: bool
) -> Dossier:
    case, key = read_case(session, case_id), run_key(case_id, list_id)
    entries, folded = _entries_of(theatre, cursor, key)
    run, started, sha256 = _run_of(session, case, theatre, entries, folded, list_id)
    row = current_slot(session, case_id)
    dossier = Dossier(
        case,
        slot_of(row, rooms_of(session)) if row else None,
        run,
        started,
        sha256,
        read_history(entries),
        names_of(session),
        entries[-1].version if entries else 0,
        list_id,
        operation=dossier_of(theatre, session, case_id) if list_id else None,
    )
    if run is not None and started and keep:
        seq, _ = log.head(cursor, theatre.store.site_id)
        theatre.runs_seen()[key] = Folded(entries[-1].version, run, entries, seq, dossier)
    return dossier


def _with(dossier: Dossier, folded: Folded, later: Sequence[Entry]) -> tuple[Dossier, Folded]:
    """Return a begun case's dossier with more entries of its run: nothing is read again, so a tick stays quick."""
    assert dossier.run is not None
    run, version = advance(dossier.run, later), later[-1].version
    after = replace(dossier, run=run, version=version, history=read_history(later, dossier.history))
    return after, replace(folded, version=version, run=run, entries=(*folded.entries, *later))


def _entries_of(theatre: Theatre, cursor: log.Cursor, key: str) -> tuple[tuple[Entry, ...], Folded]:
    """Return a case's entries, and what of them was folded before; only the later ones are read."""
    folded = theatre.runs_seen().get(key, Folded())
    if log.version_of(cursor, stream_of(key)) < folded.version:
        folded = Folded()  # this reader's picture was taken before the newest commit
    return folded.entries + tuple(log.read_stream(cursor, stream_of(key), folded.version)), folded


def _run_of(
    session: Session, case: Case, theatre: Theatre, entries: tuple[Entry, ...], folded: Folded, list_id: str
) -> tuple[Run | None, bool, str]:
    start = next((entry for entry in entries if entry.kind == "run.started"), None)
    if start is None and entries and entries[0].kind == IMPORTED and not list_id:
        return None, False, ""  # it is over, and its checklist is none of this program's
    if start is None:
        one = planned(theatre, session, case, list_id)
        return (Run(plan_of(case, one.checklist)), False, one.sha256) if one else (None, False, "")
    sha256 = str(start.body["sha256"])
    run = folded.run
    if run is None:
        checklist = checklists.pinned(session, sha256)
        run = Run(make_plan(checklist, parse_levels(start.body["levels"]), start.body["facts"]))
    return advance(run, entries[folded.version :]), True, sha256


def planned(theatre: Theatre, session: Session, case: Case, list_id: str) -> checklists.OnFile | None:
    """Return the checklist that a case would begin with now, None where there is none for it."""
    if list_id:
        return checklists.companion(theatre.settings, list_id)
    procedure = session.get(ProcedureRow, case.procedure_id)
    return checklists.for_procedure(theatre.settings, case.procedure_id, procedure.checklist_id if procedure else "")


def plan_of(case: Case, checklist: Checklist) -> Plan:
    """Return the plan that a checklist makes for a case."""
    levels = parse_levels(case.levels)
    return make_plan(checklist, levels, facts_of(levels, case.side, case.neuromonitoring))


def after(desk: Desk, dossier: Dossier, entry: Entry) -> Dossier:
    """Return the dossier with the entry just appended, and keep it for the next command."""
    case_id, list_id = dossier.case.id, dossier.list_id
    key = run_key(case_id, list_id)
    if dossier.started:
        found, folded = _with(dossier, desk.runs[key], (entry,))
    else:
        found = dossier_of(desk.theatre, desk.session, case_id, list_id)
        folded = desk.runs[key]
    found = found if list_id else _followed(desk, found)
    desk.runs[key] = replace(folded, seq=entry.seq, dossier=found)
    return found


def _followed(desk: Desk, dossier: Dossier) -> Dossier:
    """Let the case's queried state follow its milestones, and return the dossier with it."""
    assert dossier.run is not None
    state = state_of(dossier.run.stamps)
    if state is dossier.case.state or dossier.history.is_signed:
        return dossier
    stored = desk.session.get(CaseRow, dossier.case.id)
    assert stored is not None
    stored.state = state.value
    desk.session.add(stored)
    desk.session.flush()
    return replace(dossier, case=replace(dossier.case, state=state))
