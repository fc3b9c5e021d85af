"""Copies of a SQLite database: taken in one step while it is in use, read back before they are believed; encryption."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from ortool.errors import StorageFault
from ortool.storage import contract

PLAIN = b"SQLite format 3\x00"
KEY_BYTES = 32


def is_plain(path: Path) -> bool:
    """Whether a database file is not encrypted. An empty or missing one is neither."""
    try:
        with path.open("rb") as file:
            return file.read(len(PLAIN)) == PLAIN
    except OSError:
        return False


def make_key(path: Path) -> bytes:
    """Write a new database key to a file that must not exist, readable by its owner only, and return it."""
    key = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise StorageFault(f"The key file {path} exists already.", "Name another with `key_file`.") from None
    except OSError as error:
        raise StorageFault(f"The key file {path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


@contextmanager
def opened(path: Path, key: bytes | None, must_exist: bool = True) -> Iterator[Any]:
    """Open a database file by itself, outside any store. Raises StorageFault where it is none, or of another key."""
    if must_exist and not path.is_file():
        raise StorageFault(f"There is no file {path}.")
    connection = dbapi2.connect(str(path))
    try:
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except dbapi2.DatabaseError:
            raise StorageFault(f"{path.name} is no database of this key.", "Is `key_file` the right one?") from None
        yield connection
    finally:
        connection.close()


def copy(source: Path, key: bytes | None, target: Path) -> None:
    """Copy a database that may be in use to a file that must not exist; under the same key. Raises StorageFault.

    The copy is on the disk when this returns, file and folder; one that could not be finished is removed.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StorageFault(f"{target} cannot be written: {error.strerror}.", "Is the folder there, and free?") from None
    try:
        with opened(source, key) as from_, opened(target, key, must_exist=False) as to:
            contract.prepare(from_, None)
            from_.backup(to)
        _sync(target)
    except (dbapi2.DatabaseError, OSError) as error:
        remove(target)
        raise StorageFault(f"The copy could not be written ({error}).", "Is there room on the disk?") from None
    except StorageFault:
        remove(target)
        raise


def check(path: Path, key: bytes | None) -> str:
    """Return what SQLite itself finds wrong in a file, empty where nothing is. Raises StorageFault as `opened`."""
    with opened(path, key) as connection:
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)").fetchall()]
            if key is not None:
                found += [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
        except dbapi2.DatabaseError as error:
            return str(error)
    return "; ".join(one for one in found if one != "ok")


def encrypt(source: Path, target: Path, key: bytes) -> None:
    """Write a plain database, that nobody writes meanwhile, encrypted to a new file. Raises StorageFault."""
    try:
        with opened(source, None) as connection:
            connection.execute("ATTACH DATABASE ? AS sealed KEY ?", (str(target), f"x'{key.hex()}'"))
            connection.execute("SELECT sqlcipher_export('sealed')")
            connection.execute("DETACH DATABASE sealed")
        target.chmod(0o600)
        _sync(target)
    except (dbapi2.DatabaseError, OSError) as error:
        remove(target)
        raise StorageFault(f"The database could not be encrypted ({error}).", "Is there room on the disk?") from None


def swap(new: Path, standing: Path, aside: Path) -> None:
    """Put a closed database in another's place, which is kept `aside` with the files beside it."""
    for end in ("", "-wal", "-shm"):
        old = standing.with_name(standing.name + end)
        if old.exists():
            old.rename(aside.with_name(aside.name + end))
    new.rename(standing)
    _sync(standing)


def remove(path: Path) -> None:
    """Remove a copy with the files beside it."""
    for end in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    for one, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        handle = os.open(one, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
