"""The count ledger: what should be there now, and whether each count agreed."""

from collections.abc import Iterable
from dataclasses import dataclass

from ortool.checklist.records import Added, Count


@dataclass(frozen=True)
class Ledger:
    """The counts of one case, first to last, and what was added between them."""

    counts: tuple[Count, ...]
    added: tuple[Added, ...]

    def expected(self, categories: Iterable[str] = ()) -> dict[str, int]:
        """Return how many of each category should be found now: the first count, and all that was added since."""
        first = self.counts[0] if self.counts else None
        expected = dict.fromkeys(categories, 0)
        if first:
            expected |= first.found
        for addition in self.added:
            if not first or addition.seq > first.seq:
                expected[addition.category] = expected.get(addition.category, 0) + addition.number
        return expected

    def last(self, moment: str) -> Count | None:
        """Return the newest count of a moment."""
        return next((count for count in reversed(self.counts) if count.moment == moment), None)

    def is_correct(self, moment: str) -> bool | None:
        """Whether the newest count of a moment agreed; None where it was not counted."""
        count = self.last(moment)
        return None if count is None else not count.differences
