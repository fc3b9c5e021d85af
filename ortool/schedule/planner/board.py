"""A week under construction. What is taken of a resource is one long number with a bit for each step of the grid.

`levels[k]` has the steps at which more than k units are taken; where a stretch of n steps may start is then told by a
few shifts instead of a search.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ortool.schedule.planner.ground import Ground, Item, Lying, Opening, Use, worth
from ortool.schedule.planner.played import late_finish
from ortool.schedule.planner.problem import GRID, Score
from ortool.schedule.planner.quotas import Quotas
from ortool.schedule.planner.risk import block_cost, late_and_over


def bits(start: int, steps: int) -> int:
    """Return the steps from `start` on."""
    return ((1 << steps) - 1) << start if steps > 0 else 0


def smeared(mask: int, steps: int) -> int:
    """Return the starts from which a stretch of so many steps would meet the mask."""
    width = 1
    while width < steps:
        more = min(width, steps - width)
        mask |= mask >> more
        width += more
    return mask


class Board:
    """Which item lies where, and what that leaves free."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.levels: dict[str, list[int]] = {}
        for resource, _, start, end in ground.taken:
            self._add(resource, bits(start, end - start), 1)
        self.quotas = Quotas(ground.problem)
        self.at: dict[int, tuple[int, int]] = {}
        self.pinned = {item.index for item in ground.items if item.pinned}
        self.urgent = {item.index for item in ground.items if item.must} - self.pinned
        self.inside: list[set[int]] = [set() for _ in ground.openings]
        self.slots = [one.mean for one in ground.openings]
        self.mean = [one.mean for one in ground.openings]
        self.variance = [one.variance for one in ground.openings]
        self.rooms: dict[tuple[str, object], Counter[str]] = {}
        self.rows: list[list[Lying]] = [list(one.fixed) for one in ground.openings]
        self.costs = [self._cost(one, self.rows[one.index]) for one in ground.openings]

    def _add(self, resource: str, mask: int, count: int) -> None:
        levels = self.levels.setdefault(resource, [])
        for _ in range(count):
            carry = mask
            for place, level in enumerate(levels):
                levels[place], carry = level | carry, level & carry
                if not carry:
                    break
            if carry:
                levels.append(carry)

    def _drop(self, resource: str, mask: int, count: int) -> None:
        levels = self.levels[resource]
        for _ in range(count):
            left = mask
            for place in range(len(levels) - 1, -1, -1):
                gone = levels[place] & left
                levels[place] ^= gone
                left ^= gone
        while levels and not levels[-1]:
            levels.pop()

    def starts(self, item: Item, opening: Opening) -> int:
        """Return every start at which nothing clashes, as bits."""
        if self.quotas.short(item, opening.day):
            return 0
        width = opening.end - item.size - opening.start + 1
        free = bits(opening.start, width)
        taken = self.levels.get(f"room:{opening.room}")
        if taken:
            free &= ~smeared(taken[0], item.size + item.turns[opening.room])
        for use in item.uses:
            if not free:
                return 0
            free &= ~self.blocked(use)
        return free

    def blocked(self, use: Use) -> int:
        """Return the starts of a case at which one of its resources is not free."""
        levels = self.levels.get(use.resource, ())
        least = use.lanes - use.count
        found = smeared(levels[least], use.steps) >> use.after if len(levels) > least else 0
        away = self.levels.get(f"away:{use.resource}")
        return found | smeared(away[0], use.steps) if away else found

    def first(self, item: Item, opening: Opening) -> int | None:
        """Return the earliest start that works, None where there is none."""
        free = self.starts(item, opening)
        return (free & -free).bit_length() - 1 if free else None

    def _cost(self, opening: Opening, rows: Sequence[Lying]) -> float:
        weights = self.ground.problem.weights
        work = sum(one.mean + one.turn for one in rows) - (rows[-1].turn if rows else 0.0)
        over = max((over for _, over in _tails(opening, rows)), default=0.0)
        used = weights.opening if rows else 0
        return weights.idle * max(0.0, opening.minutes - work + over) + weights.overtime * over + used

    def _turn(self, opening: Opening) -> float:
        # The turnover after the last case is nobody's work.
        room = self.ground.problem.house.rooms[opening.room]
        turn = self.ground.rules.turnover if room.turnover is None else room.turnover
        return turn.total_seconds() / 60

    def load(self, item: Item, opening: Opening) -> tuple[float, float]:
        """Return mean and variance of a block's minutes with one case more."""
        added = (item.expected + item.turns[opening.room]) * GRID
        return self.mean[opening.index] + added, self.variance[opening.index] + item.variance

    def is_in_time(self, item: Item, opening: Opening, start: int | None = None) -> bool:
        """Whether the block still ends in time as surely as agreed; without a start, whether it might.

        A long case may always have a block for itself from its beginning.
        """
        if item.must or item.pinned:
            return True
        limit = self.ground.problem.weights.late
        rows = self.rows[opening.index]
        if not rows and start in (None, opening.start):
            return True
        if start is None:
            mean, variance = self.load(item, opening)
            return late_and_over(mean - self._turn(opening), variance, opening.minutes)[0] <= limit
        with_it = sorted([*rows, _lying(item, opening, start)])
        if not all(late <= limit for late, _ in _tails(opening, with_it)):
            return False
        # Between cases that stand there are gaps: the day is played, as it is told in the end.
        return not opening.fixed or self.late(opening, (start, item)) <= limit

    def late(self, opening: Opening, *more: tuple[int, Item]) -> float:
        """Return the chance that a block ends late, with what lies there and more."""
        inside = [(self.at[index][1], self.ground.items[index]) for index in self.inside[opening.index]]
        return late_finish(self.ground, opening, [*inside, *more])[0]

    def has_room(self, item: Item, opening: Opening) -> bool:
        """Whether the minutes suffice, wherever the gaps are: a quick look before the slow one."""
        return self.slots[opening.index] + item.size * GRID <= opening.minutes

    def gain(self, item: Item, opening: Opening) -> float:
        """Return the points that a case adds in a block, wherever in it it lies."""
        mean, variance = self.load(item, opening)
        weights = self.ground.problem.weights
        work = max(0.0, mean - self._turn(opening))
        after = block_cost(work, variance, opening.minutes, weights.idle, weights.overtime) + weights.opening
        return (
            worth(item, opening, self.ground.problem) + self.costs[opening.index] - after - self._walks(item, opening)
        )

    def _walks(self, item: Item, opening: Opening) -> float:
        rooms = self.rooms.get((surgeon_of(item), opening.day))
        moves = bool(rooms) and opening.room not in (rooms or ())
        return self.ground.problem.weights.room_change if moves else 0.0

    def put(self, item: Item, opening: Opening, start: int) -> None:
        """Place a case; that it fits was asked before."""
        self.quotas.take(item, opening.day)
        self.slots[opening.index] += (item.size + item.turns[opening.room]) * GRID
        self.mean[opening.index], self.variance[opening.index] = self.load(item, opening)
        self.inside[opening.index].add(item.index)
        insort(self.rows[opening.index], _lying(item, opening, start))
        self._changed(opening)
        self._add(f"room:{opening.room}", bits(start, item.size + item.turns[opening.room]), 1)
        for use in item.uses:
            self._add(use.resource, bits(start + use.after, use.steps), use.count)
        self.rooms.setdefault((surgeon_of(item), opening.day), Counter())[opening.room] += 1
        self.at[item.index] = opening.index, start

    def lift(self, item: Item) -> None:
        """Take a case away again."""
        index, start = self.at.pop(item.index)
        opening = self.ground.openings[index]
        self.quotas.give_back(item, opening.day)
        self.slots[index] -= (item.size + item.turns[opening.room]) * GRID
        self.mean[index] -= (item.expected + item.turns[opening.room]) * GRID
        self.variance[index] -= item.variance
        self.inside[index].discard(item.index)
        if not self.inside[index]:
            self.mean[index], self.variance[index] = opening.mean, opening.variance
        self.rows[index].remove(_lying(item, opening, start))
        self._changed(opening)
        self._drop(f"room:{opening.room}", bits(start, item.size + item.turns[opening.room]), 1)
        for use in item.uses:
            self._drop(use.resource, bits(start + use.after, use.steps), use.count)
        rooms = self.rooms[surgeon_of(item), opening.day]
        rooms[opening.room] -= 1
        if not rooms[opening.room]:
            del rooms[opening.room]

    def _changed(self, opening: Opening) -> None:
        self.costs[opening.index] = self._cost(opening, self.rows[opening.index])

    def score(self) -> Score:
        """Return what the week is worth as it stands."""
        items, openings, problem = self.ground.items, self.ground.openings, self.ground.problem
        missed, unkept = len(self.urgent - self.at.keys()), len(self.pinned - self.at.keys())
        urgency = sum(worth(items[index], openings[at], problem) for index, (at, _) in self.at.items())
        walks = sum(max(0, len(rooms) - 1) for rooms in self.rooms.values())
        return Score(missed, urgency, sum(self.costs), walks * problem.weights.room_change, unkept)

    def load_from(self, places: Iterable[tuple[int, int, int]]) -> None:
        """Replace what lies there by (item, opening, start)."""
        for index in list(self.at):
            self.lift(self.ground.items[index])
        for index, opening, start in places:
            self.put(self.ground.items[index], self.ground.openings[opening], start)

    def places(self) -> list[tuple[int, int, int]]:
        """Return what lies there, to be loaded again."""
        return [(index, opening, start) for index, (opening, start) in self.at.items()]


def _lying(item: Item, opening: Opening, start: int) -> Lying:
    turn = item.turns[opening.room] * GRID
    return Lying(start * GRID, item.waiter.number, item.mean, item.variance, turn)


def _tails(opening: Opening, rows: Sequence[Lying]) -> Iterator[tuple[float, float]]:
    """Yield, from the last case to the first, the chance to end late and by how much if all from it on run on.

    A case does not begin before its planned time, so a gap before it is not won back.
    """
    mean = variance = 0.0
    turn = 0.0
    for one in reversed(rows):
        mean += one.mean + turn
        variance += one.variance
        turn = one.turn
        yield late_and_over(mean, variance, opening.end * GRID - one.start)


def surgeon_of(item: Item) -> str:
    """Return whose case it is."""
    return next((one.id for one in item.waiter.wanted.people if one.role == "surgeon"), "")
