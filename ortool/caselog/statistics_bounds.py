"""Whether a 90 % bound held: one of the plain history, and the one that the schedule would have said that morning."""

import math
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import date, timedelta

from ortool.caselog.numbers import Lognormal, wilson
from ortool.caselog.past import PastCase
from ortool.caselog.statistics import Chapter, Definition, Figure, Rules, day_of, make
from ortool.schedule.durations import LONGEST, Belief

STRUM = "Lognormal model: Strum, Anesthesiology 2000;92:1160 (reference to be checked)"
ESTIMATE = "The estimate of the schedule: schedule.durations"
FEWEST_EARLIER = 10
LOOK_BACK = timedelta(days=730)
"""The schedule estimates from the cases of so long."""


def chapter(cases: Sequence[PastCase], rules: Rules) -> Chapter:
    """Return how often cases stayed within their bounds, the cases in the order of their planned start."""
    done = [
        (case, length) for case in cases if case.cancelled_at is None and (length := case.in_room) and length <= LONGEST
    ]
    return Chapter("calibration", "P90 calibration", (_history(done), _schedule(done, rules)))


def _figure(name: str, label: str, words: Definition, judged: list[tuple[PastCase, bool]]) -> Figure:
    held = sum([good for _, good in judged])
    low, high = wilson(held, len(judged))
    return make(
        name, label, "%", words, [case for case, _ in judged],
        lambda: 100 * held / len(judged), ("PIR", "POR"), low=low, high=high,
    )  # fmt: skip


def _history(done: Sequence[tuple[PastCase, float]]) -> Figure:
    earlier: dict[str, Lognormal] = defaultdict(Lognormal)
    judged = []
    for case, length in done:
        before = earlier[case.procedure_id]
        if before.n >= FEWEST_EARLIER:
            judged.append((case, length <= before.p90))
        before.add(length)
    words = (
        "Share of cases whose minutes in the room stayed within the 90 % bound that a lognormal makes of the earlier"
        f" cases of the same procedure (at least {FEWEST_EARLIER}). The aim is 90 %."
    )
    return _figure("p90", "Within the P90 of earlier cases", Definition(words, STRUM), judged)


def _schedule(done: Sequence[tuple[PastCase, float]], rules: Rules) -> Figure:
    every: dict[str, _Sums] = defaultdict(_Sums)
    own: dict[tuple[str, str], _Sums] = defaultdict(_Sums)
    priors: dict[tuple[float, float], Belief] = {}
    judged, waiting, today, first = [], list[tuple[PastCase, float]](), date.min, date.min
    for case, length in done:
        if (day := day_of(case.start, rules.zone)) != today:
            for one, took in waiting:
                ratio = math.log(took / one.standing[0])
                every[one.procedure_id].add(today, ratio)
                own[one.procedure_id, one.surgeon_id].add(today, ratio)
            waiting, today, first = [], day, day - LOOK_BACK
        if (standing := case.standing)[0] > 0:
            if (prior := priors.get(standing)) is None:
                prior = priors[standing] = Belief.standing(*standing)
            of_procedure, of_surgeon = every[case.procedure_id], own[case.procedure_id, case.surgeon_id]
            of_procedure.forget(first)
            of_surgeon.forget(first)
            judged.append((case, length <= _estimated(prior, of_procedure, of_surgeon)))
            waiting.append((case, length))
    words = (
        "Share of cases whose minutes in the room stayed within the P90 that the schedule estimates on the morning of"
        " their day: the standing estimate of the procedure (as it is today), then other surgeons' cases, then this"
        " surgeon's, of the two years before, among the cases counted here. The aim is 90 %."
    )
    return _figure("p90_schedule", "Within the P90 of the schedule", Definition(words, ESTIMATE), judged)


class _Sums:
    """Log ratios of lengths to their standing estimates: how many, their sum, and that of their squares."""

    __slots__ = ("_kept", "n", "squares", "total")

    def __init__(self) -> None:
        self.n, self.total, self.squares = 0, 0.0, 0.0
        self._kept: deque[tuple[date, float]] = deque()

    def add(self, day: date, ratio: float) -> None:
        """Take one more."""
        self._kept.append((day, ratio))
        self.n, self.total, self.squares = self.n + 1, self.total + ratio, self.squares + ratio * ratio

    def forget(self, first: date) -> None:
        """Forget what came before `first`."""
        kept = self._kept
        while kept and kept[0][0] < first:
            ratio = kept.popleft()[1]
            self.n, self.total, self.squares = self.n - 1, self.total - ratio, self.squares - ratio * ratio


def _estimated(prior: Belief, every: _Sums, own: _Sums) -> float:
    """Return the P90 after other surgeons' cases and then one's own."""
    belief = prior
    if n := every.n - own.n:
        belief = _learned(belief, n, every.total - own.total, every.squares - own.squares, prior.mu).weakened()
    if own.n:
        belief = _learned(belief, own.n, own.total, own.squares, prior.mu)
    return belief.forecast().p90


def _learned(belief: Belief, n: int, total: float, squares: float, standing: float) -> Belief:
    """Return what `Belief.learned` makes of n logs, from their sums: each is `standing` more than its ratio."""
    cases, freedom = belief.cases + n, belief.freedom + n
    mu = (belief.cases * belief.mu + total + n * standing) / cases
    off = standing - mu
    own = max(0.0, squares + 2 * off * total + n * off * off)
    return Belief(mu, (belief.freedom * belief.variance + own) / freedom, cases, freedom)
