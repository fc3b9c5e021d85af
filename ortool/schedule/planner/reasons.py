"""Why a case goes on waiting: the one thing that would have to give."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from ortool.schedule.planner.board import Board, bits, smeared
from ortool.schedule.planner.ground import Item, Opening
from ortool.schedule.planner.problem import GRID


def reason(board: Board, item: Item) -> str:
    """Return why an item lies nowhere, as a sentence."""
    ground = board.ground
    if item.refusal:
        return item.refusal
    who = next((one.name for one in item.waiter.wanted.people if one.role == "surgeon"), "the surgeon")
    if not ground.openings:
        return "No block is open in these days."
    if not item.openings:
        return _no_block(board, item, who)
    openings = [ground.openings[index] for index in item.openings]
    roomy = [one for one in openings if board.has_room(item, one)]
    if not roomy:
        return _full(board, item, openings)
    possible = [one for one in roomy if board.starts(item, one)]
    if possible:
        if any(board.is_in_time(item, one, start) for one in possible for start in _all(board.starts(item, one))):
            return "It would cost more idle and late minutes than it is worth this week."
        best = max(possible, key=lambda one: one.minutes - board.slots[one.index])
        limit = round(100 * ground.problem.weights.late)
        return f"{_where(best)} would then end late with a chance above the agreed {limit} %."
    gaps = [one for one in roomy if _room_starts(board, item, one)]
    if not gaps:
        best = max(roomy, key=lambda one: one.minutes - board.slots[one.index])
        return (
            f"What is free in {_where(best)} is in pieces; none of them is {item.minutes} min long with its turnover."
        )
    days = sorted({one.day for one in gaps})
    if all(board.quotas.short(item, one.day) for one in gaps):
        return f"{board.quotas.short(item, days[0])} is used up {_days(days)}."
    blocking = Counter(name for one in gaps for name in _in_the_way(board, item, one))
    name, count = max(blocking.items(), key=lambda one: (one[1], one[0]), default=("", 0))
    if not name:
        return f"{who} and all else that it needs are not free together in a gap {_days(days)}."
    if count == len(gaps):
        others = "a room" if name == who else f"{who} and a room"
        return f"{name} is not free together with {others} {_days(days)}."
    return f"{name} is taken in the blocks that {'they' if name == who else who} may use {_days(days)}."


def _all(starts: int) -> Iterator[int]:
    while starts:
        yield (starts & -starts).bit_length() - 1
        starts &= starts - 1


def _no_block(board: Board, item: Item, who: str) -> str:
    problem, number = board.ground.problem, item.waiter.number
    mine = [one for one in board.ground.openings if one.room in item.turns and _owns(item, one)]
    if not mine:
        service = item.waiter.wanted.service
        return f"Neither {who}{f' nor {service}' if service else ''} has a block in these days."
    mine = [one for one in mine if all(tie.holds(one.room, one.day) for tie in problem.pins if tie.case == number)]
    if not mine:
        return f"No block of {who} is where the case is fixed."
    mine = [one for one in mine if not any(t.case == number and t.holds(one.room, one.day) for t in problem.forbidden)]
    if not mine:
        return f"Every block of {who} is forbidden to it."
    longest = max(one.minutes for one in mine)
    if longest < item.minutes:
        return f"It takes {item.minutes} min, and the longest block that is open to it has {longest}."
    return "No block before its due day is open to it."


def _owns(item: Item, opening: Opening) -> bool:
    from ortool.schedule.placing import owns

    return opening.owner is None or owns(item.waiter.wanted, opening.owner)


def _full(board: Board, item: Item, openings: list[Opening]) -> str:
    best = max(openings, key=lambda one: one.minutes - board.slots[one.index])
    short = round(board.slots[best.index] + item.size * GRID - best.minutes)
    return f"The blocks that are open to it are full; {_where(best)} would need {short} min more."


def _in_the_way(board: Board, item: Item, opening: Opening) -> list[str]:
    """Return which resources, each for itself, leave no start in a block's free room time."""
    free = _room_starts(board, item, opening)
    return [use.label for use in item.uses if not free & ~board.blocked(use)]


def _room_starts(board: Board, item: Item, opening: Opening) -> int:
    free = bits(opening.start, opening.end - item.size - opening.start + 1)
    if taken := board.levels.get(f"room:{opening.room}"):
        free &= ~smeared(taken[0], item.size + item.turns[opening.room])
    return free


def _where(opening: Opening) -> str:
    return f"{opening.room} on {opening.day:%a %d %b}"


def _days(days: list[date]) -> str:
    if len(days) == 1:
        return f"on {days[0]:%a %d %b}"
    return f"from {days[0]:%a %d %b} to {days[-1]:%a %d %b}"
