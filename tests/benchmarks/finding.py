"""Import, find and count on many past cases: rows a second, and milliseconds for each question.

`python -m tests.benchmarks.finding [CASES]`, 100,000 without a number. What is compared is the same question asked of a
tenth of the cases: a list is no dearer on ten times as many, statistics are as dear as the cases that they count.
"""

import csv
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from ortool.caselog.found import Wanted
from ortool.exchange.past_map import read_map
from ortool.services.finding import find_cases
from ortool.services.history import import_past
from ortool.services.indexing import follow
from ortool.services.setup import SYSTEM
from ortool.services.statistics import statistics_of
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings

MAP = read_map(
    'name = "bench"\n[columns]\nkey = "id"\nroom = "room"\nprocedure = "procedure"\nsurgeon = "surgeon"\n'
    'levels = "levels"\nstart = "plan"\nminutes = "min"\nnotes = "notes"\n'
    '[times]\nPIR = "PIR"\nPST = "PST"\nPF = "PF"\nPOR = "POR"\n'
    "[add]\nrooms = true\nprocedures = true\nsurgeons = true\n",
    "bench.toml",
)
WORDS = [
    "drain",
    "cement",
    "bleeding",
    "cord",
    "tension",
    "brace",
    "physio",
    "consent",
    "family",
    "allergy",
    "walked",
    "stairs",
]
TIMES = 7


def generated(cases: int) -> str:
    """Return so many past cases: twelve rooms, four a day in each, forty surgeons, thirty procedures, a note each."""
    chance, out = random.Random(1), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["id", "room", "procedure", "surgeon", "levels", "plan", "min", "notes", "PIR", "PST", "PF", "POR"])
    begin = datetime(2015, 1, 5, 7, 30)
    for number in range(cases):
        day, place = divmod(number, 48)
        plan = begin + timedelta(days=day, hours=2 * (place // 12))
        came = plan + timedelta(minutes=chance.randint(0, 20))
        cut, done = came + timedelta(minutes=25), came + timedelta(minutes=chance.randint(50, 85))
        note = " ".join(chance.choices(WORDS, k=8)) + (" rareword" if number % 997 == 0 else "")
        writer.writerow([
            number, f"R{place % 12}", f"Operation {number % 30}", f"Dr {number % 40}", chance.choice(["L4-5", "L3-5", ""]),
            plan.isoformat(), 90, note, *(at.isoformat() for at in (came, cut, done, done + timedelta(minutes=8))),
        ])  # fmt: skip
    return out.getvalue()


def filled(cases: int, folder: Path) -> tuple[Theatre, float, float]:
    """Return a theatre with so many past cases, how many came in a second, and the seconds of the first index."""
    theatre = open_theatre(Settings(), folder / f"{cases}.db")
    text = generated(cases)
    begins = time.perf_counter()
    done = import_past(theatre, SYSTEM, text, MAP)
    imported = time.perf_counter()
    assert (done.new, done.faults) == (cases, ()), done.faults[:3]
    follow(theatre)
    return theatre, cases / (imported - begins), time.perf_counter() - imported


def least(question: Callable[[], object], times: int = TIMES) -> float:
    """Return the least milliseconds of some tries."""
    taken = []
    for _ in range(times):
        begins = time.perf_counter()
        question()
        taken.append(1_000 * (time.perf_counter() - begins))
    return min(taken)


def main() -> None:
    """Print a table."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    day = date(2015, 1, 5) + timedelta(days=many // 10 // 48 // 2)
    with tempfile.TemporaryDirectory() as name:
        sizes = (many // 10, many)
        made = [filled(cases, Path(name)) for cases in sizes]
        print(f"{'':34}{sizes[0]:>12,}{sizes[1]:>12,}")
        print(f"{'import, cases a second':34}{made[0][1]:>12,.0f}{made[1][1]:>12,.0f}")
        print(f"{'first index of the notes, s':34}{made[0][2]:>12.1f}{made[1][2]:>12.1f}")
        asked = {
            "newest 200": Wanted(),
            "one surgeon": Wanted(surgeon="past-dr-7"),
            "surgeon, procedure and level": Wanted(surgeon="past-dr-7", procedure="past-operation-7", level="L4-5"),
            "one day in one room": Wanted(first=day, last=day, room="past-r3"),
            "a lot that nobody got": Wanted(lot="A1"),
            "a word that is rare": Wanted(words="rareword"),
            "two words that are common": Wanted(words="drain cement"),
        }
        for words, wanted in asked.items():
            found = [least(lambda one=one, wanted=wanted: find_cases(one[0], wanted)) for one in made]
            print(f"{'find: ' + words + ', ms':34}{found[0]:>12.1f}{found[1]:>12.1f}")
        quarter = Wanted(first=day, last=day + timedelta(days=90))
        for words, wanted, times in (("a quarter", quarter, 3), ("all", Wanted(), 1)):
            found = [least(lambda one=one, wanted=wanted: statistics_of(one[0], wanted), times) for one in made]
            print(f"{'statistics: ' + words + ', ms':34}{found[0]:>12.0f}{found[1]:>12.0f}")
        for one in made:
            one[0].close()


if __name__ == "__main__":
    main()
