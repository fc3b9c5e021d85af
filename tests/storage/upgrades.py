"""What the processes of the upgrade tests do, to be shot meanwhile."""

import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import event

from ortool.storage.store import Store


def upgrade(path: Path) -> None:
    """Open a database, which brings it up to date."""
    Store(path).open()


def die_at(path: Path, statement: int) -> None:
    """Open a database and be killed at the n-th statement that changes something."""
    store, left = Store(path), [statement]

    @event.listens_for(store._writer, "after_cursor_execute")
    def count(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        left[0] -= not sql.lstrip().upper().startswith(("SELECT", "PRAGMA"))
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    store.open()
