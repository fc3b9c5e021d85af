"""What a SQLite connection must be before a tick on it may be called saved."""

import hashlib
from typing import Any

from sqlcipher3 import dbapi2

from ortool.errors import GuardsMissing, StorageFault
from ortool.storage import schema

# The triggers that guard the journal and the schedule, each with the fingerprint of its text.
GUARDS = {
    "claim_is_free_on_insert": "827c7d04c89e4243",
    "claim_is_free_on_update": "4a9e5e3b98192b13",
    "entry_continues_the_chain": "1a1c0ca24ce8155b",
    "entry_is_never_changed": "0d3be64223b7bf99",
    "entry_is_never_removed": "cacd35d689e1e970",
}
WAL_KEPT_BYTES = 1024 * 1024
_FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


def has_wal_reset_fix(version: tuple[int, ...]) -> bool:
    """Whether a SQLite library is free of the WAL-reset bug (3.7.0 to 3.51.2, back-ported to 3.50.7 and 3.44.6)."""
    branch = (version[0], version[1])
    return branch >= (3, 52) or version[2] >= _FIXED_BRANCHES.get(branch, 1_000)


def prepare(connection: Any, key: bytes | None) -> None:
    """Set a fresh connection up and read the settings back. Raises StorageFault where the contract cannot be kept."""
    cursor = connection.cursor()
    if key is not None:
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    fixed = has_wal_reset_fix(tuple(dbapi2.sqlite_version_info))
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
