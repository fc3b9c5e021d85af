"""A file lock in front of every write: waiting writers queue in the kernel, and a dead one lets go by itself."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class WriteLock:
    """Held by one writer at a time, across threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the length of a `with` block."""
        with self._thread:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
