"""People: who there is."""

from sqlmodel import Session, select

from ortool.errors import BadInput
from ortool.people.person import Person
from ortool.services.theatre import Theatre
from ortool.storage.tables import PersonRow


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
        raise BadInput(f"Nobody here is called {text[:40]!r}.", "`ortool person list` names everybody.")
    names = ", ".join(f"{p.name} ({p.id})" for p in found[:4])
    raise BadInput(f"{text[:40]!r} could be {names}.", "Write the id.")


def names_of(session: Session) -> dict[str, str]:
    """Return each person's name by id, retired ones too."""
    return {row.id: row.name for row in session.exec(select(PersonRow)).all()}


def person_of(row: PersonRow) -> Person:
    """Return a stored person as a value."""
    return Person(row.id, row.name, row.initials, frozenset(row.roles.split()))
