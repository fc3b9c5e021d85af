"""The database: opened under its contract, read at will, written by one at a time."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2
from sqlmodel import Session

from ortool.errors import StorageFault
from ortool.storage import contract, recovery, schema
from ortool.storage.ballast import LOW, MEBIBYTE, Ballast
from ortool.storage.faults import advice, cause_of, storage_fault
from ortool.storage.lock import WriteLock
from ortool.storage.transaction import Transaction, cursor_on

CHECKPOINT_BYTES = 4 * 1024 * 1024


class Store:
    """One database file. `notices` are sentences about what opening it had to do."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self.path = path
        self.key = key
        self.notices: list[str] = []
        self.ballast = Ballast(path)
        self._is_in_doubt = False
        self._lock = WriteLock(path.with_name(path.name + ".lock"))
        self._writer = _engine(path, key, "BEGIN IMMEDIATE")
        self._reader = _engine(path, key, "BEGIN")
        self._writing: Connection | None = None
        self.site_id = ""
        self._inode = 0
        self.meta: dict[str, str] = {}

    def open(self, facts: Mapping[str, str] | None = None) -> "Store":
        """Make or upgrade the database and check its guards. Raises StorageFault.

        `facts` about the site are kept in a database that is made now; an older one keeps its own, read into `meta`.
        """
        contract.check_place(self.path)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(mode=0o600)  # before SQLite makes it: its side files take over the mode
            self._bring_up_to_date(facts or {})
        except (dbapi2.DatabaseError, DBAPIError, OSError) as error:
            raise storage_fault(f"The database {self.path.name} cannot be opened", self.path, error) from None
        return self

    def _bring_up_to_date(self, facts: Mapping[str, str]) -> None:
        with self._reading_raw() as cursor:
            revision = schema.revision_of(cursor)
        if revision != schema.HEAD:
            self._upgrade(revision, facts)
        with self._reading_raw() as cursor:
            contract.check_triggers(cursor)
            self.meta = schema.meta_of(cursor)
        if not contract.library_is_fixed():
            self.notices.append(contract.SLOWER)
        if "site_id" not in self.meta:
            raise StorageFault("This database does not say whose it is.", "Restore the newest backup.")
        self.site_id = self.meta["site_id"]
        self._inode = self.path.stat().st_ino
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if mode & 0o077:
            self.path.chmod(mode & 0o700)

    def _upgrade(self, revision: str | None, facts: Mapping[str, str]) -> None:
        import uuid

        if revision is not None:
            schema.check_known(revision)
            with self._reading_raw() as cursor:
                copy = schema.backup_file(cursor.connection, self.path, self.key, revision, datetime.now(UTC))
            self.notices.append(f"The database was upgraded from {revision} to {schema.HEAD}; a copy is in {copy}.")
        with self._lock.held(), self._writer.begin() as connection:
            schema.upgrade(connection)
            kept = {"site_id": uuid.uuid4().hex} | (dict(facts) if revision is None else {})
            connection.execute(
                text("INSERT OR IGNORE INTO meta (name, value) VALUES (:name, :value)"),
                [{"name": name, "value": value} for name, value in kept.items()],
            )

    def keep_space(self) -> None:
        """Keep space for the day when the disk is full, and say so where it nearly is."""
        self.ballast.keep()
        try:
            free = self.ballast.free
        except OSError:
            return
        if free < LOW:
            self.notices.append(f"The disk of the database has only {free // MEBIBYTE} MiB left: free space today.")

    def check_guards(self, session: Session) -> None:
        """Raise StorageFault when a guard over the journal or the schedule is gone, or is another one."""
        cursor = cursor_of(session)
        try:
            contract.check_triggers(cursor)
        finally:
            cursor.close()

    @contextmanager
    def _reading_raw(self) -> Iterator[Any]:
        with self._reader.connect() as connection:
            cursor = connection.connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One write transaction, by a session. It commits at the end and rolls back on any error."""
        with self.transaction() as opened:
            yield opened.session

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write transaction, behind the file lock. It commits at the end and rolls back on any error."""
        with self._lock.held():
            self._is_in_place()
            opened, hint = None, "Nothing was recorded."
            try:
                connection = self._kept_connection()
                with connection.begin() as begun:  # whatever ends the block, what was not committed is rolled back
                    opened = Transaction(connection)
                    self._trust_again(opened)
                    yield opened
                    opened.flush()
                    hint = "It may not have been recorded: look before you repeat it."
                    begun.commit()
            except (dbapi2.DatabaseError, DBAPIError) as error:
                raise self._refused(error, hint) from None
            finally:
                if opened is not None:
                    opened.close()
                if self._writing is not None and self._writing.get_transaction() is not None:
                    self._leave_writing()  # interrupted as it committed: what was not saved goes with the connection
            self._checkpoint_when_large()

    def _kept_connection(self) -> Connection:
        """Return the one connection that writes, under the lock: taking it anew each time costs more than a tick."""
        if self._writing is None:
            self._writing = self._writer.connect()
        return self._writing

    def _refused(self, error: Exception, hint: str) -> StorageFault:
        """After a failed write, return what to raise, and make ready for the next one."""
        self._leave_writing()  # a commit that failed may have left its transaction open
        if recovery.is_doubtful(error):
            self._reopen()
        else:
            hint = "Nothing was recorded."
        if recovery.is_full(error):
            hint = "Nothing was recorded. Free space on its disk."
            if self.ballast.release():
                hint = "Nothing was recorded. Space that was kept for this is given back: do it again, then free space."
        return storage_fault("The database could not save this", self.path, error, hint)

    def _reopen(self) -> None:
        """Give every connection up: after an error of the disk, what they know of the file may be wrong."""
        self._is_in_doubt = True
        self._leave_watch()
        self._dispose()

    def _trust_again(self, opened: Transaction) -> None:
        """Before the first write after an error, check that the newest entries are what was saved."""
        if self._is_in_doubt:
            recovery.check_tail(opened.cursor())
            self._is_in_doubt = False

    def _is_in_place(self) -> None:
        """Raise StorageFault where the file was replaced, as by a restore: what is written here would be lost."""
        try:
            now = os.stat(self.path).st_ino
        except OSError:
            raise StorageFault(f"The database file {self.path.name} is gone.", "Bring the disk back.") from None
        if self._inode and now != self._inode:
            raise StorageFault("The database was replaced by another one.", "Leave ortool and start it again.")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read transaction: one consistent picture, never in the way of a writer."""
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
        except (dbapi2.DatabaseError, DBAPIError) as error:
            if recovery.is_doubtful(error):
                self._reopen()
            hint = f"`ortool doctor` says more. {advice(error, self.path)}"
            raise StorageFault(f"The database cannot be read ({cause_of(error)}).", hint) from None

    @contextmanager
    def glance(self) -> Iterator[Any]:
        """A cursor for one short question, on a connection that is kept for those.

        Raises StorageFault where the file is gone or cannot be read.
        """
        if not self.path.exists():
            raise StorageFault(f"The database file {self.path.name} is gone.", "Bring the disk back.")
        try:
            if not hasattr(self, "_watcher"):
                self._watcher = self._reader.raw_connection()
            cursor = self._watcher.cursor()
            yield cursor
            cursor.close()
        except (dbapi2.DatabaseError, DBAPIError) as error:
            self._reopen()
            raise StorageFault(f"The database cannot be read ({cause_of(error)}).") from None

    def data_version(self) -> int:
        """Return a number that changes when another connection has committed. Cheap enough to ask every 50 ms.

        Raises StorageFault where the file is gone or cannot be read.
        """
        with self.glance() as cursor:
            row = cursor.execute("PRAGMA data_version").fetchone()
        return int(row[0]) if row else 0

    def _checkpoint_when_large(self) -> None:
        try:
            size = os.stat(f"{self.path}-wal").st_size
        except FileNotFoundError:
            return
        if size > CHECKPOINT_BYTES:
            try:
                with self._reading_raw() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            except (dbapi2.DatabaseError, DBAPIError):
                # What was committed is safe in the log, and was told as saved; the next commit folds it back.
                self._reopen()

    def close(self) -> None:
        """Let go of every connection."""
        self._leave_watch()
        try:
            with self._lock.held():
                self._dispose()
        except StorageFault:  # who may not write here has nothing to fold back either
            self._dispose()
        self._lock.close()

    def _leave_watch(self) -> None:
        if hasattr(self, "_watcher"):
            self._watcher.close()
            del self._watcher

    def _leave_writing(self) -> None:
        if self._writing is not None:
            with suppress(dbapi2.DatabaseError, DBAPIError):
                self._writing.invalidate()
                self._writing.close()
            self._writing = None

    def _dispose(self) -> None:
        self._leave_writing()
        self._writer.dispose()
        self._reader.dispose()


def cursor_of(picture: Session | Transaction) -> Any:
    """Return a plain database cursor inside the transaction of a session, for the journal's fixed SQL."""
    return picture.cursor() if isinstance(picture, Transaction) else cursor_on(picture.connection())


def session_of(picture: Session | Transaction) -> Session:
    """Return the session by which a transaction is looked at."""
    return picture.session if isinstance(picture, Transaction) else picture


def rows_of(session: Session, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """Return what fixed SQL finds in a session's picture, with what waits in it to be written.

    A question that every board asks costs a tenth of what it costs to be put together from the tables' classes.
    """
    session.flush()
    cursor = cursor_of(session)
    try:
        cursor.execute(sql, tuple(values))
        rows: list[Any] = cursor.fetchall()
        return rows
    finally:
        cursor.close()


def _engine(path: Path, key: bytes | None, begin: str) -> Engine:
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=4,
        # Every transaction here ends by its own commit or rollback before its connection goes back.
        pool_reset_on_return=None,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        contract.prepare(connection, key)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # Straight to the driver: this stands before every write, and the detour would cost as much as an insert.
        connection.connection.dbapi_connection.execute(begin)

    return engine
