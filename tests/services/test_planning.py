"""The planner on a real database: one proposal, booked as one change, taken back as one."""

from datetime import date, timedelta

import pytest

from ortool.errors import BadInput, Refused
from ortool.schedule.planner.problem import Tie, Weights
from ortool.schedule.planner.solve import Limits
from ortool.services.booking import book
from ortool.services.journals import verify_journal
from ortool.services.planning import Week, apply_week, propose_week, weights_of
from ortool.services.setup import SYSTEM, EquipmentLine, ProcedureLine, RoomLine, TheatreFile, load_theatre
from ortool.services.undoing import undo_last
from ortool.services.waiting import Urgency, change_waiting, waiting_list
from ortool.settings import Settings
from tests.services.suite import Suite

FIRST = date(2026, 11, 24)
HOUR = timedelta(hours=1)


def week(**more: object) -> Week:
    return Week(FIRST, 2, limits=Limits(40), **more)  # type: ignore[arg-type]


@pytest.fixture
def busy(suite: Suite) -> Suite:
    """A suite whose two open rooms have one C-arm, with ten cases waiting."""
    rooms = tuple(RoomLine(id=one, name=one, hours="tue-wed 08:00-12:00") for one in ("OR1", "OR2"))
    kinds = (ProcedureLine(id="imaged", name="Imaged", short="Im", minutes=60, needs=("c-arm",)),)
    load_theatre(
        suite.theatre,
        SYSTEM,
        TheatreFile(rooms=rooms, equipment=(EquipmentLine(id="c-arm", name="C-arm", units=1),), procedures=kinds),
    )
    for number in range(10):
        suite.case(procedure="imaged" if number % 2 else "small-operation", surgeon=f"s{number % 2 + 1}")
    return suite


def test_a_plan_is_booked_as_one_change_and_taken_back_as_one(busy: Suite) -> None:
    plan = propose_week(busy.theatre, week())
    assert len(plan.placed) >= 5
    assert len(plan.placed) + len(plan.unplaced) == 10
    slots = apply_week(busy.theatre, busy.nurse, plan.placed)
    assert {(s.room, s.start) for s in slots} == {(p.room, p.span.start) for p in plan.placed}
    assert len(waiting_list(busy.theatre)) == 10 - len(slots)
    with pytest.raises(Refused, match="has a slot by now"):
        apply_week(busy.theatre, busy.nurse, plan.placed)
    undo_last(busy.theatre, busy.nurse)
    assert len(waiting_list(busy.theatre)) == 10
    assert verify_journal(busy.theatre).faults == []


def test_a_planned_slot_is_as_long_as_a_booked_one_and_fits_where_that_does(busy: Suite) -> None:
    listed = {one.case.number: timedelta(minutes=one.minutes) for one in waiting_list(busy.theatre)}
    plan = propose_week(busy.theatre, week())
    assert all(one.span.length == listed[one.case] for one in plan.placed)
    # An urgent case whose mean is above its listed minutes, and a gap of just those on its only day.
    case = busy.case(surgeon="b1", urgency="urgent")
    change_waiting(busy.theatre, busy.nurse, case.id, Urgency(due=FIRST))
    begins, ends = (pick(getattr(one.span, end) for one in plan.rooms if one.span.start.date() == FIRST)
                    for pick, end in ((min, "start"), (max, "end")))  # fmt: skip
    for room, surgeon in (("OR1", "s1"), ("OR2", "s2")):
        other = busy.case(surgeon=surgeon)
        before = ends - begins - HOUR - timedelta(minutes=busy.theatre.settings.turnover_minutes)
        book(busy.theatre, busy.nurse, other.id, room, begins, int(before / timedelta(minutes=1)))
    again = propose_week(busy.theatre, week())
    there = next(one for one in again.placed if one.case == case.number)
    assert (there.span.end, there.span.length) == (ends, HOUR)


def test_what_was_booked_meanwhile_stops_all_of_it(busy: Suite) -> None:
    plan = propose_week(busy.theatre, week())
    last = max(plan.placed, key=lambda one: one.span.start)
    other = busy.case(surgeon="s1")
    book(busy.theatre, busy.nurse, other.id, last.room, last.span.start, 30)
    with pytest.raises(Refused, match="is taken by case|is with case"):
        apply_week(busy.theatre, busy.nurse, plan.placed)
    assert len(waiting_list(busy.theatre)) == 10


def test_a_pinned_case_lies_where_it_is_pinned_beside_what_stands(busy: Suite) -> None:
    case = waiting_list(busy.theatre)[-1].case
    plan = propose_week(busy.theatre, week(pins=(Tie(case.number, "OR2", FIRST),)))
    there = next(one for one in plan.placed if one.case == case.number)
    assert (there.room, there.span.start.date()) == ("OR2", FIRST)
    again = propose_week(busy.theatre, week(forbidden=(Tie(case.number),)))
    assert "forbidden" in next(one.reason for one in again.unplaced if one.case == case.number)
    with pytest.raises(Refused, match="cannot lie where it is fixed"):
        propose_week(busy.theatre, week(pins=(Tie(case.number, "OR3"),)))
    with pytest.raises(Refused, match="does not wait"):
        propose_week(busy.theatre, week(pins=(Tie(999_999, "OR1"),)))
    with pytest.raises(BadInput, match="no room"):
        propose_week(busy.theatre, week(pins=(Tie(case.number, "OR9"),)))


def test_a_plan_that_loses_a_pin_is_not_shown(busy: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    case = waiting_list(busy.theatre)[-1].case
    plan = propose_week(busy.theatre, week(forbidden=(Tie(case.number),)))
    monkeypatch.setattr("ortool.services.planning.solve", lambda *_: plan)
    with pytest.raises(Refused, match=f"keeps what is fixed for case {case.number}"):
        propose_week(busy.theatre, week(pins=(Tie(case.number, "OR2"),)))


def test_an_urgent_case_that_does_not_fit_is_named_first(busy: Suite) -> None:
    case = busy.case(surgeon="b1", urgency="urgent")
    change_waiting(busy.theatre, busy.nurse, case.id, Urgency(due=FIRST, since=FIRST))
    plan = propose_week(busy.theatre, week())
    assert next(one for one in plan.placed if one.case == case.number).span.start.date() == FIRST
    plan = propose_week(busy.theatre, week(forbidden=(Tie(case.number),)))
    assert (plan.unplaced[0].case, plan.unplaced[0].missed) == (case.number, True)


def test_nothing_begins_inside_the_freeze_window(busy: Suite) -> None:
    frozen = busy.elsewhere(freeze_hours=26)
    try:
        plan = propose_week(frozen.theatre, week())
        assert plan.placed
        assert min(one.span.start for one in plan.placed) >= busy.clock.now + timedelta(hours=26)
        busy.clock.pass_time(hours=20)
        with pytest.raises(Refused, match="freeze window"):
            apply_week(frozen.theatre, frozen.nurse, plan.placed)
    finally:
        frozen.theatre.close()


def test_the_plan_is_judged_by_the_weights_of_the_settings(busy: Suite) -> None:
    plain = propose_week(busy.theatre, week())
    dear = busy.elsewhere(plan_idle_weight=3.0, plan_overtime_weight=3.0)
    try:
        assert propose_week(dear.theatre, week()).baseline.efficiency > 2 * plain.baseline.efficiency
    finally:
        dear.theatre.close()
    said = Settings(
        plan_priority_points=" 9,8, 7,6,5", plan_doubling_days=4, plan_overdue_points=3, plan_overdue_day_points=2,
        plan_idle_weight=1.5, plan_overtime_weight=2.5, plan_room_change_points=1, plan_late_percent=10,
    )  # fmt: skip
    assert weights_of(said) == Weights((9, 8, 7, 6, 5), 4, 3, 2, 1.5, 2.5, 1, late=0.1)
    assert weights_of(Settings()) == Weights()


def test_nothing_to_plan_is_a_sentence(suite: Suite) -> None:
    with pytest.raises(Refused, match="Nobody waits"):
        propose_week(suite.theatre, week())
    suite.case()
    with pytest.raises(Refused, match="No block and no room"):
        propose_week(suite.theatre, week())
    with pytest.raises(Refused, match="are past"):
        propose_week(suite.theatre, Week(date(2026, 11, 1), 2))
    with pytest.raises(Refused, match="places nobody"):
        apply_week(suite.theatre, suite.nurse, ())
