"""A file lock in front of every write: waiting writers queue in the kernel, and a dead one lets go by itself."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ortool.storage.faults import storage_fault


class WriteLock:
    """Held by one writer at a time, across threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._handle = -1
        self._process = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the length of a `with` block. Raises StorageFault where its file cannot be opened."""
        with self._thread:
            handle = self._open()
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)

    def _open(self) -> int:
        # A child process must not share its parent's handle: the lock belongs to the handle, not to the process.
        if self._handle < 0 or self._process != os.getpid():
            try:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise storage_fault("The database cannot be written", self._path, error) from None
            self._process = os.getpid()
        return self._handle

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0 and self._process == os.getpid():
            os.close(self._handle)
            self._handle = -1
