"""The one way in which a file that a person names is read: a plain file, and never more of it than was agreed."""

import errno
import os
import stat
from pathlib import Path

KEY_BYTES = 4 * 1024
TOML_BYTES = 512 * 1024


def read_plain(path: Path, most: int) -> bytes:
    """Return the bytes of a plain file of at most `most` bytes.

    Raises OSError, also for what is larger and for what is no file: a pipe would never end, a device neither.
    """
    # Not to wait: opening a pipe that nobody writes to blocks otherwise.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        size = f"{most // 1024 // 1024} MiB" if most >= 1024 * 1024 else f"{most // 1024} KiB"
        raise OSError(errno.EFBIG, f"it is larger than {size}", str(path))
    return data


def read_plain_text(path: Path, most: int, encoding: str = "utf-8") -> str:
    """Return the text of a plain file. Raises OSError as `read_plain`, and UnicodeDecodeError."""
    return read_plain(path, most).decode(encoding).replace("\r\n", "\n")
