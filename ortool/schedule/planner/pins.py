"""Pins that cannot all be kept: the few of them that clash, and what they clash about."""

from collections.abc import Sequence
from itertools import combinations

from ortool.schedule.planner.board import Board, surgeon_of
from ortool.schedule.planner.ground import Ground, Item
from ortool.schedule.planner.problem import GRID
from ortool.schedule.planner.reasons import reason


def kept(ground: Ground, items: Sequence[Item]) -> Board | None:
    """Return a board on which all of these lie, None where none was found in a few orders."""
    orders = [
        sorted(items, key=lambda item: (len(item.openings), -item.size)),
        sorted(items, key=lambda item: (-item.size, len(item.openings))),
        sorted(items, key=lambda item: (-len(item.uses), item.size)),
        list(items),
    ]
    if len(items) <= 3:
        orders += [[*some, *(one for one in items if one not in some)] for some in combinations(items, 2)]
    for order in orders:
        board = Board(ground)
        if all(_put(board, item) for item in order):
            return board
    return None


def _put(board: Board, item: Item) -> bool:
    for index in item.openings:
        opening = board.ground.openings[index]
        start = board.first(item, opening)
        if start is not None:
            board.put(item, opening, start)
            return True
    return False


def clash(ground: Ground) -> str:
    """Return why the pins cannot all be kept, as a sentence; empty where they can be.

    The set that is named is small: without any one of its pins the others lie.
    """
    pinned = [item for item in ground.items if item.pinned]
    for item in pinned:
        if kept(ground, [item]) is None:
            return f"Case {item.waiter.number} cannot lie where it is fixed: {reason(Board(ground), item)}"
    if not pinned or kept(ground, pinned) is not None:
        return ""
    few = list(pinned)
    for item in pinned:
        fewer = [one for one in few if one is not item]
        if fewer and kept(ground, fewer) is None:
            few = fewer
    return _words(ground, few)


def _words(ground: Ground, few: Sequence[Item]) -> str:
    named = [f"{one.waiter.number}{_who(one)}" for one in few]
    cases = f"{', '.join(named[:-1])} and {named[-1]}"
    openings = {index for one in few for index in one.openings}
    if len(openings) == 1:
        opening = ground.openings[openings.pop()]
        turn = sum(one.turns[opening.room] * GRID for one in few) - min(one.turns[opening.room] * GRID for one in few)
        need = round(sum(one.mean for one in few) + turn)
        if need > opening.minutes - opening.mean:
            where = f"{opening.room} on {opening.day:%a %d %b}"
            return (
                f"What is fixed for cases {cases} clashes: they need {need} min with turnover,"
                f" and {where} has {opening.minutes - round(opening.mean)}."
            )
    if len({surgeon_of(one) for one in few}) == 1:
        return f"What is fixed for cases {cases} clashes: one surgeon cannot be in two rooms at the same time."
    shared = set.intersection(*({use.label for use in one.uses} for one in few)) - {"The patient"}
    about = f": there is too little of {min(shared)}" if shared else " with one another and with what stands already"
    return f"What is fixed for cases {cases} clashes{about}."


def _who(item: Item) -> str:
    name = next((one.name for one in item.waiter.wanted.people if one.role == "surgeon"), "")
    return f" ({name})" if name else ""
