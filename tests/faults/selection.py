"""Rows of the table that are told by test cases alone: the selection runs in a pytest of its own, and is counted."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.outcome import Outcome
from tests.faults.tape import ROOT
from tests.postgres.run import FOLDER

NOTHING_SELECTED = 5


@dataclass(frozen=True)
class Selection:
    """What a row runs: the `files` that it cannot do without, and `also` others where those are; all are patterns.

    `scaled` are environment variables and what they are in the long form, which `ORTOOL_LONG` tells the cases of.
    """

    test: str
    holds: str
    files: tuple[str, ...]
    words: str = ""
    also: tuple[str, ...] = ()
    store: str = "SQLite"
    scaled: Mapping[str, int] = field(default_factory=dict)

    def found(self) -> list[str]:
        """Return the files that there are; none where what the row cannot do without is not there yet."""
        first, more = (
            {str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)}
            for patterns in (self.files, self.also)
        )
        return sorted(first | more) if first else []

    def run(self, scale: float = 1.0) -> Outcome:
        """Run the cases and count them."""
        outcome = Outcome(self.test, self.holds, store=self.store)
        files = self.found()
        if not files:
            outcome.absent, outcome.reached = True, "0 cases"
            return outcome
        words = [sys.executable, "-m", "pytest", "--tb=line", *files]
        # The cluster of this run is not the other one's to stop.
        env = {name: value for name, value in os.environ.items() if name != FOLDER}
        env["ORTOOL_LONG"] = "1" if scale >= 1 else ""
        env |= {name: str(max(1, round(number * scale))) for name, number in self.scaled.items()}
        ran = subprocess.run(
            [*words, "-k", self.words] if self.words else words,
            cwd=ROOT, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return counted(outcome, ran.returncode, ran.stdout, ran.stderr)


def counted(outcome: Outcome, code: int, told: str, errors: str = "") -> Outcome:
    """Read what pytest told into an outcome."""
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", told)}
    outcome.reached = f"{numbers.get('passed', 0):,} cases passed"
    if skipped := numbers.get("skipped"):
        outcome.reached += f", {skipped:,} skipped"
    if code == NOTHING_SELECTED:
        outcome.absent = True
    elif code:
        lines = [line for line in told.splitlines() if line.startswith(("FAILED", "ERROR"))]
        outcome.breaches += lines or [f"pytest ended with {code}: {(errors or told)[-200:]}"]
    elif not numbers.get("passed"):
        outcome.breaches.append("no case passed")
    return outcome


T7 = (
    Selection(
        "T7 start-up gate", "each refused in a sentence, or kept safe in a slower way",
        ("tests/faults/test_start_up_gate.py", "tests/storage/test_store.py"),
        "start_up_gate or guard or papers or newer or settings or library or no_wal",
    ),
    Selection(
        "T7 start-up gate", "each refused in a sentence", ("tests/postgres/test_store.py",), "refused",
        store="PostgreSQL",
    ),
)  # fmt: skip
T16 = Selection(
    "T16 hostile text", "0 crashes, no bracket lost, no escape reaches a terminal",
    ("tests/hostile/test_everywhere.py", "tests/hostile/test_pty.py"),
    also=("tests/calendar/test_hostile.py", "tests/exchange/test_hostile_lists.py", "tests/test_text.py"), store="any",
)  # fmt: skip
T17 = Selection(
    "T17 hostile files", "each refused in a sentence, or read within its time and memory",
    ("tests/hostile/test_files.py",), also=("tests/exchange/test_fuzz.py",), store="any",
)  # fmt: skip
T18 = Selection(
    "T18 who may do what",
    "100 % of the kept table",
    ("tests/services/test_doors.py",),
    also=("tests/people/test_*.py",),
)
T19 = Selection(
    "T19 secrets", "0 canaries found", ("tests/hostile/test_canaries.py",), "canar or secret or password or no_patient",
    also=("tests/postgres/test_faults.py", "tests/storage/test_store.py"), store="any",
)  # fmt: skip
T23 = Selection(
    "T23 awkward hours", "durations exact, in order by number", ("tests/services/test_clocks.py",), store="both"
)
T24 = Selection(
    "T24 upgrades", "head equal, guards there, 0 lost",
    ("tests/storage/test_*upgrad*.py", "tests/storage/test_*migrat*.py", "tests/storage/test_*schema*.py"),
    "upgrad or migrat or schema", also=("tests/storage/test_store.py",),
)  # fmt: skip
T25 = Selection(
    "T25 identity", "each try counted, whoever is shot; nothing learned from time",
    ("tests/services/test_guessing.py", "tests/services/test_identity.py"), scaled={"ORTOOL_GUESSES": 10_000},
)  # fmt: skip
T26 = Selection(
    "T26 web under fire", "0 leaks, a tick is not disturbed", ("tests/web/test_under_fire.py",),
    also=("tests/web/test_*.py",),
)  # fmt: skip
T27 = Selection(
    "T27 downtime", "each line of a paper form exactly once",
    ("tests/services/test_downtime.py", "tests/services/test_paper_once.py"),
    also=("tests/cli/test_downtime.py", "tests/cli/test_paper.py", "tests/tui/test_case_paper.py"),
)  # fmt: skip
