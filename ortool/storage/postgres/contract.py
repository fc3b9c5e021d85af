"""What a PostgreSQL server and its database must be before a tick there may be called saved."""

from typing import Any

from psycopg import sql

from ortool.errors import StorageFault
from ortool.storage.contract import fingerprint

# A terminal whose network was cut in the middle of a transaction must not hold the others up for longer than this.
IDLE_MS = 3_000
# Taken first in every write transaction: one writer at a time, in the order they came, so that no two entries want the
# same place in the chain and no two bookings wait for each other.
WRITE_LOCK = int.from_bytes(b"ortool")
SESSION = (
    "SET search_path = public, pg_temp; SET statement_timeout = 5000; SET lock_timeout = 2000; "
    f"SET idle_in_transaction_session_timeout = {IDLE_MS}; SET TimeZone = 'UTC'; SET synchronous_commit = on"
)
DURABLE = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
    "server_encoding": ("UTF8",),
}
# What guards the journal and the schedule, each with the fingerprint of all that makes it hold.
GUARDS = {
    "claim_is_free": "000d7fba7f11c6b1",
    "entry_continues_the_chain": "d8efb36322ff4d35",
    "entry_is_announced": "23bb6c6ea0c044ff",
    "entry_is_never_changed": "ec342287abcda68e",
    "entry_is_never_emptied": "1a62d7dd0c49a2e9",
    "entry_is_never_removed": "bf71f40a49afe179",
    "note_is_forgotten": "c7b844474c9faf8d",
}
_GUARDS_SQL = """
SELECT t.tgname, concat_ws(' ', t.tgrelid::regclass, t.tgtype, t.tgenabled, p.prosrc, p.proconfig)
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid IN (to_regclass('public.entry'), to_regclass('public.secret_text')) AND NOT t.tgisinternal
UNION ALL
SELECT c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid
WHERE c.conrelid = to_regclass('public.claim') AND c.contype = 'x' AND i.indisvalid"""
# What the application may do to each table; to any other it may do everything but empty it.
RIGHTS = {
    "entry": "SELECT, INSERT",
    "secret_text": "SELECT, INSERT",
    "meta": "SELECT, INSERT, UPDATE",
    "alembic_version": "SELECT",
}


def prepare(connection: Any) -> None:
    """Check the server's settings and set a fresh connection up. Raises StorageFault where a commit could be lost."""
    connection.autocommit = True
    names = ", ".join(f"current_setting('{name}')" for name in DURABLE)
    *values, is_standby = connection.execute(f"SELECT {names}, pg_is_in_recovery()").fetchone()
    wrong = [
        f"{name} = {value}" for (name, good), value in zip(DURABLE.items(), values, strict=True) if value not in good
    ]
    if wrong:
        raise StorageFault(
            f"This PostgreSQL could lose what it has confirmed ({', '.join(wrong)}).",
            f"Set {', '.join(f'{name} = {good[0]}' for name, good in DURABLE.items() if name in ' '.join(wrong))}.",
        )
    if is_standby:
        raise StorageFault("This PostgreSQL is a standby; nothing can be written there.", "Name the primary server.")
    connection.execute(SESSION)
    connection.autocommit = False


def revision_of(connection: Any) -> str | None:
    """Return the revision of a database, None for an empty one. Raises StorageFault for another program's."""
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    tables = {str(row[0]) for row in found}
    if not tables:
        return None
    if not {"alembic_version", "entry"} <= tables:
        raise StorageFault("This database belongs to some other program.", "Name another database.")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise StorageFault("This database does not say how old it is.", "Restore the newest backup.")
    return str(row[0])


def check_guards(connection: Any) -> None:
    """Raise StorageFault when a guard of the journal or the schedule is gone, switched off, or another one."""
    present = {str(name): fingerprint(str(words)) for name, words in connection.execute(_GUARDS_SQL).fetchall()}
    if gone := sorted(name for name, expected in GUARDS.items() if present.get(name) != expected):
        raise StorageFault(
            f"The database lost its guard {', '.join(gone)}.", "Restore the newest backup, or ask for help."
        )


def grant(connection: Any, role: str) -> bool:
    """Let a role work with the tables but never alter the journal. Returns whether the role is new.

    A new role may log in but has no password yet.
    """
    name = sql.Identifier(role)
    is_new = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None
    if is_new:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    for (table,) in found:
        rights = sql.SQL(RIGHTS.get(table, "SELECT, INSERT, UPDATE, DELETE"))
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), name))
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(rights, sql.Identifier(table), name))
    return is_new


def may_alter(connection: Any) -> bool:
    """Whether the user of a connection could change the journal, were it not for the triggers."""
    rights = "UPDATE", "DELETE", "TRUNCATE"
    asked = " OR ".join(f"has_table_privilege('public.entry', '{right}')" for right in rights)
    return bool(connection.execute(f"SELECT {asked}").fetchone()[0])
