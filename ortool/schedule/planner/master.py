"""From patterns to a plan: which pattern each block takes (CP-SAT), then every case at a start that is free."""

import random
from collections import defaultdict
from typing import Any

from ortools.sat.python import cp_model

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.columns import Columns, Row
from ortool.schedule.planner.ground import Ground, Item, Opening

SCALE = 10
ORDERS = 6
"""How many orders of a day's cases are tried."""


def chosen(columns: Columns, seed: int, work: float) -> list[tuple[int, tuple[int, ...]]]:
    """Return the best choice of patterns that was found: (block, items). `work` is CP-SAT's deterministic time."""
    model = cp_model.CpModel()
    takes = [model.new_bool_var("") for _ in columns.patterns]
    by_item: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_block: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_row: defaultdict[Row, list[Any]] = defaultdict(list)
    for take, (place, pattern) in zip(takes, columns.patterns, strict=True):
        by_block[place].append(take)
        day = columns.blocks[place].day
        loads: defaultdict[Row, int] = defaultdict(int)
        for index in pattern.items:
            by_item[index].append(take)
            for name, amount in columns.loads(index, day):
                loads[name] += int(amount)
        for name, amount in loads.items():
            by_row[name].append(amount * take)
    for some in by_item.values():
        model.add_at_most_one(some)
    for place, some in by_block.items():
        model.add(sum(some) <= len(columns.blocks[place].openings))
    for row, terms in by_row.items():
        model.add(sum(terms) <= int(columns.caps[row]))
    model.maximize(
        sum(round(SCALE * pattern.gain) * take for take, (_, pattern) in zip(takes, columns.patterns, strict=True))
    )
    for take, share in zip(takes, columns.share, strict=False):
        model.add_hint(take, int(share > 0.5))
    solver = solver_of(seed, work)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return []
    return [
        (place, pattern.items)
        for take, (place, pattern) in zip(takes, columns.patterns, strict=True)
        if solver.boolean_value(take)
    ]


def solver_of(seed: int, work: float) -> cp_model.CpSolver:
    """Return a solver that gives the same answer each time: one worker, deterministic time."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (2**31 - 1)
    solver.parameters.max_deterministic_time = work
    solver.parameters.symmetry_level = 0
    # Ctrl+C is for the planner, which keeps the best plan.
    solver.parameters.catch_sigint_signal = False
    return solver


def laid_out(ground: Ground, columns: Columns, picks: list[tuple[int, tuple[int, ...]]], seed: int) -> Board:
    """Return a board on which the chosen patterns lie as far as people and equipment allow."""
    board, chance = Board(ground), random.Random(seed)
    free = {place: list(block.openings) for place, block in enumerate(columns.blocks)}
    by_day: defaultdict[object, list[tuple[Item, Opening]]] = defaultdict(list)
    for place, items in picks:
        opening = free[place].pop(0)
        by_day[opening.day] += [(ground.items[index], opening) for index in items]
    for day in sorted(by_day, key=str):
        pairs = by_day[day]
        best: list[tuple[Item, Opening]] = []
        for turn in range(ORDERS):
            order = sorted(pairs, key=lambda pair: (-len(pair[0].uses), -pair[0].size))
            if turn:
                chance.shuffle(order)
            lying = [(item, opening) for item, opening in order if put_first(board, item, opening)]
            for item, _ in lying:
                board.lift(item)
            if len(lying) > len(best):
                best = lying
            if len(best) == len(pairs):
                break
        for item, opening in best:
            put_first(board, item, opening)
    return board


def put_first(board: Board, item: Item, opening: Opening) -> bool:
    """Place a case at the first start that works and ends in time."""
    start = board.first(item, opening)
    if start is None or not board.is_in_time(item, opening, start):
        return False
    board.put(item, opening, start)
    return True
