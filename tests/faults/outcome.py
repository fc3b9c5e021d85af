"""What a test of the table found, and the seed by which it can be run again."""

import os
import random
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """One line of the table: what must hold, how much was tried, and every breach by name."""

    test: str
    holds: str
    reached: str = ""
    breaches: list[str] = field(default_factory=list)
    seed: int | None = None
    control: bool = False  # a negative control must have breaches: it shows that the test has teeth
    store: str = "SQLite"
    absent: bool = False  # what would be tried is not there yet

    @property
    def is_well(self) -> bool:
        """Whether the line may stand in the table."""
        return bool(self.breaches) == self.control

    def row(self) -> str:
        """Return the outcome as a row of a Markdown table."""
        seed = f" (seed {self.seed})" if self.seed is not None else ""
        return row_of(self.test, self.store, self.holds, self.reached + seed, self.result)

    @property
    def result(self) -> str:
        """What came of it, in a word or with the first breach."""
        if self.absent:
            return "not there yet"
        if not self.is_well:
            return f"FAILS: {self.breaches[0] if self.breaches else 'the control found nothing'}"
        return "fails, as it must" if self.control else "holds"


def row_of(*cells: str) -> str:
    """Return a row of a Markdown table; no cell can break out of its row."""
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


HEAD = row_of("test", "store", "number to hold", "count reached", "result") + "\n" + "|---" * 5 + "|"


def new_seed() -> int:
    """Return the seed to use: `ORTOOL_SEED`, or a new one."""
    asked = os.environ.get("ORTOOL_SEED", "")
    return int(asked) if asked else random.SystemRandom().randrange(1_000_000_000)


def expect(outcome: Outcome) -> None:
    """Fail a test with the outcome's seed and its first breaches."""
    print(f"{outcome.test}: {outcome.reached}, seed {outcome.seed}")
    assert outcome.is_well, f"{outcome.test}: seed {outcome.seed}: {outcome.reached}: {outcome.breaches[:5]}"
