"""The plan of a week: proposed from one picture of the schedule, applied as one change that is taken back as one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from ortool.caselog.case import Slot
from ortool.caselog.week import Waiting
from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.durations import Duration
from ortool.schedule.gaps import Picture
from ortool.schedule.placing import Wanted
from ortool.schedule.planner.ground import ground_of
from ortool.schedule.planner.problem import Placed, Tie, Waiter, WeekPlan, WeekProblem, Weights, week_span
from ortool.schedule.planner.solve import Limits, Progress, solve
from ortool.schedule.slots import SHORTEST
from ortool.services.again import repeatable
from ortool.services.arranging import STANDS, Change, Placement, Why, arrange
from ortool.services.boards import day_span
from ortool.services.cases import case_of, current_slot
from ortool.services.histories import estimates
from ortool.services.house import wanted_of
from ortool.services.people import names_of
from ortool.services.pinning import check_kept, check_pins
from ortool.services.theatre import Theatre
from ortool.services.waiting import picture_of, waiting_list
from ortool.settings import Settings
from ortool.storage.tables import CaseRow, ProcedureRow

MOST_DAYS = 28


@dataclass(frozen=True, slots=True)
class Week:
    """Which days are to be planned, and what somebody wants of it."""

    first: date
    days: int = 7
    pins: tuple[Tie, ...] = ()
    forbidden: tuple[Tie, ...] = ()
    seed: int = 0
    limits: Limits = field(default_factory=Limits)


def weights_of(settings: Settings) -> Weights:
    """Return what the site prefers."""
    one, two, three, four, five = (int(part) for part in settings.plan_priority_points.split(","))
    return Weights(
        (one, two, three, four, five),
        settings.plan_doubling_days,
        overdue=settings.plan_overdue_points,
        overdue_day=settings.plan_overdue_day_points,
        idle=settings.plan_idle_weight,
        overtime=settings.plan_overtime_weight,
        room_change=settings.plan_room_change_points,
        late=settings.plan_late_percent / 100,
    )


def _tell(_: Progress) -> None:
    return None


def propose_week(
    theatre: Theatre, week: Week, tell: Callable[[Progress], None] = _tell, warm: WeekPlan | None = None
) -> WeekPlan:
    """Return a plan for the waiting list. Writes nothing, names no patient.

    Raises BadInput or Refused: no waiting list, no blocks, pins that cannot be kept, an earlier plan (`warm`) of other
    days or cases.
    """
    problem = week_problem(theatre, week)
    if warm is not None:
        _check_warm(problem, warm)
    check_pins(problem)
    plan = solve(problem, week.seed, week.limits, tell) if warm is None else _from(warm, problem, week, tell)
    check_kept(problem, plan)
    return plan


def _from(warm: WeekPlan, problem: WeekProblem, week: Week, tell: Callable[[Progress], None]) -> WeekPlan:
    """Return a better plan than an earlier one where it is worth what it moves in it, else that as far as it fits."""
    from ortool.services.plan_apart import AT_ONCE, settled

    first = solve(problem, week.seed, AT_ONCE, warm=warm)
    return settled(warm, first, solve(problem, week.seed, week.limits, tell, first))


def _check_warm(problem: WeekProblem, warm: WeekPlan) -> None:
    span, waiting = week_span(problem), {one.number for one in problem.waiting}
    if not any(one.case in waiting and one.span.overlaps(span) for one in warm.placed):
        raise Refused("The earlier plan places nobody who waits for these days.", "Plan anew, without it.")


def week_problem(theatre: Theatre, week: Week) -> WeekProblem:
    """Return everything that the plan of a week depends on, read once. Raises BadInput or Refused."""
    if not 1 <= week.days <= MOST_DAYS:
        raise BadInput(f"{week.days} days cannot be planned at once.", f"Plan 1 to {MOST_DAYS} days.")
    begins = _not_before(theatre)
    span = day_span(theatre, week.first, week.days)
    if span.end <= begins:
        raise Refused("These days are past or within the freeze window: nothing is planned.", "Plan a later week.")
    waiting = [one for one in waiting_list(theatre) if one.case.urgency != "emergency"]
    if not waiting:
        raise Refused("Nobody waits for a slot.", "`ortool case waiting` lists who does.")
    wanted, picture, standing = _read(theatre, waiting, week)
    _check_ties(week, picture, {one.case.number for one in waiting})
    durations = estimates(theatre, [one.case for one in waiting])
    problem = WeekProblem(
        picture.house,
        picture.rules,
        picture.windows,
        [one for many in picture.held.values() for one in many],
        [_waiter(one, wanted[one.case.id], durations[one.case.id].duration) for one in waiting],
        week.first,
        week.days,
        begins,
        weights_of(theatre.settings),
        standing,
        week.pins,
        week.forbidden,
    )
    if not ground_of(problem).openings:
        raise Refused("No block and no room is open in these days.", "`ortool block list` shows the blocks.")
    return problem


def _not_before(theatre: Theatre) -> datetime:
    now = theatre.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    return now + timedelta(hours=theatre.settings.freeze_hours)


def _waiter(one: Waiting, wanted: Wanted, duration: Duration) -> Waiter:
    urgent = one.case.urgency == "urgent"
    # A procedure from before there were checks may be planned with any length.
    is_long = timedelta(minutes=one.minutes) >= SHORTEST
    refusal = "" if is_long else f"Its procedure is planned with {one.minutes} min in the room: no length of a case."
    minutes = one.minutes if is_long else 0
    return Waiter(wanted, duration, one.case.priority, one.days, one.case.due, urgent, refusal=refusal, minutes=minutes)


def _read(
    theatre: Theatre, waiting: Sequence[Waiting], week: Week
) -> tuple[dict[str, Wanted], Picture, dict[int, Duration]]:
    with theatre.reading() as session:
        picture = picture_of(theatre, session, day_span(theatre, week.first, week.days))
        names = names_of(session)
        ids = {one.case.id for one in waiting}
        rows = session.exec(select(CaseRow).where(col(CaseRow.id).in_(ids))).all()
        wanted = {row.id: wanted_of(session, picture.house, row, names) for row in rows}
        numbers = {int(one.case) for many in picture.held.values() for one in many if one.case.isdigit()}
        query = select(CaseRow, ProcedureRow).join(ProcedureRow, col(ProcedureRow.id) == col(CaseRow.procedure_id))
        lying = [case_of(row, kind, names) for row, kind in session.exec(query.where(col(CaseRow.number).in_(numbers)))]
    found = estimates(theatre, lying)
    return wanted, picture, {case.number: found[case.id].duration for case in lying}


def _check_ties(week: Week, picture: Picture, numbers: set[int]) -> None:
    for tie in (*week.pins, *week.forbidden):
        if tie.case not in numbers:
            raise Refused(f"Case {tie.case} does not wait.", "Only waiting cases are fixed or forbidden.")
        if tie.room is not None and tie.room not in picture.house.rooms:
            raise BadInput(f"There is no room {tie.room[:20]!r}.", f"Known rooms: {', '.join(picture.house.rooms)}.")
        last = week.first + timedelta(days=week.days - 1)
        if tie.day is not None and not week.first <= tie.day <= last:
            days = " to ".join(dict.fromkeys(f"{day:%a %d %b %Y}" for day in (week.first, last)))
            raise BadInput(f"{tie.day:%a %d %b %Y} is not in the days that are planned.", f"Planned: {days}.")


@repeatable
def apply_week(theatre: Theatre, actor: Actor, placed: Sequence[Placed], command_id: str = "") -> list[Slot]:
    """Book a plan's slots, all or none, as one change. Raises Clash, Refused or BadInput; then nothing is written.

    Whatever was booked since the plan was made is in its way as it is in anybody's.
    """
    if not placed:
        raise Refused("The plan places nobody; there is nothing to book.")
    with theatre.writing(actor, Verb.SCHEDULE, command_id) as desk:
        begins = _not_before(theatre) - timedelta(minutes=1)
        early = next((one for one in placed if one.span.start < begins), None)
        if early is not None:
            raise Refused(f"Case {early.case} would begin within the freeze window by now.", "Plan again.")
        for one in placed:
            _check_waits(theatre, one)
        changes = [Change(one.case_id, Placement(one.room, one.span)) for one in placed]
        return arrange(desk, changes, Why("planned"))


def _check_waits(theatre: Theatre, one: Placed) -> None:
    with theatre.reading() as session:
        row = current_slot(session, one.case_id)
        if row is not None and row.state in STANDS:
            raise Refused(f"Case {one.case} has a slot by now.", "Plan again.")
