"""Where minutes went, and what went wrong: causes of delay as a Pareto list, rates of events."""

from collections import Counter
from collections.abc import Sequence

from ortool.caselog.numbers import wilson
from ortool.caselog.past import PastCase
from ortool.caselog.statistics import OWN, Chapter, Definition, Plot, make
from ortool.reasons import DELAY_CODES

EVENT_FIGURE = "event_"
"""How the id of a figure of events begins."""
WILSON = "Interval: Wilson, J Am Stat Assoc 1927;22:209"


def chapters(cases: Sequence[PastCase]) -> tuple[Chapter, ...]:
    """Return the causes of delay and the rates of events."""
    return (_delays(cases), _events(cases))


def delay_words(code: str) -> str:
    """Return a code of a delay with its words and whom it belongs to; the code alone where the list has none."""
    known = DELAY_CODES.get(code)
    return f"{code} {known.group}: {known.title}" if known else code


def _delays(cases: Sequence[PastCase]) -> Chapter:
    lost: Counter[str] = Counter()
    for case in cases:
        for delay in case.delays:
            lost[delay.code] += delay.minutes
    whole, running, figures = sum(lost.values()), 0, []
    words = Definition("Minutes of the delays with this code, most first, and their share of all coded minutes.", OWN)
    for code, count in lost.most_common():
        running += count
        behind = [case for case in cases if any(delay.code == code for delay in case.delays)]
        figures.append(
            make(
                f"delay_{code}", delay_words(code), "min", words, behind, float(count),
                note=f"{100 * count / whole:.0f} %, with those above {100 * running / whole:.0f} %",
            )
        )  # fmt: skip
    note = "" if figures else "No delay has a coded reason."
    return Chapter("delays", "Causes of delay", tuple(figures), Plot.BARS if figures else Plot.NONE, note)


def _events(cases: Sequence[PastCase]) -> Chapter:
    # Only a case with a checklist run could have had an event entered: a list of the past says nothing about them.
    followed = [case for case in cases if case.is_followed]
    counted = Counter(event for case in followed for event in set(case.events))
    words = Definition(
        "Cases with this event at least once, over all cases whose checklist was run here. The bounds are a 95 % score"
        " interval. Reported events are fewer than those that happened.",
        WILSON,
    )
    figures = []
    for event, count in counted.most_common():
        low, high = wilson(count, len(followed))
        behind = [case for case in followed if event in case.events]
        figures.append(
            make(
                f"{EVENT_FIGURE}{event}", event, "%", words, behind, 100 * count / len(followed),
                n=len(followed), low=low, high=high, note=f"{count} of {len(followed)}",
            )
        )  # fmt: skip
    if followed and not figures:
        low, high = wilson(0, len(followed))
        figures.append(
            make(
                f"{EVENT_FIGURE}none",
                "any event",
                "%",
                words,
                followed,
                lambda: 0.0,
                low=low,
                high=high,
                note="none entered",
            )
        )
    note = "" if followed else "No case was run with a checklist here."
    return Chapter("events", "Events and complications", tuple(figures), Plot.BARS if counted else Plot.NONE, note)
