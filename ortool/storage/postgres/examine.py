"""What can be seen of a database on a server, without changing anything."""

from dataclasses import dataclass, field

import psycopg

from ortool.errors import StorageFault
from ortool.storage import schema
from ortool.storage.postgres import contract
from ortool.storage.postgres.faults import fault_of
from ortool.storage.postgres.store import PostgresStore


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen. `lost` is the sentence about missing guards, `may_alter` whether the user could undo them."""

    version: str
    user: str
    durable: str
    is_tls: bool
    revision: str | None
    lost: str = ""
    may_alter: bool = False
    meta: dict[str, str] = field(default_factory=dict)


def look(url: str, allow_plain: bool = False) -> Seen:
    """Return what is seen of a database. Raises StorageFault or BadInput."""
    store, lost = PostgresStore(url, allow_plain), ""
    try:
        with store.connect() as link:
            info, revision = link.info, contract.revision_of(link)
            version = str(info.server_version // 10_000)
            durable = ", ".join(f"{name} on" for name in ("fsync", "full_page_writes", "synchronous_commit"))
            if revision != schema.HEAD:
                return Seen(version, info.user, durable, bool(link.pgconn.ssl_in_use), revision)
            try:
                contract.check_guards(link)
            except StorageFault as fault:
                lost = fault.message
            meta, may_alter = schema.meta_of(link.cursor()), contract.may_alter(link)
            return Seen(version, info.user, durable, bool(link.pgconn.ssl_in_use), revision, lost, may_alter, meta)
    except psycopg.Error as error:
        raise fault_of("The database cannot be opened", error) from None
    finally:
        store.close()
