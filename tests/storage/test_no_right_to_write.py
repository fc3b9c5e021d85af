"""A database that this user may not write: said so, with what to check, and never with the advice to restore."""

import errno
import os
import stat
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from ortool.errors import StorageFault
from ortool.services.health import examine
from ortool.storage import contract, faults
from ortool.storage.store import Store
from tests.services.suite import settings

READ_ONLY = dbapi2.OperationalError("attempt to write a readonly database")
DENIED = PermissionError(errno.EACCES, "Permission denied")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made in better days."""
    path = tmp_path / "ortool.db"
    Store(path).open().close()
    return path


def refuse(error: Exception) -> object:
    """Return a function that always raises."""

    def refused(*_: object, **__: object) -> None:
        raise error

    return refused


def check(sentence: str) -> None:
    """Assert that a sentence says what is wrong and what to look at, and never advises to overwrite what is live."""
    assert "may not write" in sentence
    assert "ls -ld" in sentence
    assert "estore" not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("error", [READ_ONLY, DENIED, OSError(errno.EROFS, "Read-only file system")])
def test_opening_says_what_to_check(path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "prepare", refuse(error))
    with pytest.raises(StorageFault) as fault:
        Store(path).open()
    check(str(fault.value))


def test_a_lock_file_that_may_not_be_written_is_said_and_the_store_still_closes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(path).open()
    monkeypatch.setattr(os, "open", refuse(DENIED))
    with pytest.raises(StorageFault) as fault, store.writing():
        pass
    check(str(fault.value))
    store.close()


def test_a_write_to_a_file_that_became_read_only_is_said(path: Path) -> None:
    store = Store(path).open()
    with pytest.raises(StorageFault) as fault, store.writing() as session:
        session.connection().exec_driver_sql("PRAGMA query_only = ON")
        session.connection().exec_driver_sql("DELETE FROM room")
    check(str(fault.value))
    store.close()


def test_doctor_never_advises_a_restore_for_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = settings(database_url=f"sqlite:///{path}")
    monkeypatch.setattr(contract, "prepare", refuse(READ_ONLY))
    monkeypatch.setattr(faults, "may_write", lambda path: False)
    ill = [one for one in examine(site, path) if not one.well]
    assert [one.what for one in ill] == ["database", "database contract"]
    for one in ill:
        check(f"{one.seen} {one.mend}")


@pytest.mark.parametrize(
    ("words", "hint"), [("database is locked", "try again"), ("database disk image is malformed", "restore the newest")]
)
def test_a_restore_is_for_damage(path: Path, words: str, hint: str) -> None:
    assert hint in faults.advice(dbapi2.DatabaseError(words), path)


def test_opening_does_not_give_back_a_right_that_was_taken(path: Path) -> None:
    path.chmod(0o444)
    if os.geteuid() != 0:
        with pytest.raises(StorageFault) as fault, Store(path).open().writing() as session:
            session.connection().exec_driver_sql("DELETE FROM room")
        check(str(fault.value))
    else:
        Store(path).open().close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
