"""The one way in which a file that a person names is read: a plain file, and never more of it than was agreed."""

import errno
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

KEY_BYTES = 4 * 1024
TOML_BYTES = 512 * 1024
TOML_DEPTH = 32
_KEY = re.compile(r"[^=\[\]{},#]{1,80}")


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


def read_toml(text: str) -> dict[str, Any]:
    """Return what is written in TOML. Raises ValueError with words that hold no more than a place.

    A key of very many dots is refused before it is read: it would take the memory of its length squared.
    """
    if any(_dots(line) > TOML_DEPTH for line in text.splitlines()):
        raise ValueError(f"a name has more than {TOML_DEPTH} dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _dots(line: str) -> int:
    """Return how many parts of a key may stand side by side in a line."""
    longest = run = 0
    for part in line.split(".") if line.count(".") > TOML_DEPTH else ():
        run = run + 1 if _KEY.fullmatch(part) else 0
        longest = max(longest, run)
    return longest
