"""What a SQLite connection must be before a tick on it may be called saved."""

from typing import Any

from sqlcipher3 import dbapi2

from ortool.errors import StorageFault

SLOT_TRIGGERS = frozenset({"claim_is_free_on_insert", "claim_is_free_on_update"})
JOURNAL_TRIGGERS = frozenset({"entry_is_never_changed", "entry_is_never_removed", "entry_continues_the_chain"})
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
        mode = cursor.execute(f"PRAGMA journal_mode = {wanted[0]}").fetchone()[0]
    except dbapi2.DatabaseError:
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


def check_triggers(cursor: Any) -> None:
    """Raise StorageFault when a trigger that guards the journal or the schedule is gone."""
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    present = {row[0] for row in cursor.fetchall()}
    if gone := (SLOT_TRIGGERS | JOURNAL_TRIGGERS) - present:
        raise StorageFault(
            f"The database lost its guard {', '.join(sorted(gone))}.", "Restore the newest backup, or ask for help."
        )
