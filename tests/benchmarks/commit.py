"""What it costs to save a tick: against the disk's own flush, in one run, and how many flushes each tick asks for.

Run by hand: python -m tests.benchmarks.commit [ticks, 500 by default]
Variants alternate within one run, so that only the ratios are claims.
"""

import os
import sys
import tempfile
from pathlib import Path

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.journal import log
from ortool.storage.store import cursor_of
from tests.benchmarks.measure import line, p, timed
from tests.faults.outcome import Outcome
from tests.faults.program import Plan
from tests.faults.tape import RECORDERS, has_strace
from tests.services.suite import MORNING, Clock, Suite, furnish, settings

ROUNDS, PAGE = 20, 4096
MOST_SYNCS = 1.25


def syncs_per_tick(recorder: str, ticks: int) -> float:
    """Return how many flushes the program asks for per acknowledged deed, checkpoints at their usual distance."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ortool.db"
        furnish(path, settings(), Clock()).close()
        plan = Plan(cases=2, ticks=ticks // 2, checkpoint_bytes=4 * 1024 * 1024)
        ops = RECORDERS[recorder](path, plan).ops
    acknowledged = [n for n, op in enumerate(ops) if op.kind == "ack"]
    counted = [op.kind for op in ops[: acknowledged[-1]]]  # leaving the program folds the log back once
    return counted.count("sync") / len(acknowledged)


def commit(ticks: int) -> Outcome:
    """T15: measure, and count the flushes by strace where it is there."""
    outcome = Outcome("T15 commit latency", f"<= {MOST_SYNCS} fsync per tick")
    recorder = "layer" if has_strace() else "strace"
    syncs = syncs_per_tick(recorder, max(100, ticks // 5))
    if not 1 <= syncs <= MOST_SYNCS:
        outcome.breaches.append(f"{syncs:.2f} fsync per tick")
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(furnish(Path(folder) / "ortool.db", settings(), Clock()), Clock())
        case = suite.case()
        suite.act(case, StampMilestone("PIR"))
        store, origin, numbers = suite.theatre.store, log.Origin("n1", "chosen", "d", "b", 1), iter(range(10**9))
        handle = os.open(Path(folder) / "flat", os.O_RDWR | os.O_CREAT)
        os.pwrite(handle, bytes(PAGE), 0)

        def flush() -> None:
            os.pwrite(handle, os.urandom(PAGE), 0)
            os.fdatasync(handle)

        def append() -> None:
            with store.writing() as session:
                draft = log.Draft("bench", "k", {"x": 1}, MORNING, f"b{next(numbers)}")
                log.append(cursor_of(session), store.site_id, draft, origin, MORNING)

        def tick() -> None:
            suite.act(case, AnswerItem("SI.weight", State.DONE, str(50 + next(numbers) % 200)))

        took: dict[str, list[float]] = {"flush": [], "append": [], "tick": []}
        for _ in range(ROUNDS):
            for name, deed in (("flush", flush), ("append", append), ("tick", tick)):
                took[name] += timed(deed, max(2, ticks // ROUNDS))
        os.close(handle)
        suite.theatre.close()
    print(line("fdatasync of 4 KiB: the disk's own limit", took["flush"]), file=sys.stderr)
    print(line("store.writing + log.append", took["append"], took["flush"]), file=sys.stderr)
    print(line("a tick by the services", took["tick"], took["flush"]), file=sys.stderr)
    figures = ", ".join(f"{name} {p(one, 50):.2f}/{p(one, 99):.1f}" for name, one in took.items())
    outcome.reached = f"{syncs:.2f} fsync per tick by {recorder}; p50/p99 ms: {figures}"
    return outcome


def main() -> None:
    """Print the figures."""
    print(commit(int(sys.argv[1]) if len(sys.argv) > 1 else 500).row())


if __name__ == "__main__":
    main()
