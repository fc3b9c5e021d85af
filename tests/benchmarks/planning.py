"""All that the planner is measured by, one after the other.

    python -m tests.benchmarks.planning [--quick] [INSTANCE…]

Weeks against the bound and the simple rules (planner), what a plan says of late blocks (plan_risk), re-planned days
(replan), and published instances that somebody has (published; without any the two made-up ones). About an hour;
`--quick` takes one small week of each, some two minutes. Ends with 1 where a plan broke a rule.
"""

import subprocess
import sys
from pathlib import Path

MADE_UP = Path(__file__).with_name("instances")


def main() -> int:
    """Run each; return 1 where one of them failed."""
    quick = "--quick" in sys.argv[1:]
    instances = [one for one in sys.argv[1:] if one != "--quick"] or sorted(map(str, MADE_UP.iterdir()))
    few = ["--sizes", "10x5x300", "--seconds", "10", "--seeds", "1"]
    weeks = [few] if quick else [["--sizes", "10x5x300"], ["--sizes", "20x5x800,30x5x1500", "--seconds", "60"]]
    runs = [
        *(["planner", *asked] for asked in weeks),
        ["published", *instances, *(["--seconds", "2"] if quick else [])],
        ["replan", "10"] if quick else ["replan", "10", "20"],
        *([] if quick else [["plan_risk"]]),
    ]
    failed = 0
    for name, *words in runs:
        print(f"== {name} {' '.join(words)}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *words], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
