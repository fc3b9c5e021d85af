"""The search in a process of its own: what it tells, how it is stopped, and that it never outlives who asked."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from ortool.errors import OrtoolError, Refused
from ortool.schedule.planner.problem import Tie, WeekPlan
from ortool.schedule.planner.solve import Limits, Progress, solve
from ortool.services.plan_apart import Asked, Budget, Search, bounds, settled
from tests.schedule.plan_check import violations
from tests.schedule.weeks import MONDAY, week

PROBLEM = week(3, rooms=2, days=2, cases=20)


async def test_a_first_plan_comes_at_once_and_the_same_plan_each_time() -> None:
    told: list[Progress | WeekPlan] = []
    asked = Asked(PROBLEM, Budget(steps=80))
    search = Search(told.append)
    plan = await search.run(asked)
    first = told[0]
    assert isinstance(first, WeekPlan)
    assert first.score == first.baseline
    assert plan.score.key >= first.score.key
    assert violations(PROBLEM, plan) == []
    assert not search.is_cut
    assert any(isinstance(one, Progress) for one in told)
    assert await Search(lambda _: None).run(asked) == plan


async def test_a_plan_that_is_shown_is_where_the_next_search_begins() -> None:
    plan = await Search(lambda _: None).run(Asked(PROBLEM, Budget(steps=80)))
    told: list[Progress | WeekPlan] = []
    await Search(told.append).run(Asked(PROBLEM, Budget(steps=1), 1, plan))
    assert isinstance(told[0], WeekPlan)
    assert told[0].score.key >= plan.score.key


async def test_it_ends_when_it_is_stopped_and_when_nobody_waits_for_it() -> None:
    search: Search
    seen = asyncio.Event()

    def hear(_: Progress | WeekPlan) -> None:
        seen.set()

    search = Search(hear)
    running = asyncio.create_task(search.run(Asked(PROBLEM, Budget(seconds=600.0))))
    await seen.wait()
    search.stop()
    assert (await running).placed
    seen.clear()
    search = Search(hear)
    running = asyncio.create_task(search.run(Asked(PROBLEM, Budget(seconds=600.0))))
    await seen.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert search._process is not None
    assert search._process.returncode is not None


async def test_what_clashes_is_refused_and_a_process_that_dies_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    number = PROBLEM.waiting[0].number
    tied = replace(PROBLEM, pins=(Tie(number, "OR1", MONDAY),), forbidden=(Tie(number, "OR1"),))
    with pytest.raises(Refused, match=f"Case {number} cannot lie where it is fixed"):
        await Search(lambda _: None).run(Asked(tied, Budget(steps=1)))
    search: Search

    def shoot(_: Progress | WeekPlan) -> None:
        assert search._process is not None
        os.kill(search._process.pid, signal.SIGKILL)

    search = Search(shoot)
    assert (await search.run(Asked(PROBLEM, Budget(seconds=600.0)))).placed
    assert search.is_cut
    for program, said in (("/bin/false", "ended without one"), ("/no/such/program", "cannot be begun here")):
        monkeypatch.setattr(sys, "executable", program)
        with pytest.raises(OrtoolError, match=said):
            await Search(lambda _: None).run(Asked(PROBLEM, Budget(steps=1)))


def test_a_better_plan_must_be_worth_what_it_moves() -> None:
    first = solve(PROBLEM, 0, Limits(0, bound=False))
    one, *rest = first.placed
    elsewhere = (replace(one, room="OR0" if one.room == "OR1" else "OR1"), *rest)
    for gain, is_taken in ((9, False), (10, True)):
        score = replace(first.score, urgency=first.score.urgency + gain)
        better = replace(first, score=score, bound=9999.0)
        moved = replace(better, placed=elsewhere)
        assert settled(first, first, better) is better
        assert settled(first, first, moved) == (moved if is_taken else replace(first, bound=9999.0))
    fewer = replace(moved, score=replace(first.score, missed=first.score.missed - 1))
    assert settled(first, first, fewer) is fewer


async def test_a_bound_that_is_known_holds_where_only_more_is_forbidden() -> None:
    tie = Tie(PROBLEM.waiting[0].number, "OR1", MONDAY)
    fewer = replace(PROBLEM, forbidden=(tie,))
    assert bounds(PROBLEM, fewer)
    assert not bounds(fewer, PROBLEM)
    assert not bounds(PROBLEM, replace(PROBLEM, pins=(tie,)))
    assert not bounds(PROBLEM, replace(PROBLEM, not_before=PROBLEM.not_before + timedelta(hours=9)))
    assert not bounds(PROBLEM, replace(PROBLEM, waiting=PROBLEM.waiting[1:]))
    plan = await Search(lambda _: None).run(Asked(fewer, Budget(steps=1), known=(PROBLEM, 1.0)))
    assert plan.bound == 1.0
