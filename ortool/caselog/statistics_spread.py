"""How lengths vary by procedure and by surgeon, and how a surgeon's lengths changed over time."""

from collections.abc import Callable, Sequence

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
Timed = tuple[PastCase, float]
MOST = 12
"""No more boxes than this stand in a chapter: those with the most cases."""


def chapters(cases: Sequence[PastCase]) -> tuple[Chapter, ...]:
    """Return the spread of each phase by procedure and by surgeon, and the learning curves."""
    done = [case for case in cases if case.cancelled_at is None]
    found = []
    for name, title, first, last in PHASES:
        timed = [(case, length) for case in done if (length := case.between(first, last)) is not None]
        known = [one for one in timed if one[0].surgeon_id != NOT_RECORDED]
        words = Definition(f"{title}: {last} - {first}, median; the box holds the middle half.", GLOSSARY)
        for by, of, among, fewest in (
            ("procedure", _procedure, timed, 1), ("surgeon", _surgeon, known, FEWEST),
        ):  # fmt: skip
            figures, note = _boxes(f"{name}_by_{by}", words, among, of, (first, last), fewest)
            if figures or note:
                found.append(Chapter(f"{name}_by_{by}", f"{title}, by {by}", figures, Plot.BOXES, note))
        if name == "procedure":
            curves = _curves(known)
    return (*found, curves)


def _procedure(case: PastCase) -> tuple[str, str]:
    return case.procedure_id, case.procedure


def _surgeon(case: PastCase) -> tuple[str, str]:
    return case.surgeon_id, case.surgeon


def _most_first(one: tuple[tuple[str, str], list[Timed]]) -> tuple[int, tuple[str, str]]:
    return -len(one[1]), one[0]


def _note(few: int, more: int) -> str:
    notes = [f"{few} with fewer than {FEWEST} cases: people are not compared on so few."] if few else []
    return " ".join(notes + ([f"{more} more with fewer cases are not shown."] if more else []))


def _boxes(
    name: str,
    words: Definition,
    cases: Sequence[Timed],
    of: Callable[[PastCase], tuple[str, str]],
    ends: tuple[str, str],
    fewest: int,
) -> tuple[tuple[Figure, ...], str]:
    groups: dict[tuple[str, str], list[Timed]] = {}
    for one in cases:
        groups.setdefault(of(one[0]), []).append(one)
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


def _curves(cases: Sequence[Timed]) -> Chapter:
    words = Definition(
        "CUSUM: the running sum of incision-to-finish minutes (PF - PST) less the mean of the series, in the order of"
        " the cases. It rises while cases take longer than the mean and falls while they take less; its peak is where"
        " that turned. The value is the peak.",
        OWN,
    )
    groups: dict[tuple[str, str], list[Timed]] = {}
    for one in cases:
        groups.setdefault((one[0].surgeon_id, one[0].procedure_id), []).append(one)
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
