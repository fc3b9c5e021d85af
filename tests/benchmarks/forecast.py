"""How long a forecast takes: the pure one of twenty rooms of eight cases, and the history of ten years behind it.

Run by hand: python -m tests.benchmarks.forecast [CASES]
CASES (40,000) finished cases are written straight into the tables of a throw-away database; its journal stays empty.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from ortool.schedule.forecast import forecast
from ortool.services import histories
from ortool.services.sample import fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.storage.store import cursor_of
from tests.schedule.test_forecast import at, big_day

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAYS = 3650


def main() -> None:
    """Print the times of each, in milliseconds."""
    day = big_day()
    closing = {f"OR{room}": at("18:00") for room in range(20)}
    first = timed(lambda: forecast(day, at("09:00"), closing))
    later = [timed(partial(forecast, day, at(f"09:{minute:02}"), closing)) for minute in range(1, 16)]
    print(f"20 rooms x 8 cases: first {first[0]:.0f} ms ({first[1]:.0f} CPU), then median", end=" ")
    print(f"{median(one[0] for one in later):.0f} ms ({median(one[1] for one in later):.0f} CPU)")
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(site="Sample", time_zone="Europe/Amsterdam")
        theatre = open_theatre(settings, Path(folder) / "day.db", lambda: NOW)
        fill_sample(theatre, NOW.date())
        for count in (0, cases):
            fill(theatre, count)
            theatre.histories.clear()
            took = timed(lambda: histories.known_of(theatre, ["tlif"]))
            known = histories.known_of(theatre, ["tlif"])["tlif"]
            again = timed(partial(known.estimate, "L4-5", "sp1"))
            print(f"{count} finished cases in ten years: history {took[0]:.1f} ms, n {len(known.cases)};", end=" ")
            print(f"one estimate {again[0]:.2f} ms")
        theatre.close()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds by the clock and in CPU."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - cpu)


def fill(theatre: Theatre, cases: int) -> None:
    """Write finished cases of twenty procedures' worth into the tables: one in twenty is the one that is asked for."""
    with theatre.store.writing() as session:
        cursor = cursor_of(session)
        for place in range(cases):
            ended = NOW - timedelta(days=1 + DAYS * place / cases)
            micros, case = int(ended.timestamp() * 1_000_000), f"past-{place}"
            procedure = "tlif" if place % 20 == 0 else "interlaminar-device"
            cursor.execute(
                "INSERT INTO op_case (id, number, hospital_number, patient_name, procedure_id, levels, side, surgeon_id,"
                " urgency, allergies, notes, state, priority, needs)"
                " VALUES (?, ?, ?, '', ?, 'L4-5', '', 'sp1', 'elective', '', '', 'signed', 3, '')",
                (case, 100_000 + place, case, procedure),
            )
            for stamp, at_us in (("PIR", micros - 300 * 60_000_000), ("POR", micros)):
                cursor.execute("INSERT INTO case_time VALUES (?, ?, ?, ?, 1)", (case, stamp, at_us, at_us))
        cursor.close()


if __name__ == "__main__":
    main()
