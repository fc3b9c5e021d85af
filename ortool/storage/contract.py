"""What a SQLite connection must be before a tick on it may be called saved."""

import hashlib
import re
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from ortool.errors import GuardsMissing, StorageFault
from ortool.storage import schema

# The triggers that guard the journal, the schedule and what was forgotten, each with the fingerprint of its text.
GUARDS = {
    "claim_is_free_on_insert": "4c56857312a54841",
    "claim_is_free_on_update": "5277cec108e11393",
    "entry_continues_the_chain": "1a1c0ca24ce8155b",
    "entry_is_never_changed": "0d3be64223b7bf99",
    "entry_is_never_removed": "cacd35d689e1e970",
    "note_is_changed": "6890830cbf043fc4",
    "note_is_forgotten": "2a689f01dd08d548",
}
WAL_KEPT_BYTES = 1024 * 1024
SLOWER = (
    "This SQLite library has a known fault in its write-ahead log, so the slower rollback journal is used. "
    "Nothing is less safe; install sqlcipher3 0.6.4 or newer to have the speed back."
)
# Kinds of file system on which locks, shared memory or flushes are another machine's promise.
_REMOTE = {
    "afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "prl_fs", "smb3", "smbfs", "vboxsf",
}  # fmt: skip
_LOCAL_FUSE = {"fuse.fuse-overlayfs", "fuseblk"}
MOUNTS = Path("/proc/self/mountinfo")
_FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


def has_wal_reset_fix(version: tuple[int, ...]) -> bool:
    """Whether a SQLite library is free of the WAL-reset bug (3.7.0 to 3.51.2, back-ported to 3.50.7 and 3.44.6)."""
    branch = (version[0], version[1])
    return branch >= (3, 52) or version[2] >= _FIXED_BRANCHES.get(branch, 1_000)


def library_is_fixed() -> bool:
    """Whether the library that is loaded may use the write-ahead log."""
    return has_wal_reset_fix(tuple(dbapi2.sqlite_version_info))


def file_system_of(path: Path) -> str:
    """Return the kind of file system that holds a path, empty where the system does not tell."""
    try:
        lines = MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    place, kinds = path.absolute().resolve(), {}
    for line in lines:
        words, _, more = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), words.split()[4])
        kinds[Path(point)] = more.split()[0]  # a later mount covers an earlier one at the same place
    return next((kinds[folder] for folder in (place, *place.parents) if folder in kinds), "")


def check_place(path: Path) -> None:
    """Raise StorageFault for a database on a network file system, or on one that a program pretends (FUSE)."""
    kind = file_system_of(path)
    if kind in _REMOTE or (kind.startswith("fuse") and kind not in _LOCAL_FUSE):
        raise StorageFault(
            f"The database {path.name} would be on a file system of kind {kind}, which cannot promise that what is "
            "saved stays saved.",
            "Keep it on a local disk of this machine; several machines share one theatre by PostgreSQL.",
        )


def prepare(connection: Any, key: bytes | None) -> None:
    """Set a fresh connection up and read the settings back. Raises StorageFault where the contract cannot be kept."""
    cursor = connection.cursor()
    if key is not None:
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    fixed = library_is_fixed()
    wanted = ("wal", "FULL", 2) if fixed else ("delete", "EXTRA", 3)
    try:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != wanted[0]:
            schema.revision_of(cursor)  # the mode stays in the file: another program's file must not be changed
            mode = cursor.execute(f"PRAGMA journal_mode = {wanted[0]}").fetchone()[0]
    except dbapi2.DatabaseError as error:
        if "not a database" not in str(error):
            raise
        raise StorageFault(
            "The database file cannot be read.", "It may be encrypted with another key, or no ortool database at all."
        ) from None
    for pragma in (
        f"synchronous = {wanted[1]}",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "busy_timeout = 5000",
        "wal_autocheckpoint = 0",
        f"journal_size_limit = {WAL_KEPT_BYTES}",
        "fullfsync = 1",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    cursor.close()
    if (mode, synchronous) != (wanted[0], wanted[2]):
        raise StorageFault(
            f"This database cannot be opened safely (journal mode {mode}, synchronous {synchronous}).",
            "Keep it on a local disk.",
        )


def fingerprint(sql: str) -> str:
    """Return the fingerprint of a trigger's text, spaces aside."""
    return hashlib.sha256(" ".join(sql.split()).encode()).hexdigest()[:16]


def check_triggers(cursor: Any) -> None:
    """Raise StorageFault when a trigger that guards the journal or the schedule is gone, or is another one."""
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    present = {name: fingerprint(sql) for name, sql in cursor.fetchall()}
    if gone := {name for name, expected in GUARDS.items() if present.get(name) != expected}:
        raise GuardsMissing(
            f"The database lost its guard {', '.join(sorted(gone))}.", "Restore the newest backup, or ask for help."
        )
