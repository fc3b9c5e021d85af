"""A cursor that takes the journal's one SQL text on PostgreSQL."""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=256)
def _marked(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class JournalCursor:
    """A PEP 249 cursor with `?` for a parameter. What is read by `fetchmany` streams: a journal may be long."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain
        self._stream: Any = None
        self._asked: tuple[str, Any] | None = None

    @property
    def connection(self) -> Any:
        """The driver's connection."""
        return self._plain.connection

    def execute(self, sql: str, parameters: Any = None, /) -> Any:
        """Carry a statement out; a plain SELECT is sent when its rows are asked for."""
        self._stop()
        if parameters is None and sql.startswith("SELECT"):
            self._asked = (sql, None)
        else:
            self._plain.execute(_marked(sql), parameters or None)
        return self

    def _send(self) -> None:
        if self._asked is not None:
            self._plain.execute(_marked(self._asked[0]))
            self._asked = None

    @property
    def description(self) -> Any:
        """What the columns of the answer are."""
        self._send()
        return self._plain.description

    def fetchone(self) -> Any:
        """Return the next row, None behind the last one."""
        self._send()
        return self._plain.fetchone()

    def fetchall(self) -> Any:
        """Return the rows that are left."""
        self._send()
        return self._plain.fetchall()

    def fetchmany(self, size: int = 1_000, /) -> Any:
        """Return up to `size` rows, fetched from the server as they are asked for."""
        if self._asked is not None:
            self._stream = self.connection.cursor("journal")
            self._stream.execute(self._asked[0])
            self._asked = None
        return (self._stream or self._plain).fetchmany(size)

    def _stop(self) -> None:
        self._asked = None
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def close(self) -> None:
        """Let go of the rows."""
        self._stop()
        self._plain.close()
