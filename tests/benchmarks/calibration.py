"""Are the forecast P50 and P90 kept? Fitted on one half of the patients, asked of the other.

    python -m tests.benchmarks.calibration [FILE]

FILE, or `vitaldb_cases_part.csv` in the folder that ORTOOL_REFERENCE_DATA names, is VitalDB's clinical table or a part
of it (Lee H-C et al., Sci Data 2022;9:279); without it generated cases are used. Only shares are printed.
"""

import csv
import math
import os
import random
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ortool.schedule.durations import LONGEST, Belief, learn

P50_KEPT = (45.0, 55.0)
P90_KEPT = (85.0, 95.0)
STRATA = ((0, 0), (1, 4), (5, 9), (10, 29), (30, 10_000))


@dataclass(frozen=True)
class Record:
    """One real case: whose, what from general to special, and its minutes."""

    subject: str
    kind: tuple[str, ...]
    minutes: float

    @property
    def is_fitted(self) -> bool:
        """Whether this patient belongs to the half that is learned from; fixed for ever, whatever else is in the file."""
        return zlib.crc32(self.subject.encode()) % 2 == 0


@dataclass
class Shares:
    """How many of the cases took at most their P50 and their P90."""

    cases: int = 0
    within_p50: int = 0
    within_p90: int = 0

    def add(self, p50: bool, p90: bool) -> None:
        """Count one case."""
        self.cases, self.within_p50, self.within_p90 = self.cases + 1, self.within_p50 + p50, self.within_p90 + p90

    @property
    def percent(self) -> tuple[float, float]:
        """Both shares in percent."""
        return 100 * self.within_p50 / self.cases, 100 * self.within_p90 / self.cases


def vitaldb(path: Path, first: str = "casestart", last: str = "caseend") -> list[Record]:
    """Read the clinical table. What cannot be a stay in the room is left out, as the program itself does."""
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                minutes = (float(row[last]) - float(row[first])) / 60
            except ValueError:
                continue
            if 5 <= minutes <= LONGEST:
                found.append(Record(row["subjectid"], (row["department"], row["optype"], row["opname"]), minutes))
    return found


def generated(cases: int = 3000, seed: int = 5) -> list[Record]:
    """Make cases of invented procedures, some common and some rare, lognormal with a spread of their own."""
    generator = random.Random(seed)
    made = [
        (f"D{i % 3}", f"T{i % 9}", f"P{i}", generator.gauss(4.9, 0.5), generator.uniform(0.2, 0.45)) for i in range(45)
    ]
    weights = [1 / (1 + i) for i in range(len(made))]
    return [
        Record(str(i), (one[0], one[1], one[2]), generator.lognormvariate(one[3], one[4]))
        for i, one in enumerate(generator.choices(made, weights, k=cases))
    ]


def calibrate(records: Sequence[Record], passed: float = 0.0) -> dict[tuple[int, int], Shares]:
    """Return the shares by how many cases of the same operation the fitted half holds.

    With `passed`, only of the cases that still run at that quantile of their forecast: what is said of them then.
    """
    fitted = [one for one in records if one.is_fitted]
    by_kind: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for one in fitted:
        for depth in range(len(one.kind) + 1):
            by_kind[one.kind[:depth]].append(one.minutes)
    everything = sorted(by_kind[()])
    standing = Belief.standing(everything[len(everything) // 2], everything[int(len(everything) * 0.9)])
    forecasts = {kind: belief_of(standing, by_kind, kind).forecast() for kind in {one.kind for one in records}}
    shares = {stratum: Shares() for stratum in STRATA}
    for one in records:
        if one.is_fitted:
            continue
        forecast, n = forecasts[one.kind], len(by_kind.get(one.kind, ()))
        stratum = next(stratum for stratum in STRATA if stratum[0] <= n <= stratum[1])
        elapsed = forecast.quantile(passed) if passed else 0.0
        if one.minutes > elapsed:
            p50, p90 = forecast.whole(elapsed, 0.5), forecast.whole(elapsed, 0.9)
            shares[stratum].add(one.minutes <= p50, one.minutes <= p90)
    return shares


def belief_of(standing: Belief, by_kind: dict[tuple[str, ...], list[float]], kind: tuple[str, ...]) -> Belief:
    """Learn from the general to the special, each case on its most special level only, as the program does."""
    levels = []
    for depth in range(1, len(kind) + 1):
        wide, narrow = by_kind.get(kind[:depth], []), by_kind.get(kind[: depth + 1], [])
        levels.append(wide if depth == len(kind) else _without(wide, narrow))
    return learn(standing, levels)


def _without(wide: Iterable[float], narrow: Iterable[float]) -> list[float]:
    left = list(wide)
    for one in narrow:
        left.remove(one)
    return left


def together(shares: Iterable[Shares]) -> Shares:
    """Return the shares of all strata."""
    whole = Shares()
    for one in shares:
        whole.cases += one.cases
        whole.within_p50 += one.within_p50
        whole.within_p90 += one.within_p90
    return whole


def is_kept(whole: Shares) -> bool:
    """Whether both shares lie where a forecast must keep them."""
    p50, p90 = whole.percent
    return P50_KEPT[0] <= p50 <= P50_KEPT[1] and P90_KEPT[0] <= p90 <= P90_KEPT[1]


def main() -> int:
    """Print the shares, and fail where they are not kept."""
    folder = os.environ.get("ORTOOL_REFERENCE_DATA", "")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "vitaldb_cases_part.csv" if folder else None
    kept = True
    for what, columns in (("in the room", ("casestart", "caseend")), ("operation", ("opstart", "opend"))):
        records = vitaldb(path, *columns) if path else generated()
        shares = calibrate(records)
        whole = together(shares.values())
        kept &= is_kept(whole)
        source = "VitalDB, a part" if path else "generated cases"
        print(f"{source}, minutes {what}: {len(records)} cases, forecast for {whole.cases} of the other half")
        for stratum, one in (*shares.items(), ((0, math.inf), whole)):
            label = "all" if math.isinf(stratum[1]) else f"n {stratum[0]}" + (f"–{stratum[1]}" if stratum[1] else "")
            if one.cases:
                p50, p90 = one.percent
                print(f"  {label:12} {one.cases:5} cases   at or below P50 {p50:5.1f} %   at or below P90 {p90:5.1f} %")
        for passed in (0.25, 0.5, 0.75):
            running = together(calibrate(records, passed).values())
            p50, p90 = running.percent
            print(
                f"  running at P{100 * passed:.0f} {running.cases:5} cases   at or below P50 {p50:5.1f} %"
                f"   at or below P90 {p90:5.1f} %"
            )
        if path is None:
            break
    limits = f"(P50 {P50_KEPT[0]:.0f}–{P50_KEPT[1]:.0f} %, P90 {P90_KEPT[0]:.0f}–{P90_KEPT[1]:.0f} %)"
    print("kept" if kept else "NOT KEPT", limits)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
