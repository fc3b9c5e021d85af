"""What is taken of each resource of a day, lane by lane, and at which starts a case would clash with it.

Times are whole seconds from one moment. Starts are bits of one long number, one for each step of a grid.
"""

from collections.abc import Collection
from dataclasses import dataclass

GRID = 300
"""Seconds: new starts fall on whole five minutes."""

Stretch = tuple[int, int, int]
"""First and last second, and the lane."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a case claims of one resource, as offsets from its start."""

    resource: str
    first: int
    last: int
    lanes: int
    count: int


class Taken:
    """The stretches taken of each resource. `first` is the first start of the grid."""

    def __init__(self, first: int) -> None:
        self.first = first
        self._taken: dict[str, list[Stretch]] = {}
        self._known: dict[str, dict[tuple[int, int, int], int]] = {}

    def add(self, resource: str, stretch: Stretch) -> None:
        """Take a stretch."""
        self._known.pop(resource, None)
        self._taken.setdefault(resource, []).append(stretch)

    def remove(self, resource: str, stretch: Stretch) -> None:
        """Give a stretch back."""
        self._known.pop(resource, None)
        self._taken[resource].remove(stretch)

    def lanes(self, part: Part, start: int) -> set[int]:
        """Return the lanes that are not free for all of a part that begins with its case at `start`."""
        first, last = start + part.first, start + part.last
        return {lane for begin, end, lane in self._taken.get(part.resource, ()) if begin < last and first < end}

    def fits(self, part: Part, start: int) -> bool:
        """Whether enough lanes are free for it."""
        return len(self.lanes(part, start)) + part.count <= part.lanes

    def clashes(self, part: Part) -> int:
        """Return the starts on the grid at which too few lanes are free for a part."""
        known = self._known.get(part.resource)
        if known is None:
            known = self._known[part.resource] = {}
        key = part.first, part.last, part.count
        if key not in known:
            known[key] = self._clashes(part)
        return known[key]

    def _clashes(self, part: Part) -> int:
        taken, spare = self._taken.get(part.resource, ()), part.lanes - part.count
        if len(taken) <= spare:
            return 0
        lanes: dict[int, int] = {}
        before, after = self.first + part.last, self.first + part.first
        for begin, end, lane in taken:
            low, high = (begin - before) // GRID + 1, -((after - end) // GRID)
            if high > 0 and low < high:
                place = lane if spare else 0
                lanes[place] = lanes.get(place, 0) | (1 << high) - (1 << low if low > 0 else 1)
        return _more_than(spare, lanes.values())


def _more_than(count: int, lanes: Collection[int]) -> int:
    """Return the bits that are set in more than so many of the lanes; for none, all lanes are one."""
    if len(lanes) <= count:
        return 0
    if count == 0:
        return next(iter(lanes))
    levels = [0] * (count + 1)
    for lane in lanes:
        carry = lane
        for place, level in enumerate(levels):
            levels[place], carry = level | carry, level & carry
    return levels[-1]
