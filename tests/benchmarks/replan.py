"""Re-planning made-up days after a delay and for an emergency: seconds, cost, and how far ten times the work gets.

`python -m tests.benchmarks.replan [rooms …]`; without rooms 10 and 20. Days come from seeds; nothing else is random.
"""

import statistics
import sys
import time
from random import Random

from ortool.schedule.proposals import Delay, Kind, Situation
from ortool.schedule.replan import propose, usual_work
from tests.schedule.days import emergency, faults, made, minutes

SEEDS = range(5)
MORE = 10


def least(situation: Situation, work: int) -> tuple[float, float, float, list[str]]:
    """Return seconds of the processor, the cost of right shift, and the least cost of a proposal."""
    before = time.process_time()
    proposals = propose(situation, work)
    seconds = time.process_time() - before
    shift = next((one.cost.total for one in proposals if one.kind is Kind.SHIFT), float("inf"))
    return seconds, shift, min(one.cost.total for one in proposals), [one.kind.value for one in proposals]


def main(sizes: list[int]) -> None:
    """Print a line for each day, and the median and worst of each size."""
    for rooms in sizes:
        took, gaps = [], []
        for seed in SEEDS:
            draw = Random(seed)
            day = made(draw, rooms, 4, 4.0, 0.05)
            late = day.situation(Delay(f"room:OR{seed + 1}", minutes(60), day.now))
            urgent = day.situation(emergency=emergency(day, draw))
            for what, situation in (("delay", late), ("emergency", urgent)):
                proposals = propose(situation)
                if not proposals:
                    print(f"{rooms:3} rooms, seed {seed}, {what:9}: nothing has to move")
                    continue
                seconds, shift, cost, kinds = least(situation, 0)
                _, _, best, _ = least(situation, MORE * usual_work(rooms))
                wrong = [fault for one in proposals for fault in faults(day, situation, one)]
                gap = 100 * (cost - best) / max(1.0, best)
                took.append(seconds)
                gaps.append(gap)
                print(
                    f"{rooms:3} rooms, seed {seed}, {what:9}: {len(situation.movable):2} movable, {seconds:.2f} s, "
                    f"right shift {shift:.0f}, best {cost:.0f}, with {MORE} times the work {best:.0f} ({gap:.1f} %), "
                    f"{len(kinds)} proposals, {len(wrong)} faults"
                )
        print(
            f"{rooms:3} rooms: median {statistics.median(took):.2f} s, worst {max(took):.2f} s of the processor; "
            f"gap to {MORE} times the work median {statistics.median(gaps):.1f} %, worst {max(gaps):.1f} %\n"
        )


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [10, 20])
