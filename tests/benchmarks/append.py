"""The journal's append against the same two statements in raw SQLite, at an empty journal and at a long one.

Run by hand: python -m tests.benchmarks.append [entries, 1000000 by default]
Variants alternate within one run, so that only the ratios are claims.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from ortool.journal import log
from ortool.storage import contract
from ortool.storage.store import Store, cursor_of
from tests.benchmarks.measure import line, timed
from tests.services.suite import MORNING

ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)
BODY = {"item": "SI.consent", "state": "done"}
ROUNDS, BATCH = 20, 50
INSERT = f"INSERT INTO entry ({log.COLUMNS}) VALUES ({','.join('?' * 17)})"


class Raw:
    """The bare driver: read the head, insert a row, commit. It knows no lock, no chain and no stream."""

    def __init__(self, path: Path) -> None:
        self.base: Any = dbapi2.connect(str(path), isolation_level=None)
        contract.prepare(self.base, None)

    def append(self) -> None:
        """Append one row as large as an entry."""
        self.base.execute("BEGIN IMMEDIATE")
        seq, prev = self.base.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        number = seq + 1
        link = number.to_bytes(32, "big")
        words = (
            f"case:{number % 500}",
            number // 500 + 1_000_000,
            f"r{number}",
            "item.answered",
            1,
            1,
            1,
            1,
            "boot",
            0,
        )
        self.base.execute(
            INSERT, (number, *words, "n1", "chosen", "device", b'{"item":"x","state":"done"}', prev, link)
        )
        self.base.execute("COMMIT")


def fill(store: Store, entries: int) -> None:
    """Append many chained entries in one transaction."""
    with store.writing() as session:
        cursor = cursor_of(session)
        for number in range(entries):
            draft = log.Draft(f"case:{number % 5_000}", "item.answered", BODY, MORNING, f"f{number}")
            log.append(cursor, store.site_id, draft, ORIGIN, MORNING)


def measure(entries: int, folder: Path) -> None:
    """Print the figures for a journal that already holds `entries`."""
    ours = Store(folder / f"ours-{entries}.db").open()
    fill(ours, max(entries, 1))
    ours.close()
    raw_path = folder / f"raw-{entries}.db"
    raw_path.write_bytes((folder / f"ours-{entries}.db").read_bytes())
    ours = ours.open()
    raw = Raw(raw_path)
    for (name,) in raw.base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.base.execute(f"DROP TRIGGER {name}")
    count = iter(range(10**9))

    def append_one() -> None:
        with ours.writing() as session:
            draft = log.Draft("case:bench", "item.answered", BODY, MORNING, f"b{next(count)}")
            log.append(cursor_of(session), ours.site_id, draft, ORIGIN, MORNING)

    def append_inside(cursor: Any) -> None:
        draft = log.Draft("case:bench", "item.answered", BODY, MORNING, f"b{next(count)}")
        log.append(cursor, ours.site_id, draft, ORIGIN, MORNING)

    bare: list[float] = []
    whole: list[float] = []
    for _ in range(ROUNDS):
        bare += timed(raw.append, BATCH)
        whole += timed(append_one, BATCH)
    with ours.writing() as session:
        cursor = cursor_of(session)
        inside = timed(lambda: append_inside(cursor), 1_000)
    print(f"journal of {entries} entries")
    print(" ", line("raw SQLite: head, insert, commit", bare))
    print(" ", line("store.writing + log.append", whole, bare))
    print(" ", line("log.append alone, no commit", inside))
    ours.close()
    raw.base.close()


def main() -> None:
    """Print the figures at an empty and at a long journal."""
    long = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for entries in (0, long):
            measure(entries, Path(folder))


if __name__ == "__main__":
    main()
