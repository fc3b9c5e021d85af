"""Restoring a backup: rehearsed first, permitted by two people, told to everybody who has the former one open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ortool.errors import Refused, StorageFault
from ortool.people.permissions import Verb
from ortool.services.backups import SYSTEM, Head, live_head, verified
from ortool.services.identity import KEEPER, identify
from ortool.services.people import find_person
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.storage import copies
from ortool.storage.lock import WriteLock

REHEARSAL = "rehearsal.db"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore changed: the head it came from, the head it went to, and where the former database is."""

    before: Head | None
    after: Head
    aside: Path | None

    @property
    def lost(self) -> int:
        """How many entries the restored database does not have."""
        return max(0, self.before.seq - self.after.seq) if self.before else 0


def restore(settings: Settings, source: Path, theatre: Theatre) -> Restored:
    """Put a verified backup in the place of the database, which is kept beside it. Raises Refused, StorageFault.

    `theatre` is one opened on a copy of the backup (see `rehearsed`), whose people may restore. Terminals that have the
    former database open are told that it was replaced, and write nothing more into it.
    """
    theatre.permit(theatre.reader, Verb.RESTORE)
    path, key = settings.database_path, settings.key_for(settings.database_path)
    after = verified(source, settings.key_for(source))
    before: Head | None = None
    with suppress(StorageFault):
        before = live_head(path, key)
    lock = WriteLock(path.with_name(path.name + ".lock"))
    fresh = path.with_name(f"{path.name}.restoring")
    aside = path.with_name(f"{path.name}.before-restore-{theatre.now():%Y%m%dT%H%M%SZ}")
    copies.remove(fresh)
    copies.copy(source, settings.key_for(source), fresh)
    with lock.held():
        if before is not None:
            before = live_head(path, key)
        copies.swap(fresh, path, aside)
    lock.close()
    again = open_theatre(settings, path, theatre.now)
    try:
        _say_restored(again, before, after)
    finally:
        again.close()
    return Restored(before, after, aside if aside.exists() else None)


def what_is_lost(settings: Settings, head: Head) -> str:
    """Return in a sentence what a restore to `head` would take from the database that stands."""
    path = settings.database_path
    if not path.exists():
        return "There is no database here now."
    try:
        live = live_head(path, settings.key_for(path))
    except StorageFault as fault:
        return f"The database that stands cannot be read ({fault.message}); nobody can say what would be lost."
    if live.seq <= head.seq:
        return "Nothing would be lost."
    since = f" since {head.at.astimezone(settings.zone):%a %d %b %H:%M}" if head.at else ""
    return f"Entries {head.seq + 1} to {live.seq} would be lost: everything{since}."


def open_rehearsed(settings: Settings, folder: Path, now: Callable[[], datetime]) -> Theatre:
    """Open the database that `rehearse` made: its people may restore, though the one that stands cannot be read."""
    return open_theatre(settings, folder / REHEARSAL, now)


def seconded(theatre: Theatre, second: str, asked: Callable[[str], str]) -> None:
    """Ask a second administrator for the PIN, where people have one. Raises Refused where there is none."""
    if not theatre.identifies:
        return
    if not second:
        raise Refused("A restore takes a second administrator.", "Add --second PERSON.")
    person = find_person(theatre, second)
    if person.id == theatre.reader.person.id:
        raise Refused("The second person is somebody else.", "Name another administrator.")
    other = identify(theatre, person.id, asked(f"PIN of {person.name}"), now=True)
    theatre.permit(other, Verb.RESTORE)


def _say_restored(theatre: Theatre, before: Head | None, after: Head) -> None:
    body = {
        "lost_from": after.seq + 1,
        "lost_to": before.seq if before else 0,
        "lost_head": before.hash if before else "",
        "head": after.hash,
    }
    with theatre.writing(KEEPER, Verb.KEEP) as desk:
        desk.append(SYSTEM, "journal.restored", body)


def rehearse(settings: Settings, source: Path, folder: Path, site_id: str = "") -> Head:
    """Restore a backup into a folder, verify it there as a theatre, and return its head. Raises StorageFault."""
    from ortool.services.journals import verify_journal

    key = settings.key_for(source)
    head = verified(source, key, site_id)
    there = folder / REHEARSAL
    copies.copy(source, key, there)
    theatre = open_theatre(settings, there)
    try:
        theatre.reader = KEEPER
        found = verify_journal(theatre)
    finally:
        theatre.close()
    if found.faults:
        raise StorageFault(f"{source.name} cannot be restored: {found.faults[0]}.", "Take another one.")
    return head


def examined(settings: Settings) -> str:
    """Return what is wrong with the pages of the database, empty where nothing is. Raises StorageFault, BadInput."""
    path = settings.database_path
    return copies.check(path, settings.key_for(path)) if path.exists() else ""
