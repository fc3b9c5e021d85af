"""What must lie and cannot: the few cases that clash, and what they clash over. Decided exactly, never guessed.

A set clashes only where CP-SAT has proven that its cases cannot all lie; where it found no answer in its time, nothing
is said, and the plan shows whether they do.
"""

from collections.abc import Sequence

from ortool.schedule.planner.alone import alone
from ortool.schedule.planner.board import Board, surgeon_of
from ortool.schedule.planner.ground import Ground, Item
from ortool.schedule.planner.problem import GRID, Tie, WeekPlan

MOST_NAMES = 8
"""A sentence that names more cases is not read."""


def kept(ground: Ground, items: Sequence[Item]) -> Board | None:
    """Return a board on which all of these lie, None where none was found in a few orders: the quick look."""
    orders = (
        sorted(items, key=lambda item: (len(item.openings), -item.size)),
        sorted(items, key=lambda item: (-item.size, len(item.openings))),
        sorted(items, key=lambda item: (-len(item.uses), item.size)),
    )
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


def cannot(ground: Ground, items: Sequence[Item]) -> bool:
    """Whether it is proven that these cannot all lie."""
    if overfull(ground, items):
        return True
    if kept(ground, items) is not None:
        return False
    from ortool.schedule.planner.together import together

    answer = together(ground, items)
    return answer.board is None and answer.is_sure


def overfull(ground: Ground, items: Sequence[Item]) -> bool:
    """Whether some of these have fewer steps in their blocks than they need with turnover: a proof without a search."""
    if not all(item.openings for item in items):
        return True
    for openings in {frozenset(item.openings) for item in items}:
        inside = [item for item in items if openings.issuperset(item.openings)]
        free = 0
        for opening in (ground.openings[index] for index in openings):
            turns = [item.turns[opening.room] for item in inside if opening.index in item.openings]
            standing = round(opening.mean) // GRID
            free += opening.end - opening.start - standing + max(turns, default=0)  # the last turnover is nobody's
        if sum(item.size + min(item.turns[ground.openings[i].room] for i in item.openings) for item in inside) > free:
            return True
    return False


def smallest(ground: Ground, items: Sequence[Item]) -> list[Item]:
    """Return a set that clashes, out of one that does: without any one of its cases the others can lie."""
    few = list(items)
    for item in items:
        fewer = [one for one in few if one is not item]
        if cannot(ground, fewer):
            few = fewer
    return few


def clash(ground: Ground) -> str:
    """Return why the pins cannot all be kept, as a sentence; empty where they can be, or nobody could prove it."""
    pinned = [item for item in ground.items if item.pinned]
    for item in pinned:
        if cannot(ground, [item]):
            return f"Case {item.waiter.number} cannot lie where it is fixed: {alone(ground, item)}"
    if not cannot(ground, pinned):
        return ""
    few = smallest(ground, pinned)
    return f"What is fixed for cases {_named(few)} clashes: {_over(ground, few)}"


def lost(ties: Sequence[Tie], plan: WeekPlan) -> str:
    """Return which pins a plan does not keep, as a sentence; empty where it keeps all, as it does unless undecided."""
    numbers = sorted({tie.case for tie in ties} - {one.case for one in plan.placed})
    if not numbers:
        return ""
    plural = "" if len(numbers) == 1 else "s"
    return f"No plan was found that keeps what is fixed for case{plural} {_listed([str(one) for one in numbers])}."


def crowded(board: Board, item: Item) -> str:
    """Return why a case that must lie does not, as a sentence: alone it cannot, or not with the others that must.

    Empty where the others that must would leave room for it.
    """
    ground, empty = board.ground, Board(board.ground)
    if all(empty.first(item, ground.openings[index]) is None for index in item.openings):
        return alone(ground, item)
    others = [one for one in ground.items if one.must and one.index in board.at and _meet(one, item, ground)]
    if not cannot(ground, [item, *others]):
        return ""
    few = smallest(ground, [item, *others])
    return f"Cases {_named(few)} must all be placed and cannot be: {_over(ground, few)}"


def _meet(one: Item, other: Item, ground: Ground) -> bool:
    """Whether two cases may need the same thing at all."""
    rooms, others = ({ground.openings[index].room for index in item.openings} for item in (one, other))
    if rooms & others or {use.resource for use in one.uses} & {use.resource for use in other.uses}:
        return True
    return bool({draw.what for draw in one.waiter.draws} & {draw.what for draw in other.waiter.draws})


def _over(ground: Ground, few: Sequence[Item]) -> str:
    openings = {index for one in few for index in one.openings}
    if len(openings) == 1:
        opening = ground.openings[openings.pop()]
        turns = [one.turns[opening.room] * GRID for one in few]
        need = round(sum(one.minutes for one in few) + sum(turns) - max(turns))
        if need > opening.minutes - opening.mean:
            where = f"{opening.room} on {opening.day:%a %d %b}"
            return f"they need {need} min with turnover, and {where} has {opening.minutes - round(opening.mean)}."
    shared = _shared(ground, few)
    names = sorted(label for resource, label in _labels(ground, few).items() if resource in shared)
    people = sum(resource.startswith("person:") for resource in shared)
    if len(shared) == people == 1 and len({surgeon_of(one) for one in few}) == 1:
        return f"{names[0]} cannot be in two rooms at the same time."
    return f"there is not enough of {_listed(names)} for all of them."


def _shared(ground: Ground, few: Sequence[Item]) -> set[str]:
    """Return the fewest resources over which these clash: were there enough of any one of them, they could lie."""
    from ortool.schedule.planner.together import together

    shared = set(_labels(ground, few))
    for resource in sorted(shared, key=lambda name: (name.startswith("room:"), name)):
        fewer = shared - {resource}
        answer = together(ground, few, fewer)
        if answer.board is None and answer.is_sure:
            shared = fewer
    return shared


def _labels(ground: Ground, few: Sequence[Item]) -> dict[str, str]:
    rooms = {ground.openings[index].room for one in few for index in one.openings}
    found = {f"room:{room}": room for room in rooms}
    counted = {draw.what for one in few for draw in one.waiter.draws}
    found |= {f"quota:{what}": what for what in counted & {what for what, _ in ground.problem.quotas}}
    return found | {use.resource: use.label for one in few for use in one.uses}


def _named(few: Sequence[Item]) -> str:
    return _listed([f"{one.waiter.number}{_who(one)}" for one in few])


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_NAMES:
        return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _who(item: Item) -> str:
    name = next((one.name for one in item.waiter.wanted.people if one.role == "surgeon"), "")
    return f" ({name})" if name else ""
