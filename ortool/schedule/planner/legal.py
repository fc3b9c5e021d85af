"""From steps back to slots: nothing leaves the planner that the rules of a booking would refuse."""

from ortool.errors import Refused
from ortool.schedule.gaps import Picture
from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, Opening


def refused(ground: Ground, places: list[tuple[int, int, int]]) -> list[int]:
    """Return the items whose place a booking would refuse, booked in the order of their starts."""
    problem = ground.problem
    picture = Picture.of(problem.house, ground.rules, problem.windows, problem.held)
    found: list[int] = []
    for index, opening, start in sorted(places, key=lambda one: (one[2], one[1])):
        item = ground.items[index]
        span, room = ground.slot(item, start), ground.openings[opening].room
        if span.start < problem.not_before or not picture.fits(item.waiter.wanted, room, span):
            found.append(index)
            continue
        try:
            picture.take(item.waiter.wanted, room, span)
        except Refused:
            found.append(index)
    return found


def legalise(board: Board) -> None:
    """Take out what a booking would refuse, so that the board is legal by the real rules; and what ends too late."""
    while gone := refused(board.ground, board.places()):
        for index in gone:
            board.lift(board.ground.items[index])
    limit = board.ground.problem.weights.late
    for opening in board.ground.openings:
        while opening.fixed and (free := _free(board, opening)) and board.late(opening) > limit:
            board.lift(min(free, key=lambda item: (item.points, item.index)))


def _free(board: Board, opening: Opening) -> list[Item]:
    """Return the items of a block that nobody fixed there and that need not be placed."""
    inside = [board.ground.items[index] for index in board.inside[opening.index]]
    return [item for item in inside if not (item.must or item.pinned)]
