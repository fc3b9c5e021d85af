"""What a finished board says: placements, blocks with their risk, and who waits on."""

from collections.abc import Sequence

from ortool.schedule.durations import Duration
from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, Opening
from ortool.schedule.planner.overtaking import overtaken
from ortool.schedule.planner.pins import crowded
from ortool.schedule.planner.problem import GRID, Placed, RoomDay, Score, Unplaced, WeekPlan
from ortool.schedule.planner.reasons import reason
from ortool.schedule.scenarios import SCENARIOS, deviates

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
    span = ground.span(start, item.size)
    return Placed(item.waiter.number, item.waiter.wanted.case_id, ground.openings[opening].room, span)


def _room_day(board: Board, opening: Opening) -> RoomDay:
    ground = board.ground
    inside = sorted(((board.at[i][1], ground.items[i]) for i in board.inside[opening.index]), key=lambda one: one[0])
    late, over = late_finish(ground, opening, inside)
    work = sum(item.mean for _, item in inside) + sum(item.turns[opening.room] * GRID for _, item in inside[:-1])
    share = min(1.0, (work + opening.mean) / opening.minutes)
    numbers = tuple(item.waiter.number for _, item in inside)
    return RoomDay(opening.room, ground.span(opening.start, opening.end - opening.start), numbers, share, late, over)


def late_finish(ground: Ground, opening: Opening, inside: Sequence[tuple[int, Item]]) -> tuple[float, float]:
    """Return the chance that a block's last case ends late, and by how many minutes on average.

    The day is played: a case begins at its planned time or when the one before it has left and the room is turned over.
    """
    free = [0.0] * SCENARIOS
    standing = ground.problem.standing
    fixed = [(one.start, standing[one.number], one.turn, one.number) for one in opening.fixed if one.number in standing]
    cases: list[tuple[float, Duration, float, int]] = [
        (start * GRID, item.waiter.duration, item.turns[opening.room] * GRID, item.waiter.number)
        for start, item in inside
    ]
    ended = [0.0] * SCENARIOS
    for start, duration, turn, number in sorted([*cases, *fixed], key=lambda one: (one[0], one[3])):
        drawn = deviates(f"{number} stay")
        ended = [max(start, at) + duration.at(z) for at, z in zip(free, drawn, strict=True)]
        free = [end + turn for end in ended]
    over = [max(0.0, end - opening.end * GRID) for end in ended]
    return sum(one > 0 for one in over) / SCENARIOS, sum(over) / SCENARIOS
