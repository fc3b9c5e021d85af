"""People: who there is, who comes and who goes."""

from collections.abc import Iterable

from sqlmodel import Session, select

from ortool.errors import BadInput, Refused
from ortool.people.address import checked_address
from ortool.people.permissions import Grant, Verb
from ortool.people.person import NOBODY, Actor, Person
from ortool.services.again import repeatable
from ortool.services.theatre import Theatre, person_of
from ortool.storage.store import rows_of
from ortool.storage.tables import PersonRow
from ortool.text import clean, identifier

NOBODY_YET = "Nobody is known yet: `ortool init --theatre FILE` or `ortool person add` begins."


def list_people(theatre: Theatre, role: str = "") -> list[Person]:
    """Return the active people in order of name; with `role`, those who may take it."""
    with theatre.reading() as session:
        rows = session.exec(select(PersonRow).where(PersonRow.active).order_by(PersonRow.name)).all()
    people = [person_of(row) for row in rows]
    return [person for person in people if not role or person.can_be(role)]


def find_person(theatre: Theatre, text: str) -> Person:
    """Return the person with this id, initials or name. Raises BadInput where none or several fit."""
    wanted = text.strip().casefold()
    people = list_people(theatre)
    exact = [p for p in people if wanted in (p.id.casefold(), p.initials.casefold(), p.name.casefold())]
    found = exact or [p for p in people if wanted and wanted in p.name.casefold()]
    if len(found) == 1:
        return found[0]
    if not found:
        hint = "`ortool person list` names everybody." if people else NOBODY_YET
        raise BadInput(f"Nobody here is called {text[:40]!r}.", hint)
    names = ", ".join(f"{p.name} ({p.id})" for p in found[:4])
    raise BadInput(f"{text[:40]!r} could be {names}.", "Write the id.")


def names_of(session: Session) -> dict[str, str]:
    """Return each person's name by id, retired ones too, and the word for nobody known."""
    return {NOBODY.person.id: NOBODY.person.name} | dict(rows_of(session, "SELECT id, name FROM person"))


@repeatable
def add_person(theatre: Theatre, actor: Actor, person: Person) -> Person:
    """Add a person. Raises Refused for an id or initials in use, BadInput for words that cannot be used."""
    row = PersonRow(
        id=identifier(person.id, 20),
        name=clean(person.name, 80),
        initials=clean(person.initials, 5),
        roles=" ".join(sorted(person.roles)),
    )
    _check(row)
    with theatre.writing(actor, Verb.SET_PEOPLE) as desk:
        standing = desk.session.get(PersonRow, row.id)
        if standing is not None:
            raise Refused(f"The id {row.id} belongs to {standing.name}.", "Choose another id.")
        desk.session.add(row)
        desk.session.flush()
        desk.append(f"person:{row.id}", "person.set", row.model_dump())
        return person_of(row)


def _check(row: PersonRow) -> None:
    if not row.id or " " in row.id:
        raise BadInput("A person needs an id without spaces.", "Write for example --id cn5.")
    if not row.name or not row.initials:
        raise BadInput("A person needs a name and initials.")
    # Whoever only reads who works here needs no checklists: the board is up sooner without them.
    from ortool.checklist.definition import Role

    known = {role.value for role in Role}
    if wrong := sorted(set(row.roles.split()) - known):
        raise BadInput(f"{wrong[0][:40]!r} is no role.", f"Roles: {', '.join(sorted(known))}.")
    if not row.roles:
        raise BadInput("A person needs at least one role.", f"Roles: {', '.join(sorted(known))}.")


@repeatable
def grant(theatre: Theatre, actor: Actor, person_id: str, added: Iterable[str], removed: Iterable[str] = ()) -> Person:
    """Give a person grants beyond their case roles, or take them back. The last administrator keeps that grant."""
    known = {one.value for one in Grant}
    added, removed = set(added), set(removed)
    if wrong := sorted((added | removed) - known):
        raise BadInput(f"{wrong[0][:40]!r} is no grant.", f"Grants: {', '.join(sorted(known))}.")
    with theatre.writing(actor, Verb.SET_PEOPLE) as desk:
        row = desk.session.get(PersonRow, person_id)
        if row is None or not row.active:
            raise Refused("That person is not active here.")
        given = (set(row.given.split()) | added) - removed
        if given == set(row.given.split()):
            raise Refused(f"{row.name} has exactly these grants; nothing would change.")
        row.given = " ".join(sorted(given))
        desk.session.add(row)
        desk.session.flush()
        keep_an_administrator(theatre)
        desk.append(f"person:{row.id}", "person.set", row.model_dump())
        return person_of(row)


@repeatable
def set_email(theatre: Theatre, actor: Actor, person_id: str, address: str) -> str:
    """Give a person an e-mail address, or with an empty one take it away. Raises BadInput, Refused."""
    address = checked_address(address) if address else ""
    with theatre.writing(actor, Verb.SET_PEOPLE) as desk:
        row = desk.session.get(PersonRow, person_id)
        if row is None or not row.active:
            raise Refused("That person is not active here.")
        if row.email == address:
            raise Refused(f"{row.name} has exactly this address; nothing would change.")
        row.email = address
        desk.session.add(row)
        desk.session.flush()
        desk.append(f"person:{row.id}", "person.set", row.model_dump())
        return address


def keep_an_administrator(theatre: Theatre) -> None:
    """Refuse what leaves a theatre whose people have PINs without anybody who may set one. Raises Refused."""
    if theatre.identifies and not any(Grant.ADMIN in one.grants for one in list_people(theatre)):
        raise Refused("This is the last administrator here.", "Grant it to somebody else first.")


@repeatable
def retire_person(theatre: Theatre, actor: Actor, person_id: str) -> Person:
    """Retire a person: no longer offered, still named wherever they stand. Raises Refused for the last one."""
    with theatre.writing(actor, Verb.SET_PEOPLE) as desk:
        row = desk.session.get(PersonRow, person_id)
        if row is None or not row.active:
            raise Refused("That person is not active here.")
        if len(list_people(theatre)) == 1:
            raise Refused(f"{row.name} is the last person here.", "Add somebody else first.")
        row.active = False
        desk.session.add(row)
        desk.session.flush()
        keep_an_administrator(theatre)
        desk.append(f"person:{row.id}", "person.set", row.model_dump())
        return person_of(row)
