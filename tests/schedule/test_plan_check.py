"""The judge of plans itself: a plan that is sound, and every rule broken once in it. Each time it finds that and no more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ortool.schedule.durations import lognormal
from ortool.schedule.hours import read_hours
from ortool.schedule.placing import Member, Rules, Wanted
from ortool.schedule.planner.problem import Placed, RoomDay, Score, Tie, Unplaced, Waiter, WeekPlan, WeekProblem
from ortool.schedule.resources import Equipment, House, Kind, Need, Room
from ortool.schedule.slots import Held, Span
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind
from tests.schedule.plan_check import violations
from tests.schedule.weeks import MONDAY, ZONE, at

TUESDAY = MONDAY + timedelta(days=1)
Broken = tuple[WeekProblem, WeekPlan]
NONE = Score(0, 0.0, 0.0, 0.0)


def span(first: str, last: str, day: int = 0) -> Span:
    return Span(*(at(day, *(int(part) for part in one.split(":"))) for one in (first, last)))


def waiter(
    number: int, surgeon: str, anaesthetist: str = "", needs: str = "", recovery: int = 0, **more: Any
) -> Waiter:
    people = [Member(surgeon, surgeon), *([Member(anaesthetist, anaesthetist, "anaesthetist")] if anaesthetist else [])]
    wanted = Wanted(f"c{number}", number, f"H{number}", tuple(people), "spine", tuple(Need(one) for one in needs.split()),
                    recovery=timedelta(minutes=recovery))  # fmt: skip
    return Waiter(wanted, lognormal(60, 90), **more)


LIES = {
    1: ("OR0", "8:00", "10:00"),
    2: ("OR0", "10:20", "12:00"),
    3: ("OR1", "8:00", "10:00"),
    4: ("OR1", "12:30", "14:00"),
}
WAITING = (
    waiter(1, "a", "x", "c-arm", 30),
    waiter(2, "c", "", "scope-set"),
    waiter(3, "b", "y"),
    waiter(4, "b"),
    waiter(5, "a"),
    waiter(6, "a", urgent=True, due=MONDAY),
)
STANDS = span("14:30", "15:30")
PROBLEM = WeekProblem(
    House(
        {room: Room(room, room, frozenset(), read_hours("mon-sun 07:00-18:00")) for room in ("OR0", "OR1")},
        {
            "c-arm": Equipment("c-arm", "C-arm", Kind.EQUIPMENT, 1),
            "scope-set": Equipment("scope-set", "Scope set", Kind.SET, 1, timedelta(hours=4)),
            "pacu": Equipment("pacu", "Recovery bed", Kind.RECOVERY, 1, timedelta(minutes=10)),
        },
    ),
    Rules(ZONE, timedelta(minutes=20)),
    [
        Window(WindowKind.BLOCK, f"room:{room}", span("8:00", "16:00", day), owner="service:spine")
        for room in ("OR0", "OR1")
        for day in (0, 1)
    ],
    [Held("room:OR1", 1, STANDS, "9", "OR1"), Held("person:b", 1, STANDS, "9", "OR1"), Held("equipment:c-arm", 1, STANDS, "9", "OR1")],
    WAITING,
    MONDAY,
    2,
    at(0, 0),
)  # fmt: skip
PLAN = WeekPlan(
    tuple(Placed(number, f"c{number}", room, span(first, last)) for number, (room, first, last) in LIES.items()),
    (Unplaced(6, "c6", "It is full.", missed=True), Unplaced(5, "c5", "It is full.")),
    (), NONE, NONE, "", "", 0,
)  # fmt: skip


def lying(number: int, first: str, last: str, day: int = 0, room: str = "") -> Broken:
    placed = [
        replace(one, span=span(first, last, day), room=room or one.room) if one.case == number else one
        for one in PLAN.placed
    ]
    return PROBLEM, replace(PLAN, placed=tuple(placed))


def saying(number: int, **changed: Any) -> Broken:
    """Return the plan with other words about one case: of its waiting, or of what it wants."""
    fields = {name: changed.pop(name) for name in ("urgent", "due") if name in changed}
    some = [
        replace(one, **fields, wanted=replace(one.wanted, **changed)) if one.number == number else one
        for one in WAITING
    ]
    return replace(PROBLEM, waiting=some), PLAN


def week_of(**changed: Any) -> Broken:
    return replace(PROBLEM, **changed), PLAN


def closed(kind: WindowKind, resource: str, first: str, last: str) -> Broken:
    return week_of(windows=[*PROBLEM.windows, Window(kind, resource, span(first, last))])


def owned(owner: str) -> Broken:
    return week_of(
        windows=[replace(one, owner=owner) if one.resource == "room:OR1" else one for one in PROBLEM.windows]
    )


def told(**changed: Any) -> Broken:
    return PROBLEM, replace(PLAN, **changed)


def late(due: date) -> Broken:
    _, plan = lying(4, "9:00", "10:30", 1)
    return saying(4, urgent=True, due=due)[0], plan


def ending_late(chance: float) -> Broken:
    return told(rooms=(RoomDay("OR1", span("8:00", "16:00"), (3, 4), 0.5, chance, 0.0),))


PLANTED: dict[str, tuple[str, Callable[[], Broken]]] = {
    "two cases in a room": ("room", lambda: lying(2, "9:00", "10:40")),
    "no time for turnover": ("room", lambda: lying(2, "10:15", "12:00")),
    "a procedure's own turnover": ("room", lambda: saying(1, turnover=timedelta(minutes=30))),
    "a case on what stands": ("room", lambda: lying(4, "13:30", "14:30")),
    "a surgeon twice": ("person", lambda: saying(3, people=(Member("a", "a"),))),
    "a surgeon who is booked elsewhere": ("person", lambda: lying(4, "14:00", "15:00", room="OR0")),
    "an anaesthetist twice": ("person", lambda: saying(3, people=(Member("b", "b"), Member("x", "x", "anaesthetist")))),
    "a patient twice": ("patient", lambda: saying(3, patient="H1")),
    "equipment twice": ("equipment", lambda: saying(3, needs=(Need("c-arm"),))),
    "more equipment than there is": ("equipment", lambda: saying(1, needs=(Need("c-arm", 2),))),
    "a set that is not ready again": ("equipment", lambda: saying(4, needs=(Need("scope-set"),))),
    "a recovery bed twice": ("equipment", lambda: saying(3, recovery=timedelta(minutes=60))),
    "a bed that is not ready again": ("equipment", lambda: (saying(3, recovery=timedelta(minutes=30))[0], lying(3, "8:00", "10:35")[1])),
    "a room that cannot do it": ("ability", lambda: saying(1, needs=(Need("c-arm"), Need("laminar")))),
    "another service's block": ("block", lambda: owned("service:hand")),
    "another surgeon's block": ("block", lambda: owned("person:z")),
    "after the block's end": ("session", lambda: lying(2, "15:00", "16:05")),
    "before the block's beginning": ("session", lambda: lying(1, "7:55", "9:30")),
    "outside of the room's hours": ("hours", lambda: week_of(house=replace(PROBLEM.house, rooms=PROBLEM.house.rooms | {"OR0": Room("OR0", "OR0", frozenset(), read_hours("mon-sun 07:00-11:00"))}))),
    "a closed room": ("closure", lambda: closed(WindowKind.CLOSURE, "room:OR1", "13:55", "14:10")),
    "a closed theatre": ("closure", lambda: closed(WindowKind.CLOSURE, EVERYWHERE, "7:00", "8:05")),
    "a surgeon on leave": ("leave", lambda: closed(WindowKind.LEAVE, "person:b", "9:55", "11:00")),
    "an anaesthetist on leave": ("leave", lambda: closed(WindowKind.LEAVE, "person:x", "9:55", "11:00")),
    "an urgent case after its due day": ("due", lambda: late(MONDAY)),
    "an urgent case missed without a word": ("due", lambda: told(unplaced=(replace(PLAN.unplaced[0], missed=False), PLAN.unplaced[1]))),
    "a block that ends late more often than agreed": ("late", lambda: ending_late(0.26)),
    "a slot of another length": ("length", lambda: week_of(waiting=[replace(one, minutes=95) for one in WAITING[:1]] + list(WAITING[1:]))),
    "inside the freeze window": ("freeze", lambda: week_of(not_before=at(0, 8, 5))),
    "a case pinned to another room": ("pin", lambda: week_of(pins=(Tie(1, "OR1"),))),
    "a case pinned to another day": ("pin", lambda: week_of(pins=(Tie(1, None, TUESDAY),))),
    "a pinned case that waits": ("pin", lambda: week_of(pins=(Tie(5, "OR1"),))),
    "a forbidden room": ("forbidden", lambda: week_of(forbidden=(Tie(1, "OR0"),))),
    "a forbidden day": ("forbidden", lambda: week_of(forbidden=(Tie(1, None, MONDAY),))),
    "a case forbidden altogether": ("forbidden", lambda: week_of(forbidden=(Tie(1),))),
    "a case placed twice": ("duplicate", lambda: told(placed=(*PLAN.placed, lying(2, "8:00", "9:40", 1)[1].placed[1]))),
    "a case that does not wait": ("unknown", lambda: told(placed=(*PLAN.placed, Placed(7, "c7", "OR0", span("8:00", "9:00", 1))))),
    "a case that is forgotten": ("silent", lambda: told(unplaced=PLAN.unplaced[:1])),
    "a case that waits without a reason": ("reason", lambda: told(unplaced=(PLAN.unplaced[0], replace(PLAN.unplaced[1], reason="")))),
}  # fmt: skip


def test_a_sound_plan_has_no_fault() -> None:
    assert violations(PROBLEM, PLAN) == []
    assert violations(*late(TUESDAY)) == []
    assert violations(*ending_late(0.25)) == []
    several = replace(PROBLEM.rules, rooms_per_anaesthetist=2)
    two_rooms, plan = PLANTED["an anaesthetist twice"][1]()
    assert violations(replace(two_rooms, rules=several), plan) == []


@pytest.mark.parametrize("name", PLANTED)
def test_the_judge_finds_what_is_planted_and_nothing_else(name: str) -> None:
    kind, broken = PLANTED[name]
    assert {one.partition(":")[0] for one in violations(*broken())} == {kind}
