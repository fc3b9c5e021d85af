"""Column generation: the bound of a week, and patterns to build it from.

Each block takes one pattern of cases, each case lies once, and no person or thing works more minutes on a day than the
day's open time has. What is left out – in which order, at which moment – only makes the true best smaller, so the value
of this program bounds every plan (Dantzig and Wolfe; Lagrange's bound holds at any prices).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from ortool.schedule.planner.board import Board, bits
from ortool.schedule.planner.ground import Ground, Item, Opening
from ortool.schedule.planner.pricing import COARSE, DOWN, FINE, FINEST, NEAR, UP, Block, Pattern, Rounding
from ortool.schedule.planner.quotas import drawn

Row = tuple[str, date]
Ways = tuple[tuple[int, Rounding], ...]
QUICK: Ways = ((COARSE, NEAR),)
EXACT: Ways = ((COARSE, NEAR), (FINE, NEAR), (FINE, UP))
NEVER = 1e9
"""The price of a case that is not to be chosen."""


class Columns:
    """The restricted master program, and what it knows so far."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.blocks = _blocks(ground)
        self.caps, self.uses = _capacities(ground)
        self.fixed = -sum(len(block.openings) * block.base for block in self.blocks)
        self.patterns: list[tuple[int, Pattern]] = []
        self.known: set[tuple[int, tuple[int, ...]]] = set()
        self.bound = float("inf")
        self.value = 0.0
        self.share: list[float] = []
        self._loads: dict[tuple[int, date], list[tuple[Row, float]]] = {}
        self._indices: dict[int, tuple[Any, Any, Any, Any]] = {}
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.Objective().SetMaximization()
        self.columns: list[Any] = []
        limits = [1.0] * len(ground.items) + [float(len(block.openings)) for block in self.blocks]
        self.rows = {row: len(limits) + place for place, row in enumerate(self.caps)}
        self.limits = [self.solver.Constraint(-self.solver.infinity(), cap) for cap in (*limits, *self.caps.values())]

    def add(self, place: int, pattern: Pattern | None) -> bool:
        """Take a pattern into the program; False where it is there already."""
        if pattern is None or not pattern.items or (place, pattern.items) in self.known:
            return False
        self.known.add((place, pattern.items))
        self.patterns.append((place, pattern))
        loads: defaultdict[int, float] = defaultdict(float)
        for index in pattern.items:
            loads[index] = 1.0
            for name, amount in self.loads(index, self.blocks[place].day):
                loads[self.rows[name]] += amount
        loads[len(self.ground.items) + place] = 1.0
        column = self.solver.NumVar(0.0, self.solver.infinity(), "")
        self.solver.Objective().SetCoefficient(column, pattern.gain)
        for row, load in loads.items():
            self.limits[row].SetCoefficient(column, load)
        self.columns.append(column)
        return True

    def loads(self, index: int, day: date) -> list[tuple[Row, float]]:
        """Return what an item takes, on a day, of what may run short."""
        key = index, day
        if key not in self._loads:
            item = self.ground.items[index]
            found = [((resource, day), steps) for resource, steps in self.uses[index]]
            found += [((f"quota:{what}", on), float(n)) for (what, on), n in drawn(self.ground.problem, item, day)]
            self._loads[key] = [one for one in found if one[0] in self.caps]
        return self._loads[key]

    def seed(self, board: Board) -> None:
        """Take the patterns of a plan."""
        place_of = {opening.index: place for place, block in enumerate(self.blocks) for opening in block.openings}
        for opening in self.ground.openings:
            if board.inside[opening.index] and opening.index in place_of:
                place = place_of[opening.index]
                where = {item.index: spot for spot, item in enumerate(self.blocks[place].items)}
                inside = [where[index] for index in sorted(board.inside[opening.index]) if index in where]
                self.add(place, self.blocks[place].pattern(inside))

    def rounds(self, stop: Callable[[], bool], close: float) -> Iterator[None]:
        """Generate patterns until none is missing, the bound is close to the program's value, or told to stop."""
        turn = looked = 0
        before = -float("inf")
        while not stop():
            turn += 1
            prices = self._solve()
            added = self._price(prices, stop)
            slow = self.value - before < close * abs(self.value)
            before = self.value
            if (added == 0 or (slow and turn - looked >= 4)) and not stop():
                looked = turn
                self.bound = min(self.bound, self._lagrange(prices, stop))
            if added == 0 and self.bound - self.value > close * abs(self.value) and not stop():
                self.bound = min(self.bound, self._lagrange(prices, stop, FINEST))
            yield
            if added == 0 or self.bound - self.value <= close * abs(self.value):
                return

    def _solve(self) -> "np.ndarray":
        if not self.patterns or self.solver.Solve() != self.solver.OPTIMAL:
            return np.zeros(len(self.limits))
        self.value = self.solver.Objective().Value() + self.fixed
        self.share = [column.solution_value() for column in self.columns]
        return np.array([max(0.0, row.dual_value()) for row in self.limits])

    def _item_prices(self, block: Block, prices: "np.ndarray") -> list[float]:
        if id(block) not in self._indices:
            items = np.array([item.index for item in block.items], int)
            uses = [
                (spot, self.rows[name], amount)
                for spot, item in enumerate(block.items)
                for name, amount in self.loads(item.index, block.day)
            ]
            spots, rows = np.array([use[0] for use in uses], int), np.array([use[1] for use in uses], int)
            self._indices[id(block)] = items, spots, rows, np.array([use[2] for use in uses], float)
        items, spots, rows, steps = self._indices[id(block)]
        found = prices[items].astype(float)
        np.add.at(found, spots, prices[rows] * steps)
        priced: list[float] = found.tolist()
        return priced

    def _price(self, prices: "np.ndarray", stop: Callable[[], bool]) -> int:
        """Take in new patterns: the best of each block, and others beside it that share no case with it."""
        added = 0
        seen: dict[object, tuple[int, ...]] = {}
        used: set[int] = set()
        for place, block in enumerate(self.blocks):
            if stop():
                return max(1, added)
            own = self._item_prices(block, prices)
            price = float(prices[len(self.ground.items) + place])
            key = block.key, tuple(own), price
            if key not in seen:
                seen[key] = self._find(block, own, price, EXACT)
            if not seen[key]:
                continue
            patterns = [seen[key]] if not used.intersection(block.items[p].index for p in seen[key]) else []
            if patterns:
                used.update(block.items[p].index for p in seen[key])
            while len(patterns) < len(block.openings):
                other = [NEVER if item.index in used else one for item, one in zip(block.items, own, strict=True)]
                found = self._find(block, other, price, QUICK)
                if not found:
                    break
                patterns.append(found)
                used.update(block.items[p].index for p in found)
            added += sum(self.add(place, block.pattern(one)) for one in patterns or [seen[key]])
        return added

    def _find(self, block: Block, own: list[float], price: float, ways: Ways) -> tuple[int, ...]:
        """Return a pattern that is worth more than its block's price, empty where none was found."""
        for buckets, rounded in ways:
            value, chosen = block.best(own, block.bucket(buckets), rounded)
            if value <= price + 0.5 and rounded is NEAR:
                continue
            pattern = block.pattern(chosen)
            if pattern is not None and pattern.gain - sum(own[place] for place in chosen) > price + 0.5:
                return chosen
        return ()

    def _lagrange(self, prices: "np.ndarray", stop: Callable[[], bool], buckets: int = FINE) -> float:
        total = self.fixed + float(np.sum(prices[: len(self.ground.items)]))
        total += sum(float(prices[row]) * self.caps[name] for name, row in self.rows.items())
        seen: dict[object, float] = {}
        for block in self.blocks:
            if stop():
                return float("inf")
            own = self._item_prices(block, prices)
            key = block.key, tuple(own)
            if key not in seen:
                seen[key] = block.best(own, block.bucket(buckets), DOWN)[0]
            total += len(block.openings) * max(0.0, seen[key])
        return total


def _blocks(ground: Ground) -> list[Block]:
    inside: defaultdict[int, list[Item]] = defaultdict(list)
    for item in ground.items:
        for index in item.openings:
            inside[index].append(item)
    alike: defaultdict[tuple[object, ...], list[Opening]] = defaultdict(list)
    for opening in ground.openings:
        items = inside[opening.index]
        turns = tuple(item.turns[opening.room] for item in items)
        size = opening.end - opening.start
        own = opening.index if opening.fixed else -1
        alike[opening.day, tuple(item.index for item in items), turns, size, own].append(opening)
    return [Block(ground, openings, inside[openings[0].index]) for openings in alike.values()]


def _capacities(ground: Ground) -> tuple[dict[Row, float], list[list[tuple[str, float]]]]:
    """Return how many steps of each resource a day has, where it may run short, and what each item uses of it.

    Quotas are in their own units.
    """
    board = Board(ground)
    uses = [
        [(use.resource, float(use.steps * use.count)) for use in item.uses if not use.resource.startswith("patient:")]
        for item in ground.items
    ]
    reach: defaultdict[Row, int] = defaultdict(int)
    demand: defaultdict[Row, float] = defaultdict(float)
    lanes: dict[str, int] = {}
    for item in ground.items:
        for day, openings in _by_day(ground, item).items():
            for use in item.uses:
                if not use.resource.startswith("patient:"):
                    lanes[use.resource] = use.lanes
                    for one in openings:
                        last = one.end - item.size + use.after + use.steps
                        reach[use.resource, day] |= bits(one.start + use.after, last - one.start - use.after)
                    demand[use.resource, day] += use.steps * use.count
    caps: dict[Row, float] = {}
    for (resource, day), mask in reach.items():
        held = sum((level & mask).bit_count() for level in board.levels.get(resource, ()))
        away = board.levels.get(f"away:{resource}")
        closed = (away[0] & mask & ~_union(board.levels.get(resource, ()))).bit_count() if away else 0
        cap = float(max(0, lanes[resource] * mask.bit_count() - held - lanes[resource] * closed))
        if demand[resource, day] > cap:
            caps[resource, day] = cap
    caps |= {(f"quota:{what}", day): float(most) for (what, day), most in ground.problem.quotas.items()}
    return caps, uses


def _union(levels: Iterable[int]) -> int:
    found = 0
    for level in levels:
        found |= level
    return found


def _by_day(ground: Ground, item: Item) -> dict[date, list[Opening]]:
    found: defaultdict[date, list[Opening]] = defaultdict(list)
    for index in item.openings:
        opening = ground.openings[index]
        found[opening.day].append(opening)
    return found
