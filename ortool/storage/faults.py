"""What to say, and what to advise, when the database's file or folder refuses."""

import errno
import os
from pathlib import Path

from ortool.errors import StorageFault

_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def cause_of(error: Exception) -> str:
    """Return what the driver or the system says, without a statement and its values: those may name a patient."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(getattr(error, "orig", None) or error)


def may_write(path: Path) -> bool:
    """Whether this user may write a database: the file and, for the files beside it, its folder."""
    return os.access(path.parent, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.R_OK | os.W_OK))


def is_write_refused(error: Exception, path: Path) -> bool:
    """Whether an error only says that this user may not write here; the data are then as they were."""
    if isinstance(error, OSError):
        return error.errno in _REFUSED
    cause = cause_of(error)
    return "readonly database" in cause or ("unable to open" in cause and not may_write(path))


def advice(error: Exception, path: Path) -> str:
    """Return what would mend an error. A restore is advised for damage only: it overwrites what is live."""
    if is_write_refused(error, path):
        return write_advice(path)
    if "locked" in cause_of(error):
        return "Another program holds it; try again in a moment."
    return "Keep the file as it is, and restore the newest backup beside it."


def write_advice(path: Path) -> str:
    """Return what to check where this user may not write."""
    return (
        f"Check with `ls -ld {path.parent} {path}` that this user owns both and may write them, and that the disk is "
        "not mounted read-only. The data are as they were."
    )


def storage_fault(what: str, path: Path, error: Exception, hint: str = "") -> StorageFault:
    """Return the fault to raise for an error: `what` says what could not be done, `hint` what helps otherwise."""
    cause = cause_of(error)
    if is_write_refused(error, path):
        words = f"{what}: this user may not write {path} or its folder ({cause})."
        return StorageFault(words, write_advice(path))
    return StorageFault(f"{what}: {cause}.", hint)
