"""Invitations of the people of a case: who was sent what stands in the journal, so that a later one outdoes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from ortool.calendar import Audience
from ortool.calendar.invitation import Guest, Invitation, Method, mail_of
from ortool.errors import BadInput, Refused
from ortool.journal import log
from ortool.people.address import checked_address
from ortool.people.permissions import Bond, Verb
from ortool.services.cases import case_of, rooms_of, slot_of
from ortool.services.dossiers import dossier_of
from ortool.services.people import names_of
from ortool.services.renderings import event_of
from ortool.storage.tables import CaseRow, PersonRow, ProcedureRow, SlotRow

if TYPE_CHECKING:
    from ortool.calendar import SlotEvent
    from ortool.people.person import Actor
    from ortool.services.mailing import Post
    from ortool.services.theatre import Desk, Theatre

SENT = "invitation.sent"


@dataclass(slots=True)
class Invited:
    """Whom messages went to, by name; who has no address; and the sentence why it stopped, empty where it did not."""

    asked: list[str] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    cut: str = ""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A slot of the case, and what was sent of it: the last number, and the people who have it in their calendar."""

    event: SlotEvent
    sequence: int
    invited: tuple[str, ...]


def invite(
    theatre: Theatre, actor: Actor, case_id: str, post: Post, audience: Audience = Audience.SLOT, cancel: bool = False
) -> Invited:
    """Invite the people of a case who have an address to its slot; `cancel` takes all invitations back.

    Who is not of the case any more, or was invited to a slot that it has left, is told that too. Raises Refused where
    the actor may not or there is nothing to say, BadInput without a sender.
    """
    with theatre.writing(actor, Verb.SHARE) as desk:
        case = _permitted(desk, case_id)
        organizer = checked_address(theatre.settings.mail_from) if theatre.settings.mail_from else ""
        if not organizer:
            raise BadInput("Nobody sends these invitations.", "Set mail_from, an address that answers go to.")
        done = Invited()
        messages = _messages(theatre, desk, case, audience, cancel, organizer, done)
    for message in messages:
        try:
            post.take(_file_name(message), mail_of(message, theatre.store.site_id, theatre.settings.zone))
        except Refused as stopped:
            done.cut = str(stopped)
            break
        with theatre.writing(actor, Verb.SHARE) as desk:
            _permitted(desk, case_id)
            desk.append(f"invitation:{message.event.slot_id}", SENT, {
                "person": message.guest.id, "method": message.method.value, "sequence": message.sequence,
                "audience": message.audience.value, "to": post.place,
            })  # fmt: skip
        (done.asked if message.method is Method.REQUEST else done.taken_back).append(message.guest.name)
    return done


def _permitted(desk: Desk, case_id: str) -> CaseRow:
    row = desk.session.get(CaseRow, case_id)
    if row is None:
        raise Refused("That case does not exist any more.")
    is_own = desk.actor.person.id in (row.surgeon_id, row.anaesthetist_id)
    desk.permit(Verb.SHARE, Bond.OWN if is_own else Bond.OTHER)
    return row


def _messages(
    theatre: Theatre, desk: Desk, case: CaseRow, audience: Audience, cancel: bool, organizer: str, done: Invited
) -> list[Invitation]:
    slots = _slots(desk, case)
    current = next((one for one in slots if not one.event.cancelled), None)
    if not cancel and current is None:
        raise Refused(f"Case {case.number} has no slot.", "Book it, or take invitations back with --cancel.")
    people = [] if cancel else _people(theatre, desk.session, case)
    addresses = _addresses(desk.session, {*people, *(person for one in slots for person in one.invited)})
    done.without = sorted(guest.name for guest in addresses.values() if not guest.email and guest.id in people)
    guests = [addresses[one] for one in people if addresses[one].email]
    found: list[Invitation] = []

    def say(slot: _Slot, method: Method, to: list[Guest]) -> None:
        sequence = max(slot.event.revision, slot.sequence + 1)
        for guest in to:
            others = tuple(one for one in to if one != guest)
            found.append(
                Invitation(
                    event=slot.event, method=method, sequence=sequence, guest=guest, organizer=organizer,
                    sent_at=theatre.now(), others=others, audience=audience,
                )
            )  # fmt: skip

    for slot in slots:
        still = guests if slot is current else []
        say(slot, Method.CANCEL, [addresses[one] for one in slot.invited if addresses[one] not in still])
    if current is not None:
        say(current, Method.REQUEST, guests)
    found = [one for one in found if one.guest.email]
    if not found:
        who = "Nobody was invited" if cancel else "Nobody of this case has an address"
        raise Refused(f"{who}.", "" if cancel else "`ortool person email` gives one.")
    return found


def _slots(desk: Desk, case: CaseRow) -> list[_Slot]:
    """Return the case's slots, and what was sent of each."""
    procedure = desk.session.get(ProcedureRow, case.procedure_id)
    assert procedure is not None
    whole = case_of(case, procedure, names_of(desk.session))
    rooms, found = rooms_of(desk.session), []
    query = select(SlotRow).where(SlotRow.case_id == case.id).order_by(col(SlotRow.changed_at).desc())
    for row in desk.session.exec(query).all():
        last: dict[str, str] = {}
        sequence = -1
        for entry in log.read_stream(desk.cursor, f"invitation:{row.id}"):
            last[entry.body["person"]] = entry.body["method"]
            sequence = max(sequence, entry.body["sequence"])
        invited = tuple(person for person, method in last.items() if method == Method.REQUEST)
        # As it is planned: a mail does not follow the forecast.
        found.append(_Slot(event_of(whole, slot_of(row, rooms)), sequence, invited))
    return found


def _people(theatre: Theatre, session: Session, case: CaseRow) -> list[str]:
    """Return the ids of surgeon, anaesthetist and whoever has joined the team and not left it."""
    run = dossier_of(theatre, session, case.id).run
    joined = [stint.person for stint in run.team if stint.until is None] if run is not None else []
    return [one for one in dict.fromkeys((case.surgeon_id, case.anaesthetist_id, *joined)) if one]


def _addresses(session: Session, people: set[str]) -> dict[str, Guest]:
    rows = session.exec(select(PersonRow).where(col(PersonRow.id).in_(people))).all()
    found = {row.id: Guest(row.id, row.name, row.email) for row in rows}
    return {one: found.get(one, Guest(one, one, "")) for one in people}


def _file_name(message: Invitation) -> str:
    safe = "".join(char if char.isalnum() and char.isascii() else "-" for char in message.guest.id)
    return f"case-{message.event.case_number}-{message.method.value.lower()}-{message.sequence}-{safe}"
