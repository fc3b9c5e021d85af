"""Local search: a few blocks are emptied and filled again in another order; what is no worse stays."""

import random
from collections.abc import Callable

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Item, Opening


class Search:
    """Ruin and refill, from one seed the same for ever."""

    def __init__(self, board: Board, seed: int) -> None:
        self.board = board
        self.random = random.Random(seed)
        ground = board.ground
        self.by_opening: list[list[Item]] = [[] for _ in ground.openings]
        for item in ground.items:
            for index in item.openings:
                self.by_opening[index].append(item)
        self.near = [self._neighbours(one) for one in ground.openings]
        self.temperature = 0.01

    def _neighbours(self, opening: Opening) -> list[Opening]:
        """Return the blocks that share cases or surgeons with one."""
        mine = {item.index for item in self.by_opening[opening.index]}
        return [
            one
            for one in self.board.ground.openings
            if one.index != opening.index
            and (one.day == opening.day or any(i.index in mine for i in self.by_opening[one.index]))
        ]

    def step(self) -> bool:
        """Try one change. Return whether it stayed."""
        board, chance = self.board, self.random
        openings = [one for one in board.ground.openings if self.by_opening[one.index]]
        if not openings:
            return False
        first = chance.choice(openings)
        chosen = [first, *chance.sample(self.near[first.index], min(len(self.near[first.index]), chance.randint(0, 2)))]
        score = board.score()
        share = chance.choice((0.35, 0.6, 1.0))
        lifted = [
            board.ground.items[i] for one in chosen for i in sorted(board.inside[one.index]) if chance.random() < share
        ]
        kept = {item.index: board.at[item.index] for item in lifted}
        for item in lifted:
            board.lift(item)
        added = self._refill(chosen, {item.index for item in lifted})
        after = board.score()
        slack = self.temperature * -100 * chance.random()
        if after.key[0] >= score.key[0] and after.points >= score.points + min(0.0, slack):
            return True
        for item in added:
            board.lift(item)
        for index, (opening, start) in kept.items():
            board.put(board.ground.items[index], board.ground.openings[opening], start)
        return False

    def _refill(self, chosen: list[Opening], lifted: set[int]) -> list[Item]:
        board, chance = self.board, self.random
        candidates = {item.index: item for one in chosen for item in self.by_opening[one.index]}
        noise = chance.choice((0.1, 0.3, 0.6))
        power = chance.choice((0.6, 0.8, 1.0))
        waiting = [item for item in candidates.values() if item.index not in board.at]
        order = sorted(
            waiting,
            key=lambda item: (
                not (item.must or item.pinned),
                -(item.points + item.mean) / item.size**power * (1 + noise * chance.random()),
            ),
        )
        added: list[Item] = []
        for item in order:
            fitting = [one for one in chosen if one.index in item.openings]
            chance.shuffle(fitting)
            if self._insert(item, fitting):
                added.append(item)
        return added

    def _insert(self, item: Item, openings: list[Opening]) -> bool:
        board = self.board
        best: tuple[float, Opening, int] | None = None
        for opening in openings:
            if not board.has_room(item, opening) or not board.is_in_time(item, opening):
                continue
            gain = board.gain(item, opening)
            if gain <= (best[0] if best else 0.0) and not ((item.must or item.pinned) and best is None):
                continue
            start = self._start(item, opening)
            if start is not None and board.is_in_time(item, opening, start):
                best = gain, opening, start
        if best is None:
            return False
        board.put(item, best[1], best[2])
        return True

    def _start(self, item: Item, opening: Opening) -> int | None:
        """Return the earliest start, now and then the latest: gaps stay whole at both ends."""
        free = self.board.starts(item, opening)
        if not free:
            return None
        if self.random.random() < 0.25:
            return free.bit_length() - 1
        return (free & -free).bit_length() - 1

    def run(self, steps: int, stop: Callable[[], bool]) -> int:
        """Try so many changes, or until told to stop. Return how many were tried."""
        for tried in range(steps):
            if tried % 16 == 0 and stop():
                return tried
            self.step()
        return steps
