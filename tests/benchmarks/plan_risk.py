"""Does a block end late as often as the plan says? Planned from one half of real patients, played with the other.

    python -m tests.benchmarks.plan_risk [FILE]

FILE as in calibration.py. The cases of the other half wait in made-up weeks of eight blocks a day; the plan knows only
the forecast of each. Then every block is played with the real minutes, and the stated chances are compared with what
happened. Turnover is 20 minutes, always.
"""

import os
import random
import sys
from dataclasses import replace
from pathlib import Path

from ortool.schedule.durations import Belief, Duration
from ortool.schedule.planner.problem import Waiter, WeekPlan
from ortool.schedule.planner.solve import Limits, solve
from tests.benchmarks import calibration as real
from tests.schedule.weeks import week

CASES = 160
TURNOVER = 20.0
LIMITS = (0.1, 0.25, 0.4)


def forecasts(records: list[real.Record]) -> dict[tuple[str, ...], Duration]:
    """Return the forecast of each kind of case, learned from the fitted half."""
    by_kind: dict[tuple[str, ...], list[float]] = {}
    for one in records:
        if one.is_fitted:
            for depth in range(len(one.kind) + 1):
                by_kind.setdefault(one.kind[:depth], []).append(one.minutes)
    every = sorted(by_kind[()])
    standing = Belief.standing(every[len(every) // 2], every[int(len(every) * 0.9)])
    return {kind: real.belief_of(standing, by_kind, kind).forecast() for kind in {one.kind for one in records}}


def played(plan: WeekPlan, minutes: dict[int, float]) -> list[tuple[float, bool]]:
    """Return of each used block the stated chance to end late, and whether it did."""
    starts = {one.case: one.span.start for one in plan.placed}
    found = []
    for room in plan.rooms:
        free = 0.0
        for case in room.cases:
            planned = (starts[case] - room.span.start).total_seconds() / 60
            ended = max(planned, free) + minutes[case]
            free = ended + TURNOVER
        if room.cases:
            found.append((room.late, ended > room.span.length.total_seconds() / 60))
    return found


def main() -> int:
    """Print stated and realised shares, by the agreed chance and by what was stated."""
    folder = os.environ.get("ORTOOL_REFERENCE_DATA", "")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "vitaldb_cases_part.csv" if folder else None
    records = real.vitaldb(path) if path else real.generated()
    known, chance = forecasts(records), random.Random(8)
    held_out = [one for one in records if not one.is_fitted]
    chance.shuffle(held_out)
    every: list[tuple[float, bool]] = []
    for limit in LIMITS:
        blocks: list[tuple[float, bool]] = []
        for first in range(0, len(held_out) - CASES + 1, CASES):
            some = held_out[first : first + CASES]
            made = week(first, 8, 5, CASES)
            waiting = [
                Waiter(replace(w.wanted, needs=()), known[one.kind], w.priority, w.waited)
                for w, one in zip(made.waiting, some, strict=True)
            ]
            problem = replace(made, waiting=waiting, weights=replace(made.weights, late=limit))
            plan = solve(problem, 0, Limits(300, bound=False))
            blocks += played(plan, {w.number: one.minutes for w, one in zip(waiting, some, strict=True)})
        every += blocks
        print(words(f"agreed {100 * limit:.0f} %", blocks))
    for low, high in ((0.0, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.5), (0.5, 1.01)):
        if some_blocks := [one for one in every if low <= one[0] < high]:
            print(words(f"stated {100 * low:.0f}-{100 * min(1.0, high):.0f} %", some_blocks))
    print(words("all", every))
    stated, happened = shares(every)
    return 0 if abs(stated - happened) <= 3 else 1


def shares(blocks: list[tuple[float, bool]]) -> tuple[float, float]:
    """Return the stated and the realised share of late blocks, in percent."""
    return 100 * sum(one for one, _ in blocks) / len(blocks), 100 * sum(late for _, late in blocks) / len(blocks)


def words(what: str, blocks: list[tuple[float, bool]]) -> str:
    """Return one line."""
    stated, happened = shares(blocks)
    return f"{what:16} {len(blocks):5} blocks   stated late {stated:5.1f} %   were late {happened:5.1f} %"


if __name__ == "__main__":
    sys.exit(main())
