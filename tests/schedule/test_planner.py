"""The planner of a week: legal by an independent judge, never worse than a simple rule, the same for a seed."""

import os
import random
from dataclasses import replace
from itertools import combinations

import pytest

from ortool.schedule.durations import lognormal
from ortool.schedule.planner.board import Board
from ortool.schedule.planner.columns import Columns
from ortool.schedule.planner.ground import ground_of
from ortool.schedule.planner.pins import clash
from ortool.schedule.planner.problem import Tie, WeekProblem
from ortool.schedule.planner.reasons import reason
from ortool.schedule.planner.solve import Limits, solve
from ortool.schedule.resources import Need
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind
from tests.schedule.plan_check import violations
from tests.schedule.weeks import MONDAY, at, week

MANY = int(os.environ.get("ORTOOL_PLANS", "1000" if os.environ.get("ORTOOL_LONG") == "1" else "24"))
"""How many random plans are judged; a thousand by hand."""
QUICK = Limits(60, bound=False)


def keepable(problem: WeekProblem) -> WeekProblem:
    """Return the week with as many of its pins as can be kept, as somebody would who is told which clash."""
    while clash(ground_of(problem)):
        problem = replace(problem, pins=problem.pins[:-1])
    return problem


@pytest.mark.parametrize("seed", range(MANY))
def test_no_plan_breaks_a_rule(seed: int) -> None:
    problem = keepable(week(seed, rooms=1 + seed % 4, days=1 + seed % 3, cases=5 + seed * 7 % 40, rough=True))
    plan = solve(problem, seed, QUICK)
    assert violations(problem, plan) == []
    assert plan.score.key >= plan.baseline.key


@pytest.mark.parametrize("seed", range(max(4, MANY // 8)))
def test_no_plan_exceeds_the_bound_and_patterns_make_legal_plans(seed: int) -> None:
    problem = keepable(week(seed, rooms=2 + seed % 3, days=1 + seed % 3, cases=20 + seed * 7 % 40, rough=True))
    seen = []
    plan = solve(problem, seed, Limits(1200), seen.append)
    assert violations(problem, plan) == []
    assert plan.bound is not None or not plan.rooms
    assert plan.baseline.key <= plan.score.key
    assert plan.score.points <= (plan.bound or 0.0) + 1e-6
    if plan.baseline.key[0] == plan.score.key[0]:  # else points gave way to what must lie
        assert [one.best for one in seen] == sorted(one.best for one in seen)


def test_the_bound_meets_its_program_when_no_pattern_is_missing() -> None:
    columns = Columns(ground_of(week(4, rooms=6, days=3, cases=120)))
    for _ in columns.rounds(lambda: False, 0.004):
        pass
    assert columns.value <= columns.bound <= columns.value * 1.004


def test_the_best_plan_of_one_block_is_found_and_proven() -> None:
    made = week(11, rooms=1, days=1, cases=11)
    chance = random.Random(4)
    waiting = [
        replace(w, duration=lognormal(m, m + 0.01), wanted=replace(w.wanted, needs=()))
        for w in made.waiting
        for m in (5 * chance.randint(8, 40),)
    ]
    problem = replace(made, waiting=waiting)
    worth = {w.number: (_points(w), round(w.duration.p50)) for w in waiting}
    best = max(
        sum(worth[n][0] for n in some) - (480 - work)
        for size in range(1, 8)
        for some in combinations(worth, size)
        for work in (sum(worth[n][1] for n in some) + 20 * (size - 1),)
        if work <= 480
    )
    plan = solve(problem, 0, Limits(2000))
    assert plan.score.points == pytest.approx(best, abs=1.0)
    assert plan.gap is not None
    assert plan.gap < 0.01


def _points(waiter) -> float:
    points = (400, 200, 100, 50, 25)[waiter.priority - 1] * (1 + waiter.waited / 28)
    return points + (200 + 10 * (MONDAY - waiter.due).days if waiter.due and waiter.due <= MONDAY else 0)


def test_the_same_seed_and_work_give_the_same_plan_and_ctrl_c_keeps_the_best() -> None:
    problem = week(3, rooms=3, days=2, cases=30)
    limits = Limits(100)
    assert solve(problem, 5, limits) == solve(problem, 5, limits)

    def interrupt(now) -> None:
        if now.steps:
            raise KeyboardInterrupt

    stopped = solve(problem, 5, QUICK, interrupt)
    assert violations(problem, stopped) == []
    assert stopped.score.key >= stopped.baseline.key


def test_an_earlier_plan_is_a_beginning_for_the_next() -> None:
    problem = week(3, rooms=3, days=2, cases=30)
    plan = solve(problem, 5, Limits(300, bound=False))
    assert plan.score.points > plan.baseline.points
    again = solve(problem, 5, Limits(1, bound=False), warm=plan)
    assert again.score.points >= plan.score.points
    gone = plan.placed[0].case
    other = solve(replace(problem, forbidden=(Tie(gone),)), 5, Limits(1, bound=False), warm=plan)
    assert violations(replace(problem, forbidden=(Tie(gone),)), other) == []
    kept = {(one.case, one.room, one.span) for one in plan.placed} & {
        (one.case, one.room, one.span) for one in other.placed
    }
    assert len(kept) >= len(plan.placed) - 4


def test_pins_are_kept_and_those_that_clash_are_named() -> None:
    problem = week(3, rooms=3, days=2, cases=30)
    ground = ground_of(problem)
    spine = [item for item in ground.items if {ground.openings[i].room for i in item.openings} == {"OR1"}]
    first = spine[0]
    pinned = replace(problem, pins=(Tie(first.waiter.number, "OR1", MONDAY),))
    plan = solve(pinned, 0, QUICK)
    assert violations(pinned, plan) == []
    assert any(one.case == first.waiter.number for one in plan.placed)
    long = [one for one in spine if one.mean > 100][:8]
    crowd = replace(problem, pins=tuple(Tie(one.waiter.number, "OR1", MONDAY) for one in long))
    sentence = clash(ground_of(crowd))
    assert "clashes" in sentence
    assert "OR1 on Mon 30 Nov has 480" in sentence
    named = [one for one in long if f" {one.waiter.number} (" in sentence]
    fewer = replace(problem, pins=tuple(Tie(one.waiter.number, "OR1", MONDAY) for one in named[1:]))
    assert clash(ground_of(fewer)) == ""


def test_each_reason_names_what_would_have_to_give() -> None:
    problem = week(3, rooms=2, days=1, cases=12)
    waiter = problem.waiting[0]

    def why(changed) -> str:
        ground = ground_of(changed)
        return reason(Board(ground), ground.items[0])

    def asking(**change):
        return replace(problem, waiting=[replace(waiter, wanted=replace(waiter.wanted, **change))])

    assert "no such equipment" in why(asking(needs=(Need("laser"),)))
    assert "there are 2 in all" in why(asking(needs=(Need("c-arm", 3),)))
    assert "has a block" in why(asking(service="nobody", people=()))
    assert "the longest block" in why(replace(problem, waiting=[replace(waiter, duration=lognormal(700, 800))]))
    away = Window(WindowKind.LEAVE, f"person:{waiter.wanted.people[0].id}", Span(at(0, 0), at(1, 0)))
    assert "is not free" in why(replace(problem, windows=[*problem.windows, away]))


def test_nothing_to_plan_is_an_empty_plan() -> None:
    problem = replace(week(1, rooms=1, days=1, cases=3), waiting=())
    assert solve(problem, 0, QUICK).placed == ()
    closed = replace(
        week(1, rooms=1, days=1, cases=3), windows=[Window(WindowKind.CLOSURE, "all", Span(at(0, 0), at(1, 0)))]
    )
    plan = solve(closed, 0, QUICK)
    assert plan.placed == ()
    assert {one.reason for one in plan.unplaced} == {"No block is open in these days."}
