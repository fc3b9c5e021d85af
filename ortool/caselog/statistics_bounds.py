"""Whether a 90 % bound held: one of the plain history, and the one that the schedule would have said that morning."""

import math
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
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
    known: dict[tuple[str, str], _Sums] = defaultdict(_Sums)
    judged, waiting, today = [], list[tuple[PastCase, float]](), date.min
    for case, length in done:
        if (day := day_of(case.start, rules.zone)) != today:
            for one, took in waiting:
                for key in ((one.procedure_id, ""), (one.procedure_id, one.surgeon_id)):
                    known[key].add(today, math.log(took / one.standing[0]))
            waiting, today = [], day
        if case.standing[0] > 0:
            judged.append((case, length <= _estimated(case, known, today - LOOK_BACK)))
            waiting.append((case, length))
    words = (
        "Share of cases whose minutes in the room stayed within the P90 that the schedule estimates on the morning of"
        " their day: the standing estimate of the procedure (as it is today), then other surgeons' cases, then this"
        " surgeon's, of the two years before, among the cases counted here. The aim is 90 %."
    )
    return _figure("p90_schedule", "Within the P90 of the schedule", Definition(words, ESTIMATE), judged)


class _Sums:
    """Log ratios of lengths to their standing estimates: how many, their sum, and that of their squares."""

    def __init__(self) -> None:
        self.n, self.total, self.squares = 0, 0.0, 0.0
        self._kept: deque[tuple[date, float]] = deque()

    def add(self, day: date, ratio: float) -> None:
        """Take one more."""
        self._kept.append((day, ratio))
        self._count(1, ratio)

    def since(self, first: date) -> tuple[int, float, float]:
        """Return the sums of what came on `first` or later; what came before is forgotten."""
        while self._kept and self._kept[0][0] < first:
            self._count(-1, self._kept.popleft()[1])
        return self.n, self.total, self.squares

    def _count(self, by: int, ratio: float) -> None:
        self.n, self.total, self.squares = self.n + by, self.total + by * ratio, self.squares + by * ratio * ratio


_NONE = _Sums()


def _estimated(case: PastCase, known: dict[tuple[str, str], _Sums], first: date) -> float:
    belief = Belief.standing(*case.standing)
    for sums in _levels(case, known, first):
        belief = _learned(belief.weakened(), *sums, math.log(case.standing[0]))
    return belief.forecast().p90


def _levels(
    case: PastCase, known: dict[tuple[str, str], _Sums], first: date
) -> Iterator[tuple[int, float, float]]:  # fmt: skip
    every = known.get((case.procedure_id, ""), _NONE).since(first)
    own = known.get((case.procedure_id, case.surgeon_id), _NONE).since(first)
    yield every[0] - own[0], every[1] - own[1], every[2] - own[2]
    yield own


def _learned(belief: Belief, n: int, total: float, squares: float, standing: float) -> Belief:
    """Return what `Belief.learned` makes of n logs, from their sums: each is `standing` more than its ratio."""
    if not n:
        return belief
    cases, freedom = belief.cases + n, belief.freedom + n
    mu = (belief.cases * belief.mu + total + n * standing) / cases
    off = standing - mu
    own = max(0.0, squares + 2 * off * total + n * off * off)
    return Belief(mu, (belief.freedom * belief.variance + own) / freedom, cases, freedom)
