"""How fast a journal verifies. Run by hand: python -m tests.benchmarks.verify [entries, 200000 by default]"""

import sys
import tempfile
import time
from pathlib import Path

from ortool.journal import log
from ortool.storage.store import Store, cursor_of
from tests.benchmarks.append import fill


def main() -> None:
    """Print entries per second."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "ortool.db").open()
        fill(store, entries)
        with store.reading() as session:
            began, worked = time.perf_counter(), time.process_time()
            found = log.verify(cursor_of(session), store.site_id)
            took, worked = time.perf_counter() - began, time.process_time() - worked
        speed = f"{found.entries / took:,.0f}/s, {found.entries / worked:,.0f} a second of processor time"
        print(f"verified {found.entries} entries in {took:.1f} s: {speed}, {len(found.faults)} faults")
        store.close()


if __name__ == "__main__":
    main()
