"""Backups: a copy taken in one step while the theatre works, read back before it is believed."""

from pathlib import Path

from sqlcipher3 import dbapi2

from ortool.errors import Refused, StorageFault
from ortool.journal import log
from ortool.journal.log import Verification
from ortool.people.permissions import Verb
from ortool.services.theatre import Theatre
from ortool.storage import contract
from ortool.storage.store import Store


def back_up(theatre: Theatre, target: Path) -> Verification:
    """Copy the database to `target`, verify the copy's journal and return what was found. Raises Refused, StorageFault.

    An encrypted database gives a copy under the same key.
    """
    theatre.permit(theatre.reader, Verb.BACK_UP)
    if target.exists():
        raise Refused(f"{target} exists already.", "Name another file; a backup never overwrites one.")
    store = theatre.store
    if not isinstance(store, Store):
        raise Refused("A PostgreSQL database is backed up by its server.", "Use pg_basebackup with WAL archiving.")
    source, copy = dbapi2.connect(str(store.path)), None
    try:
        contract.prepare(source, store.key)
        copy = dbapi2.connect(str(target))
        target.chmod(0o600)
        if store.key is not None:
            copy.execute(f"PRAGMA key = \"x'{store.key.hex()}'\"")
        source.backup(copy)
        found = log.verify(copy.cursor(), store.site_id)
        sound = copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    except dbapi2.DatabaseError as error:
        raise StorageFault(f"The backup could not be written ({error}).", "Is there room on the disk?") from None
    finally:
        source.close()
        if copy is not None:
            copy.close()
    if found.faults or not sound:
        raise StorageFault("The backup differs from what was sealed.", "`ortool journal verify` says where.")
    return found
