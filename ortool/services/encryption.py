"""Encrypting a database that is not: after a verified backup, under a key that is kept outside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ortool.errors import Refused, StorageFault
from ortool.reading import KEY_BYTES, read_plain_text
from ortool.services.backups import live_head, verified
from ortool.settings import Settings
from ortool.storage import copies
from ortool.storage.lock import WriteLock


def key_file_of(settings: Settings, settings_file: Path) -> Path:
    """Return where the key of the database is, or goes: beside the settings where they name no other file."""
    return Path(settings.key_file).expanduser() if settings.key_file else settings_file.with_name("database.key")


def make_key_once(key_file: Path) -> None:
    """Make the key of a database that is made next; one that stands is used again. Raises StorageFault."""
    if not key_file.exists():
        copies.make_key(key_file)


def escrow(key_file: Path) -> list[str]:
    """Return the key as it is printed once, to be sealed: a backup without its key is a loss."""
    digits = read_plain_text(key_file, KEY_BYTES, "ascii").strip()
    groups = " ".join(digits[place : place + 8] for place in range(0, len(digits), 8))
    return [
        f"The database is encrypted; its key is {key_file}. Without it nobody can read the database or any backup.",
        "Print this line, seal it, and keep it away from this machine:",
        f"  {groups}",
    ]


def encrypted(settings: Settings, settings_file: Path) -> tuple[Path, Path]:
    """Make a key where there is none, encrypt the database and name the key in the settings; see `encrypt`."""
    path, key_file = settings.database_path, key_file_of(settings, settings_file)
    if not path.exists():
        raise Refused(f"There is no database {path}.", "`ortool init` makes one, encrypted.")
    if not copies.is_plain(path):
        raise Refused(f"{path.name} is encrypted already.")
    key = settings.key or (
        bytes.fromhex(read_plain_text(key_file, KEY_BYTES, "ascii")) if key_file.exists() else copies.make_key(key_file)
    )
    done = encrypt(settings, key)
    if not settings.key_file:
        with settings_file.open("a", encoding="utf-8") as file:
            file.write(f"key_file = {json.dumps(str(key_file))}\n")
    return done


def encrypt(settings: Settings, key: bytes) -> tuple[Path, Path]:
    """Encrypt the database under a key; return the former, plain file and the backup taken first. Raises StorageFault.

    Nobody may have it open: a terminal that has is told that the database was replaced. Both files are for the site to
    destroy once it is sure.
    """
    path = settings.database_path
    if not copies.is_plain(path):
        raise Refused(f"{path.name} is encrypted already.")
    now = datetime.now(UTC)
    backup = path.with_name(f"{path.name}.before-encryption-backup-{now:%Y%m%dT%H%M%SZ}")
    aside, fresh = (path.with_name(f"{path.name}.{word}") for word in (f"plain-{now:%Y%m%dT%H%M%SZ}", "encrypting"))
    copies.remove(fresh)
    copies.copy(path, None, backup)
    verified(backup, None)
    lock = WriteLock(path.with_name(path.name + ".lock"))
    with lock.held():
        before = live_head(path, None)
        copies.encrypt(path, fresh, key)
        after = verified(fresh, key)
        if (after.seq, after.hash) != (before.seq, before.hash):
            copies.remove(fresh)
            raise StorageFault("The encrypted copy is not the same.", "Nothing was changed.")
        copies.swap(fresh, path, aside)
    lock.close()
    return aside, backup
