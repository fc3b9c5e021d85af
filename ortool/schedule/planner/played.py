"""A block's day, played: how likely its last case ends late, with gaps, and with what stands there already."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ortool.schedule.durations import Duration
from ortool.schedule.planner.ground import Ground, Item, Opening
from ortool.schedule.planner.problem import GRID
from ortool.schedule.scenarios import SCENARIOS, deviates


@lru_cache(maxsize=8192)
def _drawn(number: int, duration: Duration) -> Any:
    return np.array([duration.at(z) for z in deviates(f"{number} stay")])


def late_finish(ground: Ground, opening: Opening, inside: Sequence[tuple[int, Item]]) -> tuple[float, float]:
    """Return the chance that a block's last case ends late, and by how many minutes on average.

    A case begins at its planned time or when the one before it has left and the room is turned over.
    """
    standing = ground.problem.standing
    fixed = [(one.start, one.number, standing[one.number], one.turn) for one in opening.fixed if one.number in standing]
    cases: list[tuple[float, int, Duration, float]] = [
        (start * GRID, item.waiter.number, item.waiter.duration, item.turns[opening.room] * GRID)
        for start, item in inside
    ]
    free: Any = 0.0
    ended: Any = np.zeros(SCENARIOS)
    for start, number, duration, turn in sorted([*cases, *fixed], key=lambda one: one[:2]):
        ended = np.maximum(start, free) + _drawn(number, duration)
        free = ended + turn
    over = np.maximum(0.0, ended - opening.end * GRID)
    return float(np.count_nonzero(over)) / SCENARIOS, float(over.sum()) / SCENARIOS
