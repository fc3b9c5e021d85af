"""A late room and an emergency on a real database: what is proposed can be done, in one change, and taken back in one."""

from datetime import UTC, datetime, timedelta

import pytest

from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, Refused
from ortool.schedule.proposals import Kind
from ortool.services.booking import book, move
from ortool.services.cases import find_case
from ortool.services.journals import verify_journal
from ortool.services.replanning import Late, Urgent, apply, propose
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
