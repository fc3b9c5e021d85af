"""The simple rules that schedulers use: cases in some order, each into the first or the fullest block that takes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, Opening
from ortool.schedule.planner.problem import Score

Order = Callable[[Item], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule; `best_fit`: the block that is left fullest, not the earliest."""

    name: str
    order: Order
    best_fit: bool


RULES = (
    Rule("first come, first fit", lambda item: (-item.waiter.waited,), False),
    Rule("priority first fit", lambda item: (item.waiter.priority, -item.points), False),
    Rule("shortest first, best fit", lambda item: (item.waiter.priority, item.size), True),
    Rule("longest first, best fit", lambda item: (item.waiter.priority, -item.size), True),
    Rule("points per minute, first fit", lambda item: (-item.points / item.size,), False),
    Rule("points per minute, best fit", lambda item: (-item.points / item.size,), True),
)


def insert(board: Board, item: Item, openings: Iterable[Opening], best_fit: bool) -> bool:
    """Place a case where the rule says, if anywhere."""
    best: tuple[float, Opening, int] | None = None
    for opening in openings:
        if not board.has_room(item, opening) or not board.is_in_time(item, opening):
            continue
        left = opening.minutes - board.mean[opening.index]
        if best is not None and left >= best[0]:
            continue
        start = board.first(item, opening)
        if start is None or not board.is_in_time(item, opening, start):
            continue
        if board.gain(item, opening) <= 0 and not (item.must or item.pinned):
            continue
        best = left, opening, start
        if not best_fit:
            break
    if best is None:
        return False
    board.put(item, best[1], best[2])
    return True


def fill(board: Board, items: Sequence[Item], best_fit: bool) -> None:
    """Place cases in their order, those that must be first."""
    openings = board.ground.openings
    for item in sorted(items, key=lambda one: (not one.pinned, not one.must)):
        if item.index not in board.at:
            insert(board, item, [openings[index] for index in item.openings], best_fit)


def strongest(ground: Ground) -> tuple[str, Score, list[tuple[int, int, int]]]:
    """Return the best of the simple rules: its name, its score and its places."""
    found: list[tuple[str, Score, list[tuple[int, int, int]]]] = []
    for rule in RULES:
        board = Board(ground)
        fill(board, sorted(ground.items, key=lambda item: (*rule.order(item), item.waiter.number)), rule.best_fit)
        found.append((rule.name, board.score(), board.places()))
    return max(found, key=lambda one: one[1].key)
