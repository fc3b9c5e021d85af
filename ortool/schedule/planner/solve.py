"""The planner itself, any-time: a legal plan from the first moment on, a better one later, a bound beside."""

from collections.abc import Callable
from dataclasses import dataclass

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, ground_of
from ortool.schedule.planner.legal import legalise
from ortool.schedule.planner.outcome import outcome
from ortool.schedule.planner.problem import Score, WeekPlan, WeekProblem
from ortool.schedule.planner.search import Search
from ortool.schedule.planner.simple import fill, strongest

Places = list[tuple[int, int, int]]
CHUNK = 200
"""Changes of the local search between two looks at the other methods."""


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
    time; `stop` makes it depend on the machine.
    """

    steps: int = 20_000
    stop: Callable[[], bool] = lambda: False
    bound: bool = True
    gap: float = 0.0


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

    def _simple(self) -> tuple[str, Score, Places]:
        rule, _, places = strongest(self.ground)
        board = Board(self.ground)
        board.load_from(places)
        legalise(board)
        return rule, board.score(), board.places()

    def offer(self, board: Board, method: str) -> None:
        """Keep a board's plan where it is better and legal."""
        if board.score().key <= self.score.key:
            return
        trial = Board(self.ground)
        trial.load_from(board.places())
        legalise(trial)
        if trial.score().key > self.score.key:
            self.score, self.best, self.method = trial.score(), trial.places(), method

    def report(self, doing: str) -> None:
        """Tell how far it is."""
        self.tell(Progress(doing, self.score.points, self.bound, self.steps))

    def is_done(self) -> bool:
        """Whether time, steps or the wanted gap are reached."""
        near = self.bound is not None and self.bound - self.score.points <= self.limits.gap * abs(self.bound)
        return self.limits.stop() or self.steps >= self.limits.steps or near

    def improve(self, board: Board) -> None:
        """Search until the limits are reached."""
        search = Search(board, self.seed)
        while not self.is_done():
            tried = search.run(min(CHUNK, self.limits.steps - self.steps), self.limits.stop)
            self.steps += max(1, tried)
            self.offer(board, "local search")
            self.report("search")


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
        board = Board(ground)
        board.load_from(run.best)
        run.improve(board)
    except KeyboardInterrupt:
        pass
    final = Board(ground)
    final.load_from(run.best)
    fill(final, ground.items, True)
    legalise(final)
    if final.score().key < run.score.key:
        final.load_from(run.best)
    return outcome(final, run.baseline, run.rule, run.method, seed, run.bound)
