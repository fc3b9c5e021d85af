"""How long an operation takes: from the standing estimate, what other teams needed, and what this surgeon needed.

Surgery times are lognormal (May, Strum and Vargas; clinical fact base §7.3 [S105][S106]): the logarithm of the minutes
is normal, mu = ln(P50), sigma = ln(P90/P50)/1.2816. Few records are the rule, not the exception, so history is weighed
against what was known before as so many equivalent cases (§7.3 [S107], default 10, EST): each level of history – the
site's other surgeons, then the surgeon – starts from the level above it as its prior. The variance is weighed in the
same way; the forecast is then a Student t on the log scale, wider for few cases.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

STRENGTH = 10.0
"""How many cases the level above counts for [EST, §7.3]."""
FEW = 10
"""Below so many cases the screen says "few data" (§7.3 [S108])."""
USUAL_P90 = 1.40
"""P90/P50 where only planned minutes are known: the joint room times of §7.2 give 1.38 to 1.42 [EST]."""
Z90 = 1.2815515655446004
LONGEST = 24 * 60.0
"""Minutes. A longer stay in the room is a fault of the record, not a duration."""

_NORMAL = NormalDist()
_CEILING = math.log(7 * LONGEST)
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Past:
    """What one case took, and the standing estimate (P50) of such a case: its levels are in there. Both in minutes."""

    minutes: float
    standing: float

    @property
    def is_sound(self) -> bool:
        """Whether it can be a duration at all: real records hold zero, negative and endless ones."""
        return 0 < self.minutes <= LONGEST and 0 < self.standing <= LONGEST


@dataclass(frozen=True, slots=True)
class Duration:
    """A forecast of minutes: Student t on the log scale with `freedom` degrees; infinite freedom is the lognormal."""

    mu: float
    sigma: float
    freedom: float = math.inf

    def quantile(self, p: float) -> float:
        """Return the minutes that are not exceeded with probability `p`, 0 < p < 1."""
        return self.at(_NORMAL.inv_cdf(p))

    @property
    def p50(self) -> float:
        """Minutes: half of such cases take longer."""
        return math.exp(min(self.mu, _CEILING))

    @property
    def p90(self) -> float:
        """Minutes: one such case in ten takes longer."""
        return self.at(Z90)

    def at(self, z: float) -> float:
        """Return the minutes at a standard normal deviate, never more than a week."""
        return math.exp(min(self.mu + self.sigma * from_normal(z, self.freedom), _CEILING))

    def deviate(self, minutes: float) -> float:
        """Return the standard normal deviate at which `minutes` stand; the inverse of `at`. Minutes are above zero."""
        return to_normal((math.log(minutes) - self.mu) / self.sigma, self.freedom)

    def chance_within(self, minutes: float) -> float:
        """Return the probability of being through after `minutes`."""
        return _NORMAL.cdf(self.deviate(minutes)) if minutes > 0 else 0.0

    def whole(self, elapsed: float, p: float) -> float:
        """Return the minutes in all that are not exceeded with probability `p`, where `elapsed` have passed already.

        The distribution is cut off at `elapsed` (§7.3), so it never answers less than that.
        """
        if elapsed <= 0:
            return self.quantile(p)
        return max(elapsed, self.at(beyond(self.deviate(elapsed), p)))

    def scaled(self, factor: float) -> "Duration":
        """Return the same shape with every minute multiplied by `factor`."""
        return Duration(self.mu + math.log(factor), self.sigma, self.freedom)


def beyond(z: float, p: float) -> float:
    """Return the deviate at probability `p` of a standard normal that is known to lie above `z`.

    It works on the upper tail, which keeps its digits where 1 − Φ(z) has long become 1.
    """
    tail = 0.5 * math.erfc(z / math.sqrt(2)) * (1 - p)
    return max(z, -_NORMAL.inv_cdf(tail)) if tail > _TINY else z


def from_normal(z: float, freedom: float) -> float:
    """Return the Student t deviate at a normal one (Wallace 1959; exact inverse of `to_normal`, good to 0.001)."""
    if math.isinf(freedom):
        return z
    inner = (z * (8 * freedom + 3) / (8 * freedom + 1)) ** 2 / freedom
    return math.copysign(math.sqrt(freedom * math.expm1(min(inner, 600.0))), z)


def to_normal(t: float, freedom: float) -> float:
    """Return the normal deviate that is exceeded as often as a Student t one (Wallace 1959)."""
    if math.isinf(freedom):
        return t
    return math.copysign(
        (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom)),
        t,
    )


def lognormal(p50: float, p90: float) -> Duration:
    """Return the lognormal with these two quantiles in minutes. Raises ValueError unless 0 < p50 <= p90."""
    if not 0 < p50 <= p90:
        raise ValueError("a duration needs 0 < P50 <= P90")
    return Duration(math.log(p50), max(math.log(p90 / p50) / Z90, 1e-6))


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of the logarithm of a duration: a mean worth `cases`, a variance worth `freedom`."""

    mu: float
    variance: float
    cases: float
    freedom: float

    @classmethod
    def standing(cls, p50: float, p90: float, strength: float = STRENGTH) -> "Belief":
        """Return the belief that a standing estimate in minutes is, worth `strength` cases.

        With nothing learned its forecast has this P50 and this P90 exactly. Raises ValueError unless 0 < p50 <= p90.
        """
        found = lognormal(p50, p90)
        sigma = found.sigma * Z90 / from_normal(Z90, strength)
        return cls(found.mu, sigma**2 / (1 + 1 / strength), strength, strength)

    def weakened(self, strength: float = STRENGTH) -> "Belief":
        """Return it as the prior of the next level: worth at most `strength` cases there."""
        return Belief(self.mu, self.variance, min(self.cases, strength), min(self.freedom, strength))

    def learned(self, logs: Sequence[float]) -> "Belief":
        """Return the belief after these log minutes: the mean is (cases·mu + n·mean) / (cases + n)."""
        n = len(logs)
        if not n:
            return self
        mean = math.fsum(logs) / n
        cases, freedom = self.cases + n, self.freedom + n
        mu = (self.cases * self.mu + n * mean) / cases
        # About the new mean: how far it was moved is not how far one case lies from the next.
        own = math.fsum((one - mu) ** 2 for one in logs)
        return Belief(mu, (self.freedom * self.variance + own) / freedom, cases, freedom)

    def forecast(self) -> Duration:
        """Return the distribution of the next such case: what cases differ by, and what is not known of their mean."""
        return Duration(self.mu, math.sqrt(self.variance * (1 + 1 / self.cases)), self.freedom)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A booking estimate: the forecast in minutes, and the history it rests on. Medians are None without cases."""

    duration: Duration
    n: int
    own: int
    median: float | None = None
    own_median: float | None = None

    @property
    def has_few_data(self) -> bool:
        """Whether fewer than ten cases stand behind it."""
        return self.n < FEW

    @property
    def p50(self) -> float:
        """Minutes."""
        return self.duration.p50

    @property
    def p90(self) -> float:
        """Minutes."""
        return self.duration.p90


def estimate(p50: float, p90: float, others: Iterable[Past] = (), own: Iterable[Past] = ()) -> Estimate:
    """Return how long a case takes whose standing estimate is `p50` and `p90` minutes.

    `others` are the same procedure's cases of other surgeons, `own` this surgeon's; a case of another number of levels
    counts by its ratio to its own standing estimate. Records that cannot be durations are left out. Raises ValueError
    unless 0 < p50 <= p90.
    """
    levels = [[one.minutes / one.standing * p50 for one in level if one.is_sound] for level in (others, own)]
    belief = learn(Belief.standing(p50, p90), levels)
    every = [minutes for level in levels for minutes in level]
    return Estimate(
        belief.forecast(),
        len(every),
        len(levels[-1]),
        median(every) if every else None,
        median(levels[-1]) if levels[-1] else None,
    )


def learn(belief: Belief, levels: Iterable[Sequence[float]], strength: float = STRENGTH) -> Belief:
    """Return the belief after each level of history in minutes, the general ones first."""
    for minutes in levels:
        belief = belief.weakened(strength).learned([math.log(one) for one in minutes])
    return belief
