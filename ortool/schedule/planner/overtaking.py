"""Who was overtaken: who goes on waiting while somebody behind them in the same line is placed.

A line are the cases of one surgeon or of one service. In it goes first who is urgent and due in these days; then the
lower priority number; then who is past the due day, or will be by the end of these days; then who waits longer.

A placed case overtakes a waiting one of its line that stands before it and could have used its block: the block is
open to the waiting case by every rule, and before anything was planned it had a start there, with people and equipment
free. Whether it would fit where the other lies is not asked: a long case that no gap takes was overtaken too, and its
reason says so. Equals do not overtake one another, and what is forbidden to a case overtakes nobody there.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from ortool.schedule.planner.board import Board, surgeon_of
from ortool.schedule.planner.ground import Item
from ortool.schedule.planner.problem import Overtaken, Queued, Unplaced, Waiter

FEW = 3
"""How many of those that overtook are named."""

Turn = tuple[bool, int, bool, int]


def turn_of(waiter: Waiter, last: date) -> Turn:
    """Return where a case stands in its line: the lower, the sooner its turn. `last` is the last day of the plan."""
    is_due = waiter.due is not None and waiter.due <= last
    return not (waiter.urgent and is_due), waiter.priority, not is_due, -waiter.waited


def overtaken(board: Board, unplaced: tuple[Unplaced, ...]) -> tuple[Overtaken, ...]:
    """Return those of the unplaced that others overtook, first whose turn it was first.

    Of those that overtook, the ones that stand furthest behind are named. Nobody's name is in it but case numbers.
    """
    ground, empty = board.ground, Board(board.ground)
    last = ground.problem.first + timedelta(days=ground.problem.days - 1)
    turns = [turn_of(item.waiter, last) for item in ground.items]
    reasons = {one.case: one.reason for one in unplaced}
    found: list[tuple[Turn, Overtaken]] = []
    for item in ground.items:
        if item.waiter.number in reasons:
            by = _placed_in_its_blocks(board, empty, item, turns)
            by.sort(key=lambda one: (turns[one.index], one.waiter.number), reverse=True)
            if by:
                few = tuple(_queued(one.waiter) for one in by[:FEW])
                told = Overtaken(_queued(item.waiter), few, len(by), reasons[item.waiter.number])
                found.append((turns[item.index], told))
    return tuple(told for _, told in sorted(found, key=lambda one: (one[0], one[1].waits.case)))


def _placed_in_its_blocks(board: Board, empty: Board, item: Item, turns: Sequence[Turn]) -> list[Item]:
    """Return who stands behind an item in its line and lies in a block that it could have used."""
    ground = board.ground
    found: defaultdict[int, list[Item]] = defaultdict(list)
    for opening in item.openings:
        for index in board.inside[opening]:
            other = ground.items[index]
            if turns[index] > turns[item.index] and _in_one_line(item, other):
                found[opening].append(other)
    return [one for opening, some in found.items() if empty.starts(item, ground.openings[opening]) for one in some]


def _in_one_line(item: Item, other: Item) -> bool:
    service = item.waiter.wanted.service
    if service and service == other.waiter.wanted.service:
        return True
    who = surgeon_of(item)
    return bool(who) and who == surgeon_of(other)


def _queued(waiter: Waiter) -> Queued:
    return Queued(waiter.number, waiter.priority, waiter.waited)
