"""How fast a journal verifies, and the tables beside it are made anew from its entries.

Run by hand: python -m tests.benchmarks.verify [entries, 200000 by default]
"""

import sys
import tempfile
import time
from pathlib import Path

from ortool.journal import log
from ortool.journal.entry import Header
from ortool.services.projections import Tables
from ortool.storage.store import Store, cursor_of
from tests.benchmarks.append import fill
from tests.faults.outcome import Outcome
from tests.faults.place import place

VERIFIED, REBUILT = 40_000, 200_000  # entries a second of processor time


def verify(entries: int) -> Outcome:
    """T14: verify a journal; a year of a theatre suite is 650,000 entries."""
    outcome = Outcome("T14 verification", f">= {VERIFIED:,} entries per second of processor time")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "ortool.db").open()
        fill(store, entries)
        with store.reading() as session:
            began, worked = time.perf_counter(), time.process_time()
            found = log.verify(cursor_of(session), store.site_id)
            took, worked = time.perf_counter() - began, time.process_time() - worked
        store.close()
    outcome.breaches += found.faults
    if found.entries / worked < VERIFIED:
        outcome.breaches.append(f"{found.entries / worked:,.0f} a second")
    outcome.reached = f"{found.entries:,} entries in {took:.1f} s; {found.entries / worked:,.0f} a second"
    return outcome


def rebuild(entries: int) -> Outcome:
    """T14: hand the entries of whole cases to what makes the tables anew, over and over."""
    outcome = Outcome("T14 rebuild of the tables", f">= {REBUILT:,} entries per second of processor time")
    seen: list[tuple[Header, bytes]] = []
    with place() as suite:
        suite.through(suite.case())
        with suite.theatre.reading() as session:
            cursor, tables = cursor_of(session), Tables()
            log.verify(cursor, suite.theatre.store.site_id, None, lambda header, body: seen.append((header, body)))
            for header, body in seen:
                tables.take(header, body)
            outcome.breaches += tables.differences(cursor)
    laps = max(1, entries // len(seen))
    tables, worked = Tables(), time.process_time()
    for _ in range(laps):
        for header, body in seen:
            tables.take(header, body)
    speed = laps * len(seen) / (time.process_time() - worked)
    if speed < REBUILT:
        outcome.breaches.append(f"{speed:,.0f} a second")
    outcome.reached = f"{laps * len(seen):,} entries of a whole case; {speed:,.0f} a second; the tables agree"
    return outcome


def main() -> None:
    """Print the figures."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    for outcome in (verify(entries), rebuild(entries)):
        print(outcome.row())


if __name__ == "__main__":
    main()
