"""Every released schema is brought up to date with its journal untouched, whenever the power goes meanwhile.

Small by default; ORTOOL_LONG=1 takes 10,000 entries and 50 kills for each schema.
"""

import os
import random
import re
import shutil
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from ortool.journal import log
from ortool.storage import contract, schema
from ortool.storage.store import Store, cursor_of
from tests.processes import begun, ran
from tests.services.suite import MORNING
from tests.storage.upgrades import die_at, upgrade

LONG = os.environ.get("ORTOOL_LONG") == "1"
ENTRIES, KILLS = (10_000, 50) if LONG else (600, 10)
SEED = 24
RELEASED = [revision for revision in schema.KNOWN if revision != schema.HEAD]
ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)
SITE = "old-site"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A database of each released schema and of today's, with entries in it and texts beside them."""
    return {revision: made(tmp_path_factory.mktemp(revision) / "ortool.db", revision) for revision in schema.KNOWN}


def made(path: Path, revision: str) -> Path:
    """Make a database as that revision was."""
    store = Store(path)
    with store._lock.held(), store._writer.begin() as connection:
        schema.upgrade(connection, revision)
        connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES ('site_id', ?)", (SITE,))
    store.site_id = SITE
    with store.writing() as session:
        cursor = cursor_of(session)
        for n in range(ENTRIES):
            body = {"text": f"word {n}", "n": n}
            draft = log.Draft(f"case:{n % 40}", "note.added", body, MORNING, f"c{n}", frozenset({"text"}))
            log.append(cursor, SITE, draft, ORIGIN, MORNING)
    store.close()
    return path


def copied(path: Path, to: Path) -> Path:
    """Return a copy of a closed database in a folder of its own."""
    to.mkdir()
    shutil.copy(path, to / path.name)
    return to / path.name


def guards(path: Path) -> dict[str, str]:
    """Return what the database keeps over its tables: every trigger and index, and every table with its CHECKs."""
    with closing(dbapi2.connect(str(path))) as base:
        rows = base.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: re.sub(r"\s+", " ", sql) for name, sql in rows}


def rows(path: Path) -> list[tuple[object, ...]]:
    """Return every entry, byte by byte, and every text beside one."""
    with closing(dbapi2.connect(str(path))) as base:
        entries = base.execute(f"SELECT {log.COLUMNS} FROM entry ORDER BY seq").fetchall()
        return [*entries, *base.execute("SELECT id, seq, salt, txt FROM secret_text ORDER BY id").fetchall()]


def is_whole(path: Path) -> None:
    """Assert that a database is of today's schema, sound, guarded, and takes entries."""
    with closing(Store(path).open()) as store:
        assert store.site_id == SITE
        with store.reading() as session:
            cursor = cursor_of(session)
            assert schema.revision_of(cursor) == schema.HEAD
            contract.check_triggers(cursor)
            result = log.verify(cursor, SITE)
            assert (result.faults, result.entries, result.secrets) == ([], ENTRIES, ENTRIES)
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchone()[0] == "ok"
        with store.writing() as session:
            draft = log.Draft("case:1", "note.added", {"n": 1}, MORNING, "after")
            assert log.append(cursor_of(session), SITE, draft, ORIGIN, MORNING).seq == ENTRIES + 1


@pytest.mark.parametrize("revision", schema.KNOWN)
def test_an_upgrade_changes_no_entry_and_leaves_every_guard_of_a_new_database(
    released: dict[str, Path], revision: str, tmp_path: Path
) -> None:
    path = copied(released[revision], tmp_path / "or")
    before, old = rows(path), guards(path)
    Store(path).open().close()
    assert rows(path) == before
    new = guards(path)
    assert new == guards(released[schema.HEAD])
    assert all(new[name] == sql for name, sql in old.items() if name in ("table entry", "table secret_text"))
    assert {name for name in old if name.startswith("trigger")} <= set(new)
    assert sum(sql.count("CHECK") for sql in new.values()) >= sum(sql.count("CHECK") for sql in old.values())
    is_whole(path)


@pytest.mark.parametrize("revision", RELEASED)
def test_entries_are_refused_a_change_after_an_upgrade_too(
    released: dict[str, Path], revision: str, tmp_path: Path
) -> None:
    path = copied(released[revision], tmp_path / "or")
    Store(path).open().close()
    with closing(dbapi2.connect(str(path))) as base:
        for sql in ("UPDATE entry SET actor = 'x' WHERE seq = 5", "DELETE FROM entry WHERE seq = 5"):
            with pytest.raises(dbapi2.DatabaseError):
                base.execute(sql)


@pytest.mark.parametrize("revision", RELEASED)
def test_an_upgrade_that_is_killed_loses_nothing_and_the_next_start_finishes_it(
    released: dict[str, Path], revision: str, tmp_path: Path
) -> None:
    before = rows(released[revision])
    assert ran(upgrade, copied(released[revision], tmp_path / "first")).returncode == 0
    began = time.monotonic()  # the first one may have waited for the server of all processes to start
    assert ran(upgrade, copied(released[revision], tmp_path / "second")).returncode == 0
    length = time.monotonic() - began
    dice = random.Random(f"{SEED}-{revision}")
    killed, halves = 0, 0
    for n in range(KILLS):
        path = copied(released[revision], tmp_path / f"kill-{n}")
        process = begun(upgrade, path)
        time.sleep(length * (n + dice.random()) / KILLS)
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        with closing(Store(path)) as store, store._reading_raw() as cursor:
            found = schema.revision_of(cursor)
        assert found in (revision, schema.HEAD), "all of an upgrade, or nothing"
        halves += bool(list(path.parent.glob("*.before-*"))) and found == revision
        assert rows(path) == before
        is_whole(path)
        shutil.rmtree(path.parent)
    print(f"{revision}: {killed} of {KILLS} killed, {halves} between the copy and the end, seed {SEED}")
    assert killed > 0


@pytest.mark.parametrize("revision", RELEASED)
@pytest.mark.parametrize("at", [1, 2, 3, 5, 8, 13, 21, 34])
def test_an_upgrade_that_dies_at_a_statement_is_undone_whole(
    released: dict[str, Path], revision: str, at: int, tmp_path: Path
) -> None:
    """Killed right at the n-th statement that changes the schema: no timing decides where."""
    path = copied(released[revision], tmp_path / "or")
    before, old = rows(path), guards(path)
    process = ran(die_at, path, at)
    if process.returncode == 0:
        assert guards(path) == guards(released[schema.HEAD]), "the upgrade has fewer statements"
    else:
        assert process.returncode == -signal.SIGKILL
        assert guards(path) == old
    assert rows(path) == before
    is_whole(path)
