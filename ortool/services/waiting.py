"""The waiting list: the cases without a slot, first who goes first, and where each would fit."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from ortool.caselog.case import Case
from ortool.caselog.milestones import CaseState
from ortool.caselog.week import Waiting
from ortool.errors import BadInput, Refused
from ortool.exchange.lists_out import waiting_csv
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.gaps import Gap, Picture, gaps
from ortool.schedule.resources import House, read_needs
from ortool.schedule.slots import LONGEST_CLAIM, SHORTEST, Span
from ortool.services import access
from ortool.services.again import repeatable
from ortool.services.arranging import held_of
from ortool.services.boards import day_span
from ortool.services.cases import PRIORITIES, case_of, read_case, stream_of, waiting_body
from ortool.services.house import house_of, is_one_level, rules_of, wanted_of
from ortool.services.people import names_of
from ortool.services.theatre import Theatre
from ortool.services.windows import windows
from ortool.storage.tables import CaseRow, ProcedureRow
from ortool.text import clean


@dataclass(frozen=True, slots=True)
class Urgency:
    """What is to be changed of how a case waits; None leaves it. An empty text of `needs` takes its own needs away."""

    priority: int | None = None
    since: date | None = None
    due: date | None = None
    needs: str | None = None
    without_due: bool = False


def waiting_list(theatre: Theatre) -> list[Waiting]:
    """Return the cases that wait: by priority, then by how long they are due, then by how long they wait.

    Whoever may not read the day's list sees no names.
    """
    today = theatre.now().astimezone(theatre.settings.zone).date()
    query = (
        select(CaseRow, ProcedureRow)
        .join(ProcedureRow, col(ProcedureRow.id) == col(CaseRow.procedure_id))
        .where(col(CaseRow.state) == CaseState.BOOKED.value, col(CaseRow.placed).is_(False))
    )
    with theatre.reading() as session:
        house, names = house_of(session), names_of(session)
        found = [_waiting(session, house, row, procedure, names, today) for row, procedure in session.exec(query).all()]
    if theatre.identifies and not access.names_patients(theatre, "the waiting list"):
        found = [replace(one, case=access.nameless(one.case)) for one in found]
    return sorted(found, key=_first)


def export_waiting(theatre: Theatre) -> str:
    """Return the waiting list as CSV with its patients, in the columns that an import reads. Raises as a named export.

    Cases stand in the order of the list.
    """
    access.seen(theatre, Verb.NAME_PATIENTS, "the waiting list")
    with theatre.reading() as session:
        staff = names_of(session).values()
    return waiting_csv([one.case for one in waiting_list(theatre)], staff)


def _first(one: Waiting) -> tuple[int, int, int, int]:
    urgent = {"emergency": 0, "urgent": 1}.get(one.case.urgency, 2)
    return urgent, one.case.priority, -one.overdue if one.overdue > 0 else 0, -one.days


def _waiting(
    session: Session, house: House, row: CaseRow, procedure: ProcedureRow, names: dict[str, str], today: date
) -> Waiting:
    needs = ", ".join(str(need) for need in wanted_of(session, house, row, names).needs)
    since = row.waiting_since or today
    overdue = (today - row.due).days if row.due else 0
    return Waiting(
        case_of(row, procedure, names), planned_minutes(row, procedure), needs, (today - since).days, max(0, overdue)
    )


def planned_minutes(row: CaseRow, procedure: ProcedureRow) -> int:
    """Return the minutes in the room that a case is planned with where nobody says another length."""
    return procedure.minutes_one if is_one_level(row.levels) else procedure.minutes_two


@repeatable
def change_waiting(theatre: Theatre, actor: Actor, case_id: str, urgency: Urgency) -> Case:
    """Change how a case waits: priority, since when, due date, needs. Raises BadInput or Refused; one entry."""
    if urgency.priority is not None and urgency.priority not in PRIORITIES:
        raise BadInput(f"{urgency.priority} is no priority.", "Write 1 (first) to 5.")
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        case, row = read_case(desk.session, case_id), desk.session.get(CaseRow, case_id)
        assert row is not None
        if case.state.has_started or case.state is CaseState.CANCELLED:
            raise Refused(f"Case {case.number} is {case.state.value}; it does not wait.")
        before = waiting_body(row)
        row.priority = urgency.priority or row.priority
        row.waiting_since = urgency.since or row.waiting_since
        row.due = None if urgency.without_due else urgency.due or row.due
        if urgency.needs is not None:
            house = house_of(desk.session)
            known = house.equipment.keys() | house.abilities
            row.needs = ", ".join(str(need) for need in read_needs(clean(urgency.needs, 200), known))
        if row.due and row.waiting_since and row.due < row.waiting_since:
            raise BadInput(f"It would be due on {row.due}, before it waits ({row.waiting_since}).", "Check the dates.")
        if waiting_body(row) == before:
            raise Refused(f"Case {case.number} waits exactly so; nothing would change.")
        desk.session.add(row)
        desk.session.flush()
        desk.append(stream_of(case_id), "case.waits", waiting_body(row))
        return read_case(desk.session, case_id)


def picture_of(theatre: Theatre, session: Session, within: Span) -> Picture:
    """Return everything that decides about slots in a span."""
    rules = rules_of(theatre.settings)
    reach = Span(within.start, within.end + LONGEST_CLAIM)
    near = windows(session, within, rules.zone, theatre.now())
    return Picture.of(house_of(session), rules, near, held_of(session, None, reach))


def where_it_fits(theatre: Theatre, case_id: str, first: date, days: int = 14, minutes: int = 0) -> list[Gap]:
    """Return where a case would fit on some days, from now on, by start. Its own slot does not stand in its way.

    Without `minutes` it is as long as its procedure is planned. Raises BadInput or Refused.
    """
    with theatre.reading() as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise Refused("That case does not exist any more.")
        procedure = session.get(ProcedureRow, row.procedure_id)
        assert procedure is not None
        length = timedelta(minutes=minutes or planned_minutes(row, procedure))
        if not SHORTEST <= length <= timedelta(days=1):
            raise BadInput(f"{minutes} minutes are no length of a slot.", "Whole minutes, 5 to 1440.")
        whole = day_span(theatre, first, days)
        within = Span(max(whole.start, _next_five(theatre)), whole.end)
        if within.length < length:
            return []
        picture = picture_of(theatre, session, within).without([row.number])
        wanted = wanted_of(session, picture.house, row)
        return sorted(gaps(wanted, length, picture, within), key=lambda gap: (gap.first, gap.room))


def _next_five(theatre: Theatre) -> datetime:
    now = theatre.now().replace(second=0, microsecond=0)
    return now + timedelta(minutes=5 - now.minute % 5)
