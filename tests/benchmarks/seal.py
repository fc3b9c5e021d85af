"""What signed checkpoints cost a write, and what checking everything costs a verification.

Run by hand: python -m tests.benchmarks.seal [entries to verify, 100000 by default]
The two theatres alternate within one run, so that only their ratio is a claim.
"""

import sys
import tempfile
import time
from pathlib import Path

from ortool.journal import log
from ortool.people.permissions import Verb
from ortool.services.journals import verify_journal
from ortool.services.sealing import first_key
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre, open_theatre
from ortool.storage.store import cursor_of
from tests.benchmarks.append import BODY
from tests.benchmarks.measure import line, timed
from tests.services.suite import settings

ROUNDS, BATCH = 40, 64


def theatre_in(folder: Path, sealed: bool) -> Theatre:
    """Return a theatre with or without a signing key, on the computer's own clock."""
    folder.mkdir()
    theatre = open_theatre(settings(signing_key_file=str(folder / "key")), folder / "ortool.db")
    if sealed:
        first_key(theatre, SYSTEM)
    return theatre


def tick(theatre: Theatre) -> None:
    """Write one entry, durably, as a verb does."""
    with theatre.writing(SYSTEM, Verb.SCHEDULE) as desk:
        desk.append("case:bench", "item.answered", BODY)


def fill(theatre: Theatre, entries: int) -> None:
    """Write many entries in one transaction."""
    with theatre.writing(SYSTEM, Verb.SCHEDULE) as desk:
        for number in range(entries):
            desk.append(f"case:{number % 5_000}", "item.answered", BODY)


def main() -> None:
    """Print both figures."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        bare, sealed = (theatre_in(Path(name) / word, word == "sealed") for word in ("bare", "sealed"))
        without: list[float] = []
        with_key: list[float] = []
        for _ in range(ROUNDS):
            without += timed(lambda: tick(bare), BATCH)
            with_key += timed(lambda: tick(sealed), BATCH)
        print(line("a durable entry without a signing key", without))
        print(line("the same with a checkpoint every 64", with_key, without))
        print(f"mean {sum(without) / len(without):.3f} ms without, {sum(with_key) / len(with_key):.3f} ms with a key")
        fill(sealed, entries)
        with sealed.reading() as session:
            began = time.process_time()
            found = log.verify(cursor_of(session), sealed.store.site_id)
            chain = time.process_time() - began
        began = time.process_time()
        found = verify_journal(sealed)
        took = time.process_time() - began
        print(f"{found.entries:,} entries, {found.checkpoints:,} checkpoints, {len(found.faults)} faults:")
        print(
            f"of processor time: chain, texts and signatures {found.entries / chain:,.0f}/s; with the tables {found.entries / took:,.0f}/s"
        )
        for theatre in (bare, sealed):
            theatre.close()


if __name__ == "__main__":
    main()
