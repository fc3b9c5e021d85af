"""A theatre list comes in: read, checked against people and slots, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from ortool.errors import OrtoolError
from ortool.exchange.theatre_list import Fault, ListedCase, TheatreList, read_theatre_list
from ortool.people.permissions import Verb
from ortool.people.person import Actor, Person
from ortool.schedule.wall_time import DateOrder
from ortool.services import booking, cases
from ortool.services.cases import NewCase, rooms_of
from ortool.services.people import list_people
from ortool.services.theatre import Theatre
from ortool.storage.tables import ProcedureRow


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found, and whether it was written. With faults nothing was."""

    listed: tuple[ListedCase, ...]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    written: bool


class _NotThisTime(Exception):
    """Leaves the transaction without writing."""


def import_list(
    theatre: Theatre,
    actor: Actor,
    text: str,
    file: str = "",
    columns: Mapping[str, str] | None = None,
    date_order: DateOrder = "iso",
    dry_run: bool = False,
    past: bool = True,
) -> Imported:
    """Read a theatre list and book every case in it, or none. A dry run finds the same faults and writes nothing.

    Without `past` a case that begins before today is a fault.
    """
    with theatre.reading() as session:
        found = read_theatre_list(
            text,
            zone=theatre.settings.zone,
            procedures=_procedures(session),
            rooms=list(rooms_of(session)),
            file=file,
            columns=columns,
            date_order=date_order,
        )
    if found.faults:
        return _result(found, found.faults, written=False)
    faults: list[Fault] = []
    try:
        with theatre.writing(actor, Verb.SCHEDULE):
            faults = _book_all(theatre, actor, found.cases, file, past)
            if faults or dry_run:
                raise _NotThisTime
    except _NotThisTime:
        return _result(found, tuple(faults), written=False)
    return _result(found, (), written=True)


def _result(found: TheatreList, faults: tuple[Fault, ...], written: bool) -> Imported:
    return Imported(found.cases, faults, found.columns, tuple(found.ignored), written)


def _procedures(session: Session) -> dict[str, str]:
    known: dict[str, str] = {}
    for row in session.exec(select(ProcedureRow)).all():
        for word in (row.id, row.name, row.short, *filter(None, row.aliases.split("\n"))):
            known.setdefault(word.casefold(), row.id)
    return known


def _book_all(theatre: Theatre, actor: Actor, listed: tuple[ListedCase, ...], file: str, past: bool) -> list[Fault]:
    people = list_people(theatre)
    faults: list[Fault] = []
    for one in listed:
        try:
            _book_one(theatre, actor, one, people, past)
        except _Unknown as unknown:
            faults.append(Fault(one.line, unknown.column, unknown.message, file))
        except OrtoolError as error:
            faults.append(Fault(one.line, "start", str(error), file))
    return faults


class _Unknown(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def _book_one(theatre: Theatre, actor: Actor, one: ListedCase, people: list[Person], past: bool) -> None:
    new = NewCase(
        hospital_number=one.hospital_number,
        name=one.name,
        procedure=one.procedure,
        surgeon=_person(people, one.surgeon, "surgeon"),
        born=one.born,
        levels=one.levels,
        side=one.side,
        anaesthetist=_person(people, one.anaesthetist, "anaesthetist") if one.anaesthetist else "",
        urgency=one.urgency,
        allergies=one.allergies,
        neuromonitoring=one.neuromonitoring,
        notes=one.notes,
    )
    case = cases.add_case(theatre, actor, new)
    booking.book(theatre, actor, case.id, one.room, one.start, one.minutes, past=past)


def _person(people: list[Person], name: str, role: str) -> str:
    wanted = name.casefold()
    fits = [
        p for p in people if wanted in (p.id.casefold(), p.name.casefold(), p.initials.casefold()) and p.can_be(role)
    ]
    if len(fits) == 1:
        return fits[0].id
    known = ", ".join(p.name for p in people if p.can_be(role))
    problem = f"{name[:60]} is no {role} here" if not fits else f"{name[:60]} could be several people; write the id"
    raise _Unknown(role, f"{problem}. Known: {known}.")
