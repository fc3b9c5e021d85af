"""Why a case cannot lie where it must even while nothing else is planned: the one rule that would have to give.

Each rule is left out for once, in the order in which a person could change it most easily; the first without which the
case finds a start is the reason.
"""

from collections.abc import Iterator
from dataclasses import replace

from ortool.errors import Refused
from ortool.schedule.placing import claims_of
from ortool.schedule.planner.board import Board
from ortool.schedule.planner.ground import Ground, Item, ground_of
from ortool.schedule.planner.problem import WeekProblem, week_span
from ortool.schedule.planner.reasons import reason
from ortool.schedule.slots import Span
from ortool.schedule.windows import EVERYWHERE, WindowKind


def alone(ground: Ground, item: Item) -> str:
    """Return why an item lies nowhere on an empty board, as a sentence."""
    number, problem = item.waiter.number, ground.problem
    pins = tuple(tie for tie in problem.pins if tie.case == number)
    forbidden = tuple(tie for tie in problem.forbidden if tie.case == number)
    only = replace(problem, waiting=[item.waiter], pins=pins, forbidden=forbidden)
    for sentence, without in _relaxed(only, item):
        if _lies(without):
            return sentence
    return _unable(ground, item) or reason(Board(ground), item)


def _lies(problem: WeekProblem) -> bool:
    ground = ground_of(problem)
    board = Board(ground)
    return any(board.starts(item, ground.openings[index]) for item in ground.items for index in item.openings)


def _relaxed(problem: WeekProblem, item: Item) -> Iterator[tuple[str, WeekProblem]]:
    """Yield the problem without one rule each time, and what is to be said if that was the one."""
    if len(problem.pins) > 1:
        yield "It is fixed in more than one place.", replace(problem, pins=problem.pins[:1])
    if problem.forbidden:
        yield "It is forbidden there as well.", replace(problem, forbidden=())
    yield "That is past or within the freeze window.", replace(problem, not_before=week_span(problem).start)
    if item.must and item.waiter.due is not None:
        sentence = f"It is due by {item.waiter.due:%a %d %b}."
        yield sentence, replace(problem, waiting=[replace(item.waiter, urgent=False)])
    yield from _without_windows(problem, item)
    yield from _without_standing(problem, item)


def _without_windows(problem: WeekProblem, item: Item) -> Iterator[tuple[str, WeekProblem]]:
    windows = problem.windows
    for person in item.waiter.wanted.people:
        left = [one for one in windows if one.resource != f"person:{person.id}"]
        yield f"{person.name} is away then.", replace(problem, windows=left)
    for room in (EVERYWHERE, *(f"room:{name}" for name in problem.house.rooms)):
        left = [one for one in windows if one.kind is not WindowKind.CLOSURE or one.resource != room]
        closed = "The theatre" if room == EVERYWHERE else room.removeprefix("room:")
        yield f"{closed} is closed then.", replace(problem, windows=left)
    freed = [replace(one, released=True) for one in windows]
    yield "The blocks there belong to others.", replace(problem, windows=freed)


def _without_standing(problem: WeekProblem, item: Item) -> Iterator[tuple[str, WeekProblem]]:
    labels = {f"room:{name}": name for name in problem.house.rooms} | {use.resource: use.label for use in item.uses}
    for resource, label in labels.items():
        left = [one for one in problem.held if one.resource != resource]
        yield f"{label} is taken then by what stands already.", replace(problem, held=left)
    yield "What stands already leaves no place for it.", replace(problem, held=())


def _unable(ground: Ground, item: Item) -> str:
    """Return why the room where it is fixed cannot take it; empty where it can."""
    problem, wanted = ground.problem, item.waiter.wanted
    for tie in problem.pins:
        room = problem.house.rooms.get(tie.room or "")
        if tie.case == item.waiter.number and room is not None and room.id not in item.turns:
            try:
                claims_of(wanted, room, Span(problem.not_before, problem.not_before), problem.house, ground.rules)
            except Refused as refused:
                return str(refused)
    return ""
