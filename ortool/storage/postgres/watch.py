"""Listening for what other terminals write, and for whether the server answers at all."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg

from ortool.errors import StorageFault
from ortool.storage.patience import at_most

CHANNEL = "ortool_entry"
POLL_SECONDS = 2.0
# How often a cut connection is tried again, and how soon a closed store is let go.
STEP_SECONDS = 0.3
NEWEST = "SELECT coalesce(max(seq), 0) FROM entry"


class Watch:
    """A thread with a connection of its own: `version` is the newest entry that it heard of."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self.version = 0
        self.answers = False
        self.first = threading.Event()
        self._connect = connect
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with at_most(1.0):
            while not self._stopped.is_set():
                try:
                    self._listen()
                except (psycopg.Error, StorageFault):
                    self.answers = False
                self.first.set()
                self._stopped.wait(STEP_SECONDS)

    def _listen(self) -> None:
        with self._connect() as connection:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stopped.is_set():
                # A notice can be lost with its connection, so what is stored is asked for as well.
                self.version = int(connection.execute(NEWEST).fetchone()[0])
                self.answers = True
                self.first.set()
                self._hear(connection)

    def _hear(self, connection: Any) -> None:
        for _ in range(round(POLL_SECONDS / STEP_SECONDS)):
            if self._stopped.is_set():
                return
            for notice in connection.notifies(timeout=STEP_SECONDS, stop_after=1):
                self.version = max(self.version, int(notice.payload))

    def stop(self) -> None:
        """Stop listening."""
        self._stopped.set()
        self._thread.join(2 * STEP_SECONDS)
