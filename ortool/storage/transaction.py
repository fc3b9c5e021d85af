"""A write transaction while it is open: a plain cursor for fixed SQL, and a session once somebody asks for one."""

from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session


class Transaction:
    """What is written together. A tick writes by plain SQL alone: a session would cost half as much again."""

    def __init__(self, connection: Connection, session: Session | None = None) -> None:
        """`connection` has begun; `session`, where there is one already, stands on it."""
        self.connection = connection
        self._session = session
        self.command_id = ""

    @property
    def session(self) -> Session:
        """A session over the same connection. It writes what it was given; to commit is the transaction's."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        return self._session

    def name(self, command_id: str) -> None:
        """Remember the first command whose entries are in it: by that it is found again in the journal."""
        self.command_id = self.command_id or command_id

    def cursor(self) -> Any:
        """Return a plain database cursor inside the transaction."""
        return cursor_on(self.connection)

    def flush(self) -> None:
        """Send to the database what the session still holds."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of the session."""
        if self._session is not None:
            self._session.close()


def cursor_on(connection: Connection) -> Any:
    """Return a plain database cursor on a connection, which takes SQLite's SQL whatever the database is."""
    plain = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        return plain
    from ortool.storage.postgres.cursor import JournalCursor

    return JournalCursor(plain)
