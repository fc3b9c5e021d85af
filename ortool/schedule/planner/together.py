"""Whether some cases can all lie in the week: decided by CP-SAT, not guessed from a few orders.

Starts are on the grid, and what stands, is closed or away is kept by the board that says where each case may begin.
The model adds what cases take from one another: rooms with their turnover, people, patients, equipment in numbers,
and what is counted by the day.
Points play no part, nor the chance to end late, which no case that must lie is held to.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ortools.sat.python import cp_model

from ortool.schedule.planner.board import Board, bits
from ortool.schedule.planner.ground import Ground, Item, Opening
from ortool.schedule.planner.legal import refused
from ortool.schedule.planner.master import solver_of
from ortool.schedule.planner.quotas import drawn

Places = Sequence[tuple[int, int, int]]
"""Item, opening, start."""
WORK = 0.3
"""CP-SAT's deterministic time for one answer: a second or two. A dozen cases take a hundredth of it."""
TRIES = 12
"""Answers that a booking would refuse, before none is sure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A board where the cases lie, None where there is none. Not `is_sure`: the work did not suffice to say."""

    board: Board | None
    is_sure: bool = True


@dataclass
class _Model:
    ground: Ground
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    starts: dict[int, cp_model.IntVar] = field(default_factory=dict)
    lies: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    claims: defaultdict[str, list[tuple[cp_model.IntervalVar, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def together(ground: Ground, items: Sequence[Item], shared: Collection[str] | None = None) -> Answer:
    """Return whether these cases can all lie. `shared` are the resources that they may not take from one another:
    all where it is None. A board is only returned where all are kept.
    """
    return _solved(ground, items, (), shared)


def most(ground: Ground, places: Places = ()) -> Board:
    """Return a board with everything that is pinned and as many of the urgent and due as were found to fit beside.

    Where the pins clash it has as many of them as fit. It begins with `places`: what lies where already.
    """
    pinned = [item for item in ground.items if item.pinned]
    urgent = [item for item in ground.items if item.must and not item.pinned]
    answer = _solved(ground, pinned, urgent, None, places)
    if answer.board is None:
        answer = _solved(ground, (), [*pinned, *urgent], None, places)
    return answer.board or Board(ground)


def _solved(
    ground: Ground, items: Sequence[Item], others: Sequence[Item], shared: Collection[str] | None, places: Places = ()
) -> Answer:
    built, empty = _Model(ground), Board(ground)
    if not all(_add(built, empty, item, is_free=False) for item in items):
        return Answer(None)
    for item in others:
        _add(built, empty, item, is_free=True)
    for resource, claims in built.claims.items():
        if shared is None or resource in shared:
            _share(built, empty, resource, claims)
    for opening in ground.openings:
        if shared is None or f"room:{opening.room}" in shared:
            _suffice(built, empty, opening)
    _count(built, shared)
    ranked = {item.index: 1000 * (len(others) if item.pinned else 1) + min(999, round(item.points)) for item in others}
    built.model.maximize(sum(ranked[index] * lies for (index, _), lies in built.lies.items() if index in ranked))
    lying = {index: (opening, start) for index, opening, start in places}
    for (index, at), lies in built.lies.items():
        built.model.add_hint(lies, lying.get(index, (-1, 0))[0] == at)
    for index, start in built.starts.items():
        if index in lying:
            built.model.add_hint(start, lying[index][1])
    return _answer(built, is_whole=shared is None)


def _answer(built: _Model, *, is_whole: bool) -> Answer:
    """Return what the model says.

    A booking may find no unit for a whole stay though there are enough at each moment. Then other starts are tried, and
    that there are none is not sure any more.
    """
    solver = solver_of(0, WORK)
    for turn in range(TRIES):
        status = solver.solve(built.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Answer(None, turn == 0 and status == cp_model.INFEASIBLE)
        starts = {index: solver.value(start) for index, start in built.starts.items()}
        board = Board(built.ground)
        board.load_from((index, at, starts[index]) for (index, at), lies in built.lies.items() if solver.value(lies))
        gone = refused(built.ground, board.places()) if is_whole else []
        if not gone:
            return Answer(board)
        for index in gone:
            built.model.add(built.starts[index] != starts[index])
    return Answer(None, is_sure=False)


def _add(built: _Model, empty: Board, item: Item, *, is_free: bool) -> bool:
    """Take a case into the model. Return whether it can lie anywhere while nothing else is planned."""
    model, ground = built.model, built.ground
    free = {index: mask for index in item.openings if (mask := empty.starts(item, ground.openings[index]))}
    if not free:
        return False
    every = cp_model.Domain.from_intervals([list(run) for mask in free.values() for run in _runs(mask)])
    start = model.new_int_var_from_domain(every, "")
    built.starts[item.index] = start
    for index, mask in free.items():
        room = ground.openings[index].room
        built.lies[item.index, index] = lies = model.new_bool_var("")
        here = cp_model.Domain.from_intervals([list(run) for run in _runs(mask)])
        model.add_linear_expression_in_domain(start, here).only_enforce_if(lies)
        taken = model.new_optional_fixed_size_interval_var(start, item.size + item.turns[room], lies, "")
        built.claims[f"room:{room}"].append((taken, 1, 1))
    placed: cp_model.LiteralT = model.new_bool_var("") if is_free else True
    model.add(sum(built.lies[item.index, index] for index in free) == placed)
    for use in item.uses:
        interval = model.new_optional_fixed_size_interval_var(start + use.after, use.steps, placed, "")
        built.claims[use.resource].append((interval, use.count, use.lanes))
    return True


def _share(
    built: _Model, empty: Board, resource: str, claims: Sequence[tuple[cp_model.IntervalVar, int, int]]
) -> None:  # fmt: skip
    """Keep the claims of a resource within its number, beside what stands."""
    lanes = max(lanes for _, _, lanes in claims)
    intervals, counts = [one for one, _, _ in claims], [count for _, count, _ in claims]
    if lanes == 1:
        built.model.add_no_overlap(intervals)  # that it keeps clear of what stands is in the starts
        return
    for level in empty.levels.get(resource, ())[:lanes]:
        for first, last in _runs(level):
            intervals.append(built.model.new_fixed_size_interval_var(first, last - first + 1, ""))
            counts.append(1)
    if sum(counts) > lanes:
        built.model.add_cumulative(intervals, counts, lanes)


def _suffice(built: _Model, empty: Board, opening: Opening) -> None:
    """Say of a block what follows from the order in it: its minutes suffice. The solver sees it sooner so."""
    inside = [(built.ground.items[index], lies) for (index, at), lies in built.lies.items() if at == opening.index]
    if len(inside) > 1:
        mask = bits(opening.start, opening.end - opening.start)
        taken = sum((level & mask).bit_count() for level in empty.levels.get(f"room:{opening.room}", ())[:1])
        last = max(item.turns[opening.room] for item, _ in inside)
        need = sum((item.size + item.turns[opening.room]) * lies for item, lies in inside)
        built.model.add(need <= opening.end - opening.start - taken + last)


def _count(built: _Model, shared: Collection[str] | None) -> None:
    """Keep what is counted by the day within its quota."""
    ground = built.ground
    taken: defaultdict[tuple[str, date], list[cp_model.LinearExprT]] = defaultdict(list)
    for (index, at), lies in built.lies.items() if ground.problem.quotas else ():
        for key, amount in drawn(ground.problem, ground.items[index], ground.openings[at].day):
            taken[key].append(amount * lies)
    for key, amounts in taken.items():
        if shared is None or f"quota:{key[0]}" in shared:
            built.model.add(sum(amounts) <= ground.problem.quotas[key])


def _runs(mask: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of set bits, first and last."""
    at = 0
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        length = (~mask & (mask + 1)).bit_length() - 1
        yield at + gap, at + gap + length - 1
        mask >>= length
        at += gap + length
