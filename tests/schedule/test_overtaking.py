"""Who was overtaken: worked by hand in a week of one block, and asked of the definition in made-up weeks."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ortool.presentation.week_plan import fairness_words, overtaken_words, plan_json
from ortool.schedule.durations import lognormal
from ortool.schedule.placing import Member
from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import ground_of
from ortool.schedule.planner.outcome import outcome
from ortool.schedule.planner.problem import Queued, Tie, Waiter, WeekPlan, WeekProblem
from ortool.schedule.planner.solve import Limits, solve
from ortool.schedule.resources import Need
from ortool.schedule.windows import Window, WindowKind
from tests.schedule.weeks import MONDAY, week


def one_block(*lines: dict, **more) -> WeekProblem:
    """Return a day of one block with cases numbered from 1, all of one surgeon unless a line says otherwise."""
    made = week(11, rooms=1, days=1, cases=len(lines))
    service = made.windows[0].owner.removeprefix("service:")
    waiting = []
    for waiter, line in zip(made.waiting, lines, strict=True):
        said = {"who": "su", "service": service, "minutes": 120, "needs": (), "priority": 3, "waited": 10} | line
        who, minutes = said.pop("who"), said.pop("minutes")
        wanted = replace(
            waiter.wanted, people=(Member(who, "Dr X"),), service=said.pop("service"), needs=said.pop("needs")
        )
        plain = replace(waiter, duration=lognormal(minutes, minutes + 0.1), due=None, urgent=False)
        waiting.append(replace(plain, wanted=wanted, **said))
    return replace(made, waiting=waiting, **more)


def lying(problem: WeekProblem, *numbers: int) -> WeekPlan:
    """Return the plan in which these cases lie one after the other."""
    ground = ground_of(problem)
    board = Board(ground)
    for item in ground.items:
        if item.waiter.number in numbers:
            start = board.first(item, ground.openings[0])
            assert start is not None
            board.put(item, ground.openings[0], start)
    return outcome(board, board.score(), "", "", 0, None)


def passed(problem: WeekProblem, *numbers: int) -> dict[int, list[int]]:
    return {one.waits.case: [by.case for by in one.by] for one in lying(problem, *numbers).overtaken}


def test_priority_goes_before_waiting_and_waiting_before_nothing() -> None:
    problem = one_block({"priority": 3, "waited": 10}, {"priority": 4, "waited": 90}, {"priority": 3, "waited": 11})
    assert passed(problem, 1) == {3: [1]}
    assert passed(problem, 2) == {3: [2], 1: [2]}  # whose turn it was first stands first
    assert passed(problem, 3) == {}
    assert passed(one_block({}, {}), 1) == {}  # equals do not overtake one another


def test_the_ones_that_stand_furthest_behind_are_named_and_all_are_counted() -> None:
    problem = one_block({"priority": 1}, *({"priority": priority, "minutes": 60} for priority in (2, 5, 4, 3, 5)))
    (one,) = lying(problem, 2, 3, 4, 5, 6).overtaken
    assert one.by == (Queued(6, 5, 10), Queued(3, 5, 10), Queued(4, 4, 10))
    assert one.count == 5
    assert "full" in one.reason
    assert overtaken_words(one) == (
        "Case 1 (priority 1, 10 days) by 6 (priority 5, 10 days), 3 (priority 5, 10 days), 4 (priority 4, 10 days)"
        " and 2 more"
    )


def test_what_is_due_in_these_days_has_its_turn() -> None:
    due = {"due": MONDAY}
    assert passed(one_block({"waited": 80}, {"waited": 1, **due}), 2) == {}
    assert passed(one_block({"waited": 80, **due}, {"waited": 1, **due}), 2) == {1: [2]}
    assert passed(one_block({"waited": 80}, {"waited": 1, "due": MONDAY + timedelta(days=9)}), 2) == {1: [2]}
    assert passed(one_block({"priority": 2}, {"priority": 5, "urgent": True, **due}), 2) == {}


@pytest.mark.parametrize(
    "line",
    [{"who": "other", "service": "another"}, {"minutes": 500}, {"needs": (Need("hybrid"),)}],
    ids=["another line", "too long for the block", "a room of another kind"],
)
def test_who_could_not_have_used_the_block_was_not_overtaken(line: dict) -> None:
    assert passed(one_block({"priority": 1, **line}, {"priority": 5}), 2) == {}


def test_nor_was_who_is_away_or_forbidden_there() -> None:
    problem = one_block({"priority": 1, "who": "away"}, {"priority": 5})
    assert passed(problem, 2) == {1: [2]}
    assert passed(replace(problem, forbidden=(Tie(1),)), 2) == {}
    leave = Window(WindowKind.LEAVE, "person:away", problem.windows[0].span)
    assert passed(replace(problem, windows=[*problem.windows, leave]), 2) == {}


def test_a_surgeon_who_works_for_two_services_has_one_line() -> None:
    open_room = one_block({"priority": 1, "service": "another"}, {"priority": 5}, windows=())
    assert passed(open_room, 2) == {1: [2]}
    strangers = one_block({"priority": 1, "service": "", "who": "other"}, {"priority": 5, "service": ""}, windows=())
    assert passed(strangers, 2) == {}


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_a_plan_says_it_of_exactly_those_of_whom_it_is_true(seed: int) -> None:
    """Blocks here belong to services, and nothing stands or is closed: who overtakes can be counted in another way."""
    problem = week(seed, rooms=3, days=2, cases=120)
    plan = solve(problem, 0, Limits(60, bound=False))
    sizes = {item.waiter.number: item.mean for item in ground_of(problem).items}
    last = MONDAY + timedelta(days=1)
    counted = {}
    for waiter in problem.waiting:
        if waiter.number in {one.case for one in plan.unplaced} and sizes[waiter.number] <= 480:
            able = {"OR0"} if Need("laminar") in waiter.wanted.needs else {"OR0", "OR1", "OR2"}
            by = [one for one in plan.placed if one.room in able and _stands_behind(problem, one.case, waiter, last)]
            counted[waiter.number] = len(by)
    assert {one.waits.case: one.count for one in plan.overtaken} == {case: n for case, n in counted.items() if n}
    assert 0 < sum(n > 0 for n in counted.values()) < len(counted)
    assert [one["case"] for one in plan_json(plan)["overtaken"]] == [one.waits.case for one in plan.overtaken]
    assert f"{len(plan.overtaken)} of them were overtaken" in fairness_words(plan)
    assert fairness_words(replace(plan, overtaken=())) == ""


def _stands_behind(problem: WeekProblem, case: int, waiter: Waiter, last: date) -> bool:
    other = next(one for one in problem.waiting if one.number == case)
    due, others = (one.due is not None and one.due <= last for one in (waiter, other))
    if other.wanted.service != waiter.wanted.service or (other.urgent and others and not (waiter.urgent and due)):
        return False
    if waiter.urgent and due and not (other.urgent and others):
        return True
    if other.priority != waiter.priority:
        return other.priority > waiter.priority
    return due if due != others else other.waited < waiter.waited
