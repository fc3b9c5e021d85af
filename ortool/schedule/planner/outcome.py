"""What a finished board says: placements, blocks with their risk, and who waits on."""

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, Opening
from ortool.schedule.planner.overtaking import overtaken
from ortool.schedule.planner.pins import crowded
from ortool.schedule.planner.played import late_finish
from ortool.schedule.planner.problem import GRID, Placed, RoomDay, Score, Unplaced, WeekPlan
from ortool.schedule.planner.reasons import reason

EXPLAINED = 5
"""So many urgent cases that are not placed are told with whom they clash."""


def outcome(
    board: Board, baseline: Score, rule: str, method: str, seed: int, bound: float | None
) -> WeekPlan:  # fmt: skip
    """Return the plan that a board is."""
    ground = board.ground
    places = sorted(board.places(), key=lambda one: (one[2], one[1]))
    placed = tuple(_placed(ground, *place) for place in places)
    waiting = [item for item in ground.items if item.index not in board.at]
    waiting.sort(key=lambda item: (not item.must, -item.points, item.waiter.number))
    unplaced = tuple(
        Unplaced(item.waiter.number, item.waiter.wanted.case_id, _why(board, item, place), item.must)
        for place, item in enumerate(waiting)
    )
    rooms = tuple(_room_day(board, opening) for opening in ground.openings)
    passed = overtaken(board, unplaced)
    return WeekPlan(placed, unplaced, rooms, board.score(), baseline, rule, method, seed, bound, passed)


def _why(board: Board, item: Item, place: int) -> str:
    """Return why a case waits; of the first that had to be placed, with whom they clash, which takes a search."""
    return (crowded(board, item) if item.must and place < EXPLAINED else "") or reason(board, item)


def _placed(ground: Ground, index: int, opening: int, start: int) -> Placed:
    item = ground.items[index]
    span = ground.slot(item, start)
    return Placed(item.waiter.number, item.waiter.wanted.case_id, ground.openings[opening].room, span)


def _room_day(board: Board, opening: Opening) -> RoomDay:
    ground = board.ground
    inside = sorted(((board.at[i][1], ground.items[i]) for i in board.inside[opening.index]), key=lambda one: one[0])
    late, over = late_finish(ground, opening, inside)
    work = sum(item.minutes for _, item in inside) + sum(item.turns[opening.room] * GRID for _, item in inside[:-1])
    share = min(1.0, (work + opening.mean) / opening.minutes)
    numbers = tuple(item.waiter.number for _, item in inside)
    return RoomDay(opening.room, ground.span(opening.start, opening.end - opening.start), numbers, share, late, over)
