"""What could not be sent to a server, kept on this terminal until it can: a small database of its own, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlcipher3 import dbapi2

from ortool.storage import contract
from ortool.storage.faults import storage_fault
from ortool.storage.lock import WriteLock

_TABLE = """CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL UNIQUE,
    payload BLOB NOT NULL,
    refused TEXT NOT NULL DEFAULT ''
) STRICT"""
WHAT = "What waits at this terminal cannot be kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """A command that waits. `refused` is the sentence with which the rules turned it down; then a person decides."""

    number: int
    command_id: str
    payload: bytes
    refused: str = ""


class Spool:
    """The commands that wait on this terminal, in the order in which they came. Made when the first one comes."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self.path = path
        self._key = key
        self._lock = WriteLock(path.with_name(path.name + ".lock"))
        self._connection: dbapi2.Connection | None = None

    def put(self, command_id: str, payload: bytes) -> int:
        """Keep a command, durable, and return its number. One that waits already keeps its place."""
        with self._writing() as base:
            base.execute("INSERT OR IGNORE INTO waiting (command_id, payload) VALUES (?, ?)", (command_id, payload))
            row = base.execute("SELECT number FROM waiting WHERE command_id = ?", (command_id,)).fetchone()
        return int(row[0])

    def all(self) -> list[Kept]:
        """Return every command, those that were refused too. Raises StorageFault."""
        if not self.path.exists():
            return []
        try:
            rows = self._open().execute("SELECT number, command_id, payload, refused FROM waiting ORDER BY number")
            return [Kept(int(number), name, bytes(payload), words) for number, name, payload, words in rows.fetchall()]
        except (dbapi2.DatabaseError, OSError) as error:
            raise storage_fault("What waits at this terminal cannot be read", self.path, error) from None

    def waiting(self) -> list[Kept]:
        """Return the commands that are still to be sent."""
        return [kept for kept in self.all() if not kept.refused]

    def done(self, number: int) -> None:
        """Let go of a command that is in the journal now."""
        with self._writing() as base:
            base.execute("DELETE FROM waiting WHERE number = ?", (number,))

    def refuse(self, number: int, sentence: str) -> None:
        """Keep a command that the rules turned down, with their sentence, for a person to look at."""
        with self._writing() as base:
            base.execute("UPDATE waiting SET refused = ? WHERE number = ?", (sentence, number))

    @contextmanager
    def _writing(self) -> Iterator[dbapi2.Connection]:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(mode=0o600)
            with self._lock.held():
                base = self._open()
                base.execute("BEGIN IMMEDIATE")
                try:
                    yield base
                    base.execute("COMMIT")
                finally:
                    if base.in_transaction:
                        base.execute("ROLLBACK")
        except (dbapi2.DatabaseError, OSError) as error:
            raise storage_fault(WHAT, self.path, error, "Go on, on paper if need be.") from None

    def _open(self) -> dbapi2.Connection:
        if self._connection is None:
            connection = dbapi2.connect(str(self.path), isolation_level=None, check_same_thread=False)
            contract.prepare(connection, self._key)
            connection.execute(_TABLE)
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._lock.close()
