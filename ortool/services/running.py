"""The run of a case: load it, act on it, sign it."""

import uuid
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlmodel import Session

from ortool.caselog.case import Case
from ortool.caselog.dossier import Dossier
from ortool.caselog.history import read_history
from ortool.caselog.milestones import CaseState, state_of
from ortool.checklist.barcodes import LIMIT
from ortool.checklist.commands import AnswerItem, Command, JoinTeam, PassGate, PlaceImplant, StampMilestone, Undo, Voice
from ortool.checklist.decide import decide
from ortool.checklist.definition import Checklist
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import Plan, facts_of, make_plan
from ortool.checklist.records import State
from ortool.checklist.run import Run, advance, fold
from ortool.checklist.scan import SEPARATOR, SHOWN_SEPARATOR
from ortool.errors import Away, Refused
from ortool.journal import log
from ortool.journal.entry import Entry
from ortool.people.permissions import Verb
from ortool.people.person import UNIDENTIFIED, Actor, Person
from ortool.services import access, checklists, implants
from ortool.services.again import repeatable
from ortool.services.answering import understood
from ortool.services.cases import current_slot, read_case, rooms_of, slot_of, stream_of
from ortool.services.offline import AddNote, Asked, or_kept_here, run_key
from ortool.services.people import names_of
from ortool.services.theatre import Desk, Folded, Theatre
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow, ProcedureRow
from ortool.text import clean

# A number typed by mistake is no reason.
SHORTEST_REASON = 3
STATEMENT = "I have reviewed this case log and it is a true record of the operation."


def open_case(theatre: Theatre, case_id: str, list_id: str = "") -> Dossier:
    """Return the dossier of a case as it stands; with `list_id`, of a review or follow-up that runs beside it.

    Where a server does not answer it is the last that was known here. Raises NeedsIdentity, NeedsGlass or Refused where
    whoever is at this terminal may not read it.
    """
    try:
        with theatre.reading() as session:
            dossier = theatre.remember(_dossier(theatre, session, case_id, list_id))
        return access.shown(theatre, dossier)
    except Away:
        if theatre.offline is None:
            raise
        from ortool.services import keeping

        return access.shown_while_away(theatre, keeping.standing(theatre.offline, run_key(case_id, list_id)))


def progress_dossier(theatre: Theatre, case: Case) -> Dossier:
    """Return the dossier behind a line of the board, with no more of the patient than that line shows."""
    with theatre.reading() as session:
        return replace(_dossier(theatre, session, case.id), case=case)


def open_log(theatre: Theatre, case_id: str) -> Dossier:
    """Return the dossier of a case with those of every review and follow-up that has begun beside it.

    Raises as `open_case` does where whoever is at this terminal may not read it.
    """
    with theatre.reading() as session:
        dossier = _dossier(theatre, session, case_id)
        cursor = cursor_of(session)
        try:
            streams = log.streams_under(cursor, stream_of(case_id))
        finally:
            cursor.close()
        lists = (stream.removeprefix(f"{stream_of(case_id)}/") for stream in streams)
        dossier = replace(dossier, beside=tuple(_dossier(theatre, session, case_id, list_id) for list_id in lists))
    return access.shown(theatre, dossier)


def version_of(theatre: Theatre, case_id: str, list_id: str = "") -> int:
    """Return the version of a case's newest entry: what tells whether a dossier is still the newest."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        try:
            return log.version_of(cursor, stream_of(run_key(case_id, list_id)))
        finally:
            cursor.close()


def _dossier(theatre: Theatre, session: Session, case_id: str, list_id: str = "") -> Dossier:
    case, key = read_case(session, case_id), run_key(case_id, list_id)
    entries, folded = _entries_of(theatre, session, key)
    run, started, sha256 = _run_of(session, case, theatre, entries, folded, list_id)
    if run is not None and started:
        theatre.runs_seen()[key] = Folded(entries[-1].version, run, entries)
    row = current_slot(session, case_id)
    return Dossier(
        case,
        slot_of(row, rooms_of(session)) if row else None,
        run,
        started,
        sha256,
        read_history(entries),
        names_of(session),
        entries[-1].version if entries else 0,
        list_id,
        operation=_dossier(theatre, session, case_id) if list_id else None,
    )


def _entries_of(theatre: Theatre, session: Session, key: str) -> tuple[tuple[Entry, ...], Folded]:
    """Return a case's entries, and what of them was folded before; only the later ones are read."""
    folded = theatre.runs_seen().get(key, Folded())
    cursor = cursor_of(session)
    try:
        if log.version_of(cursor, stream_of(key)) < folded.version:
            folded = Folded()  # this reader's picture was taken before the newest commit
        return folded.entries + tuple(log.read_stream(cursor, stream_of(key), folded.version)), folded
    finally:
        cursor.close()


def _run_of(
    session: Session, case: Case, theatre: Theatre, entries: tuple[Entry, ...], folded: Folded, list_id: str
) -> tuple[Run | None, bool, str]:
    start = next((entry for entry in entries if entry.kind == "run.started"), None)
    if start is None:
        one = _planned(theatre, session, case, list_id)
        return (Run(plan_of(case, one.checklist)), False, one.sha256) if one else (None, False, "")
    sha256 = str(start.body["sha256"])
    run = folded.run
    if run is None:
        checklist = checklists.pinned(session, sha256)
        run = Run(make_plan(checklist, parse_levels(start.body["levels"]), start.body["facts"]))
    return advance(run, entries[folded.version :]), True, sha256


def _planned(theatre: Theatre, session: Session, case: Case, list_id: str) -> checklists.OnFile | None:
    if list_id:
        return checklists.companion(theatre.settings, list_id)
    procedure = session.get(ProcedureRow, case.procedure_id)
    return checklists.for_procedure(theatre.settings, case.procedure_id, procedure.checklist_id if procedure else "")


def plan_of(case: Case, checklist: Checklist) -> Plan:
    """Return the plan that a checklist makes for a case."""
    levels = parse_levels(case.levels)
    return make_plan(checklist, levels, facts_of(levels, case.side, case.neuromonitoring))


def voice_of(person: Person) -> Voice:
    """Return a person as a run knows one."""
    return Voice(person.id, person.name, person.roles)


@repeatable
def act(
    theatre: Theatre, actor: Actor, case_id: str, command: Command, command_id: str = "", list_id: str = ""
) -> Dossier:
    """Carry out a command on a case's run and return the dossier as it now is, durable. Raises Refused.

    With `list_id` it is the run of a review or follow-up beside the operation, which no signature closes.

    The first command pins the checklist. A repeated `command_id` changes nothing and raises `Repeated`. Where a server
    does not answer, the command is kept at this terminal, and the dossier is the last that was known with it.
    """
    asked = Asked(actor, case_id, _cleaned(command), command_id or uuid.uuid4().hex, list_id)
    return or_kept_here(theatre, asked, partial(send, theatre), partial(_keep, theatre))


def _keep(theatre: Theatre, asked: Asked) -> Dossier:
    from ortool.services import keeping

    return keeping.keep(theatre, asked)


def send(theatre: Theatre, asked: Asked) -> Dossier:
    """Carry out what was asked, in one transaction. What waited here keeps the time at which it was asked."""
    if isinstance(asked.command, AddNote):
        return _send_note(theatre, asked, asked.command)
    command, case_id, list_id = asked.command, asked.case_id, asked.list_id
    verb = verb_of(command)
    with theatre.writing(asked.actor, verb, asked.command_id) as desk:
        dossier, now = _dossier(theatre, desk.session, case_id, list_id), asked.at or theatre.now()
        desk.permit(verb, dossier.bond_of(desk.actor.person.id), dossier.is_under_way(now))
        may_be_written(dossier, command)
        run = dossier.run
        if run is None:
            raise Refused(f"{dossier.case.procedure} has no checklist here.", "Ask who keeps the checklists.")
        command = implants.informed(desk, case_id, understood(theatre, run, command))
        decision = decide(run, command, voice_of(desk.actor.person), now)
        if not dossier.started:
            _start(desk, dossier, run.plan)
        stream = stream_of(run_key(case_id, list_id))
        entry = desk.append(stream, decision.kind, decision.body, decision.occurred_at or asked.at)
        if not list_id:
            implants.follow(desk, case_id, entry)
        after = _with(desk, dossier, entry) if dossier.started else _dossier(theatre, desk.session, case_id, list_id)
        return access.as_read(theatre, after if list_id else _followed(desk, after))


def verb_of(command: Command) -> Verb:
    """Return what the table of permissions calls a command."""
    match command:
        case JoinTeam():
            return Verb.JOIN
        case PassGate() | AnswerItem(state=State.OVERRIDDEN):
            return Verb.OVERRIDE
        case PlaceImplant() if command.reason:
            return Verb.OVERRIDE
    return Verb.ACT


def _with(desk: Desk, dossier: Dossier, entry: Entry) -> Dossier:
    """Return a begun case's dossier with one more entry of its run: nothing is read again, so a tick stays quick."""
    assert dossier.run is not None
    key = run_key(dossier.case.id, dossier.list_id)
    folded, run = desk.runs[key], advance(dossier.run, (entry,))
    desk.runs[key] = Folded(entry.version, run, (*folded.entries, entry))
    history = dossier.history
    if entry.auth == UNIDENTIFIED:
        history = replace(history, owed=(*history.owed, entry.seq))
    return replace(dossier, run=run, version=entry.version, history=history)


def _cleaned(command: Command) -> Command:
    """Return the command with its typed words made harmless."""
    match command:
        case AnswerItem():
            # The separators of a barcode are control characters, and are kept as what stands for them.
            value = clean(command.value.replace(SEPARATOR, SHOWN_SEPARATOR), LIMIT)
            return replace(command, value=value, reason=clean(command.reason))
        case StampMilestone() | PassGate() | Undo():
            return replace(command, reason=clean(command.reason))
    return command


def may_be_written(dossier: Dossier, command: Command) -> None:
    """Raise Refused where a case takes no more entries."""
    if dossier.history.is_signed:
        what = "undone" if isinstance(command, Undo) else "entered"
        raise Refused(
            f"Case {dossier.case.number} is signed; nothing more is {what}.", "Write an addendum to the case log."
        )
    if dossier.case.state is CaseState.CANCELLED and not dossier.list_id:
        raise Refused(f"Case {dossier.case.number} is cancelled.")


def _start(desk: Desk, dossier: Dossier, plan: Plan) -> None:
    one = _planned(desk.theatre, desk.session, dossier.case, dossier.list_id)
    assert one is not None
    sha256 = checklists.pin(desk.session, one)
    stored = desk.session.get(CaseRow, dossier.case.id)
    assert stored is not None
    if not dossier.list_id:
        stored.checklist_sha256 = sha256
    body = {
        "checklist": one.checklist.id,
        "checklist_version": one.checklist.version,
        "sha256": sha256,
        "approved_by": one.checklist.approved_by,
        "levels": dossier.case.levels,
        "facts": dict(plan.facts),
    }
    desk.append(stream_of(run_key(dossier.case.id, dossier.list_id)), "run.started", body)


def _followed(desk: Desk, dossier: Dossier) -> Dossier:
    """Let the case's queried state follow its milestones, and return the dossier with it."""
    assert dossier.run is not None
    state = state_of(dossier.run.stamps)
    if state is dossier.case.state:
        return dossier
    stored = desk.session.get(CaseRow, dossier.case.id)
    assert stored is not None
    stored.state = state.value
    desk.session.add(stored)
    desk.session.flush()
    return replace(dossier, case=replace(dossier.case, state=state))


@repeatable
def add_note(
    theatre: Theatre, actor: Actor, case_id: str, text: str, occurred_at: datetime | None = None, list_id: str = ""
) -> Dossier:
    """Add a note to a case; after the signature it becomes an addendum. With `list_id`, to a list beside it.

    Kept at this terminal as `act` does.
    """
    words = clean(text, 2_000, multiline=True)
    if not words:
        raise Refused("A note needs words.")
    asked = Asked(actor, case_id, AddNote(words, occurred_at), uuid.uuid4().hex, list_id)
    return or_kept_here(theatre, asked, partial(send, theatre), partial(_keep, theatre))


def _send_note(theatre: Theatre, asked: Asked, note: AddNote) -> Dossier:
    actor, case_id, list_id = asked.actor, asked.case_id, asked.list_id
    with theatre.writing(actor, Verb.NOTE, asked.command_id) as desk:
        dossier = _dossier(theatre, desk.session, case_id, list_id)
        if list_id and not dossier.started:
            raise Refused("That list has not begun; nothing is noted there.", "Begin it first.")
        kind = "case.amended" if dossier.history.is_signed else "note.added"
        verb = Verb.AMEND if dossier.history.is_signed else Verb.NOTE
        desk.permit(verb, dossier.bond_of(actor.person.id))
        if kind == "case.amended" and not actor.person.can_be("surgeon"):
            raise Refused("An addendum to a signed log is written by a surgeon.")
        desk.append(stream_of(run_key(case_id, list_id)), kind, {"text": note.text}, note.occurred_at or asked.at)
        return _dossier(theatre, desk.session, case_id, list_id)


@repeatable
def break_glass(theatre: Theatre, actor: Actor, case_id: str, reason: str) -> None:
    """Open a case that is not one's own, with a reason that stays visible. Raises Refused without one."""
    words = clean(reason)
    if sum(letter.isalpha() for letter in words) < SHORTEST_REASON:
        raise Refused("Opening this case needs a reason in words.", "It is kept, and looked at later.")
    with theatre.writing(actor, Verb.BREAK_GLASS) as desk:
        dossier = _dossier(theatre, desk.session, case_id)
        desk.permit(Verb.BREAK_GLASS, dossier.bond_of(actor.person.id))
        desk.append(stream_of(case_id), "case.opened", {"reason": words})


@repeatable
def claim(theatre: Theatre, actor: Actor, case_id: str, list_id: str = "") -> Dossier:
    """Say that the entries which nobody known has made are one's own. Raises Refused where there is none."""
    with theatre.writing(actor, Verb.CLAIM) as desk:
        dossier = _dossier(theatre, desk.session, case_id, list_id)
        desk.permit(Verb.CLAIM, dossier.bond_of(actor.person.id))
        if not dossier.history.owed:
            raise Refused(f"Every entry of case {dossier.case.number} has its person.")
        desk.append(stream_of(run_key(case_id, list_id)), "entries.claimed", {"seqs": list(dossier.history.owed)})
        return _dossier(theatre, desk.session, case_id, list_id)


@repeatable
def sign(theatre: Theatre, actor: Actor, case_id: str) -> Dossier:
    """Sign the case log. Only the case's surgeon signs, and only once the patient has left the room."""
    with theatre.writing(actor, Verb.SIGN) as desk:
        dossier = _dossier(theatre, desk.session, case_id)
        case = dossier.case
        desk.permit(Verb.SIGN, dossier.bond_of(actor.person.id))
        if actor.person.id != case.surgeon_id:
            raise Refused(f"Case {case.number} is signed by its surgeon, {case.surgeon}.")
        if dossier.history.is_signed:
            raise Refused(f"Case {case.number} is signed already.", "Write an addendum instead.")
        if case.state not in (CaseState.OUT_OF_ROOM, CaseState.RECOVERED):
            raise Refused(f"Case {case.number} is {case.state.value}; it can be signed once the patient is out.")
        entries = log.read_stream(desk.cursor, stream_of(case_id))
        body = {"statement": STATEMENT, "digest": log.digest_of(entries), "entries": len(entries)}
        desk.append(stream_of(case_id), "case.signed", body | {"signer": actor.person.name})
        stored = desk.session.get(CaseRow, case_id)
        assert stored is not None
        stored.state = CaseState.SIGNED.value
        desk.session.add(stored)
        desk.session.flush()
        return _dossier(theatre, desk.session, case_id)


def refold(theatre: Theatre, case_id: str, list_id: str = "") -> Run | None:
    """Return the run folded afresh from the journal, without any cache: for proofs that the fold is deterministic."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        entries = log.read_stream(cursor, stream_of(run_key(case_id, list_id)))
        start = next((entry for entry in entries if entry.kind == "run.started"), None)
        if start is None:
            return None
        checklist = checklists.pinned(session, str(start.body["sha256"]))
        plan = make_plan(checklist, parse_levels(start.body["levels"]), start.body["facts"])
        return fold(plan, entries)
