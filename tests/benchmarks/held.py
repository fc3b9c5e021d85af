"""How long the screen is held by one step of its work while the disk is slow: a key pressed meanwhile waits as long.

Run by hand: python -m tests.benchmarks.held
Every commit takes 200 ms longer than it does. Ticks come faster than that; then steps of the cursor, the pause on one
page, and panels. Printed is the longest time for which one step of the event loop held it, by the clock (what other
programs do at the same time adds to it) and in CPU.
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from ortool.services import running
from tests.benchmarks.inside import SLOW, TOLD
from tests.benchmarks.screen_ticks import Program, environment, prepared, told

COMMIT = 0.2  # seconds
LIMIT = 16.0  # milliseconds
ESCAPE = "\x1b"
DEEDS: dict[str, tuple[list[str], float]] = {
    "20 ticks": ([" "] * 20, 0.15),
    "20 steps of the cursor": (["k"] * 10 + ["j"] * 10, 0.15),
    "pages": (["\x1b[6~", "\x1b[5~"] * 3, 0.3),
    "the pause on one page": (["p", "j", "k", "p"], 0.5),
    "everything about a line": (["i", ESCAPE], 0.5),
    "a reason": (["n", ESCAPE], 0.5),
    "the case log": (["l", ESCAPE], 0.8),
    "the keys": (["?", ESCAPE], 0.5),
}


def main() -> None:
    """Print the longest hold of each deed, and how many were above the limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theatre, case_id = prepared(folder)
        answer = folder / "told.json"
        ortool = Program(
            [sys.executable, "-m", "tests.benchmarks.inside"],
            environment(folder) | {SLOW: str(COMMIT), TOLD: str(answer)},
        )
        ortool.until(b"THR")
        ortool.press("\r")
        ortool.until(b"Pause 1")
        time.sleep(2)
        os.kill(ortool.child, signal.SIGUSR2)  # what came before is not counted
        told(answer)
        print(f"every commit {COMMIT * 1000:.0f} ms slower; the longest step of the event loop, target {LIMIT:.0f} ms")
        for deed, (keys, pace) in DEEDS.items():
            ortool.press(keys, pace)
            time.sleep(2)
            os.kill(ortool.child, signal.SIGUSR2)
            held = [(float(took), float(cpu)) for took, cpu, _ in told(answer)]
            above = sum(cpu > LIMIT for _, cpu in held)
            longest, cpu = max(one[0] for one in held), max(one[1] for one in held)
            print(
                f"{deed:<26} {longest:6.1f} ms, in CPU {cpu:5.1f} ms   above the target in CPU: {above} of {len(held)}"
            )
        stored = running.refold(theatre, case_id)
        ortool.end()
        theatre.close()
    assert stored is not None
    print(f"{len(stored.answers)} of 20 ticks in the journal")


if __name__ == "__main__":
    main()
