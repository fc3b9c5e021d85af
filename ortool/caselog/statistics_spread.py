"""How lengths vary by procedure and by surgeon, and how a surgeon's lengths changed over time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

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
Timed = tuple[PastCase, float]
Lengths = tuple[PastCase, tuple[float | None, ...]]
"""A case with its minutes in each of `PHASES`."""
Groups = Mapping[tuple[str, str], Sequence[Lengths]]
"""What is compared, by id and name."""


def chapters(cases: Sequence[PastCase]) -> tuple[Chapter, ...]:
    """Return the spread of each phase by procedure and by surgeon, and the learning curves."""
    procedures: dict[tuple[str, str], list[Lengths]] = defaultdict(list)
    surgeons: dict[tuple[str, str], list[Lengths]] = defaultdict(list)
    for case in cases:
        if case.cancelled_at is None:
            one = case, tuple([case.between(first, last) for _, _, first, last in PHASES])
            procedures[case.procedure_id, case.procedure].append(one)
            if case.surgeon_id != NOT_RECORDED:
                surgeons[case.surgeon_id, case.surgeon].append(one)
    found = []
    for place, (name, title, first, last) in enumerate(PHASES):
        words = Definition(f"{title}: {last} - {first}, median; the box holds the middle half.", GLOSSARY)
        for by, groups, fewest in (("procedure", procedures, 1), ("surgeon", surgeons, FEWEST)):
            figures, note = _boxes(f"{name}_by_{by}", words, _in_phase(groups, place), (first, last), fewest)
            if figures or note:
                found.append(Chapter(f"{name}_by_{by}", f"{title}, by {by}", figures, Plot.BOXES, note))
        if name == "procedure":
            curves = _curves(_in_phase(surgeons, place))
    return (*found, curves)


def _in_phase(groups: Groups, place: int) -> dict[tuple[str, str], list[Timed]]:
    """Return the cases of each group that have the phase at this place of `PHASES`; groups without any fall out."""
    timed = {
        key: [(case, length) for case, lengths in group if (length := lengths[place]) is not None]
        for key, group in groups.items()
    }
    return {key: group for key, group in timed.items() if group}


def _most_first(one: tuple[tuple[str, str], list[Timed]]) -> tuple[int, tuple[str, str]]:
    return -len(one[1]), one[0]


def _note(few: int, more: int) -> str:
    notes = [f"{few} with fewer than {FEWEST} cases: people are not compared on so few."] if few else []
    return " ".join(notes + ([f"{more} more with fewer cases are not shown."] if more else []))


def _boxes(
    name: str, words: Definition, groups: dict[tuple[str, str], list[Timed]], ends: tuple[str, str], fewest: int
) -> tuple[tuple[Figure, ...], str]:
    enough = sorted((one for one in groups.items() if len(one[1]) >= fewest), key=_most_first)
    figures = []
    for (key, label), group in enough[:MOST]:
        numbers = five([length for _, length in group])
        figures.append(
            make(
                f"{name}_{key}", label, "min", words, [case for case, _ in group],
                numbers.median, ends, five=numbers,
            )
        )  # fmt: skip
    return tuple(figures), _note(len(groups) - len(enough), len(enough) - len(figures))


def _curves(surgeons: dict[tuple[str, str], list[Timed]]) -> Chapter:
    words = Definition(
        "CUSUM: the running sum of incision-to-finish minutes (PF - PST) less the mean of the series, in the order of"
        " the cases. It rises while cases take longer than the mean and falls while they take less; its peak is where"
        " that turned. The value is the peak.",
        OWN,
    )
    groups: dict[tuple[str, str], list[Timed]] = defaultdict(list)
    for (surgeon, _), done in surgeons.items():
        for one in done:
            groups[surgeon, one[0].procedure_id].append(one)
    enough = {key: group for key, group in groups.items() if len(group) >= FEWEST}
    figures = []
    for (surgeon, procedure), group in sorted(enough.items(), key=_most_first)[:MOST]:
        points = cusum([length for _, length in group])
        figures.append(
            make(
                f"curve_{surgeon}_{procedure}", f"{group[0][0].surgeon}, {group[0][0].procedure}", "min", words,
                [case for case, _ in group],
                max(points), ("PST", "PF"), points=points,
                note=f"peak at case {1 + points.index(max(points))} of {len(points)}",
            )
        )  # fmt: skip
    few = len(groups) - len(enough)
    note = f"{few} series with fewer than {FEWEST} cases: no curve is drawn of so few." if few else ""
    return Chapter("learning", "Learning curve", tuple(figures), Plot.LINES if figures else Plot.NONE, note)
