"""Backups: copies taken while the theatre works, read back before they are believed; restored, and drilled."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ortool.errors import Refused, StorageFault
from ortool.journal import log
from ortool.journal.check import Verification
from ortool.journal.entry import from_micros
from ortool.people.permissions import Verb
from ortool.services.identity import KEEPER
from ortool.services.theatre import Theatre
from ortool.storage import copies
from ortool.storage.store import Store

SYSTEM = "system"
PATTERN, STAMP = "ortool-*.db", "ortool-%Y%m%dT%H%M%SZ.db"
# What is kept: everything of the last hours, then one an hour, a day, a month.
ALL, HOURLY, DAILY, MONTHLY = timedelta(hours=4), timedelta(hours=24), timedelta(days=30), timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a journal goes: its newest entry's number, link (hex) and time (UTC; None in an empty journal)."""

    seq: int
    hash: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was read back: its file, what its journal holds, and the file's SHA-256."""

    file: Path
    head: Head
    sha256: str


@dataclass(frozen=True, slots=True)
class Drill:
    """What a restore today would cost: entries from `lost_from` on, what they span, and how long it takes."""

    file: Path
    head: Head
    live: Head
    seconds: float

    @property
    def lost(self) -> int:
        """How many entries would be missing."""
        return self.live.seq - self.head.seq

    @property
    def span(self) -> timedelta:
        """How much of the theatre's time would be missing (recovery point)."""
        return self.live.at - self.head.at if self.live.at and self.head.at else timedelta(0)


def back_up(theatre: Theatre, target: Path | None = None) -> Backup:
    """Copy the database, verify the copy and return it. Raises Refused, StorageFault; then no copy is left.

    Without `target` it goes to the backup folder under its time. An encrypted database gives a copy under the same key.
    """
    theatre.permit(theatre.reader, Verb.BACK_UP)
    return _back_up(theatre, target or _next_file(theatre))


def _back_up(theatre: Theatre, target: Path) -> Backup:
    path, key = file_of(theatre)
    if target.exists():
        raise Refused(f"{target} exists already.", "Name another file; a backup never overwrites one.")
    copies.copy(path, key, target)
    try:
        head = verified(target, key, theatre.store.site_id)
        _is_of(theatre, head)
    except StorageFault:
        copies.remove(target)
        raise
    done = Backup(target, head, copies.sha256_of(target))
    with theatre.writing(KEEPER, Verb.KEEP) as desk:
        body = {"file": target.name, "seq": head.seq, "head": head.hash, "sha256": done.sha256}
        desk.append(SYSTEM, "backup.done", body)
    return done


def file_of(theatre: Theatre) -> tuple[Path, bytes | None]:
    """Return the database's file and key. Raises Refused for a PostgreSQL, which its server backs up."""
    store = theatre.store
    if not isinstance(store, Store):
        raise Refused("A PostgreSQL database is backed up by its server.", "Use pg_basebackup with WAL archiving.")
    return store.path, store.key


def _next_file(theatre: Theatre) -> Path:
    folder = theatre.settings.backups_of(file_of(theatre)[0])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / theatre.now().strftime(STAMP)


def verified(path: Path, key: bytes | None, site_id: str = "") -> Head:
    """Return how far the journal of a file goes. Raises StorageFault where anything in it is not as it was sealed."""
    if fault := copies.check(path, key):
        raise StorageFault(f"{path.name} is damaged: {fault}.", "Take another one.")
    with copies.opened(path, key) as connection:
        cursor = connection.cursor()
        found: Verification = log.verify(cursor, site_id or _site_of(cursor))
        if found.faults:
            raise StorageFault(f"{path.name} differs from what was sealed: {found.faults[0]}.", "Take another one.")
        return _head(cursor, found.head_seq, found.head_hash)


def _site_of(cursor: Any) -> str:
    row = cursor.execute("SELECT value FROM meta WHERE name = 'site_id'").fetchone()
    if row is None:
        raise StorageFault("This database does not say whose it is.", "It is no backup of ortool.")
    return str(row[0])


def _head(cursor: Any, seq: int, link: str) -> Head:
    row = cursor.execute("SELECT recorded_us FROM entry WHERE seq = ?", (seq,)).fetchone()
    return Head(seq, link, from_micros(int(row[0])) if row else None)


def _is_of(theatre: Theatre, head: Head) -> None:
    """Raise StorageFault unless the live journal begins with the copy's."""
    if head.seq == 0:
        return
    path, key = file_of(theatre)
    with copies.opened(path, key) as connection:
        row = connection.execute("SELECT hash FROM entry WHERE seq = ?", (head.seq,)).fetchone()
    if row is None or bytes(row[0]).hex() != head.hash:
        raise StorageFault("The copy is of another journal than the live one.", "`ortool journal verify` says more.")


def live_head(path: Path, key: bytes | None) -> Head:
    """Return how far the journal of a database goes, unverified."""
    with copies.opened(path, key) as connection:
        row = connection.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return _head(connection, int(row[0]), bytes(row[1]).hex()) if row else Head(0, "")


def listed(folder: Path) -> list[tuple[datetime, Path]]:
    """Return the backups of a folder by time (UTC), oldest first."""
    found = []
    for path in folder.glob(PATTERN):
        with suppress(ValueError):
            found.append((datetime.strptime(path.name, STAMP).replace(tzinfo=UTC), path))
    return sorted(found)


def keep_backups(theatre: Theatre) -> Backup | None:
    """Take the backup that is due, if one is, and drop those that are kept no longer. Safe to call at any time.

    Several terminals may ask at once: the newest file says when the last one was, and one of them writes the next.
    """
    minutes = theatre.settings.backup_minutes
    if not minutes or theatre.is_demo or not isinstance(theatre.store, Store):
        return None
    path, _ = file_of(theatre)
    folder, now = theatre.settings.backups_of(path), theatre.now()
    standing = listed(folder)
    if standing and timedelta(0) <= now - standing[-1][0] < timedelta(minutes=minutes):
        return None
    target = _next_file(theatre)
    if target.exists():
        return None
    done = _back_up(theatre, target)
    for dropped in superseded((at for at, _ in listed(folder)), now):
        copies.remove(folder / dropped.strftime(STAMP))
    return done


def superseded(times: Iterable[datetime], now: datetime) -> list[datetime]:
    """Return the times of the backups that are kept no longer: the newest of each hour, day and month stays."""
    kept: set[tuple[str, str]] = set()
    dropped = []
    for at in sorted(times, reverse=True):
        age = now - at
        if age < ALL:
            continue
        span = "%Y%m%d%H" if age < HOURLY else "%Y%m%d" if age < DAILY else "%Y%m"
        place = span, at.strftime(span)
        if age >= MONTHLY or place in kept:
            dropped.append(at)
        kept.add(place)
    return sorted(dropped)


def drill(theatre: Theatre) -> Drill:
    """Restore the newest backup to a temporary place and return what it would cost. Raises Refused, StorageFault."""
    theatre.permit(theatre.reader, Verb.BACK_UP)
    path, key = file_of(theatre)
    standing = listed(theatre.settings.backups_of(path))
    if not standing:
        raise Refused("There is no backup to drill with.", "`ortool db backup` takes one.")
    newest, began = standing[-1][1], time.monotonic()
    from ortool.services.restoring import rehearse

    with tempfile.TemporaryDirectory(prefix="ortool-drill-") as folder:
        head = rehearse(theatre.settings, newest, Path(folder), theatre.store.site_id)
    _is_of(theatre, head)
    done = Drill(newest, head, live_head(path, key), time.monotonic() - began)
    with theatre.writing(KEEPER, Verb.KEEP) as desk:
        body = {"file": newest.name, "seq": head.seq, "missing": done.lost, "milliseconds": int(done.seconds * 1000)}
        desk.append(SYSTEM, "backup.drilled", body)
    return done
