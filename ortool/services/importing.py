"""A theatre list or a waiting list comes in: read, checked against people, slots and who waits, all or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from sqlmodel import Session, col, func, select

from ortool.caselog.milestones import CaseState
from ortool.errors import OrtoolError
from ortool.exchange.repeats import is_same_wish
from ortool.exchange.table import Table
from ortool.exchange.theatre_list import (
    Fault,
    ListedCase,
    ListedWaiting,
    read_theatre_list,
    read_waiting_list,
)
from ortool.people.permissions import Verb
from ortool.people.person import Actor, Person
from ortool.schedule.wall_time import DateOrder
from ortool.services import booking, cases
from ortool.services.cases import NewCase, rooms_of
from ortool.services.house import house_of
from ortool.services.people import list_people
from ortool.services.theatre import Theatre
from ortool.storage.tables import CaseRow, ProcedureRow


class Lined(Protocol):
    """A row of a list: it knows the line on which it begins."""

    @property
    def line(self) -> int: ...


One = TypeVar("One", bound=Lined)


@dataclass(frozen=True, slots=True)
class Imported(Generic[One]):
    """What an import found, and whether it was written. With faults nothing was."""

    listed: tuple[One, ...]
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
) -> Imported[ListedCase]:
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
    people, table = list_people(theatre), Table(found.cases, found.faults, found.columns, found.ignored)
    return all_or_nothing(
        theatre, actor, Verb.SCHEDULE, table, file, dry_run, lambda one: _book_one(theatre, actor, one, people, past)
    )


def import_waiting(
    theatre: Theatre,
    actor: Actor,
    text: str,
    file: str = "",
    columns: Mapping[str, str] | None = None,
    date_order: DateOrder = "iso",
    dry_run: bool = False,
) -> Imported[ListedWaiting]:
    """Read a waiting list and add every case in it without a slot, or none. A dry run writes nothing.

    A patient who waits for the same operation already, or has a slot for it, is a fault.
    """
    with theatre.reading() as session:
        house = house_of(session)
        found = read_waiting_list(
            text,
            procedures=_procedures(session),
            needs=house.equipment.keys() | house.abilities,
            file=file,
            columns=columns,
            date_order=date_order,
        )
    people = list_people(theatre)
    return all_or_nothing(
        theatre, actor, Verb.SCHEDULE, found, file, dry_run, lambda one: _add_one(theatre, actor, one, people)
    )


def all_or_nothing(
    theatre: Theatre,
    actor: Actor,
    verb: Verb,
    found: Table[One],
    file: str,
    dry_run: bool,
    deed: Callable[[One], object],
) -> Imported[One]:
    """Carry out a deed for every row of a read list as one command, and note each fault with its line."""
    faults = list(found.faults)
    if not faults:
        try:
            with theatre.writing(actor, verb) as desk:
                desk.whole()
                faults = [fault for one in found.rows if (fault := _tried(deed, one, found.columns, file))]
                if faults or dry_run:
                    raise _NotThisTime
        except _NotThisTime:
            pass
    written = not faults and not dry_run
    return Imported(found.rows, tuple(faults), found.columns, tuple(found.ignored), written)


def _tried(deed: Callable[[One], object], one: One, columns: Mapping[str, str], file: str) -> Fault | None:
    try:
        deed(one)
    except Misfit as unknown:
        return Fault(one.line, columns.get(unknown.column, unknown.column), unknown.message, file)
    except OrtoolError as error:
        return Fault(one.line, "start" if isinstance(one, ListedCase) else "", str(error), file)
    return None


def _procedures(session: Session) -> dict[str, str]:
    known: dict[str, str] = {}
    for row in session.exec(select(ProcedureRow)).all():
        for word in (row.id, row.name, row.short, *filter(None, row.aliases.split("\n"))):
            known.setdefault(word.casefold(), row.id)
    return known


class Misfit(Exception):
    """A cell that is sound alone and does not fit what is here; `column` is where it stands."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def _new_case(one: ListedCase | ListedWaiting, people: list[Person]) -> NewCase:
    return NewCase(
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


def _book_one(theatre: Theatre, actor: Actor, one: ListedCase, people: list[Person], past: bool) -> None:
    case = cases.add_case(theatre, actor, _new_case(one, people))
    booking.book(theatre, actor, case.id, one.room, one.start, one.minutes, past=past)


def _add_one(theatre: Theatre, actor: Actor, one: ListedWaiting, people: list[Person]) -> None:
    with theatre.reading() as session:
        wished = (
            select(CaseRow)
            .where(func.lower(col(CaseRow.hospital_number)) == one.hospital_number.lower())
            .where(col(CaseRow.procedure_id) == one.procedure, col(CaseRow.state) == CaseState.BOOKED.value)
        )
        for row in session.exec(wished).all():
            if is_same_wish(row.procedure_id, row.side, one.procedure, one.side):
                words = f"{one.hospital_number} is on the list for this operation already, as case {row.number}."
                raise Misfit("procedure", f"{words} `ortool case change {row.number}` changes how it waits.")
    today = theatre.now().astimezone(theatre.settings.zone).date()
    if one.since and one.since > today:
        raise Misfit("since", f"{one.since} is still to come. Correct the date, or leave it empty for today.")
    new = _new_case(one, people)
    cases.add_case(theatre, actor, replace(new, priority=one.priority, since=one.since, due=one.due, needs=one.needs))


def _person(people: list[Person], name: str, role: str) -> str:
    wanted = name.casefold()
    fits = [
        p for p in people if wanted in (p.id.casefold(), p.name.casefold(), p.initials.casefold()) and p.can_be(role)
    ]
    if len(fits) == 1:
        return fits[0].id
    known = ", ".join(p.name for p in people if p.can_be(role))
    problem = f"{name[:60]} is no {role} here" if not fits else f"{name[:60]} could be several people; write the id"
    raise Misfit(role, f"{problem}. Known: {known}.")
