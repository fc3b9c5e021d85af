"""Who is at the terminal: proven by PIN or badge, counted against guessing, kept in the journal."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ortool.errors import BadInput, Refused
from ortool.people.permissions import Bond, Grant, Verb
from ortool.people.person import SYSTEM as THE_PROGRAM
from ortool.people.person import Actor, Person
from ortool.people.pins import LIMIT, check_pin, wait_after
from ortool.reading import KEY_BYTES, read_plain_text
from ortool.services.theatre import IDENTIFICATION, Desk, Repeated, Theatre, person_of
from ortool.storage.tables import Meta, PersonRow
from ortool.storage.tables_beside import CredentialRow
from ortool.text import clean

if TYPE_CHECKING:
    from argon2 import PasswordHasher

KEEPER = Actor(Person("ortool", "ortool", "–", frozenset()), THE_PROGRAM)
SHORTEST_BADGE = 4
TICKET_HOLDS = timedelta(seconds=60)
_NO_TICKET = "What was handed over proves nobody."
_STRANGER = "Nobody here has this badge."


class Locked(Refused):
    """Too many wrong PINs: nothing is tried for a while, or until somebody unlocks it."""


def _hasher() -> PasswordHasher:
    """Argon2id with 19 MiB, two passes, one lane (OWASP password storage, 2024): about 80 ms a try."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _peppered(theatre: Theatre, kind: str, text: str) -> str:
    return hmac.new(_pepper(theatre), f"{kind}\x00{text}".encode(), hashlib.sha256).hexdigest()


def _pepper(theatre: Theatre) -> bytes:
    """Return the key that both hashes need and the database does not hold. Made when the first PIN is set."""
    path = theatre.settings.pepper_path
    try:
        return bytes.fromhex(read_plain_text(path, KEY_BYTES, "ascii").strip())
    except FileNotFoundError:
        if theatre.identifies:
            hint = "Copy it from a workstation that has it, or from the sealed copy; without it no PIN is right."
            raise BadInput(f"The pepper file {path} is missing.", hint) from None
    except (OSError, ValueError):
        raise BadInput(f"The pepper file {path} cannot be read.", "It holds 64 hexadecimal digits.") from None
    return _made_pepper(path)


def _made_pepper(path: Path) -> bytes:
    pepper = secrets.token_bytes(32)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(f"The pepper file {path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w") as file:
        file.write(pepper.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return pepper


def set_pin(theatre: Theatre, actor: Actor, person_id: str, pin: str) -> Person:
    """Set a person's PIN: their own, or as an administrator anybody's. Raises BadInput, Refused.

    The first PIN of a theatre is an administrator's, and from then on everybody proves who they are.
    """
    check_pin(pin)
    hashed = _hasher().hash(_peppered(theatre, "pin", pin))
    with theatre.writing(actor, Verb.SET_PIN) as desk:
        person = _known(desk, person_id)
        _permit(desk, actor, person)
        if not theatre.identifies:
            if Grant.ADMIN not in person.grants:
                hint = f"`ortool person grant {person.id} admin` comes first; an administrator can set everybody's."
                raise Refused("The first PIN is an administrator's.", hint)
            desk.session.merge(Meta(name=IDENTIFICATION, value="pin"))
            desk.append("system", "identification.set", {"by": "pin"})
        row = desk.session.get(CredentialRow, person.id) or CredentialRow(person_id=person.id)
        row.pin, row.failed, row.locked_until = hashed, 0, None
        desk.session.add(row)
        desk.session.flush()
        desk.append(f"person:{person.id}", "person.pin_set", {})
    theatre.store.meta[IDENTIFICATION] = "pin"
    return person


def set_badge(theatre: Theatre, actor: Actor, person_id: str, badge: str) -> Person:
    """Give a person a badge, or with an empty one take it away. A badge tells who it is; it is no secret."""
    number = _badge_number(badge) if badge else ""
    if number and not theatre.identifies:
        raise Refused("A badge is read once somebody has a PIN.", "`ortool person pin` comes first.")
    hashed = _peppered(theatre, "badge", number) if number else ""
    with theatre.writing(actor, Verb.SET_PIN) as desk:
        person = _known(desk, person_id)
        _permit(desk, actor, person)
        row = desk.session.get(CredentialRow, person.id) or CredentialRow(person_id=person.id)
        if hashed and (owner := _owner_of(desk, hashed)) not in ("", person.id):
            raise Refused(
                "That badge belongs to somebody else here.", f"`ortool person badge {owner} --none` frees it."
            )
        row.badge = hashed
        desk.session.add(row)
        desk.session.flush()
        desk.append(f"person:{person.id}", "person.badge_set", {"has": bool(hashed)})
    return person


def unlock(theatre: Theatre, actor: Actor, person_id: str) -> Person:
    """Let a person try their PIN again, as a charge nurse or an administrator may."""
    with theatre.writing(actor, Verb.UNLOCK) as desk:
        person = _known(desk, person_id)
        row = desk.session.get(CredentialRow, person.id)
        if row is None or not row.failed:
            raise Refused(f"The PIN of {person.name} is not locked.")
        row.failed, row.locked_until = 0, None
        desk.session.add(row)
        desk.append(f"person:{person.id}", "person.unlocked", {})
    return person


def identify(theatre: Theatre, person_id: str, pin: str, badge: bool = False, now: bool = False) -> Actor:
    """Return the person, proven by PIN. Blocks for about 80 ms: call it beside the screen.

    `badge` says that their badge was read just before; `now` that the proof is for one act, a signature or an override.
    Raises Locked or Refused. A try is counted before it is made: no crash and no second terminal gives one more.
    """
    hashed = _count(theatre, person_id)
    right = _is_right(theatre, hashed, pin)
    if not right:
        raise Refused(*_wrong(theatre, person_id))
    with theatre.writing(KEEPER, Verb.KEEP) as desk:
        row = desk.session.get(CredentialRow, person_id)
        assert row is not None
        row.failed, row.locked_until = 0, None
        desk.session.add(row)
        person = _known(desk, person_id)
        how = "badge+pin" if badge else "pin"
        desk.append(f"person:{person_id}", "person.identified", {"how": how, "for": "one act" if now else "a stay"})
    return Actor(person, how, now)


def _count(theatre: Theatre, person_id: str) -> str:
    """Count a try before it is made and return the hash to try against; empty where there is none."""
    with theatre.writing(KEEPER, Verb.KEEP) as desk:
        row, now = desk.session.get(CredentialRow, person_id), theatre.now()
        if row is None or not row.pin:
            return ""
        if row.failed >= LIMIT:
            raise Locked("This PIN is locked.", "A charge nurse or an administrator unlocks it.")
        if row.locked_until is not None and now < row.locked_until:
            raise Locked(f"Too many wrong PINs; the next try is possible {_at(theatre, row.locked_until)}.")
        row.failed += 1
        wait = wait_after(row.failed)
        row.locked_until = now + wait if wait else None
        if wait is None or wait:
            desk.append(f"person:{person_id}", "person.locked", {"tries": row.failed})
        desk.session.add(row)
        return row.pin


def _is_right(theatre: Theatre, hashed: str, pin: str) -> bool:
    from argon2.exceptions import VerificationError

    hasher, peppered = _hasher(), _peppered(theatre, "pin", pin)
    if not hashed:
        hasher.hash(peppered)  # somebody without a PIN takes as long as somebody with one
        return False
    try:
        return hasher.verify(hashed, peppered)
    except VerificationError:
        return False


def _wrong(theatre: Theatre, person_id: str) -> tuple[str, str]:
    with theatre.reading() as session:
        row = session.get(CredentialRow, person_id)
    if row is None or not row.pin:
        return "Wrong PIN, or none is set for this person.", "An administrator sets one."
    if row.failed >= LIMIT:
        return "Wrong PIN. It is locked now.", "A charge nurse or an administrator unlocks it."
    if row.locked_until is not None:
        return f"Wrong PIN. The next try is possible {_at(theatre, row.locked_until)}.", ""
    return "Wrong PIN.", ""


def identify_badge(theatre: Theatre, badge: str) -> Actor:
    """Return the person whose badge was read. Enough to tick; a signature and an override ask for the PIN as well.

    Raises Refused for a badge that nobody has or whose owner is locked.
    """
    hashed = _peppered(theatre, "badge", _badge_number(badge))
    with theatre.writing(KEEPER, Verb.KEEP) as desk:
        owner = _owner_of(desk, hashed)
        if not owner:
            raise Refused(_STRANGER, "An administrator gives it to somebody: `ortool person badge`.")
        row = desk.session.get(CredentialRow, owner)
        if row is not None and row.failed >= LIMIT:
            raise Locked("This person's PIN is locked.", "A charge nurse or an administrator unlocks it.")
        person = _known(desk, owner)
        desk.append(f"person:{owner}", "person.identified", {"how": "badge", "for": "a stay"})
    return Actor(person, "badge")


def hand_over(theatre: Theatre, actor: Actor) -> bytes:
    """Return a ticket with which a program that we start takes over who was proven here; it holds once, for a while.

    It is for an inherited pipe: whoever has it is this person. Only where PINs are asked for.
    """
    until = theatre.now() + TICKET_HOLDS
    words = [actor.person.id, actor.auth, until.isoformat(), secrets.token_hex(16)]
    text = json.dumps(words)
    return json.dumps([text, _peppered(theatre, "ticket", text)]).encode()


def take_over(theatre: Theatre, ticket: bytes) -> Actor:
    """Return the person of a ticket, as they were proven where it was made. Raises Refused."""
    try:
        text, seal = json.loads(ticket)
        right = hmac.compare_digest(_peppered(theatre, "ticket", text), seal)
        person_id, how, until, once = json.loads(text)
        in_time = theatre.now() <= datetime.fromisoformat(until)
    except (ValueError, TypeError, RecursionError):
        raise Refused(_NO_TICKET) from None
    if not right or not in_time or not theatre.identifies:
        raise Refused(_NO_TICKET)
    try:
        with theatre.writing(KEEPER, Verb.KEEP, f"ticket-{once}") as desk:
            person = _known(desk, person_id)
            desk.append(f"person:{person_id}", "person.identified", {"how": how, "for": "a browser"})
    except Repeated:
        raise Refused(_NO_TICKET) from None
    return Actor(person, how)


def _owner_of(desk: Desk, hashed: str) -> str:
    desk.cursor.execute("SELECT person_id FROM credential WHERE badge = ?", (hashed,))
    row = desk.cursor.fetchone()
    return str(row[0]) if row else ""


def _badge_number(badge: str) -> str:
    number = clean(badge, 64)
    if len(number) < SHORTEST_BADGE or number != badge.strip():
        raise BadInput("That is no badge.", f"A badge has {SHORTEST_BADGE} to 64 printable characters.")
    return number


def _known(desk: Desk, person_id: str) -> Person:
    row = desk.session.get(PersonRow, person_id)
    if row is None or not row.active:
        raise Refused("That person is not active here.")
    return person_of(row)


def _permit(desk: Desk, actor: Actor, person: Person) -> None:
    desk.permit(Verb.SET_PIN, Bond.OWN if actor.person.id == person.id else Bond.OTHER)


def _at(theatre: Theatre, moment: datetime) -> str:
    return f"at {moment.astimezone(theatre.settings.zone):%H:%M:%S}"
