"""The planner on published instances, for whoever has them: IHTC-2024 (.json) and ASL1 Liguria (ASP facts).

    python -m tests.benchmarks.published PATH… [--seconds 30] [--seed 0]

Of each: the strongest simple rule, our plan, the proven bound and the gap, CPU seconds, and what an independent check
of the format's own rules finds. What of a format is looked at stands in ihtc.py and asl1.py; the planner is the real
one, bound and all. The instances have no licence and are not part of this project; `instances/` has two made-up ones.
"""

import argparse
import sys
import time
from pathlib import Path

from ortool.errors import BadInput
from ortool.schedule.planner.problem import WeekPlan
from ortool.schedule.planner.solve import Limits, solve
from tests.benchmarks import asl1, ihtc
from tests.benchmarks.instance import Instance

CLOSE = 1e-7
"""A bound of whole patients is worth finishing."""


def read(path: Path) -> Instance:
    """Return the instance in a file. Raises BadInput."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"It cannot be read: {getattr(error, 'strerror', None) or 'it is no text in UTF-8'}.") from None
    return ihtc.read(text) if text.lstrip().startswith("{") else asl1.read(text)


def solved(instance: Instance, limits: Limits, seed: int = 0) -> tuple[WeekPlan, list[str]]:
    """Return the plan, and what is wrong with it: rules of the format, and a cost that is not what the planner says."""
    plan = solve(instance.problem(), seed, limits)
    places = instance.places(plan)
    wrong = instance.violations(places)
    if not plan.score.missed and abs(instance.loss(places) - instance.lost(plan.score.points)) > 1e-3:
        wrong.append(f"the planner says {instance.lost(plan.score.points):.1f}, it costs {instance.loss(places)}")
    return plan, wrong


def line(name: str, instance: Instance, plan: WeekPlan, wrong: list[str], cpu: float) -> str:
    """Return what is printed of one instance."""
    rule, mine = instance.lost(plan.baseline.points), instance.lost(plan.score.points)
    missed = f", {plan.baseline.missed} of those that must be placed missing" if plan.baseline.missed else ""
    least = None if plan.bound is None else max(0.0, instance.lost(plan.bound))
    bound = "none" if least is None else instance.words(least)
    gap = "unknown" if least is None else instance.gap(mine, least)
    return (
        f"{name} ({instance.form}; {instance.limits}): simple rule {instance.words(rule)} ({plan.baseline_rule}{missed})"
        f" | plan {instance.words(mine)} | bound {bound} | gap {gap} | {cpu:.1f} s CPU"
        f" | {len(wrong)} violations{': ' + '; '.join(wrong[:3]) if wrong else ''}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each file. Return 1 where a plan breaks a rule, 2 where a file cannot be read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    worst = 0
    for path in asked.paths:
        begun = time.process_time()
        try:
            instance = read(path)
        except BadInput as bad:
            print(f"{path.name}: {bad}", file=sys.stderr)
            worst = 2
            continue
        limits = Limits(10**9, lambda begun=begun: time.process_time() - begun >= asked.seconds, close=CLOSE)  # type: ignore[misc]
        plan, wrong = solved(instance, limits, asked.seed)
        worst = max(worst, int(bool(wrong)))
        print(line(path.name, instance, plan, wrong, time.process_time() - begun), flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
