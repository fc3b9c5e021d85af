"""How long the screen is held by one step of its work while the disk is slow: a key pressed meanwhile waits as long.

Run by hand: python -m tests.benchmarks.held
Every commit takes 200 ms longer than it does. Ticks faster than that, steps of the cursor, the pause on one page, the
counts and the log; then the longest time for which the event loop was held, by the clock and in CPU.
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


def main() -> None:
    """Print the longest holds, and how many were above the limit."""
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
        ortool.press(" " * 20)
        ortool.press("k" * 10 + "j" * 10)
        ortool.press(["p", "j", "k", "p", "l", ESCAPE, "i", ESCAPE, "\x1b[6~", "\x1b[5~", "?", ESCAPE], pace=0.5)
        time.sleep(20 * COMMIT)
        os.kill(ortool.child, signal.SIGUSR2)
        held = [(float(took), float(cpu), str(what)) for took, cpu, what in told(answer)]
        stored = running.refold(theatre, case_id)
        ortool.end()
        theatre.close()
    assert stored is not None
    print(f"every commit {COMMIT * 1000:.0f} ms slower; {len(stored.answers)} of 20 ticks in the journal")
    longest, cpu = max(one[0] for one in held), max(one[1] for one in held)
    above = [one for one in held if one[0] > LIMIT]
    print(
        f"{len(held)} steps of the event loop; the longest held it for {longest:.1f} ms ({cpu:.1f} ms of CPU at most)"
    )
    print(f"above {LIMIT:.0f} ms: {len(above)} by the clock, {sum(one[1] > LIMIT for one in held)} in CPU")
    for took, spent, what in sorted(held, reverse=True)[:5]:
        print(f"  {took:6.1f} ms ({spent:5.1f} ms CPU) {what}")


if __name__ == "__main__":
    main()
