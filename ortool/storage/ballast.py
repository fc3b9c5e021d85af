"""Space kept beside the database: given back when the disk is full, so that the running cases can be finished."""

import os
import shutil
from pathlib import Path

MEBIBYTE = 1024 * 1024
KEPT = 8 * MEBIBYTE
LOW = 64 * MEBIBYTE
# Kept only where the disk has many times as much to spare: on a small one the space is better used.
ROOM = 8


class Ballast:
    """The file that keeps the space."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.ballast")

    @property
    def is_there(self) -> bool:
        """Whether space is kept now."""
        return self.path.exists()

    @property
    def free(self) -> int:
        """Bytes that are free on the database's disk. Raises OSError."""
        return shutil.disk_usage(self.path.parent).free

    def keep(self) -> bool:
        """Keep the space where the disk has the room; tell whether it is kept. No error is raised."""
        if self.is_there:
            return True
        try:
            if self.free < KEPT * ROOM:
                return False
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError:
            return self.is_there
        try:
            _fill(handle)
        except OSError:
            self.release()
            return False
        finally:
            os.close(handle)
        return True

    def release(self) -> bool:
        """Give the space back; tell whether there was any."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True


def _fill(handle: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, KEPT)
        return
    for _ in range(KEPT // MEBIBYTE):
        os.write(handle, bytes(MEBIBYTE))
