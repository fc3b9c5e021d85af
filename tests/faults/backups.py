"""Backups while the theatre works, and copies that somebody damaged, as rows of the table."""

import os
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ortool.errors import StorageFault
from ortool.services import backups, restoring
from ortool.services.journals import verify_journal
from ortool.services.theatre import open_theatre
from tests.faults.audit import rows
from tests.faults.outcome import Outcome
from tests.services.suite import Clock, Suite, furnish, settings

KEY = "5e" * 32
PAGE = 4_096


@contextmanager
def a_suite(folder: Path, key: str = "") -> Iterator[Suite]:
    """A suite on a database of its own, plain or encrypted, with two cases."""
    more: dict[str, Any] = {"database_url": f"sqlite:///{folder / 'suite.db'}"}
    if key:
        (folder / "key").write_text(key)
        more["key_file"] = str(folder / "key")
    clock = Clock()
    suite = Suite(furnish(folder / "suite.db", settings(**more), clock), clock)
    suite.case()
    suite.case()
    yield suite
    suite.theatre.close()


def store_of(key: str) -> str:
    """Return what a row calls the database."""
    return "SQLite, encrypted" if key else "SQLite"


def under_load(suite: Suite, folder: Path, copies: int, key: str = "") -> Outcome:
    """T22: copies while two terminals write; each is read back, and is a beginning of the journal."""
    outcome = Outcome("T22 backups under load", "each a verified beginning of the journal", store=store_of(key))
    stop = threading.Event()

    def write(surgeon: str) -> None:
        try:
            theatre = open_theatre(suite.theatre.settings, suite.theatre.store.path, suite.clock)
            mine = Suite(theatre, suite.clock)
            while not stop.is_set():
                mine.case(surgeon=surgeon)
            theatre.close()
        except Exception as error:
            outcome.breaches.append(f"a writer ended: {error}")

    writers = [threading.Thread(target=write, args=(surgeon,)) for surgeon in ("s1", "s2")]
    for writer in writers:
        writer.start()
    done = []
    for number in range(copies):
        done.append(backups.back_up(suite.theatre, folder / f"{number}.db"))
        if number < copies - 1:  # the last one stays, to be looked at
            done[-1].file.unlink()
    stop.set()
    for writer in writers:
        writer.join()
    links = {seq: bytes(link).hex() for seq, link in rows(suite.theatre, "SELECT seq, hash FROM entry")}
    outcome.breaches += [f"{one.file.name} is no beginning" for one in done if links.get(one.head.seq) != one.head.hash]
    if [one.head.seq for one in done] != sorted({one.head.seq for one in done}):
        outcome.breaches.append("a later copy does not go further")
    outcome.breaches += verify_journal(suite.theatre).faults
    outcome.reached = (
        f"{copies:,} copies, the last one of {done[-1].head.seq:,} entries; {max(links):,} entries written"
    )
    return outcome


@contextmanager
def in_silence() -> Iterator[None]:
    """Let the library say nothing about pages that it cannot decrypt: it writes to the process's own stderr."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def is_refused(suite: Suite, content: bytes) -> bool:
    """Whether a rehearsed restore of a file with this content is refused."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "damaged.db"
        file.write_bytes(content)
        try:
            restoring.rehearse(suite.theatre.settings, file, Path(name))
        except StorageFault:
            return True
        return False


def damaged(suite: Suite, times: int, seed: int, key: str = "") -> Iterator[Outcome]:
    """T22: a copy cut off anywhere, and one in which a page is gone, are refused."""
    chance = random.Random(seed)
    whole = backups.back_up(suite.theatre).file.read_bytes()
    pages = [place for place in range(0, len(whole), PAGE) if any(whole[place : place + PAGE])]

    def cut() -> bytes:
        return whole[: chance.randrange(1, len(whole))]

    def bent() -> bytes:
        place = chance.choice(pages)
        return whole[:place] + bytes(PAGE) + whole[place + PAGE :]

    assert not is_refused(suite, whole), "the whole copy must be taken"
    ways: dict[str, Callable[[], bytes]] = {"cut off": cut, "with an empty page": bent}
    for name, damage in ways.items():
        outcome = Outcome(f"T22 copies {name}", "damage found 100 %", seed=seed, store=store_of(key))
        with in_silence():
            found = sum(is_refused(suite, damage()) for _ in range(times))
        outcome.breaches += ["a damaged copy was taken"] * (times - found)
        outcome.reached = f"{found:,} of {times:,} found"
        yield outcome


def wrong_key(suite: Suite, folder: Path, times: int, seed: int) -> Outcome:
    """T22: another key opens neither the copy nor the database."""
    outcome = Outcome("T22 another key", "refused 100 %", seed=seed, store=store_of(KEY))
    chance, copy = random.Random(seed), backups.back_up(suite.theatre, folder / "copy.db").file
    refused = 0
    for _ in range(times):
        file = folder / "wrong"
        file.write_text(chance.randbytes(32).hex())
        wrong = suite.theatre.settings.model_copy(update={"key_file": str(file)})
        for deed in (
            lambda wrong=wrong: restoring.rehearse(wrong, copy, folder),
            lambda wrong=wrong: open_theatre(wrong),
        ):
            try:
                with in_silence():
                    deed()
            except StorageFault:
                refused += 1
    outcome.breaches += ["another key opened it"] * (2 * times - refused)
    outcome.reached = f"{refused:,} of {2 * times:,} refused"
    return outcome


def all_of(copies: int, seed: int) -> Iterator[Outcome]:
    """T22, plain and encrypted."""
    for key in ("", KEY):
        with tempfile.TemporaryDirectory() as name, a_suite(Path(name), key) as suite:
            yield under_load(suite, Path(name), copies, key)
        with tempfile.TemporaryDirectory() as name, a_suite(Path(name), key) as suite:
            yield from damaged(suite, copies, seed, key)
            if key:
                yield wrong_key(suite, Path(name), copies, seed)
