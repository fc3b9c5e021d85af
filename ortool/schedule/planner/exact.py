"""A few blocks at once, exactly: which cases lie there and when, by CP-SAT with optional intervals.

Everything outside stays as it is. Risk enters as straight lines at the block's present variance, on the safe side; the
board judges the answer by the real measure, and it counts only if it is better.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ortools.sat.python import cp_model

from ortool.schedule.planner.board import Board, surgeon_of
from ortool.schedule.planner.ground import Item, Opening, worth
from ortool.schedule.planner.master import solver_of
from ortool.schedule.planner.problem import GRID
from ortool.schedule.planner.quotas import Quota
from ortool.schedule.planner.risk import late_and_over

SCALE = 10
UNIT = 100.0
"""Square minutes of variance in one unit of the model."""


@dataclass
class _Model:
    board: Board
    openings: Sequence[Opening]
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    lies: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    starts: dict[int, cp_model.IntVar] = field(default_factory=dict)
    rooms: defaultdict[int, list[cp_model.IntervalVar]] = field(default_factory=lambda: defaultdict(list))
    claims: defaultdict[str, list[tuple[cp_model.IntervalVar, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    points: list[Any] = field(default_factory=list)


def reoptimised(board: Board, openings: Sequence[Opening], items: Sequence[Item], seed: int, work: float) -> bool:
    """Refill some blocks from these items, those that lie there among them. Return whether the board is better now.

    The items that lie there and are not placed again wait; a board that would be worse is left as it was.
    """
    before, score = board.places(), board.score()
    there = {index: board.at[index] for one in openings for index in board.inside[one.index]}
    for index in there:
        board.lift(board.ground.items[index])
    built = _Model(board, openings)
    for item in items:
        _item(built, item)
    _rooms(built)
    _shared(built)
    for opening in openings:
        _efficiency(built, opening, items, there)
    _walks(built, items)
    _quotas(built)
    for (index, opening_index), lies in built.lies.items():
        built.model.add_hint(lies, int(index in there and there[index][0] == opening_index))
    for index, start in built.starts.items():
        if index in there:
            built.model.add_hint(start, there[index][1])
    built.model.maximize(sum(built.points))
    solver = solver_of(seed, work)
    if solver.solve(built.model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        _read(built, solver)
    if board.score().key > score.key:
        return True
    board.load_from(before)
    return False


def _item(built: _Model, item: Item) -> None:
    model, board = built.model, built.board
    windows = {}
    for opening in built.openings:
        if opening.index in item.openings:
            free = board.starts(item, opening)
            latest = _latest(board, item, opening)
            free &= (1 << (latest + 1)) - 1 if latest >= 0 else 0
            if free:
                windows[opening.index] = (free & -free).bit_length() - 1, free.bit_length() - 1
    if not windows:
        return
    start = model.new_int_var(min(a for a, _ in windows.values()), max(b for _, b in windows.values()), "")
    built.starts[item.index] = start
    some = []
    for opening in built.openings:
        if opening.index not in windows:
            continue
        lies = model.new_bool_var("")
        built.lies[item.index, opening.index] = lies
        some.append(lies)
        points = worth(item, opening, board.ground.problem) + (1e5 if item.must or item.pinned else 0)
        built.points.append(round(SCALE * points) * lies)
        first, last = windows[opening.index]
        model.add(start >= first).only_enforce_if(lies)
        model.add(start <= last).only_enforce_if(lies)
        steps = item.size + item.turns[opening.room]
        built.rooms[opening.index].append(model.new_optional_fixed_size_interval_var(start, steps, lies, ""))
    placed = model.new_bool_var("")
    model.add(sum(some) == placed)
    for use in item.uses:
        if not use.resource.startswith("patient:"):
            interval = model.new_optional_fixed_size_interval_var(start + use.after, use.steps, placed, "")
            built.claims[use.resource].append((interval, use.count, use.lanes))


def _latest(board: Board, item: Item, opening: Opening) -> int:
    """Return the last start from which the case alone still ends in time as surely as agreed."""
    last = opening.end - item.size
    if item.must or item.pinned:
        return last
    limit = board.ground.problem.weights.late
    while last > opening.start and late_and_over(item.mean, item.variance, (opening.end - last) * GRID)[0] > limit:
        last -= 1
    return last


def _rooms(built: _Model) -> None:
    for opening in built.openings:
        fixed = _standing(built, f"room:{opening.room}", 1, opening.start, opening.end)
        built.model.add_no_overlap([*built.rooms[opening.index], *(one for one, _ in fixed)])


def _shared(built: _Model) -> None:
    """Keep people and equipment within their numbers, beside what holds them outside of these blocks."""
    if not built.openings:
        return
    first = min(one.start for one in built.openings)
    last = max(one.end for one in built.openings) + 24 * 60 // GRID
    for resource, claims in built.claims.items():
        lanes = claims[0][2]
        if sum(count for _, count, _ in claims) <= lanes and not built.board.levels.get(resource):
            continue
        fixed = _standing(built, resource, lanes, first, last)
        fixed += _standing(built, f"away:{resource}", lanes, first, last, lanes)
        if lanes == 1:
            built.model.add_no_overlap([*(one for one, _, _ in claims), *(one for one, _ in fixed)])
        else:
            demands = [*(count for _, count, _ in claims), *(count for _, count in fixed)]
            built.model.add_cumulative([*(one for one, _, _ in claims), *(one for one, _ in fixed)], demands, lanes)


def _standing(
    built: _Model, resource: str, lanes: int, first: int, last: int, count: int = 1
) -> list[tuple[cp_model.IntervalVar, int]]:
    """Return what is taken already as fixed intervals, level by level."""
    found = []
    for level in built.board.levels.get(resource, ())[:lanes]:
        mask, at = level >> first, first
        while mask and at < last:
            gap = (mask & -mask).bit_length() - 1
            mask, at = mask >> gap, at + gap
            run = (~mask & (mask + 1)).bit_length() - 1
            if at < last:
                found.append((built.model.new_fixed_size_interval_var(at, run, ""), count))
            mask, at = mask >> run, at + run
    return found


def _efficiency(built: _Model, opening: Opening, items: Sequence[Item], there: dict[int, tuple[int, int]]) -> None:
    mine = [(item, built.lies.get((item.index, opening.index))) for item in items]
    lying = [(item, lies) for item, lies in mine if lies is not None]
    if not lying:
        return
    load = _Load(
        sum((item.expected + item.turns[opening.room]) * lies for item, lies in lying),
        sum(round(item.variance / UNIT) * lies for item, lies in lying),
        min(item.turns[opening.room] for item, _ in lying) * GRID,
        opening.variance,
    )
    present = [item.variance for item, _ in lying if there.get(item.index, (-1, 0))[0] == opening.index]
    load.at += sum(present) or 3 * sorted(item.variance for item, _ in lying)[len(lying) // 2]
    _in_time(built, opening, lying, load)
    _cost(built, opening, load)
    opened = built.board.ground.problem.weights.opening
    if opened and not opening.fixed:
        used = built.model.new_bool_var("")
        built.model.add_max_equality(used, [lies for _, lies in lying])
        built.points.append(-SCALE * opened * used)


@dataclass
class _Load:
    """What a block takes in the model: steps, units of variance; its turnover, and the variance it is judged at."""

    steps: Any
    spread: Any
    turn: int
    at: float


def _in_time(
    built: _Model, opening: Opening, lying: Sequence[tuple[Item, cp_model.IntVar]], load: _Load
) -> None:  # fmt: skip
    """Keep the agreed chance: fewer minutes for more variance, along the tangent. A long case may lie there alone."""
    model, limit = built.model, built.board.ground.problem.weights.late
    most, slope = _most_minutes(opening.minutes, load.at, limit)
    bound = round(100 * (most + load.turn - opening.mean + slope * (load.at - opening.variance)))
    timely = model.add(100 * GRID * load.steps + round(100 * slope * UNIT) * load.spread <= bound)
    lone = [lies for item, lies in lying if not _fits(item, opening, limit)]
    free = [lies for item, lies in lying if item.must or item.pinned]
    if lone or free:
        strict = model.new_bool_var("")
        model.add_bool_or([strict, *lone, *free])
        timely.only_enforce_if(strict)
    for one in lone:
        model.add(sum(lies for _, lies in lying) <= 1).only_enforce_if(one)


def _cost(built: _Model, opening: Opening, load: _Load) -> None:
    """Charge idle and late minutes: late ones by tangents, which lie below the true cost."""
    model, weights, length = built.model, built.board.ground.problem.weights, opening.minutes
    over = model.new_int_var(0, SCALE * length, "")
    for part in (0.6, 0.75, 0.85, 0.95, 1.05):
        mean = part * length
        _, base = late_and_over(mean, load.at, length)
        rise = late_and_over(mean + 1, load.at, length)[1] - base
        widen = (late_and_over(mean, load.at + UNIT, length)[1] - base) / UNIT
        here = base + rise * (opening.mean - load.turn - mean) + widen * (opening.variance - load.at)
        line = round(1000 * SCALE * rise * GRID) * load.steps + round(1000 * SCALE * widen * UNIT) * load.spread
        model.add(1000 * over >= round(1000 * SCALE * here) + line)
    built.points.append(round(SCALE * weights.idle * GRID) * load.steps)
    built.points.append(-round(weights.idle + weights.overtime) * over)


def _fits(item: Item, opening: Opening, limit: float) -> bool:
    return late_and_over(item.mean + opening.mean, item.variance + opening.variance, opening.minutes)[0] <= limit


def _most_minutes(length: float, variance: float, limit: float) -> tuple[float, float]:
    """Return how many minutes of work end in time at a variance, and how many fewer for each square minute more."""

    def most(spread: float) -> float:
        low, high = 0.0, length
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if late_and_over(middle, spread, length)[0] <= limit else (low, middle)
        return low

    here = most(variance)
    return here, max(0.0, (here - most(variance + 200)) / 200)


def _walks(built: _Model, items: Sequence[Item]) -> None:
    """Charge each further room of a surgeon on a day."""
    change = built.board.ground.problem.weights.room_change
    used: defaultdict[tuple[str, object], defaultdict[str, list[cp_model.IntVar]]] = defaultdict(
        lambda: defaultdict(list)
    )
    openings = {one.index: one for one in built.openings}
    for item in items:
        for index in item.openings:
            if (item.index, index) in built.lies:
                opening = openings[index]
                used[surgeon_of(item), opening.day][opening.room].append(built.lies[item.index, index])
    for (who, day), rooms in used.items():
        already = set(built.board.rooms.get((who, day), ()))
        if not change or len(already | set(rooms)) < 2:
            continue
        inside = []
        for room, lies in rooms.items():
            if room not in already:
                is_used = built.model.new_bool_var("")
                built.model.add_max_equality(is_used, lies)
                inside.append(is_used)
        further = built.model.new_int_var(0, len(inside), "")
        built.model.add(further >= sum(inside) - (0 if already else 1))
        built.points.append(-SCALE * change * further)


def _quotas(built: _Model) -> None:
    """Keep what is counted by the day, beside what the cases outside of these blocks take of it."""
    board = built.board
    openings = {one.index: one for one in built.openings}
    takes: defaultdict[Quota, list[Any]] = defaultdict(list)
    for (index, opening), lies in built.lies.items():
        for key, amount in board.quotas.of(board.ground.items[index], openings[opening].day):
            takes[key].append(amount * lies)
    for key, terms in takes.items():
        built.model.add(sum(terms) <= board.quotas.left[key])


def _read(built: _Model, solver: cp_model.CpSolver) -> None:
    """Place what was chosen, in the order of the starts, each as early as it may."""
    board = built.board
    found = [
        (solver.value(built.starts[index]), index, opening)
        for (index, opening), lies in built.lies.items()
        if solver.boolean_value(lies)
    ]
    for start, index, opening in sorted(found):
        item, block = board.ground.items[index], board.ground.openings[opening]
        free = board.starts(item, block)
        if not free:
            continue
        early = (free & -free).bit_length() - 1
        at = early if early <= start or not free >> start & 1 else start
        if board.is_in_time(item, block, at):
            board.put(item, block, at)
