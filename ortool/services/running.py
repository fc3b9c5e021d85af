"""The run of a case: load it, act on it, sign it."""

import uuid
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlmodel import Session

from ortool.caselog.before import said_before
from ortool.caselog.case import Case
from ortool.caselog.dossier import Dossier
from ortool.caselog.milestones import CaseState
from ortool.checklist import once
from ortool.checklist.barcodes import LIMIT
from ortool.checklist.commands import (
    AnswerItem,
    Command,
    ExplainDelay,
    JoinTeam,
    PassGate,
    PlaceImplant,
    RecordComplication,
    StampMilestone,
    Undo,
    Voice,
)
from ortool.checklist.decide import decide
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import Plan, make_plan
from ortool.checklist.records import State
from ortool.checklist.run import Run, fold
from ortool.checklist.scan import SEPARATOR, SHOWN_SEPARATOR
from ortool.errors import Away, Refused
from ortool.journal import log
from ortool.people.permissions import Verb
from ortool.people.person import Actor, Person
from ortool.services import access, case_times, checklists, implants, signatures
from ortool.services.again import repeatable
from ortool.services.answering import understood
from ortool.services.cases import stream_of
from ortool.services.dossiers import after, dossier_of, planned
from ortool.services.offline import AddNote, Asked, or_kept_here, run_key
from ortool.services.theatre import Desk, Theatre
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow
from ortool.text import clean

# A number typed by mistake is no reason.
SHORTEST_REASON = 3


def open_case(theatre: Theatre, case_id: str, list_id: str = "") -> Dossier:
    """Return the dossier of a case as it stands; with `list_id`, of a review or follow-up that runs beside it.

    Where a server does not answer it is the last that was known here. Raises NeedsIdentity, NeedsGlass or Refused where
    whoever is at this terminal may not read it.
    """
    try:
        with theatre.reading() as session:
            dossier = theatre.remember(dossier_of(theatre, session, case_id, list_id))
        return access.shown(theatre, dossier)
    except Away:
        if theatre.offline is None:
            raise
        from ortool.services import keeping

        return access.shown_while_away(theatre, keeping.standing(theatre.offline, run_key(case_id, list_id)))


def progress_dossier(theatre: Theatre, case: Case) -> Dossier:
    """Return the dossier behind a line of the board, with no more of the patient than that line shows."""
    with theatre.reading() as session:
        return replace(dossier_of(theatre, session, case.id), case=case)


def open_log(theatre: Theatre, case_id: str) -> Dossier:
    """Return the dossier of a case with those of every review and follow-up that has begun beside it.

    Raises as `open_case` does where whoever is at this terminal may not read it.
    """
    with theatre.reading() as session:
        dossier = dossier_of(theatre, session, case_id)
        cursor = cursor_of(session)
        try:
            streams = log.streams_under(cursor, stream_of(case_id))
        finally:
            cursor.close()
        lists = (stream.removeprefix(f"{stream_of(case_id)}/") for stream in streams)
        beside = tuple(dossier_of(theatre, session, case_id, list_id) for list_id in lists)
        dossier = replace(dossier, beside=beside, altered=_altered(session, dossier))
    return access.shown(theatre, dossier)


def _altered(session: Session, dossier: Dossier) -> tuple[str, ...] | None:
    if not dossier.history.is_signed:
        return None
    cursor = cursor_of(session)
    try:
        return signatures.altered(cursor, dossier)
    finally:
        cursor.close()


def version_of(theatre: Theatre, case_id: str, list_id: str = "") -> int:
    """Return the version of a case's newest entry: what tells whether a dossier is still the newest."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        try:
            return log.version_of(cursor, stream_of(run_key(case_id, list_id)))
        finally:
            cursor.close()


def voice_of(person: Person) -> Voice:
    """Return a person as a run knows one."""
    return Voice(person.id, person.name, person.roles)


@repeatable
def act(
    theatre: Theatre, actor: Actor, case_id: str, command: Command, command_id: str = "", list_id: str = ""
) -> Dossier:
    """Carry out a command on a case's run and return the dossier as it now is, durable. Raises Refused.

    With `list_id` it is the run of a review or follow-up beside the operation, which no signature closes.

    The first command pins the checklist. A repeated `command_id` changes nothing and raises `Repeated`. What is entered
    from a form is known by the form and its line instead: entered again it changes nothing and raises `EnteredBefore`.
    Where a server does not answer, the command is kept at this terminal, and the dossier is the last that was known
    with it.
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
        dossier, now = dossier_of(theatre, desk.opened, case_id, list_id), asked.at or theatre.now()
        desk.permit(verb, dossier.bond_of(desk.actor.person.id), dossier.is_under_way(now))
        may_be_written(dossier, command)
        run = dossier.run
        if run is None:
            raise Refused(f"{dossier.case.procedure} has no checklist here.", "Ask who keeps the checklists.")
        command = implants.informed(desk, case_id, understood(theatre, run, command))
        decision = decide(run, command, voice_of(desk.actor.person), now)
        desk.name(_name_of(theatre, dossier, run, command))
        if not dossier.started:
            _start(desk, dossier, run.plan)
        stream = stream_of(run_key(case_id, list_id))
        entry = desk.append(stream, decision.kind, decision.body, decision.occurred_at or asked.at)
        found = after(desk, dossier, entry)
        if not list_id:
            implants.follow(desk, case_id, entry)
            assert found.run is not None
            case_times.follow(desk, case_id, entry, found.run)
        return access.as_read(theatre, found)


def _name_of(theatre: Theatre, dossier: Dossier, run: Run, command: Command) -> str:
    """Return the command id of a line of a form, empty for what is not from paper. Raises Refused."""
    name = once.name_of(run, command)
    if name and theatre.settings.verify_paper and not getattr(command, "verified_by", ""):
        raise Refused("Here a second person compares what is entered with the form.", "Say who: --verified-by PERSON.")
    return f"{name}@{run_key(str(dossier.case.number), dossier.list_id)}" if name else ""


def verb_of(command: Command) -> Verb:
    """Return what the table of permissions calls a command."""
    match command:
        case JoinTeam():
            return Verb.JOIN
        case PassGate() | AnswerItem(state=State.OVERRIDDEN):
            return Verb.OVERRIDE
        case PlaceImplant() if command.reason:
            return Verb.OVERRIDE
        case RecordComplication():
            return Verb.NOTE
    return Verb.ACT


def _cleaned(command: Command) -> Command:
    """Return the command with its typed words made harmless."""
    match command:
        case AnswerItem():
            # The separators of a barcode are control characters, and are kept as what stands for them.
            value = clean(command.value.replace(SEPARATOR, SHOWN_SEPARATOR), LIMIT)
            return replace(command, value=value, reason=clean(command.reason))
        case StampMilestone() | PassGate() | Undo():
            return replace(command, reason=clean(command.reason))
        case ExplainDelay() | RecordComplication():
            return replace(command, text=clean(command.text))
    return command


def may_be_written(dossier: Dossier, command: Command) -> None:
    """Raise Refused where a case takes no more entries. A complication is seen later too, and shown as added later."""
    if dossier.history.is_signed and not isinstance(command, RecordComplication):
        what = "undone" if isinstance(command, Undo) else "entered"
        raise Refused(
            f"Case {dossier.case.number} is signed; nothing more is {what}.", "Write an addendum to the case log."
        )
    if dossier.case.state is CaseState.CANCELLED and not dossier.list_id:
        raise Refused(f"Case {dossier.case.number} is cancelled.")


def _start(desk: Desk, dossier: Dossier, plan: Plan) -> None:
    one = planned(desk.theatre, desk.session, dossier.case, dossier.list_id)
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


@repeatable
def add_note(
    theatre: Theatre,
    actor: Actor,
    case_id: str,
    text: str,
    occurred_at: datetime | None = None,
    list_id: str = "",
    about: int = 0,
    after: str = "",
) -> Dossier:
    """Add a note to a case; after the signature it becomes an addendum. With `list_id`, to a list beside it.

    An addendum may be `about` an entry: it keeps what stands there and what is right, `after`; the entry itself stays
    as it was signed. Kept at this terminal as `act` does.
    """
    words = clean(text, 2_000, multiline=True)
    if not words:
        raise Refused("A note needs words.")
    if bool(about) != bool(clean(after)):
        raise Refused("An addendum about an entry names the entry, and what is right there.")
    note = AddNote(words, occurred_at, about, clean(after))
    asked = Asked(actor, case_id, note, uuid.uuid4().hex, list_id)
    return or_kept_here(theatre, asked, partial(send, theatre), partial(_keep, theatre))


def _send_note(theatre: Theatre, asked: Asked, note: AddNote) -> Dossier:
    actor, case_id, list_id = asked.actor, asked.case_id, asked.list_id
    with theatre.writing(actor, Verb.NOTE, asked.command_id) as desk:
        dossier = dossier_of(theatre, desk.session, case_id, list_id)
        if list_id and not dossier.started:
            raise Refused("That list has not begun; nothing is noted there.", "Begin it first.")
        kind = "case.amended" if dossier.history.is_signed else "note.added"
        verb = Verb.AMEND if dossier.history.is_signed else Verb.NOTE
        desk.permit(verb, dossier.bond_of(actor.person.id))
        if kind == "case.amended" and not actor.person.can_be("surgeon"):
            raise Refused("An addendum to a signed log is written by a surgeon.")
        body = {"text": note.text} | _about(theatre, dossier, note)
        desk.append(stream_of(run_key(case_id, list_id)), kind, body, note.occurred_at or asked.at)
        return dossier_of(theatre, desk.session, case_id, list_id)


def _about(theatre: Theatre, dossier: Dossier, note: AddNote) -> dict[str, object]:
    """Return what an addendum says of an entry: which, what stands there, and what is right."""
    if not note.about:
        return {}
    if not dossier.history.is_signed:
        raise Refused(f"Case {dossier.case.number} is not signed; its entries are corrected where they stand.")
    before = said_before(dossier.run, note.about, theatre.settings.zone) if dossier.run else ""
    if not before:
        raise Refused(f"Entry {note.about} is no record of this case that stands.")
    return {"ref": note.about, "before": before, "instead": note.after}


@repeatable
def break_glass(theatre: Theatre, actor: Actor, case_id: str, reason: str) -> None:
    """Open a case that is not one's own, with a reason that stays visible. Raises Refused without one."""
    words = clean(reason)
    if sum(letter.isalpha() for letter in words) < SHORTEST_REASON:
        raise Refused("Opening this case needs a reason in words.", "It is kept, and looked at later.")
    with theatre.writing(actor, Verb.BREAK_GLASS) as desk:
        dossier = dossier_of(theatre, desk.session, case_id)
        desk.permit(Verb.BREAK_GLASS, dossier.bond_of(actor.person.id))
        desk.append(stream_of(case_id), "case.opened", {"reason": words})


@repeatable
def claim(theatre: Theatre, actor: Actor, case_id: str, list_id: str = "") -> Dossier:
    """Say that the entries which nobody known has made are one's own. Raises Refused where there is none."""
    with theatre.writing(actor, Verb.CLAIM) as desk:
        dossier = dossier_of(theatre, desk.session, case_id, list_id)
        desk.permit(Verb.CLAIM, dossier.bond_of(actor.person.id))
        if not dossier.history.owed:
            raise Refused(f"Every entry of case {dossier.case.number} has its person.")
        desk.append(stream_of(run_key(case_id, list_id)), "entries.claimed", {"seqs": list(dossier.history.owed)})
        return dossier_of(theatre, desk.session, case_id, list_id)


@repeatable
def sign(theatre: Theatre, actor: Actor, case_id: str) -> Dossier:
    """Sign the case log. Only the case's surgeon signs, and only once the patient has left the room."""
    with theatre.writing(actor, Verb.SIGN) as desk:
        dossier = dossier_of(theatre, desk.session, case_id)
        case = dossier.case
        desk.permit(Verb.SIGN, dossier.bond_of(actor.person.id))
        if actor.person.id != case.surgeon_id:
            raise Refused(f"Case {case.number} is signed by its surgeon, {case.surgeon}.")
        if dossier.history.listed is not None:
            raise Refused(f"Case {case.number} came from a list of the past: there is no record to sign.")
        if dossier.history.is_signed:
            raise Refused(f"Case {case.number} is signed already.", "Write an addendum instead.")
        if case.state not in (CaseState.OUT_OF_ROOM, CaseState.RECOVERED):
            raise Refused(f"Case {case.number} is {case.state.value}; it can be signed once the patient is out.")
        entries = log.read_stream(desk.cursor, stream_of(case_id))
        desk.append(stream_of(case_id), "case.signed", signatures.signature_body(desk, dossier, entries))
        stored = desk.session.get(CaseRow, case_id)
        assert stored is not None
        stored.state = CaseState.SIGNED.value
        desk.session.add(stored)
        desk.session.flush()
        return dossier_of(theatre, desk.session, case_id)


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
