"""Making and upgrading the tables, as the owner of the database. A start never does."""

import uuid
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from ortool.errors import StorageFault
from ortool.storage import schema
from ortool.storage.postgres import contract
from ortool.storage.postgres.faults import Trouble, fault_of, trouble_of
from ortool.storage.postgres.store import PostgresStore

WHAT = "The tables could not be made or upgraded"


def upgrade(store: PostgresStore, facts: Mapping[str, str], role: str = "") -> list[str]:
    """Make or upgrade the tables and let `role` work with them; return what was done, as sentences.

    All or nothing. `facts` about the site are kept in a database that is made now. Raises StorageFault.
    """
    engine = create_engine("postgresql+psycopg://", creator=store.connect)
    try:
        with engine.begin() as connection:
            link: Any = connection.connection.dbapi_connection
            link.execute("SET LOCAL statement_timeout = 0")
            link.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            link.execute("SELECT pg_advisory_xact_lock(%s)", (contract.WRITE_LOCK,))
            before = contract.revision_of(link)
            if before is not None:
                schema.check_known(before)
            done = []
            if before != schema.HEAD:
                schema.upgrade(connection)
                done.append(f"The tables were {f'upgraded from {before}' if before else 'made'} to {schema.HEAD}.")
            kept = {"site_id": uuid.uuid4().hex} | (dict(facts) if before is None else {})
            connection.execute(
                text("INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"),
                [{"name": name, "value": value} for name, value in kept.items()],
            )
            contract.check_guards(link)
            if role:
                is_new = contract.grant(link, role)
                done.append(
                    f"The role {role} {'was made' if is_new else 'may work here'}; it cannot alter the journal."
                    + (" Give it a password, or another way to log in." if is_new else "")
                )
    except (psycopg.Error, DBAPIError) as error:
        if trouble_of(error) is Trouble.DENIED:
            raise StorageFault(
                f"{WHAT}: this user is not the owner of the database.", "Connect as its owner."
            ) from None
        raise fault_of(WHAT, error) from None
    finally:
        engine.dispose()
    return done or [f"The tables are of revision {schema.HEAD} already."]
