"""How long several cases take together: sums of durations, their chance to end late and what that costs.

A sum of lognormal times is taken for lognormal with the same mean and variance (Fenton 1960), which keeps the long
tail that padding every case by its own percentile would count once for each case.
"""

import math
from functools import lru_cache
from statistics import NormalDist

from ortool.schedule.durations import Duration

_NORMAL = NormalDist()
_STEPS = 64
_DEVIATES = tuple(_NORMAL.inv_cdf((step + 0.5) / _STEPS) for step in range(_STEPS))


@lru_cache(maxsize=65536)
def moments(duration: Duration) -> tuple[float, float]:
    """Return mean (minutes) and variance of a duration, over evenly spread chances.

    The Student t of few records has no mean at all; its last hundredth is left out.
    """
    drawn = [duration.at(z) for z in _DEVIATES]
    mean = math.fsum(drawn) / _STEPS
    return mean, math.fsum((one - mean) ** 2 for one in drawn) / _STEPS


@lru_cache(maxsize=262144)
def late_and_over(mean: float, variance: float, until: float) -> tuple[float, float]:
    """Return the chance that a block ends after `until` minutes, and the minutes by which on average."""
    if mean <= 0:
        return 0.0, 0.0
    if until <= 0:
        return 1.0, mean - until
    if variance <= 0:
        return (1.0, mean - until) if mean > until else (0.0, 0.0)
    spread = math.log1p(variance / mean**2)
    sigma = math.sqrt(spread)
    middle = math.log(mean) - spread / 2
    z = (middle - math.log(until)) / sigma
    late = _NORMAL.cdf(z)
    return late, max(0.0, mean * _NORMAL.cdf(z + sigma) - until * late)


def block_cost(mean: float, variance: float, length: float, idle: float, overtime: float) -> float:
    """Return what a block's idle and over-run minutes cost: time without work up to its end, and what comes after."""
    _, over = late_and_over(mean, variance, length)
    return idle * max(0.0, length - mean + over) + overtime * over
