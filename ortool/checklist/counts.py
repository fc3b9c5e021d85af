"""The count ledger: what should be there now, and whether each count agreed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortool.checklist.records import Added, Count

if TYPE_CHECKING:
    from ortool.checklist.definition import Checklist

RELIEF = re.compile(r"relief-([1-9][0-9]?)")


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


def is_moment(checklist: "Checklist", moment: str) -> bool:
    """Whether something may be counted at a moment: one that the checklist names, or `relief-1` and so on."""
    named = any(one.id == moment for one in checklist.counts)
    return named or (bool(checklist.counts) and RELIEF.fullmatch(moment) is not None)


def moment_title(checklist: "Checklist", moment: str) -> str:
    """Return a moment's title; empty for one that the checklist does not know."""
    relief = RELIEF.fullmatch(moment)
    if relief:
        return f"At relief of scrub or circulating nurse, {relief[1]}"
    return next((one.title for one in checklist.counts if one.id == moment), "")


def next_relief(ledger: Ledger) -> str:
    """Return the moment of the next count at a relief: there may be any number of them (fact base §1.4)."""
    taken = [int(found[1]) for count in ledger.counts if (found := RELIEF.fullmatch(count.moment))]
    return f"relief-{max(taken, default=0) + 1}"
