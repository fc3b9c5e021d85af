"""How lengths vary by procedure and by surgeon, and how a surgeon's lengths changed over time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ortool.caselog.intervals import GLOSSARY
from ortool.caselog.numbers import cusum, five
from ortool.caselog.past import NOT_RECORDED, PastCase
from ortool.caselog.statistics import FEWEST, OWN, Chapter, Definition, Figure, Plot, make

PHASES = (
    ("room", "In the room", "PIR", "POR"),
    ("preparation", "Room to incision", "PIR", "PST"),
    ("procedure", "Incision to finish", "PST", "PF"),
    ("exit", "Finish to room exit", "PF", "POR"),
)
MOST = 12
"""No more boxes than this stand in a chapter: those with the most cases."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that are compared, in order, and the minutes of each. Two plain lists: many cases are read quickest so."""

    cases: list[PastCase] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)


Groups = dict[tuple[str, str], Group]
"""Groups by two words: an id and its name, or two ids."""


def chapters(cases: Sequence[PastCase]) -> tuple[Chapter, ...]:
    """Return the spread of each phase by procedure and by surgeon, and the learning curves."""
    done, found = [case for case in cases if case.cancelled_at is None], []
    for name, title, first, last in PHASES:
        procedures, surgeons, series = (defaultdict[tuple[str, str], Group](Group) for _ in range(3))
        for case in done:
            if (length := case.between(first, last)) is None:
                continue
            groups = [procedures[case.procedure_id, case.procedure]]
            if case.surgeon_id != NOT_RECORDED:
                groups.append(surgeons[case.surgeon_id, case.surgeon])
                if name == "procedure":
                    groups.append(series[case.surgeon_id, case.procedure_id])
            for group in groups:
                group.cases.append(case)
                group.minutes.append(length)
        words = Definition(f"{title}: {last} - {first}, median; the box holds the middle half.", GLOSSARY)
        for by, of, fewest in (("procedure", procedures, 1), ("surgeon", surgeons, FEWEST)):
            figures, note = _boxes(f"{name}_by_{by}", words, of, (first, last), fewest)
            if figures or note:
                found.append(Chapter(f"{name}_by_{by}", f"{title}, by {by}", figures, Plot.BOXES, note))
        if name == "procedure":
            curves = _curves(series)
    return (*found, curves)


def _most_first(one: tuple[tuple[str, str], Group]) -> tuple[int, tuple[str, str]]:
    return -len(one[1].cases), one[0]


def _note(few: int, more: int) -> str:
    notes = [f"{few} with fewer than {FEWEST} cases: people are not compared on so few."] if few else []
    return " ".join(notes + ([f"{more} more with fewer cases are not shown."] if more else []))


def _boxes(
    name: str, words: Definition, groups: Groups, ends: tuple[str, str], fewest: int
) -> tuple[tuple[Figure, ...], str]:
    enough = sorted((one for one in groups.items() if len(one[1].cases) >= fewest), key=_most_first)
    figures = []
    for (key, label), group in enough[:MOST]:
        numbers = five(group.minutes)
        figures.append(
            make(f"{name}_{key}", label, "min", words, group.cases, numbers.median, ends, five=numbers)
        )  # fmt: skip
    return tuple(figures), _note(len(groups) - len(enough), len(enough) - len(figures))


def _curves(series: Groups) -> Chapter:
    words = Definition(
        "CUSUM: the running sum of incision-to-finish minutes (PF - PST) less the mean of the series, in the order of"
        " the cases. It rises while cases take longer than the mean and falls while they take less; its peak is where"
        " that turned. The value is the peak.",
        OWN,
    )
    enough = {key: group for key, group in series.items() if len(group.cases) >= FEWEST}
    figures = []
    for (surgeon, procedure), group in sorted(enough.items(), key=_most_first)[:MOST]:
        points, one = cusum(group.minutes), group.cases[0]
        figures.append(
            make(
                f"curve_{surgeon}_{procedure}", f"{one.surgeon}, {one.procedure}", "min", words, group.cases,
                max(points), ("PST", "PF"), points=points,
                note=f"peak at case {1 + points.index(max(points))} of {len(points)}",
            )
        )  # fmt: skip
    few = len(series) - len(enough)
    note = f"{few} series with fewer than {FEWEST} cases: no curve is drawn of so few." if few else ""
    return Chapter("learning", "Learning curve", tuple(figures), Plot.LINES if figures else Plot.NONE, note)
