"""The planner itself, any-time: a legal plan from the first moment on, a better one later, a bound beside."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, Opening, ground_of
from ortool.schedule.planner.legal import legalise
from ortool.schedule.planner.outcome import outcome
from ortool.schedule.planner.problem import Placed, Score, WeekPlan, WeekProblem
from ortool.schedule.planner.search import Search
from ortool.schedule.planner.simple import fill, strongest

if TYPE_CHECKING:
    from ortool.schedule.planner.columns import Columns

Places = list[tuple[int, int, int]]
CHUNK = 100
"""Changes of the local search between two looks at the other methods."""
ROUNDS = 3
"""Of column generation, between two chunks of the local search."""
WORK = 0.3
"""CP-SAT's deterministic time for a few blocks: about as many seconds."""
CANDIDATES = 36
"""Cases that wait and may come into a few blocks."""
MOST = 5
"""Blocks that are solved together."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: the best plan's points, the bound (None while it is not known) and what is being done."""

    doing: str
    best: float
    bound: float | None
    steps: int


@dataclass(frozen=True, slots=True)
class Limits:
    """When to end: after so many changes tried, or when `stop` says so. With steps alone the plan is the same each
    time; `stop` makes it depend on the machine. `gap`: as near to the bound as this is near enough. `close`: the bound
    is good enough where the program that it comes from is so near, as a share.
    """

    steps: int = 5_000
    stop: Callable[[], bool] = lambda: False
    bound: bool = True
    gap: float = 0.0
    close: float = 0.004


def _tell(_: Progress) -> None:
    return None


class _Run:
    """The best plan so far, by the real rules, whatever happens next."""

    def __init__(self, ground: Ground, seed: int, limits: Limits, tell: Callable[[Progress], None]) -> None:
        self.ground, self.seed, self.limits, self.tell = ground, seed, limits, tell
        self.rule, self.baseline, self.best = self._simple()
        self.score = self.baseline
        self.method = self.rule
        self.bound: float | None = None
        self.steps = 0
        self.is_bounded = False
        self.random = random.Random(seed)
        self.together = self._neighbourhoods()

    def _simple(self) -> tuple[str, Score, Places]:
        rule, _, places = strongest(self.ground)
        board = Board(self.ground)
        board.load_from(places)
        legalise(board)
        return rule, board.score(), board.places()

    def offer(self, board: Board, method: str) -> bool:
        """Keep a board's plan where it is better and legal."""
        if board.score().key <= self.score.key:
            return False
        trial = Board(self.ground)
        trial.load_from(board.places())
        legalise(trial)
        if trial.score().key <= self.score.key:
            return False
        self.score, self.best, self.method = trial.score(), trial.places(), method
        return True

    def place_what_must(self) -> None:
        """Begin with all that must lie, found exactly, where the simple rules left some of it out."""
        from ortool.schedule.planner.together import most

        board = most(self.ground, self.best)
        fill(board, self._by_density(), True)
        self.offer(board, "exact search of what must lie")

    def report(self, doing: str) -> None:
        """Tell how far it is."""
        self.tell(Progress(doing, self.score.points, self.bound, self.steps))

    def is_done(self) -> bool:
        """Whether time, steps or the wanted gap are reached."""
        near = self.bound is not None and self.bound - self.score.points <= self.limits.gap * abs(self.bound) + 1e-6
        return self.limits.stop() or self.steps >= self.limits.steps or near

    def improve(self) -> None:
        """Take turns: the bound and its patterns, the local search, a few blocks exactly; until the limits."""
        board = Board(self.ground)
        board.load_from(self.best)
        search = Search(board, self.seed)
        bounds = self._bounds() if self.limits.bound else iter(())
        stale = 0
        while not self.is_done():
            for found in islice(bounds, ROUNDS):
                if found is not None and self.offer(found, "patterns and local search"):
                    board.load_from(self.best)
            tried = search.run(min(CHUNK, self.limits.steps - self.steps), self.limits.stop)
            self.steps += max(1, tried)
            better = self.offer(board, "local search")
            stale = 0 if better else stale + 1
            if self.is_bounded and self.limits.bound and stale >= 3 and not self.is_done():
                self._exactly(board)
            self.report("search")
        # A limit of changes alone does not cut the bound short: without one a plan says little.
        for found in bounds if self.bound is None else ():
            if found is not None:
                self.offer(found, "patterns")

    def _bounds(self) -> Iterator[Board | None]:
        """Yield after each round of column generation; a board where one was built from patterns."""
        from ortool.schedule.planner.columns import Columns
        from ortool.schedule.planner.master import chosen, laid_out

        columns = Columns(self.ground)
        board = Board(self.ground)
        board.load_from(self.best)
        columns.seed(board)
        for _ in columns.rounds(self.limits.stop, self.limits.close):
            self._bounded(columns)
            yield None
        self._bounded(columns)
        for turn in range(2):
            board.load_from(self.best)
            columns.seed(board)
            built = laid_out(self.ground, columns, chosen(columns, self.seed + turn, 1.0), self.seed + turn)
            fill(built, self._by_density(), True)
            yield built
        self.is_bounded = True

    def _bounded(self, columns: "Columns") -> None:
        if columns.bound < float("inf"):
            self.bound = columns.bound

    def _by_density(self) -> list[Item]:
        return sorted(self.ground.items, key=lambda item: -(item.points + item.mean) / item.size)

    def _exactly(self, board: Board) -> None:
        from ortool.schedule.planner.exact import reoptimised

        openings = next(self.together)
        inside = {one.index for one in openings}
        here = [item for item in self.ground.items if board.at.get(item.index, (-1, 0))[0] in inside]
        open_to = [
            item for item in self._by_density() if item.index not in board.at and inside.intersection(item.openings)
        ]
        if reoptimised(board, openings, [*here, *open_to[:CANDIDATES]], self.random.randrange(2**30), WORK):
            self.offer(board, "exact search of a few blocks")

    def _neighbourhoods(self) -> Iterator[list[Opening]]:
        """Yield blocks to solve together: those of each specialty in turn, then a few of one day or one owner."""
        openings, chance = self.ground.openings, self.random
        by_owner: defaultdict[str, list[Opening]] = defaultdict(list)
        for one in openings:
            by_owner[owner_of(one)].append(one)
        for _, mine in sorted(by_owner.items()):
            for first in range(0, len(mine), MOST):
                yield mine[first : first + MOST]
        while True:
            seed = chance.choice(openings)
            by_day = chance.random() < 0.5
            near = [
                one
                for one in openings
                if one is not seed and (one.day == seed.day if by_day else owner_of(one) == owner_of(seed))
            ]
            yield [seed, *chance.sample(near, min(len(near), chance.randint(1, MOST - 1)))]


def owner_of(opening: Opening) -> str:
    """Return whose a block is, empty for everybody's."""
    return opening.owner.owner if opening.owner else ""


def solve(
    problem: WeekProblem,
    seed: int = 0,
    limits: Limits | None = None,
    tell: Callable[[Progress], None] = _tell,
    warm: WeekPlan | None = None,
) -> WeekPlan:
    """Return the best plan that was found within the limits; never worse than the best simple rule.

    Ctrl+C ends the search and keeps what it has. `warm` is an earlier plan to begin with.
    """
    ground = ground_of(problem)
    run = _Run(ground, seed, limits or Limits(), tell)
    run.report("simple rules")
    try:
        if run.score.missed or run.score.unkept:
            run.place_what_must()
        if warm is not None:
            run.offer(_warmed(ground, warm, run.best), warm.method)
        if ground.openings and ground.items:
            run.improve()
    except KeyboardInterrupt:
        pass
    final = Board(ground)
    final.load_from(run.best)
    return outcome(final, run.baseline, run.rule, run.method, seed, run.bound)


def _warmed(ground: Ground, warm: WeekPlan, best: Places) -> Board:
    """Return an earlier plan as far as it still fits, then filled up. What must lie comes first, else as in `best`."""
    board = Board(ground)
    places = {placed.case: placed for placed in warm.placed}
    must = [item for item in ground.items if item.must]
    for item in must:
        _put_back(board, item, places.get(item.waiter.number))
    fill(board, must, True)
    if len(board.at) < sum(ground.items[index].must for index, _, _ in best):
        board.load_from([place for place in best if ground.items[place[0]].must])
    for item in ground.items:
        if not item.must:
            _put_back(board, item, places.get(item.waiter.number))
    fill(board, sorted(ground.items, key=lambda one: -one.points / one.size), True)
    return board


def _put_back(board: Board, item: Item, placed: Placed | None) -> None:
    ground = board.ground
    for opening in (ground.openings[index] for index in item.openings if placed):
        start = (placed.span.start - ground.origin) // ground.span(0, 1).length if placed else 0
        if placed and opening.room == placed.room and start >= 0 and board.starts(item, opening) >> start & 1:
            if board.is_in_time(item, opening, start):
                board.put(item, opening, start)
            return
