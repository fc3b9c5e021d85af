"""The arithmetic of statistics: quantiles, five numbers, intervals of proportions, upper bounds, running sums."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_Z90 = 1.2815515655446004
_Z975 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Five:
    """The five numbers of a box plot: least, quarter, median, three quarters, greatest."""

    low: float
    q1: float
    median: float
    q3: float
    high: float


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile, straight between the two nearest values (type 7 of Hyndman and Fan 1996)."""
    ordered = sorted(values)
    return _quantile(ordered, share)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def five(values: Sequence[float]) -> Five:
    """Return the five numbers of at least one value."""
    ordered = sorted(values)
    low, q1, median, q3, high = (_quantile(ordered, share) for share in (0, 0.25, 0.5, 0.75, 1))
    return Five(low, q1, median, q3, high)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion, in percent (Wilson 1927, J Am Stat Assoc 22:209)."""
    if not n:
        return (0.0, 100.0)
    share, z2 = hits / n, _Z975**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z975 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half)))


class Lognormal:
    """A lognormal fitted to lengths as they come, one after another, at the same cost each.

    The two-parameter lognormal is the accepted model of surgery times (Strum 2000; fact base §7.3). Running mean and
    squares: Welford 1962, Technometrics 4:419.
    """

    def __init__(self) -> None:
        self.n, self._mean, self._squares = 0, 0.0, 0.0

    def add(self, minutes: float) -> None:
        """Take one more length, in positive minutes."""
        log = math.log(minutes)
        self.n += 1
        before = log - self._mean
        self._mean += before / self.n
        self._squares += before * (log - self._mean)

    @property
    def p90(self) -> float:
        """The 90 % bound of at least two lengths, in minutes."""
        return math.exp(self._mean + _Z90 * math.sqrt(self._squares / (self.n - 1)))


def cusum(values: Sequence[float]) -> tuple[float, ...]:
    """Return the running sum of each value less the mean of all; it ends at 0."""
    mean, total, sums = statistics.fmean(values), 0.0, []
    for value in values:
        total += value - mean
        sums.append(total)
    return tuple(sums)
