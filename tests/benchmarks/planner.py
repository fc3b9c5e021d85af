"""The planner of a week against the strongest simple rule and against its own bound, at equal CPU seconds.

    python -m tests.benchmarks.planner [--sizes 10x5x300,20x5x800] [--seconds 10,60] [--seeds 5]

Weeks come from tests/schedule/weeks.py (made up; durations fitted from public ones). Every plan is judged by the
independent checker. Seconds are of CPU: the machine may be busy.
"""

import argparse
import sys
import time
from statistics import median

from ortool.schedule.planner.problem import WeekPlan, WeekProblem
from ortool.schedule.planner.solve import Limits, solve
from tests.schedule.plan_check import violations
from tests.schedule.weeks import week


def main() -> int:
    """Print one line a size and budget: gaps of plan and rule to the bound, median and worst of the seeds.

    Return 1 where a plan broke a rule.
    """
    broken = 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10x5x300,20x5x800,30x5x1500")
    parser.add_argument("--seconds", default="10,60")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    print("size seconds | gap median worst | best simple rule median worst | CPU | placed | violations")
    for size in asked.sizes.split(","):
        rooms, days, cases = (int(part) for part in size.split("x"))
        for seconds in (float(part) for part in asked.seconds.split(",")):
            plans, took, wrong = [], [], 0
            for seed in range(1, asked.seeds + 1):
                plan, cpu, faults = timed(week(seed, rooms, days, cases), seconds)
                plans.append(plan)
                took.append(cpu)
                wrong += faults
            broken += wrong
            print(line(size, seconds, plans, took, wrong), flush=True)
    return int(broken > 0)


def timed(problem: WeekProblem, seconds: float) -> tuple[WeekPlan, float, int]:
    """Return the plan after so many CPU seconds, what it took, and how many rules it breaks."""
    begun = time.process_time()
    plan = solve(problem, 0, Limits(10**9, lambda: time.process_time() - begun >= seconds))
    return plan, time.process_time() - begun, len(violations(problem, plan))


def line(size: str, seconds: float, plans: list[WeekPlan], took: list[float], wrong: int) -> str:
    """Return one line of the table."""
    gaps = [100 * (plan.gap if plan.gap is not None else 1.0) for plan in plans]
    rules = [100 * (1 - plan.baseline.points / plan.bound) if plan.bound else 100.0 for plan in plans]
    worse = sum(plan.score.key < plan.baseline.key for plan in plans)
    return (
        f"{size} {seconds:.0f} s | {median(gaps):.2f} % {max(gaps):.2f} % | {median(rules):.1f} % {max(rules):.1f} % |"
        f" {max(took):.1f} s | {median(len(plan.placed) for plan in plans):.0f} | {wrong}"
        + (f" | worse than the rule {worse} times" if worse else "")
    )


if __name__ == "__main__":
    sys.exit(main())
