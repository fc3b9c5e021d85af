"""A late room and an emergency on a real database: what is proposed can be done, in one change, and taken back in one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, Refused
from ortool.presentation.replan_lines import sentences
from ortool.schedule.proposals import Emergency, Kind
from ortool.schedule.recurrence import Series
from ortool.schedule.windows import WindowKind
from ortool.services.booking import book, move
from ortool.services.cases import find_case
from ortool.services.journals import verify_journal
from ortool.services.replanning import Late, Urgent, apply, asked, propose
from ortool.services.series import set_series
from ortool.services.substitutes import other_surgeons
from ortool.services.teams import change_team
from ortool.services.undoing import undo_last
from tests.services.suite import Suite


def at(hour: float) -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def late_day(suite: Suite) -> Suite:
    """OR1: 1001 runs since 8, then 1002, 1003 of the same surgeon; OR2: 1004 at 9; OR3 is free until 1005 at 10."""
    for room, hour, length, surgeon in (
        ("OR1", 8, 60, "s1"), ("OR1", 9, 60, "s1"), ("OR1", 10, 60, "s1"), ("OR2", 9, 120, "s2"), ("OR3", 10, 60, "b1"),
    ):  # fmt: skip
        case = suite.case(surgeon=surgeon)
        book(suite.theatre, suite.nurse, case.id, room, at(hour), length)
    suite.act(find_case(suite.theatre, "1001"), StampMilestone("PIR"))
    suite.clock.pass_time(minutes=10)
    return suite


def places(suite: Suite) -> dict[int, tuple[str, datetime]]:
    from ortool.services.boards import case_list

    found = case_list(suite.theatre, at(0).date(), 2)
    return {case.number: (slot.room_id, slot.start) for case, slot in found if slot and not slot.cancelled}


def is_whole(suite: Suite) -> None:
    assert [str(fault) for fault in verify_journal(suite.theatre).faults] == []


def test_a_late_room_is_answered_applied_and_taken_back_in_one(late_day: Suite) -> None:
    before, head = places(late_day), late_day.head()
    plans = propose(late_day.theatre, Late("OR1", 40))
    assert late_day.head() == head
    assert 2 <= len(plans) <= 3
    shift = plans[0]
    assert shift.proposal.kind is Kind.SHIFT
    assert {one.number: one.minutes for one in shift.proposal.moves} == {1002: 40, 1003: 40}
    assert [(one.name, one.role, one.cases) for one in shift.told] == [("Dr Stone", "surgeon", (1002, 1003))]
    for number in range(len(plans)):
        plan = propose(late_day.theatre, Late("OR1", 40))[number]
        apply(late_day.theatre, late_day.nurse, plan)
        wanted = before | {m.number: (m.after.room, m.after.span.start) for m in plan.proposal.moves if m.after}
        assert places(late_day) == wanted
        is_whole(late_day)
        undo_last(late_day.theatre, late_day.nurse)
        assert places(late_day) == before


def test_an_emergency_is_placed_in_time_with_everybody_it_moves(late_day: Suite) -> None:
    case = late_day.case(surgeon="s2", urgency="emergency")
    before = places(late_day)
    plans = propose(late_day.theatre, Urgent(case.id, 45))
    assert plans
    for plan in plans:
        [placed] = [one for one in plan.proposal.moves if one.number == case.number]
        assert placed.after is not None
        assert at(8 + 10 / 60) <= placed.after.span.start <= at(8 + 55 / 60)
        assert "Dr Brook" in [one.name for one in plan.told]
    apply(late_day.theatre, late_day.nurse, plans[-1])
    assert case.number in places(late_day)
    is_whole(late_day)
    undo_last(late_day.theatre, late_day.nurse)
    assert places(late_day) == before
    with pytest.raises(Refused, match="does not wait"):
        propose(late_day.theatre, Urgent(find_case(late_day.theatre, "1004").id, 45))


def test_a_day_that_changed_since_is_refused_in_a_sentence(late_day: Suite) -> None:
    plan = propose(late_day.theatre, Late("OR1", 40))[0]
    other = find_case(late_day.theatre, "1005")
    move(late_day.theatre, late_day.nurse, other.id, "OR3", at(14), 60)
    head = late_day.head()
    with pytest.raises(Refused, match="Case 1005 was changed since this was proposed; nothing was moved"):
        apply(late_day.theatre, late_day.nurse, plan)
    assert late_day.head() == head


def test_a_case_that_has_begun_meanwhile_is_not_moved(late_day: Suite) -> None:
    plan = propose(late_day.theatre, Late("OR1", 40))[0]
    late_day.act(find_case(late_day.theatre, "1002"), StampMilestone("PIR"))
    with pytest.raises(Refused, match="1002 is in room"):
        apply(late_day.theatre, late_day.nurse, plan)


def test_what_is_frozen_moves_only_when_asked_and_with_a_reason(late_day: Suite) -> None:
    cold = late_day.elsewhere(freeze_hours=1)
    try:
        plans = propose(cold.theatre, Late("OR1", 80))
        for plan in plans:
            assert 1002 not in {one.number for one in plan.proposal.moves}
            assert [(one.number, one.minutes) for one in plan.proposal.kept] == [(1002, 80)]
        thawed = propose(cold.theatre, Late("OR1", 80), move_frozen=True)[0]
        assert 1002 in thawed.thawed
        with pytest.raises(Refused, match="frozen"):
            apply(cold.theatre, cold.nurse, thawed)
        apply(cold.theatre, cold.nurse, thawed, "1001 over-ran")
    finally:
        cold.theatre.close()


@pytest.mark.parametrize(
    ("of", "minutes"), [("OR9", 10), ("OR1", 0), ("OR1", 100000), ("Dr Nobody", 10), ("Dr Ether", 10)]
)
def test_a_delay_that_is_none_is_a_sentence(late_day: Suite, of: str, minutes: int) -> None:
    with pytest.raises((BadInput, Refused)):
        propose(late_day.theatre, Late(of, minutes))


@pytest.fixture
def busy_surgeon(late_day: Suite) -> tuple[Suite, str]:
    """An emergency of Dr Brook, who is under way in OR2 from 9 to 11; Dr Stone's cases begun, Dr Both free till 10."""
    late_day.clock.now = at(9)
    late_day.act(find_case(late_day.theatre, "1004"), StampMilestone("PIR"))
    return late_day, late_day.case(surgeon="s2", urgency="emergency").id


def test_an_emergency_goes_to_another_surgeon_of_its_specialty_and_back(busy_surgeon: tuple[Suite, str]) -> None:
    suite, case = busy_surgeon
    own = propose(suite.theatre, Urgent(case, 30))
    assert all(plan.instead is None for plan in own)
    before, head = places(suite), suite.head()
    plans = propose(suite.theatre, Urgent(case, 30, any_surgeon=True))
    assert suite.head() == head
    best = plans[0]
    assert best.instead is not None
    assert best.instead.former_name == "Dr Brook"
    assert best.proposal.cost.total < min(plan.proposal.cost.total for plan in own)
    assert best.proposal.cost.late == 0
    words = sentences(best, suite.theatre.settings.zone)
    assert words[0] == f"Case 1006 with {best.instead.name} instead of Dr Brook."
    told = {one.name for one in best.told if 1006 in one.cases}
    assert {best.instead.name, "Dr Brook"} <= told
    apply(suite.theatre, suite.nurse, best)
    assert find_case(suite.theatre, "1006").surgeon == best.instead.name
    assert "1006" in {str(number) for number in places(suite)}
    is_whole(suite)
    undo_last(suite.theatre, suite.nurse)
    assert find_case(suite.theatre, "1006").surgeon == "Dr Brook"
    assert places(suite) == before
    is_whole(suite)


def test_who_is_away_or_not_of_the_specialty_is_no_substitute(busy_surgeon: tuple[Suite, str]) -> None:
    suite, case = busy_surgeon
    for person in ("s1", "b1"):
        leave = Series("", WindowKind.LEAVE, f"person:{person}", at(0).date(), "00:00", "24:00")
        set_series(suite.theatre, suite.nurse, leave)
        found = asked(suite.theatre, Urgent(case, 30, any_surgeon=True)).others
        assert person not in {one.surgeon for one in found}
    assert found == ()
    assert all(plan.instead is None for plan in propose(suite.theatre, Urgent(case, 30, any_surgeon=True)))


def test_only_slots_of_the_specialty_within_months_make_a_substitute(busy_surgeon: tuple[Suite, str]) -> None:
    suite, case = busy_surgeon
    urgent = asked(suite.theatre, Urgent(case, 30)).situation.emergency
    assert urgent is not None
    other = replace(urgent, wanted=replace(urgent.wanted, service="cardiac"))

    def found(one: Emergency, now: datetime) -> set[str]:
        with suite.theatre.reading() as session:
            return {who.surgeon for who in other_surgeons(session, one, (), now, {})}

    assert found(urgent, at(9)) == {"s1", "b1"}
    assert found(other, at(9)) == set()
    assert found(urgent, at(9 + 24 * 91)) == found(urgent, at(9 - 24 * 31)) == set()


def test_another_surgeon_named_meanwhile_refuses_the_proposal(busy_surgeon: tuple[Suite, str]) -> None:
    suite, case = busy_surgeon
    plan = propose(suite.theatre, Urgent(case, 30, any_surgeon=True))[0]
    change_team(suite.theatre, suite.nurse, case, surgeon="s1")
    head = suite.head()
    with pytest.raises(Refused, match="Case 1006 has another surgeon since this was proposed"):
        apply(suite.theatre, suite.nurse, plan)
    assert suite.head() == head
