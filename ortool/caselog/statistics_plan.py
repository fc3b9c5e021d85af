"""Plan against actual: how good the booked lengths were, whether a 90 % bound held, what was cancelled."""

import re
import statistics as st
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from ortool.caselog import statistics_bounds
from ortool.caselog.numbers import wilson
from ortool.caselog.past import PastCase
from ortool.caselog.statistics import OWN, Chapter, Definition, Figure, Plot, Rules, behind, day_of, make
from ortool.caselog.statistics_causes import delay_words

DEXTER = "Dexter, Can J Anesth 2005;52:935"
SCHUSTER = "Schuster, Anesth Analg 2011, doi 10.1213/ANE.0b013e318222be4d"
_CODE = re.compile(r"X?[PASNEFMC][0-9]{2}\b")
_ROOM = ("PIR", "POR")


def chapters(cases: Sequence[PastCase], rules: Rules) -> tuple[Chapter, ...]:
    """Return what plan and actual say together."""
    return (_prediction(cases), statistics_bounds.chapter(cases, rules), _cancellations(cases, rules))


def _prediction(cases: Sequence[PastCase]) -> Chapter:
    took = [
        (case, length, case.planned) for case in cases
        if case.is_planned and case.cancelled_at is None and (length := case.in_room) is not None
    ]  # fmt: skip
    errors = [length - planned for _, length, planned in took]
    sizes = [abs((length - planned) / planned) for _, length, planned in took]
    actual = sum([length for _, length, _ in took])
    done = behind([case for case, _, _ in took], _ROOM)
    base = "e = minutes in the room (POR - PIR) less the planned minutes of the slot."

    def one(name: str, label: str, unit: str, words: str, value: float, source: str = OWN) -> Figure:
        return make(name, label, unit, Definition(f"{base} {words}", source), done, lambda: value)

    figures = (
        one("bias", "Bias, mean error", "min", "Mean of e; above 0 the booking was too short.", _mean(errors)),
        one("mae", "Mean absolute error", "min", "Mean of |e|.", _mean([abs(error) for error in errors])),
        one("mape", "Mean absolute error of the plan", "%", "Mean of |e| / planned.", 100 * _mean(sizes)),
        one("hits_10", "Within 10 % of the plan", "%", "Share with |e| / planned up to 0.10.", _within(sizes, 0.10)),
        one("hits_20", "Within 20 % of the plan", "%", "Share with |e| / planned up to 0.20.", _within(sizes, 0.20)),
        one(
            "bias_8h", "Bias in each 8 h of used time", "min", "480 x sum of e / sum of actual minutes.",
            480 * sum(errors) / actual if actual else 0.0, DEXTER,
        ),
    )  # fmt: skip
    return Chapter("prediction", "Planned against actual length", figures)


def _mean(values: Sequence[float]) -> float:
    return st.fmean(values) if values else 0.0


def _within(sizes: Sequence[float], share: float) -> float:
    return 100 * sum(one <= share for one in sizes) / len(sizes) if sizes else 0.0


def _final(case: PastCase, rules: Rules) -> datetime:
    """Return when the list of a case's day was final (fact base §8.1)."""
    return datetime.combine(day_of(case.start, rules.zone) - timedelta(days=1), rules.list_final, rules.zone)


def _cancellations(cases: Sequence[PastCase], rules: Rules) -> Chapter:
    # A case that went back to the waiting list in good time was never on the day's final list.
    listed = [
        case for case in cases
        if case.is_planned
        and (case.cancelled_at is None or case.cancelled_at >= _final(case, rules))
    ]  # fmt: skip
    gone = [case for case in listed if case.cancelled_at is not None]
    words = (
        f"Cases cancelled after the list was final ({rules.list_final:%H:%M} on the day before), over all cases"
        " that were on that list."
    )
    low, high = wilson(len(gone), len(listed))
    rate = make(
        "cancelled", "Cancelled on the day", "%", Definition(words, SCHUSTER), listed,
        lambda: 100 * len(gone) / len(listed), low=low, high=high,
    )  # fmt: skip
    codes = Counter(code_of(case.cancel_reason) for case in gone)
    definition = Definition("Cancelled cases whose reason begins with this code (X marks a cancellation).", OWN)
    reasons = tuple(
        make(
            f"cancelled_{code or 'uncoded'}", delay_words(code) or "no code", "cases", definition,
            [case for case in gone if code_of(case.cancel_reason) == code], float(count),
        )
        for code, count in codes.most_common()
    )  # fmt: skip
    return Chapter("cancellations", "Cancellations", (rate, *reasons), Plot.BARS if reasons else Plot.NONE)


def code_of(reason: str) -> str:
    """Return the reason code that a text begins with, without its X; nothing where there is none."""
    found = _CODE.match(reason.strip())
    return found[0].removeprefix("X") if found else ""
