"""A day that a delay or an emergency has broken: what could be done, and doing one of it as one change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256

from sqlmodel import Session

from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState
from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.expected import DayForecast
from ortool.schedule.placing import Rules, is_frozen
from ortool.schedule.proposals import (
    DayCase,
    Delay,
    Emergency,
    Instead,
    Place,
    Plan,
    Proposal,
    Situation,
    Standing,
    Told,
    situation_of,
)
from ortool.schedule.replan import propose as proposals_for
from ortool.schedule.resources import House
from ortool.schedule.slots import Span
from ortool.schedule.substitution import with_any
from ortool.services.again import repeatable
from ortool.services.arranging import Change, Placement, Why, arrange, standing_slots
from ortool.services.boards import day_span, planned
from ortool.services.booking import preview
from ortool.services.cases import read_case
from ortool.services.forecasts import day_forecast
from ortool.services.house import wanted_of
from ortool.services.people import find_person, names_of
from ortool.services.substitutes import other_surgeons
from ortool.services.teams import set_team
from ortool.services.theatre import Desk, Theatre
from ortool.services.waiting import picture_of, planned_minutes
from ortool.storage.tables import CaseRow, ProcedureRow
from ortool.text import clean

MOST_LATE = timedelta(hours=12)
OVER_RAN, DISPLACED = "F01", "F07"


@dataclass(frozen=True, slots=True)
class Late:
    """A room (its id) or a person (name, initials or id) runs so many minutes late against the plan.

    `since` is from when on, UTC; None is now.
    """

    of: str
    minutes: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Urgent:
    """A case that waits for a slot must begin within so many minutes. Without `minutes` it is as long as planned.

    With `any_surgeon` it may go to another surgeon of its specialty where that costs less.
    """

    case_id: str
    within: int
    minutes: int = 0
    any_surgeon: bool = False


@dataclass(frozen=True)
class Asked:
    """What plans are made of: a day and what happened to it, read at one moment. No patient is in it by name.

    `others` are the surgeons whom the emergency may go to instead of its own.
    """

    situation: Situation
    about: str
    code: str
    people: dict[int, tuple[Told, ...]]
    revisions: dict[str, int]
    frozen: frozenset[int]
    others: tuple[Instead, ...] = ()


def propose(theatre: Theatre, what: Late | Urgent, move_frozen: bool = False) -> tuple[Plan, ...]:
    """Return at most three plans for today, right shift first; none where nothing has to move. Writes nothing.

    Cases that have begun never move; those inside the freeze window only with `move_frozen`, and then applying it needs
    a reason. Raises BadInput or Refused.
    """
    return possible(theatre, worked_out(asked(theatre, what, move_frozen)))


def asked(theatre: Theatre, what: Late | Urgent, move_frozen: bool = False) -> Asked:
    """Return everything that the plans for today are made of, read at one moment. Raises as `propose` does."""
    forecast = day_forecast(theatre)
    with theatre.reading() as session:
        return _asked(theatre, session, what, forecast, move_frozen)


def worked_out(asked: Asked) -> tuple[Plan, ...]:
    """Return the plans. It reads nothing, so that any thread may take its second while others read and write."""
    if not asked.others:
        return tuple(_plan(asked, one) for one in proposals_for(asked.situation))
    return tuple(_plan(asked, one, instead) for one, instead in with_any(asked.situation, asked.others))


def possible(theatre: Theatre, plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """Return the plans that the database would take: the last word is always its own. Writes nothing."""
    return tuple(plan for plan in plans if _is_possible(theatre, plan))


@repeatable
def apply(theatre: Theatre, actor: Actor, plan: Plan, reason: str = "") -> list[Slot]:
    """Carry a plan out as one change, which one undo takes back. Raises Refused where the day is another by now."""
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        return _carried_out(desk, plan, clean(reason))


def _carried_out(desk: Desk, plan: Plan, reason: str) -> list[Slot]:
    if plan.thawed and not reason:
        numbers = ", ".join(str(number) for number in plan.thawed)
        raise Refused(f"This moves what is frozen ({numbers}); that needs a reason.", "Say why.")
    rows = standing_slots(desk.session, list(plan.revisions))
    for case_id, revision in plan.revisions.items():
        row = rows.get(case_id)
        if (row.revision if row else -1) != revision:
            number = read_case(desk.session, case_id).number
            raise Refused(
                f"Case {number} was changed since this was proposed; nothing was moved.", "Ask for proposals again."
            )
    if one := plan.instead:
        if read_case(desk.session, one.case_id).surgeon_id != one.former:
            raise Refused(
                f"Case {one.number} has another surgeon since this was proposed; nothing was moved.",
                "Ask for proposals again.",
            )
        set_team(desk, one.case_id, one.surgeon)
    changes = [
        Change(step.case_id, Placement(step.after.room, step.after.span, step.held), code=plan.code)
        if step.after
        else Change(step.case_id, None, code=f"X{plan.code}")
        for step in plan.proposal.steps
    ]
    return arrange(desk, changes, Why(reason or plan.about))


def _is_possible(theatre: Theatre, plan: Plan) -> bool:
    """Whether the database would take it."""
    try:
        preview(theatre, lambda actor: _written(theatre, actor, plan))
    except Refused:
        return False
    return True


def _written(theatre: Theatre, actor: Actor, plan: Plan) -> list[Slot]:
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        return _carried_out(desk, plan, "only asked")


def _asked(
    theatre: Theatre, session: Session, what: Late | Urgent, forecast: DayForecast | None, move_frozen: bool
) -> Asked:
    now, zone = theatre.now(), theatre.settings.zone
    today = now.astimezone(zone).date()
    span, names = day_span(theatre, today), names_of(session)
    urgent = _emergency(theatre, session, what, names) if isinstance(what, Urgent) else None
    until = max(span.end, urgent.due + urgent.length) if urgent else span.end
    picture = picture_of(theatre, session, Span(span.start, until))
    found = [(case, slot) for case, slot in planned(session, Span(span.start, until)) if not slot.cancelled]
    cases, frozen = [], set()
    for case, slot in found:
        standing, is_cold = _standing(case, slot, now, picture.rules, move_frozen)
        frozen |= {case.number} if is_cold else set()
        cases.append(_day_case(session, picture.house, names, case, slot, standing, forecast))
    closes = datetime.combine(today, time.fromisoformat(theatre.settings.day_ends), zone)
    closing = {
        room.id: (closes if room.hours.is_always else spans[-1].end)
        for room in picture.house.rooms.values()
        if (spans := room.hours.spans(today, zone))
    }
    delay, about = _delay(theatre, picture.house, what, now) if isinstance(what, Late) else (None, "")
    if urgent is not None:
        about = f"Emergency: case {urgent.wanted.number}"
    situation = situation_of(now, until, picture, cases, closing, delay, urgent)
    wanted = [*(one.wanted for one in cases), *([urgent.wanted] if urgent else [])]
    people = {one.number: tuple(Told(who.name, who.role, (one.number,)) for who in one.people) for one in wanted}
    revisions = {case.id: slot.revision for case, slot in found} | ({urgent.wanted.case_id: -1} if urgent else {})
    others: tuple[Instead, ...] = ()
    if urgent is not None and isinstance(what, Urgent) and what.any_surgeon:
        others = other_surgeons(session, urgent, picture.windows, now, names)
    return Asked(situation, about, DISPLACED if urgent else OVER_RAN, people, revisions, frozenset(frozen), others)


def _standing(case: Case, slot: Slot, now: datetime, rules: Rules, move_frozen: bool) -> tuple[Standing, bool]:
    """Return whether a case may move, and whether it lies inside the freeze window."""
    if case.state.has_started or slot.end <= now:
        return Standing.BEGUN, False
    is_cold = is_frozen(slot.start, now, rules, not slot.held)
    return Standing.FROZEN if is_cold and not move_frozen else Standing.MOVABLE, is_cold


def _day_case(
    session: Session, house: House, names: dict[str, str], case: Case, slot: Slot, standing: Standing,
    forecast: DayForecast | None,
) -> DayCase:  # fmt: skip
    row = session.get(CaseRow, case.id)
    assert row is not None
    expected = forecast.of(case.id) if forecast else None
    ends = expected.end.p50 if expected and expected.is_running else None
    place = Place(slot.room_id, Span(slot.start, slot.end))
    is_urgent = case.urgency != "elective"
    return DayCase(wanted_of(session, house, row, names), place, standing, ends, case.priority, is_urgent, slot.held)


def _emergency(theatre: Theatre, session: Session, what: Urgent, names: dict[str, str]) -> Emergency:
    case, row = read_case(session, what.case_id), session.get(CaseRow, what.case_id)
    assert row is not None
    if case.state not in (CaseState.BOOKED, CaseState.IN_HOLDING) or standing_slots(session, [case.id]):
        raise Refused(f"Case {case.number} does not wait for a slot.", "Add the emergency first: `ortool case add`.")
    if not 1 <= what.within <= 1440:
        raise BadInput(f"{what.within} minutes are no time within which to begin.", "Whole minutes, 1 to 1440.")
    procedure = session.get(ProcedureRow, row.procedure_id)
    assert procedure is not None
    length = what.minutes or planned_minutes(row, procedure)
    if not 5 <= length <= 1440:
        raise BadInput(f"{length} minutes are no length of a slot.", "Whole minutes, 5 to 1440.")
    house = picture_of(theatre, session, Span(theatre.now(), theatre.now() + timedelta(minutes=1))).house
    wanted = wanted_of(session, house, row, names)
    return Emergency(wanted, timedelta(minutes=length), theatre.now() + timedelta(minutes=what.within))


def _delay(theatre: Theatre, house: House, what: Late, now: datetime) -> tuple[Delay, str]:
    if not 1 <= what.minutes <= MOST_LATE // timedelta(minutes=1):
        raise BadInput(f"{what.minutes} minutes are no delay.", "Whole minutes, 1 to 720.")
    by, since = timedelta(minutes=what.minutes), what.since or now
    if what.of in house.rooms:
        return Delay(f"room:{what.of}", by, since), f"{what.of} runs {what.minutes} min late"
    try:
        person = find_person(theatre, what.of)
    except (BadInput, Refused):
        raise BadInput(f"{what.of[:20]!r} is no room and nobody here.", f"Rooms: {', '.join(house.rooms)}.") from None
    return Delay(f"person:{person.id}", by, since), f"{person.name} is {what.minutes} min late"


def _plan(day: Asked, proposal: Proposal, instead: Instead | None = None) -> Plan:
    said = [(one.number, one.after.room, one.after.span) if one.after else (one.number, "", None)
            for one in proposal.moves]  # fmt: skip
    mark = sha256(repr([said, instead.surgeon] if instead else said).encode()).hexdigest()[:4]
    concerned = [*(one.number for one in proposal.moves), *(one.number for one in proposal.kept)]
    thawed = tuple(one.number for one in proposal.moves if one.number in day.frozen)
    # The emergency's own surgeon is told too: it is no longer theirs.
    new = [Told(instead.name, "surgeon", (instead.number,))] if instead else []
    told = _by_person([*new, *(one for number in concerned for one in day.people[number])])
    return Plan(mark, day.about, day.code, proposal, told, day.revisions, thawed, instead)


def _by_person(found: Iterable[Told]) -> tuple[Told, ...]:
    """Return everybody once in each role, with all the cases they must hear of."""
    cases: dict[tuple[str, str], list[int]] = {}
    for one in found:
        cases.setdefault((one.name, one.role), []).extend(one.cases)
    return tuple(Told(name, role, tuple(sorted(numbers))) for (name, role), numbers in cases.items())
