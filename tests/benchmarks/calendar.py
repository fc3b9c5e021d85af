"""Calendars from stored events against building every event with icalendar, in one run: `python -m tests.benchmarks.calendar`.

Prints: 10,000 slots built and joined, the question whether anything changed, and the memory of 100,000 slots streamed.
"""

import re
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

from ortool.calendar import Audience, render_calendar
from ortool.journal.entry import to_micros
from ortool.services import renderings
from ortool.services.boards import day_span
from ortool.services.renderings import Selection
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.storage.store import cursor_of
from tests.services.suite import MORNING, Clock, Suite, furnish, settings

FIRST = date(2026, 11, 23)


def filled(path: Path, slots: int) -> None:
    """Make a theatre with so many slots of one case, twelve rooms' worth a day."""
    suite = Suite(furnish(path, settings(), Clock()), Clock())
    case = suite.case()
    with suite.theatre.store.writing() as session:
        cursor = cursor_of(session)
        for n in range(slots):
            start = MORNING + timedelta(minutes=15 * n)
            cursor.execute(
                "INSERT INTO slot VALUES (?, ?, ?, ?, ?, 'booked', '', 0, ?)",
                (uuid.UUID(int=n + 1).hex, case.id, f"OR{n % 3 + 1}", to_micros(start),
                 to_micros(start + timedelta(minutes=90)), to_micros(MORNING)),
            )  # fmt: skip
    suite.theatre.close()


def opened(path: Path) -> tuple[Theatre, Selection]:
    """Open it, and choose every slot."""
    theatre = open_theatre(Settings(), path, Clock())
    span = day_span(theatre, FIRST, 20_000)
    return theatre, Selection(start=span.start, end=span.end, cancelled_since=span.start)


def best(deed, times: int = 5) -> float:
    """Return the least time of a few, in seconds of processor time."""
    took = []
    for _ in range(times):
        began = time.process_time()
        deed()
        took.append(time.process_time() - began)
    return min(took)


def streamed(path: str) -> None:
    """Print how much memory a calendar takes that is streamed away, beyond what opening the theatre takes."""
    theatre, selection = opened(Path(path))
    before = peak()
    size = sum(len(piece) for piece in renderings.stream(theatre, selection, Audience.SLOT, "All"))
    grown = peak() - before
    theatre.close()
    print(f"100,000 slots streamed: {size / 1e6:.1f} MB written, at most {grown:.1f} MiB more memory than before")


def peak() -> float:
    """Return the most memory that this process ever held, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ten.db"
        filled(path, 10_000)
        theatre, selection = opened(path)
        with theatre.reading() as session:
            ids = [row[0] for page in renderings.pages(session, selection, Audience.SLOT, "NULL") for row in page]
            events = [
                event for n in range(0, len(ids), 500) for _, event in renderings.events_of(session, ids[n : n + 500])
            ]
        assert len(events) == 10_000
        zone, as_of = theatre.settings.zone, MORNING

        def built() -> bytes:
            return render_calendar(
                events, audience=Audience.SLOT, site=theatre.store.site_id, name="All", as_of=as_of, zone=zone
            )

        plain = best(built, 3)
        began = time.process_time()
        assert renderings.fill(theatre, selection, Audience.SLOT) == 10_000
        print(f"10,000 slots rendered and kept, once: {time.process_time() - began:.2f} s")

        def joined() -> int:
            return sum(len(piece) for piece in renderings.stream(theatre, selection, Audience.SLOT, "All"))

        stored, asked = best(joined, 15), best(lambda: renderings.fingerprint(theatre, selection, Audience.SLOT))
        assert abs(joined() - len(built())) < 300
        print(
            f"10,000 slots built with icalendar: {plain:.2f} s; read and joined: {stored * 1000:.1f} ms, {plain / stored:.0f} x"
        )
        print(f"10,000 slots, whether anything changed: {asked * 1000:.1f} ms, {plain / asked:.0f} x")
        theatre.close()
        large = Path(folder) / "hundred.db"
        filled(large, 100_000)
        theatre, selection = opened(large)
        renderings.fill(theatre, selection, Audience.SLOT)
        theatre.close()
        subprocess.run([sys.executable, "-m", "tests.benchmarks.calendar", str(large)], check=True)


if __name__ == "__main__":
    streamed(sys.argv[1]) if len(sys.argv) > 1 else main()
