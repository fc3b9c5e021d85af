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

    @property
    def is_well(self) -> bool:
        """Whether the line may stand in the table."""
        return bool(self.breaches) == self.control

    def row(self) -> str:
        """Return the outcome as a row of a Markdown table."""
        words = "holds" if self.is_well else f"FAILS: {self.breaches[0] if self.breaches else 'nothing was lost'}"
        if self.control and self.is_well:
            words = "fails, as it must"
        seed = f" (seed {self.seed})" if self.seed is not None else ""
        return f"| {self.test} | {self.holds} | {self.reached}{seed} | {words} |"


def new_seed() -> int:
    """Return the seed to use: `ORTOOL_SEED`, or a new one."""
    asked = os.environ.get("ORTOOL_SEED", "")
    return int(asked) if asked else random.SystemRandom().randrange(1_000_000_000)


def expect(outcome: Outcome) -> None:
    """Fail a test with the outcome's seed and its first breaches."""
    print(f"{outcome.test}: {outcome.reached}, seed {outcome.seed}")
    assert outcome.is_well, f"{outcome.test}: seed {outcome.seed}: {outcome.reached}: {outcome.breaches[:5]}"
