"""The processor time of `ortool --help` against `import typer` and a bare interpreter.

Run by hand: python -m tests.benchmarks.help [runs, 15 by default]
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measure import line

ROOT = Path(__file__).parents[2]
VARIANTS = {
    "import typer": [sys.executable, "-c", "import typer"],
    "python -c pass": [sys.executable, "-c", "pass"],
    "ortool --help": [sys.executable, "-m", "ortool", "--help"],
}


def cpu_of(command: list[str]) -> float:
    """Return the processor time of a command in milliseconds."""
    before = os.times()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000


def main() -> None:
    """Print the figures; variants alternate."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    took: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for _ in range(runs):
        for name, command in VARIANTS.items():
            took[name].append(cpu_of(command))
    for name, figures in took.items():
        print(line(name, figures, took["import typer"]))


if __name__ == "__main__":
    main()
