"""Scenarios that are the same every time: evenly spread chances, shuffled by a name."""

import random
from functools import lru_cache
from statistics import NormalDist

SCENARIOS = 256
"""Evenly spread, so that so few give P10 to P90 steadier than a thousand independent draws."""

Vector = list[float]

_CHANCES = [(place + 0.5) / SCENARIOS for place in range(SCENARIOS)]
_DEVIATES = [NormalDist().inv_cdf(chance) for chance in _CHANCES]


@lru_cache(maxsize=8192)
def _order(name: str) -> tuple[int, ...]:
    # A text seeds by its SHA-512: the same order in every process and on every machine.
    order = list(range(SCENARIOS))
    random.Random(name).shuffle(order)
    return tuple(order)


def chances(name: str) -> Vector:
    """Return one chance between 0 and 1 for each scenario; the same name, the same chances."""
    return [_CHANCES[place] for place in _order(name)]


def deviates(name: str) -> Vector:
    """Return one standard normal deviate for each scenario; the same name, the same deviates."""
    return [_DEVIATES[place] for place in _order(name)]
