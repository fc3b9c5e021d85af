"""The best pattern of cases for one block at given prices: a knapsack over minutes and variance.

Rounded down, the variance lets in a little too much and the answer bounds every pattern; rounded to the nearest, the
answer is checked and used.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, Opening, worth
from ortool.schedule.planner.problem import GRID
from ortool.schedule.planner.risk import late_and_over

Table = Any
Rounding = Callable[[float], int]
UP, DOWN, NEAR = math.ceil, math.floor, round
COARSE, FINE, FINEST = 24, 160, 960
"""Buckets of variance: to find patterns, to bound them, and where that bound is not close."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Some cases that one block takes, and the points that this adds to leaving it as it is."""

    items: tuple[int, ...]
    gain: float


def many_late_and_over(mean: Table, variance: Table, until: float) -> tuple[Table, Table]:
    """Return `late_and_over` of whole tables at once."""
    safe = np.maximum(mean, 1e-9)
    spread = np.log1p(variance / safe**2)
    sigma = np.maximum(np.sqrt(spread), 1e-9)
    z = (np.log(safe) - spread / 2 - np.log(until)) / sigma
    late = _below(z)
    return late, np.maximum(0.0, mean * _below(z + sigma) - until * late)


def _below(z: Table) -> Table:
    """Return the chance of a standard normal below z (Abramowitz and Stegun 7.1.26, good to 1e-7)."""
    x = np.abs(z) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * poly * np.exp(-x * x)
    return np.where(z >= 0, 1 - tail, tail)


class Block:
    """Blocks that are alike: the same day, length, and cases that may lie there."""

    def __init__(self, ground: Ground, openings: Sequence[Opening], items: Sequence[Item]) -> None:
        self.openings, self.items, self.ground = tuple(openings), tuple(items), ground
        first = openings[0]
        self.first, self.day = first, first.day
        self.points = [worth(item, first, ground.problem) for item in items]
        turns = [item.turns[first.room] for item in items] + [round(one.turn / GRID) for one in first.fixed]
        self.widths = [item.expected + item.turns[first.room] for item in items]
        slots = [item.size + item.turns[first.room] for item in items]
        # What a block holds are slots; where cases are expected to take longer than theirs it holds more of them.
        longer = max((mean / slot for mean, slot in zip(self.widths, slots, strict=True)), default=1.0)
        room = first.end - first.start + max(turns, default=0) - first.mean // GRID
        self.capacity = int(room * max(1.0, longer))
        self.least_turn = min(turns, default=0) * GRID
        self.most_turn = max(turns, default=0) * GRID
        self.work = sum(one.mean + one.turn for one in first.fixed)
        begin, end = first.start * GRID, first.end * GRID
        self.protrudes = any(one.start < begin or one.start + one.mean > end for one in first.fixed)
        self.spread = sum(one.variance for one in first.fixed)
        self.base = Board(ground).costs[first.index] if first.fixed else self.cost(0, 0.0)
        self.most_variance = self._most_variance()
        self._tables: dict[float, tuple[Table, Table]] = {}

    def _most_variance(self) -> float:
        """Return what no set of cases that fits can exceed."""
        left, total = float(self.capacity), 0.0
        for _, wide, variance in sorted(
            ((one.variance / wide, wide, one.variance) for one, wide in zip(self.items, self.widths, strict=True)),
            reverse=True,
        ):
            if left <= 0:
                break
            total += variance * min(1.0, left / wide)
            left -= wide
        return total

    def bucket(self, steps: int) -> float:
        """Return the width of a bucket of variance where there are so many."""
        return max(20.0, self.most_variance / steps)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two blocks of different days equal at equal prices."""
        items = tuple(item.index for item in self.items)
        return items, self.capacity, self.work, self.spread, tuple(self.widths), tuple(self.points)

    def cost(self, steps: int, variance: float) -> float:
        """Return the least that the block can cost with so many steps of cases and turnovers and such a variance."""
        weights, length = self.ground.problem.weights, self.first.minutes
        mean = steps * GRID + self.work
        work = max(0.0, mean - self.least_turn) if steps or self.work else 0.0
        over = 0.0
        if not self.protrudes:
            over = late_and_over(max(0.0, mean - self.most_turn), variance + self.spread, length)[1]
        used = weights.opening if steps or self.first.fixed else 0
        return weights.idle * max(0.0, length - work + over) + weights.overtime * over + used

    def is_in_time(self, steps: int, variance: float) -> bool:
        """Whether the agreed chance could be kept."""
        mean = max(0.0, steps * GRID + self.work - self.most_turn)
        until = self.first.minutes
        limit = self.ground.problem.weights.late
        return self.protrudes or late_and_over(mean, variance + self.spread, until)[0] <= limit

    def tables(self, bucket: float) -> tuple[Table, Table]:
        """Return the costs by steps and variance, and which of them end in time (in the better corner of a bucket)."""
        if bucket not in self._tables:
            deep = int(self.most_variance / bucket) + 2
            weights, length = self.ground.problem.weights, self.first.minutes
            mean = np.arange(self.capacity + 1)[:, None] * float(GRID) + self.work
            variance = np.arange(deep)[None, :] * bucket + self.spread
            late, over = many_late_and_over(np.maximum(0.0, mean - self.most_turn), variance, length)
            if self.protrudes:
                late, over = np.zeros(late.shape), np.zeros(late.shape)
            work = np.maximum(0.0, mean - self.least_turn)
            costs = weights.idle * np.maximum(0.0, length - work + over) + weights.overtime * over
            costs[0 if self.first.fixed else 1 :] += weights.opening
            timely = late <= weights.late
            self._tables[bucket] = costs, timely
        return self._tables[bucket]

    def best(self, prices: Sequence[float], bucket: float, rounded: Rounding) -> tuple[float, tuple[int, ...]]:
        """Return the most that a pattern gains less the prices of its items, and the pattern (places of `items`)."""
        if self.capacity <= 0 or not self.items:
            return 0.0, ()
        costs, timely = self.tables(bucket)
        idle = self.ground.problem.weights.idle
        values = [points - price for points, price in zip(self.points, prices, strict=True)]
        useful = [p for p, item in enumerate(self.items) if values[p] + idle * self.widths[p] * GRID > 1e-9]
        useful = self._first_of_each(useful, values, bucket, rounded)
        free = [p for p in useful if self.items[p].must or self.items[p].pinned]
        table = np.full(costs.shape, -np.inf)
        table[0, 0] = 0.0
        taken: list[tuple[int, Table]] = []
        for place in (p for p in useful if p not in free):
            table = self._step(table, place, values[place], bucket, rounded, taken)
        lone = [(values[p] - self.cost(self.widths[p], self.items[p].variance), p) for p in useful]
        table = np.where(timely, table, -np.inf)
        for place in free:
            table = self._step(table, place, values[place], bucket, rounded, taken)
        value = table - costs
        at = np.unravel_index(int(np.argmax(value)), value.shape)
        found = float(value[at]) + self.base
        alone = max(lone, default=(-np.inf, -1)) if not self.first.fixed else (-np.inf, -1)
        if alone[0] + self.base > found and self.widths[alone[1]] <= self.capacity:
            return alone[0] + self.base, (alone[1],)
        return found, self._back(taken, int(at[0]), int(at[1]), bucket, rounded)

    def _first_of_each(
        self, useful: Sequence[int], worth: Sequence[float], bucket: float, rounded: Rounding
    ) -> list[int]:
        """Return of the cases that take the same room only as many as fit, those that are worth most."""
        left: dict[tuple[int, int, bool], int] = {}
        kept: list[int] = []
        for place in sorted(useful, key=lambda p: -worth[p]):
            item = self.items[place]
            like = self.widths[place], self._bucket(place, bucket, rounded), item.must or item.pinned
            left.setdefault(like, self.capacity // self.widths[place])
            if left[like] > 0:
                left[like] -= 1
                kept.append(place)
        return kept

    def _bucket(self, place: int, bucket: float, rounded: Rounding) -> int:
        share = self.items[place].variance / bucket
        return rounded(share)

    def _step(
        self, table: Table, place: int, worth: float, bucket: float, rounded: Rounding, taken: list[tuple[int, Table]]
    ) -> Table:
        wide, deep = self.widths[place], min(self._bucket(place, bucket, rounded), table.shape[1] - 1)
        other = np.full(table.shape, -np.inf)
        if wide < table.shape[0]:
            end = table.shape[1]
            other[wide:, deep:] = table[:-wide, : end - deep] + worth
            if deep and rounded is DOWN:
                # What goes beyond the last bucket stays in it: a bound must not lose it.
                other[wide:, -1] = table[:-wide, end - deep - 1 :].max(axis=1) + worth
        better = other > table
        taken.append((place, better))
        return np.where(better, other, table)

    def _back(
        self, taken: list[tuple[int, Table]], steps: int, depth: int, bucket: float, rounded: Rounding
    ) -> tuple[int, ...]:
        found: list[int] = []
        for place, better in reversed(taken):
            if better[steps, depth]:
                found.append(place)
                steps -= self.widths[place]
                depth -= min(self._bucket(place, bucket, rounded), depth)
        return tuple(found)

    def pattern(self, places: Sequence[int]) -> Pattern | None:
        """Return a pattern with its true gain, None where it would not end in time."""
        some = [self.items[place] for place in places]
        steps, variance = sum(self.widths[place] for place in places), sum(item.variance for item in some)
        timely = [place for place in places if not (self.items[place].must or self.items[place].pinned)]
        spread = sum(self.items[place].variance for place in timely)
        alone = len(some) == 1 and not self.first.fixed
        if not alone and not self.is_in_time(sum(self.widths[place] for place in timely), spread):
            return None
        gain = sum(self.points[place] for place in places) + self.base - self.cost(steps, variance)
        return Pattern(tuple(sorted(item.index for item in some)), gain)
