"""From steps back to slots: nothing leaves the planner that the rules of a booking would refuse."""

from ortool.errors import Refused
from ortool.schedule.gaps import Picture
from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground


def refused(ground: Ground, places: list[tuple[int, int, int]]) -> list[int]:
    """Return the items whose place a booking would refuse, booked in the order of their starts."""
    problem = ground.problem
    picture = Picture.of(problem.house, ground.rules, problem.windows, problem.held)
    found: list[int] = []
    for index, opening, start in sorted(places, key=lambda one: (one[2], one[1])):
        item = ground.items[index]
        span, room = ground.span(start, item.size), ground.openings[opening].room
        if span.start < problem.not_before or not picture.fits(item.waiter.wanted, room, span):
            found.append(index)
            continue
        try:
            picture.take(item.waiter.wanted, room, span)
        except Refused:
            found.append(index)
    return found


def legalise(board: Board) -> None:
    """Take out what a booking would refuse, so that the board is legal by the real rules."""
    while gone := refused(board.ground, board.places()):
        for index in gone:
            board.lift(board.ground.items[index])
