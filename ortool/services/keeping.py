"""What is asked while the server is away: decided here by the same rules, kept, shown, and sent when it is back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ortool.caselog.dossier import Dossier
from ortool.caselog.milestones import state_of
from ortool.checklist.commands import GiveReason, PlaceImplant, Shelf, Undo, WasteImplant
from ortool.checklist.decide import decide
from ortool.checklist.once import EnteredBefore
from ortool.checklist.run import advance
from ortool.errors import Away, BadInput, Refused
from ortool.journal.entry import Entry
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services.implants import today_of
from ortool.services.offline import FIRST_NUMBER, AddNote, Asked, Offline, kept_here, run_key
from ortool.services.running import add_note, may_be_written, send, verb_of, voice_of
from ortool.services.theatre import Repeated
from ortool.storage.store import cursor_of

if TYPE_CHECKING:
    from ortool.services.theatre import Theatre


def standing(offline: Offline, key: str) -> Dossier:
    """Return a case as it was last known, with what waits here. Raises Away for one that was not open here."""
    dossier = offline.known.get(key)
    if dossier is None:
        raise Away("The database does not answer, and this case was not open at this terminal before.")
    return _with(dossier, offline.entries.get(key, []))


def _with(dossier: Dossier, entries: list[Entry]) -> Dossier:
    if dossier.run is None or not entries:
        return dossier
    run = advance(dossier.run, entries)
    # The version stays that of the last known entry: whatever the journal then holds is newer than what is shown here.
    shown = replace(dossier, run=run)
    return shown if dossier.list_id else replace(shown, case=replace(dossier.case, state=state_of(run.stamps)))


def keep(theatre: Theatre, asked: Asked) -> Dossier:
    """Keep what was asked until the server is back, durable; return the case as it looks with it. Raises Refused."""
    offline = theatre.offline
    assert offline is not None
    key, now = run_key(asked.case_id, asked.list_id), theatre.now()
    dossier = standing(offline, key)
    if isinstance(asked.command, AddNote):
        verb = Verb.AMEND if dossier.history.is_signed else Verb.NOTE
        theatre.permit(asked.actor, verb, dossier.bond_of(asked.actor.person.id))
        offline.put(asked, now)
        return dossier
    command, verb = asked.command, verb_of(asked.command)
    theatre.permit(asked.actor, verb, dossier.bond_of(asked.actor.person.id), dossier.is_under_way(now))
    may_be_written(dossier, command)
    if dossier.run is None:
        raise Refused(f"{dossier.case.procedure} has no checklist here.", "Ask who keeps the checklists.")
    if isinstance(command, PlaceImplant | WasteImplant):
        command = replace(command, shelf=Shelf(today_of(theatre)))
    decision = decide(dossier.run, command, voice_of(asked.actor.person), now)
    number = offline.put(asked, now)
    entry = _entry(asked, number, decision.kind, decision.body, decision.occurred_at or now, now)
    offline.entries.setdefault(key, []).append(entry)
    return standing(offline, key)


def _entry(
    asked: Asked, number: int, kind: str, body: dict[str, object], occurred_at: datetime, now: datetime
) -> Entry:
    return Entry(
        number, asked.case_id, 0, asked.command_id, kind, occurred_at, now,
        asked.actor.person.id, asked.actor.auth, "", body, b"",
    )  # fmt: skip


def send_waiting(theatre: Theatre, offline: Offline) -> None:
    """Send everything that waits, in order, each once: its command id says what the journal has already.

    What the rules refuse now stays, for a person to look at. Raises Away, Unanswered or Unknown; the rest waits on.
    """
    sent = 0
    for number, asked in offline.waiting():
        try:
            offline.sent[asked.command_id] = _sent(theatre, _meant(theatre, offline, asked))
        except Repeated:
            offline.spool.done(number)
        except (Refused, BadInput) as refusal:
            offline.spool.refuse(number, str(refusal))
            sent -= 1
            theatre.news.append(f"NEEDS A PERSON: {describe(asked)} was saved here but is refused now. {refusal}")
        else:
            offline.spool.done(number)
        sent += 1
        offline.look()
    offline.entries.clear()
    if sent:
        theatre.news.insert(0, f"{sent} saved here while the database was away: now in the journal.")


def _sent(theatre: Theatre, asked: Asked) -> int:
    """Send what waited; return the number of its entry, 0 for what has none in the run."""
    try:
        run = send(theatre, asked).run
    except EnteredBefore as before:
        # A line of a form is known by its form, not by this command's id: the server had saved it after all.
        if before.is_repeat and before.same and before.record.actor == asked.actor.person.id:
            return before.record.seq
        raise
    return run.live[-1].seq if run and run.live else 0


def _meant(theatre: Theatre, offline: Offline, asked: Asked) -> Asked:
    """Return what was asked; where it takes back what waited too, with the number that has now."""
    command = asked.command
    if not isinstance(command, Undo | GiveReason) or command.ref < FIRST_NUMBER:
        return asked
    if seq := offline.sent.get(asked.takes_back):
        return replace(asked, command=replace(command, ref=seq))
    with theatre.reading() as session:
        cursor = cursor_of(session)
        name = asked.takes_back
        cursor.execute("SELECT max(seq) FROM entry WHERE command_id IN (?, ?)", (name, f"{name}#2"))
        seq = cursor.fetchone()[0]
        cursor.close()
    if seq is None:
        raise Refused("What it was about is not in the journal.")
    return replace(asked, command=replace(command, ref=int(seq)))


def describe(asked: Asked) -> str:
    """Return what was asked in a few words, without free text or a patient."""
    command = asked.command
    named = (getattr(command, name, "") for name in ("item", "stamp", "moment", "pause", "timer", "event", "part"))
    what = next((str(name) for name in named if name), "")
    at = f" at {asked.at:%H:%M} UTC" if asked.at else ""
    return f"{type(command).__name__} {what}".strip() + f" by {asked.actor.person.initials}{at}"


def settle(theatre: Theatre, actor: Actor, number: int) -> str:
    """Let go of what the rules refused, once a person has seen to it; a note in its case says so. Returns what it was.

    Raises BadInput for a number that nothing refused has.
    """
    offline = theatre.offline
    found = {kept: (asked, words) for kept, asked, words in kept_here(theatre.settings) if words}
    if offline is None or number not in found:
        known = ", ".join(str(kept) for kept in found)
        hint = f"Refused: {known}." if known else "Nothing here needs a person."
        raise BadInput(f"Nothing that was refused has the number {number}.", hint)
    asked, words = found[number]
    add_note(
        theatre, actor, asked.case_id, f"Saved at a terminal, then refused, now seen to: {describe(asked)}. {words}"
    )
    offline.spool.done(number)
    offline.look()
    return describe(asked)
