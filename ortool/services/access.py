"""Reading what names a patient: permitted by the same table as writing, and kept in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ortool.caselog.case import Case
from ortool.errors import NeedsIdentity, Refused
from ortool.people.permissions import Bond, Verb
from ortool.people.person import SYSTEM
from ortool.services.theatre import Theatre

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier

# One entry stands for everything that a person reads of one thing within this time.
AGAIN = timedelta(hours=1)
STREAM = "access"
HIDDEN = "not shown: nobody is known here"


def seen(theatre: Theatre, verb: Verb, what: str, bond: Bond = Bond.NONE, running: bool = False) -> None:
    """Permit the reader of this terminal to see something, and keep that they did. Raises as `Theatre.permit`."""
    reader = theatre.reader
    if not theatre.identifies or reader.auth == SYSTEM:
        return
    theatre.permit(reader, verb, bond, running)
    key, now = (reader.person.id, verb.value, what), theatre.now()
    if key in theatre.noted and timedelta(0) <= now - theatre.noted[key] < AGAIN:
        return
    with theatre.writing(reader, verb) as desk:
        if bond is not Bond.NONE:
            desk.permit(verb, bond, running)
        desk.append(STREAM, "patient.read", {"what": what, "verb": verb.value, "bond": bond.value})
    theatre.noted[key] = now


def shown(theatre: Theatre, dossier: Dossier) -> Dossier:
    """Return a case as the reader of this terminal may see it: to nobody known it names no patient."""
    case, reader = dossier.case, theatre.reader
    bond = dossier.bond_of(reader.person.id)
    seen(theatre, Verb.READ_CASE, f"case {case.number}", bond, dossier.is_under_way(theatre.now()))
    return as_read(theatre, dossier)


def shown_while_away(theatre: Theatre, dossier: Dossier) -> Dossier:
    """Return the last known picture of a case as the reader may see it; who read it cannot be kept meanwhile."""
    reader = theatre.reader
    theatre.permit(reader, Verb.READ_CASE, dossier.bond_of(reader.person.id), dossier.is_under_way(theatre.now()))
    return as_read(theatre, dossier)


def as_read(theatre: Theatre, dossier: Dossier) -> Dossier:
    """Return a case without what says whose it is, where nobody is proven at this terminal."""
    if not theatre.identifies or theatre.reader.is_proven or theatre.reader.auth == SYSTEM:
        return dossier
    beside = tuple(as_read(theatre, one) for one in dossier.beside)
    history = replace(
        dossier.history,
        remarks=tuple(replace(one, text=HIDDEN) for one in dossier.history.remarks),
        opened=tuple(replace(one, text=HIDDEN) for one in dossier.history.opened),
    )
    return replace(dossier, case=nameless(dossier.case), history=history, beside=beside, operation=None)


def in_somebodys_name(theatre: Theatre) -> None:
    """Raise NeedsIdentity where nobody is proven at this terminal, though a tick would be taken there."""
    if theatre.identifies and not theatre.reader.is_proven:
        raise NeedsIdentity(f"To {Verb.READ_CASE.value} with every entry, say who you are: PIN or badge.")


def names_patients(theatre: Theatre, what: str) -> bool:
    """Whether the reader of this terminal may see names on a list. A list without names is shown to anybody."""
    try:
        seen(theatre, Verb.READ_LIST, what)
    except Refused:
        return False
    return True


def nameless(case: Case) -> Case:
    """Return a case without what says whose it is. The side, the levels and the allergies stay: care needs them."""
    return replace(case, patient_name="", hospital_number="", born=None, notes="")
