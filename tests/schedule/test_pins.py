"""Pins and urgent due cases: kept where that is possible at all, and where not, the few that clash and over what."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from ortool.presentation.week_plan import baseline_words
from ortool.schedule.durations import lognormal
from ortool.schedule.placing import Member, Rules
from ortool.schedule.planner.ground import ground_of
from ortool.schedule.planner.pins import cannot, clash, kept, lost
from ortool.schedule.planner.problem import Draw, Tie, WeekProblem
from ortool.schedule.planner.solve import Limits, solve
from ortool.schedule.planner.together import Answer, most, together
from ortool.schedule.resources import Need
from ortool.schedule.slots import Held, Span
from ortool.schedule.windows import Window, WindowKind
from tests.schedule.plan_check import violations
from tests.schedule.weeks import MONDAY, ZONE, at, week

QUICK = Limits(40, bound=False)


def rooms(*minutes: int, count: int = 2, surgeons: str = "abcdefgh", turnover: int = 0, needs=()) -> WeekProblem:
    """Return a Monday of blocks of ten hours, one a room, and cases of these minutes, each of its own surgeon."""
    made = week(1, rooms=count, days=1, cases=len(minutes))
    spans = Span(at(0, 7), at(0, 17))
    windows = [Window(WindowKind.BLOCK, f"room:OR{room}", spans, owner="service:all") for room in range(count)]
    waiting = []
    for waiter, length, who in zip(made.waiting, minutes, surgeons, strict=False):
        people = (Member(who, f"Dr {who.upper()}"),)
        wanted = replace(waiter.wanted, people=people, service="all", needs=needs, recovery=timedelta())
        plain = replace(waiter, priority=3, waited=10, due=None, urgent=False)
        waiting.append(replace(plain, wanted=wanted, duration=lognormal(length, length + 0.01)))
    return replace(made, windows=windows, waiting=waiting, rules=Rules(ZONE, timedelta(minutes=turnover)))


def pinned(problem: WeekProblem, **where) -> WeekProblem:
    return replace(problem, pins=tuple(Tie(one.number, day=MONDAY, **where) for one in problem.waiting))


def test_pins_that_no_simple_order_keeps_are_kept_all_the_same() -> None:
    # Two rooms of 600 minutes: 360 + 120 + 120 and 300 + 180 + 120. Neither the longest nor the shortest first finds it.
    problem = pinned(rooms(360, 300, 180, 120, 120, 120))
    ground = ground_of(problem)
    assert kept(ground, ground.items) is None
    assert clash(ground) == ""
    plan = solve(problem, 0, QUICK)
    assert {one.case for one in plan.placed} == {one.number for one in problem.waiting}
    assert violations(problem, plan) == []
    assert plan.baseline.unkept > 0 == plan.score.unkept
    assert "leaves out some of what must be placed" in baseline_words(plan)


def test_a_pin_outweighs_points_and_urgent_cases() -> None:
    urgent = rooms(300, 300, 600, count=1)
    problem = replace(
        urgent,
        waiting=[replace(one, urgent=True, due=MONDAY, priority=1) for one in urgent.waiting[:2]]
        + [replace(urgent.waiting[2], priority=5)],
        pins=(Tie(3, "OR0"),),
    )
    plan = solve(problem, 0, QUICK)
    assert [one.case for one in plan.placed] == [3]
    assert violations(problem, plan) == []
    assert [(one.case, one.missed) for one in plan.unplaced] == [(1, True), (2, True)]
    assert plan.unplaced[0].reason == (
        "Cases 1 (Dr A) and 3 (Dr C) must all be placed and cannot be: they need 900 min with turnover,"
        " and OR0 on Mon 30 Nov has 600."
    )


@pytest.mark.parametrize(
    ("problem", "named", "words"),
    [
        (rooms(300, 60, 310, 50, count=1), "1 (Dr A) and 3 (Dr C)", "they need 610 min with turnover, and OR0"),
        (rooms(400, 60, 400, surgeons="aba"), "1 (Dr A) and 3 (Dr A)", "Dr A cannot be in two rooms at the same time."),
        (rooms(310, 310, 310, count=3, needs=(Need("c-arm"),)), "1 (Dr A), 2 (Dr B) and 3 (Dr C)", "enough of C-arm for"),
        (rooms(310, 310, 310), "1 (Dr A), 2 (Dr B) and 3 (Dr C)", "there is not enough of OR0 and OR1 for all of them."),
    ],
    ids=["a block", "a surgeon", "two C-arms", "two rooms"],
)  # fmt: skip
def test_the_few_that_clash_are_named_with_what_they_clash_over(problem: WeekProblem, named: str, words: str) -> None:
    problem = pinned(problem)
    sentence = clash(ground_of(problem))
    assert sentence.startswith(f"What is fixed for cases {named} clashes: ")
    assert words in sentence
    gone = int(named.split(maxsplit=1)[0])
    assert clash(ground_of(replace(problem, pins=tuple(pin for pin in problem.pins if pin.case != gone)))) == ""


def test_what_stands_beyond_its_number_already_is_no_clash_of_the_pins() -> None:
    problem = pinned(rooms(60, 60, 60, count=3, needs=(Need("c-arm"),)))
    stands = Span(at(0, 7), at(0, 8))
    held = [Held("equipment:c-arm", lane, stands, f"90{lane}", "OR9") for lane in (1, 2, 3)]  # there are two by now
    crowded = replace(problem, held=held)
    ground = ground_of(crowded)
    assert together(ground, ground.items).board is not None
    assert clash(ground) == ""


def test_what_is_decided_is_what_trying_every_way_finds() -> None:
    found = Counter()
    for seed in range(40):
        chance = random.Random(seed)
        minutes = [5 * chance.randint(48, 61) for _ in range(4)]
        problem = pinned(rooms(*minutes, surgeons=chance.choice(("abca", "abab")), turnover=20))
        ground = ground_of(problem)
        is_impossible = cannot(ground, ground.items)
        assert is_impossible == (not _some_way(ground.items)), f"seed {seed}"
        found[is_impossible, kept(ground, ground.items) is None] += 1
    assert found.keys() == {(False, False), (False, True), (True, True)}  # a few orders are not enough to tell


def _some_way(items) -> bool:
    """Whether four cases fit into two rooms of 600 minutes with 20 of turnover: every share, order and start tried.

    A case begins when its room is ready or when its surgeon comes out of the other room: the left-shifted plans.
    """
    for sides in product((0, 1), repeat=len(items)):
        if _fits(
            {}, [(item.mean, item.waiter.wanted.people[0].id, side) for item, side in zip(items, sides, strict=True)]
        ):
            return True
    return False


def _fits(free: dict, left: list) -> bool:
    if not left:
        return True
    for place, (length, who, side) in enumerate(left):
        start = max(free.get(side, 0), free.get(who, 0))
        if start + length <= 600:
            after = {**free, side: start + length + 20, who: start + length}
            if _fits(after, left[:place] + left[place + 1 :]):
                return True
    return False


def test_what_nobody_could_decide_is_no_clash_and_is_said_of_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = pinned(rooms(400, 400, surgeons="aa"))
    assert clash(ground_of(problem)) != ""
    monkeypatch.setattr("ortool.schedule.planner.together.together", lambda *_: Answer(None, is_sure=False))
    assert clash(ground_of(problem)) == ""
    plan = solve(problem, 0, QUICK)
    (left,) = plan.unplaced
    assert lost(problem.pins, plan) == f"No plan was found that keeps what is fixed for case {left.case}."
    assert lost(problem.pins[:1], replace(plan, placed=(replace(plan.placed[0], case=1),))) == ""


def test_what_is_counted_by_the_day_is_kept_and_named() -> None:
    made = rooms(60, 60, 60)
    due = [replace(one, urgent=True, due=MONDAY, draws=(Draw("Ward A", 2),)) for one in made.waiting]
    problem = replace(made, waiting=due, quotas={("Ward A", MONDAY): 5})
    assert len(most(ground_of(problem)).at) == 2
    assert solve(problem, 0, QUICK).unplaced[0].reason.endswith("there is not enough of Ward A for all of them.")
    assert clash(ground_of(pinned(problem))).endswith(
        "Dr B) and 3 (Dr C) clashes: there is not enough of Ward A for all of them."
    )


def test_as_many_of_the_urgent_as_fit_are_placed_and_the_others_are_named_first() -> None:
    made = rooms(360, 300, 180, 120, 120, 120, 500, 400)
    waiting = [replace(one, urgent=True, due=MONDAY, priority=5) for one in made.waiting[:7]]
    problem = replace(made, waiting=[*waiting, replace(made.waiting[7], priority=1, waited=90)])
    plan = solve(problem, 0, QUICK)
    assert plan.score.missed == 1 < plan.baseline.missed
    assert plan.unplaced[0].missed
    assert "must all be placed and cannot be: there is not enough of OR0 and OR1" in plan.unplaced[0].reason
    assert violations(problem, plan) == []


def alone_in(problem: WeekProblem, *ties: Tie, **changed) -> str:
    """Return why the first case cannot lie where it is fixed, in a week that is changed so."""
    return clash(ground_of(replace(problem, pins=ties or (Tie(1, "OR0", MONDAY),), **changed)))


def test_a_case_that_cannot_lie_where_it_is_fixed_says_which_rule_would_have_to_give() -> None:
    problem = rooms(300, 60)
    first, *others = problem.waiting
    whole, morning, tuesday = Span(at(0, 7), at(0, 17)), Span(at(0, 8), at(0, 15)), MONDAY + timedelta(days=1)
    two_days = [*problem.windows, *(replace(one, span=one.span.moved(timedelta(days=1))) for one in problem.windows)]

    def window(kind: WindowKind, resource: str) -> list[Window]:
        return [*problem.windows, Window(kind, resource, morning)]

    def wanting(**changed) -> list:
        return [replace(first, wanted=replace(first.wanted, **changed)), *others]

    found = [
        alone_in(problem, Tie(1, "OR0"), Tie(1, "OR1")),
        alone_in(problem, forbidden=(Tie(1, "OR0"),)),
        alone_in(problem, not_before=at(0, 14)),
        alone_in(
            problem,
            Tie(1, None, tuesday),
            waiting=[replace(first, urgent=True, due=MONDAY), *others],
            days=2,
            windows=two_days,
        ),
        alone_in(problem, windows=window(WindowKind.LEAVE, "person:a")),
        alone_in(problem, windows=window(WindowKind.CLOSURE, "room:OR0")),
        alone_in(problem, windows=window(WindowKind.CLOSURE, "all")),
        alone_in(problem, windows=[replace(one, owner="service:hand") for one in problem.windows]),
        alone_in(problem, held=[Held("room:OR0", 1, morning, "9", "OR0")]),
        alone_in(problem, held=[Held("person:a", 1, whole, "9", "OR1")]),
        alone_in(problem, held=[Held("person:a", 1, whole, "9", "OR1"), Held("room:OR0", 1, whole, "8", "OR0")]),
        alone_in(problem, waiting=wanting(needs=(Need("hybrid"),))),
        alone_in(problem, waiting=[replace(first, duration=lognormal(700, 701)), *others]),
    ]
    assert [one.removeprefix("Case 1 cannot lie where it is fixed: ") for one in found] == [
        "It is fixed in more than one place.",
        "It is forbidden there as well.",
        "That is past or within the freeze window.",
        "It is due by Mon 30 Nov.",
        "Dr A is away then.",
        "OR0 is closed then.",
        "The theatre is closed then.",
        "The blocks there belong to others.",
        "OR0 is taken then by what stands already.",
        "Dr A is taken then by what stands already.",
        "What stands already leaves no place for it.",
        "Case 1 needs hybrid, which OR0 does not have. No room here can, and there is no such equipment.",
        "It takes 700 min, and the longest block that is open to it has 600.",
    ]
