"""The sample theatre with a waiting list longer than what is open in one week of December, for the plan of a week."""

from dataclasses import replace
from datetime import date, timedelta

from ortool.schedule.planner.problem import Overtaken, Queued, Score, WeekPlan, WeekProblem
from ortool.schedule.planner.solve import Limits, solve
from ortool.schedule.recurrence import Series
from ortool.schedule.windows import WindowKind
from ortool.services import booking, series
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre
from tests.tui.a_week import at, waits

MONDAY = date(2026, 12, 7)
KINDS = (
    ("microdiscectomy", "L4-5", "left"),
    ("tlif", "L5-S1", ""),
    ("lumbar-decompression", "L3-4", "both"),
    ("dynamic-stabilisation", "L4-5", ""),
)


def with_a_long_list(theatre: Theatre, many: int = 21) -> None:
    """Leave OR2 open on three days and OR3 on two, with two cases in them; more wait than fit.

    One is urgent, and its surgeon is away.
    """
    closed = [("OR1", 7, 7), ("OR4", 7, 7), ("OR2", 9, 1), ("OR2", 11, 1), ("OR3", 8, 4)]
    for room, day, days in closed:
        times = date(2026, 12, day), "00:00", "24:00"
        rule = f"FREQ=DAILY;COUNT={days}"
        series.set_series(theatre, SYSTEM, Series("", WindowKind.CLOSURE, f"room:{room}", *times, rule=rule))
    away = Series("", WindowKind.LEAVE, "person:sp1", MONDAY, "00:00", "24:00", rule="FREQ=DAILY;COUNT=7")
    series.set_series(theatre, SYSTEM, away)
    for number in range(1, many + 1):
        kind, levels, side = KINDS[number % len(KINDS)]
        waits(
            theatre, number, kind, ("sp2", "sp3", "sp2")[number % 3], levels=levels, side=side,
            priority=1 + number % 4, since=date(2026, 9, 1 + number % 28), due=date(2026, 12, 1 + 3 * number % 28),
        )  # fmt: skip
    waits(
        theatre, 99, "microdiscectomy", "sp1", levels="L5-S1", side="right", priority=1, urgency="urgent",
        since=date(2026, 11, 20), due=date(2026, 12, 9),
    )  # fmt: skip
    standing = [waits(theatre, 200 + n, "microdiscectomy", "sp2", levels="L4-5", side="left") for n in range(2)]
    booking.book(theatre, SYSTEM, standing[0].id, "OR2", at(8) + timedelta(days=13), 90)
    booking.book(theatre, SYSTEM, standing[1].id, "OR2", at(10) + timedelta(days=14), 60, hold=True)


def one_plan(problem: WeekProblem) -> WeekPlan:
    """Return the plan of a simple rule with a score, a bound and reasons of its own, whatever the search may find."""
    plan = solve(problem, 0, Limits(0, bound=False))
    said = "The blocks are full of what is more urgent; OR2 on Thu 10 Dec would need 45 min more."
    away = "Dr Žofie Ukázková-Příkladová is not free together with a room from Mon 07 Dec to Tue 08 Dec."
    passed = [one.case for one in plan.unplaced if not one.missed][:1]
    return replace(
        plan,
        unplaced=tuple(replace(one, reason=away if one.missed else said) for one in plan.unplaced),
        rooms=tuple(replace(one, late=0.31 if one.room == "OR3" else 0.12) for one in plan.rooms),
        score=Score(1, 12_430.0, 690.0, 120.0),
        baseline=Score(1, 11_600.0, 682.0, 0.0),
        baseline_rule="points per minute, best fit",
        bound=11_868.0,
        overtaken=tuple(
            Overtaken(Queued(one, 2, 63), (Queued(1108, 3, 70), Queued(1116, 3, 61)), 2, said) for one in passed
        ),
    )
