"""Which store the settings name."""

from collections.abc import Mapping
from pathlib import Path

from ortool.settings import Settings
from ortool.storage.backend import Backend
from ortool.storage.store import Store


def open_store(settings: Settings, facts: Mapping[str, str], path: Path | None = None) -> Backend:
    """Open the database that the settings name, or the file at `path`. Raises StorageFault or BadInput.

    A file is made, with `facts` about the site in it; the tables on a server are made by `ortool db upgrade` alone.
    """
    if path is None and settings.on_server:
        # The driver is imported only where a server is named: a file opens sooner without it.
        from ortool.storage.postgres.store import PostgresStore

        return PostgresStore(settings.database_url, settings.allow_plain_database).open()
    place = path or settings.database_path
    store = Store(place, settings.key_for(place)).open(facts)
    if settings.key_file and store.key is None:
        store.notices.append(f"{place.name} is not encrypted, though a key is set: `ortool db encrypt` does it.")
    return store
