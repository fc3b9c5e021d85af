"""The age of a database, and how an older one is brought up to date: after a backup, never in silence."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlcipher3 import dbapi2

from ortool.errors import StorageFault

HEAD = "0011"
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", HEAD)
SCRIPTS = Path(__file__).with_name("migrations")


def revision_of(cursor: Any) -> str | None:
    """Return the revision of a database, None for an empty file."""
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('alembic_version', 'entry')")
    present = {row[0] for row in cursor.fetchall()}
    if not present:
        cursor.execute("SELECT count(*) FROM sqlite_master")
        if cursor.fetchone()[0]:
            raise StorageFault("This file is a database of some other program.", "Name another file.")
        return None
    if "alembic_version" not in present:
        raise StorageFault("This database does not say how old it is.", "Restore the newest backup.")
    cursor.execute("SELECT version_num FROM alembic_version")
    row = cursor.fetchone()
    if row is None:
        raise StorageFault("This database does not say how old it is.", "Restore the newest backup.")
    return str(row[0])


def meta_of(cursor: Any) -> dict[str, str]:
    """Return the facts that a database keeps about itself and its site."""
    cursor.execute("SELECT name, value FROM meta")
    return {str(name): str(value) for name, value in cursor.fetchall()}


def check_known(revision: str) -> None:
    """Raise StorageFault for a revision that this program has never heard of."""
    if revision not in KNOWN:
        raise StorageFault("This database was made by a newer ortool.", "Install that version; nothing was changed.")


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Run the migrations up to `to` on a connection that is inside a write transaction."""
    # Alembic costs more to import than a normal start may take, and a normal start needs no migration.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def backup_file(source: Any, path: Path, key: bytes | None, revision: str, now: datetime) -> Path:
    """Copy the open database `source` beside `path`, under the same `key`, and return the copy's path."""
    target = path.with_name(f"{path.name}.before-{HEAD}-{revision}-{now:%Y%m%dT%H%M%SZ}")
    target.touch(mode=0o600)
    copy = dbapi2.connect(str(target))
    try:
        if key is not None:
            copy.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        source.backup(copy)
        if copy.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise StorageFault("The backup before the upgrade is not readable.", "Nothing was upgraded.")
    finally:
        copy.close()
    return target
