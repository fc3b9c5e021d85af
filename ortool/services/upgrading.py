"""Making and upgrading the database: a file by opening it, the tables on a server as their owner."""

from ortool.errors import BadInput
from ortool.services.site import facts_of
from ortool.settings import Settings
from ortool.storage.choice import open_store


def place_of(settings: Settings) -> str:
    """Return where the database is, without a password."""
    if not settings.on_server:
        return str(settings.database_path)
    from ortool.storage.postgres.link import shown

    return shown(settings.database_url)


def upgrade_database(settings: Settings, role: str = "") -> list[str]:
    """Bring the tables up to date and return what was done, as sentences. Raises StorageFault or BadInput.

    With `role` that user of a PostgreSQL may work with the tables afterwards, but never alter the journal.
    """
    facts = facts_of(settings)
    if settings.on_server:
        from ortool.storage.postgres.store import PostgresStore
        from ortool.storage.postgres.upgrade import upgrade

        store = PostgresStore(settings.database_url, settings.allow_plain_database)
        try:
            return upgrade(store, facts, role)
        finally:
            store.close()
    if role:
        raise BadInput("A database file has no roles.", "Leave --application-role out.")
    file = open_store(settings, facts)
    file.close()
    return file.notices or ["The database is up to date."]
