"""The long form of the fault tests, as a Markdown table.

Run by hand: python -m tests.faults [T1 T5 …] [--scale 0.1]
Without names every line runs, which takes many hours; `--scale` shortens each. `ORTOOL_SEED` repeats a run.
Rows are printed as they end; the exit code is 1 when one does not hold. What is not there yet says so.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.outcome import HEAD
from tests.faults.place import at_home
from tests.faults.table import TABLE


def main(words: Sequence[str] | None = None) -> int:
    """Run the lines that are asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description="The long fault tests.")
    asked.add_argument("tests", nargs="*", metavar="T1 T2 …", help="which lines; all by default")
    asked.add_argument("--scale", type=float, default=1.0, help="shorten every line, for example 0.1")
    options = asked.parse_args(words)
    if unknown := set(options.tests) - set(TABLE):
        asked.error(f"no such line: {', '.join(sorted(unknown))}; there are {', '.join(TABLE)}")
    print(HEAD, flush=True)
    is_well = True
    with tempfile.TemporaryDirectory() as home, at_home(Path(home)):
        for name in options.tests or TABLE:
            is_well &= run(name, options.scale)
    return 0 if is_well else 1


def run(name: str, scale: float) -> bool:
    """Print the rows of one line; return whether each may stand there."""
    began, is_well = time.monotonic(), True
    for outcome in TABLE[name](scale):
        print(outcome.row(), flush=True)
        is_well &= outcome.is_well
        for breach in outcome.breaches[:20] if not outcome.is_well else ():
            print(f"{outcome.test}: {breach}", file=sys.stderr)
    print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr)
    return is_well


if __name__ == "__main__":
    raise SystemExit(main())
