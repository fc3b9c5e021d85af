"""The long form of the fault tests, as a Markdown table.

Run by hand: python -m tests.faults [T1 T5 …] [--scale 0.1]
Without names every line runs, which takes several hours; `--scale` shortens each. `ORTOOL_SEED` repeats a run.
Rows are printed as they end; the exit code is 1 when one does not hold.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from tests.benchmarks.commit import commit
from tests.faults import herds
from tests.faults.full_disk import KINDS, fill, may_mount
from tests.faults.history import jepsen
from tests.faults.outcome import Outcome, new_seed
from tests.faults.power import cut_power
from tests.faults.program import Plan
from tests.faults.refusing_disk import refuse, refuse_by_strace
from tests.faults.tape import has_strace
from tests.faults.theatre_day import simulate

Long = Callable[[float], Iterator[Outcome]]


def many(number: float, scale: float, least: int = 1) -> int:
    """Return a number of rounds at a scale."""
    return max(least, round(number * scale))


def power(scale: float) -> Iterator[Outcome]:
    """T1, by both recorders, and its control."""
    for recorder in ("layer", "layer" if has_strace() else "strace"):
        yield cut_power(recorder, many(25_000, scale), new_seed(), Plan(cases=12, ticks=20))
    yield cut_power("layer", many(2_500, scale), new_seed(), Plan(synchronous="NORMAL"), control=True)


def kills(scale: float) -> Iterator[Outcome]:
    """T2."""
    yield herds.kills(many(1_000, scale), new_seed())


def refusals(scale: float) -> Iterator[Outcome]:
    """T3."""
    yield refuse(many(100, scale), 80, new_seed())
    if not has_strace():
        yield refuse_by_strace(many(20, scale), 80)


def full(scale: float) -> Iterator[Outcome]:
    """T4."""
    for kind in KINDS:
        if kind != "tmpfs" or not may_mount():
            yield fill(kind, many(10, scale))


def queue(scale: float) -> Iterator[Outcome]:
    """T5 and its control."""
    yield herds.queue(many(1_000, scale, 10), 250)
    yield herds.naive_queue(many(200, scale, 20))


def stress(scale: float) -> Iterator[Outcome]:
    """T6."""
    yield herds.wal_reset(many(10, scale), 100)


def herd(scale: float) -> Iterator[Outcome]:
    """T8 and its control."""
    yield herds.herd(many(5_000, scale))
    yield herds.naive_herd(many(500, scale))


def mixture(scale: float) -> Iterator[Outcome]:
    """T9."""
    yield herds.mixture(many(100_000, scale, 800), new_seed())


def same_item(scale: float) -> Iterator[Outcome]:
    """T12."""
    yield herds.same_item(many(1_000, scale, 10), 100)


def latency(scale: float) -> Iterator[Outcome]:
    """T15."""
    yield commit(many(1_000, scale, 100))


def histories(scale: float) -> Iterator[Outcome]:
    """T20."""
    yield jepsen(many(1_800, scale, 10), new_seed())


def days(scale: float) -> Iterator[Outcome]:
    """T21."""
    yield simulate(many(10_000, scale), new_seed())


TABLE: dict[str, Long] = {
    "T1": power, "T2": kills, "T3": refusals, "T4": full, "T5": queue, "T6": stress, "T8": herd, "T9": mixture,
    "T12": same_item, "T15": latency, "T20": histories, "T21": days,
}  # fmt: skip


def main() -> int:
    """Run the lines that are asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description="The long fault tests.")
    asked.add_argument("tests", nargs="*", metavar="T1 T2 …", help="which lines; all by default")
    asked.add_argument("--scale", type=float, default=1.0, help="shorten every line, for example 0.1")
    options = asked.parse_args()
    if unknown := set(options.tests) - set(TABLE):
        asked.error(f"no such line: {', '.join(sorted(unknown))}; there are {', '.join(TABLE)}")
    print("| test | number to hold | count reached | result |\n|---|---|---|---|", flush=True)
    is_well = True
    for name in options.tests or TABLE:
        began = time.monotonic()
        for outcome in TABLE[name](options.scale):
            print(outcome.row(), flush=True)
            is_well &= outcome.is_well
            for breach in outcome.breaches[:20] if not outcome.is_well else ():
                print(f"{outcome.test}: {breach}", file=sys.stderr)
        print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0 if is_well else 1


if __name__ == "__main__":
    raise SystemExit(main())
