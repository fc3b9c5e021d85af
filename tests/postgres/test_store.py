"""The database on a server: opened under its contract, upgraded by its owner alone, refused where it could lose."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import BigInteger, Boolean, Date, Integer, LargeBinary

from ortool.errors import StorageFault
from ortool.journal import log
from ortool.services.health import examine
from ortool.services.upgrading import upgrade_database
from ortool.storage import schema
from ortool.storage.postgres import contract
from ortool.storage.postgres.store import PostgresStore
from ortool.storage.store import cursor_of
from ortool.storage.tables import UTCMicros
from tests.postgres.cluster import Cluster
from tests.services.suite import MORNING, Clock, Suite, furnish_server, settings
from tests.tables import TABLES

ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)
# Roles belong to the whole cluster, which several test processes share.
APPLICATION = f"ortool_{os.environ.get('PYTEST_XDIST_WORKER', 'app')}"


def write(store: PostgresStore, words: str, times: int = 1) -> None:
    """Append entries."""
    for n in range(times):
        with store.writing() as session:
            draft = log.Draft("s", "k", {"text": words, "n": n}, MORNING, f"{words}-{n}", frozenset({"text"}))
            log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> str:
    """A database with tables, and a role that works with them."""
    name = cluster.make()
    upgrade_database(settings(database_url=cluster.url(name)), APPLICATION)
    return name


@pytest.fixture
def own_database(cluster: Cluster, database: str) -> str:
    """A copy of it that a test may spoil."""
    return cluster.make(database)


@pytest.fixture
def store(cluster: Cluster, database: str) -> Iterator[PostgresStore]:
    """The store, opened as the application."""
    one = PostgresStore(cluster.url(database, APPLICATION)).open()
    yield one
    one.close()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous_commit", "on"), ("search_path", "public, pg_temp"), ("statement_timeout", "5s"),
        ("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "3s"), ("TimeZone", "UTC"),
    ],
)  # fmt: skip
def test_every_connection_has_its_settings(store: PostgresStore, setting: str, value: str) -> None:
    for session in (store.reading(), store.writing()):
        with session as one:
            assert one.connection().exec_driver_sql(f"SHOW {setting}").scalar() == value


def test_a_connection_is_watched_over(store: PostgresStore) -> None:
    with store.connect() as link:
        told = link.info.get_parameters()
    wanted = {"tcp_user_timeout": "3000", "keepalives": "1", "keepalives_idle": "5", "connect_timeout": "2"}
    assert wanted.items() <= told.items()


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_a_server_that_confirms_before_it_keeps_is_refused(cluster: Cluster, own_database: str, value: str) -> None:
    cluster.run(f"ALTER DATABASE {own_database} SET synchronous_commit = {value}")
    with pytest.raises(StorageFault, match=f"could lose .*synchronous_commit = {value}"):
        PostgresStore(cluster.url(own_database)).open()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_does_not_write_through_is_refused(cluster: Cluster, database: str, setting: str) -> None:
    class Lying:
        autocommit = False

        def execute(self, _sql: str) -> "Lying":
            return self

        def fetchone(self) -> tuple[object, ...]:
            return (*("off" if name == setting else good[0] for name, good in contract.DURABLE.items()), False)

    with pytest.raises(StorageFault, match=f"{setting} = off"):
        contract.prepare(Lying())
    with PostgresStore(cluster.url(database)).connect() as link:
        contract.prepare(link)


def test_a_start_never_makes_tables(cluster: Cluster) -> None:
    name = cluster.make()
    with pytest.raises(StorageFault, match="no tables yet") as fault:
        PostgresStore(cluster.url(name)).open()
    assert "ortool db upgrade" in fault.value.hint
    assert cluster.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=name) == [(0,)]


@pytest.mark.parametrize(("revision", "words"), [("0002", "older than this program"), ("9999", "newer ortool")])
def test_another_revision_is_refused_and_left_alone(
    cluster: Cluster, own_database: str, revision: str, words: str
) -> None:
    cluster.run(f"UPDATE alembic_version SET version_num = '{revision}'", database=own_database)
    with pytest.raises(StorageFault, match=words):
        PostgresStore(cluster.url(own_database)).open()
    assert cluster.run("SELECT version_num FROM alembic_version", database=own_database) == [(revision,)]


def test_a_database_of_another_program_is_refused(cluster: Cluster) -> None:
    name = cluster.make()
    cluster.run("CREATE TABLE photos (id int)", database=name)
    for refused in (
        lambda: PostgresStore(cluster.url(name)).open(),
        lambda: upgrade_database(settings(database_url=cluster.url(name))),
    ):
        with pytest.raises(StorageFault, match="some other program"):
            refused()


def test_an_upgrade_is_done_once_and_keeps_the_site(cluster: Cluster, own_database: str) -> None:
    site = settings(database_url=cluster.url(own_database))
    before = PostgresStore(site.database_url).open().site_id
    assert upgrade_database(site) == [f"The tables are of revision {schema.HEAD} already."]
    assert PostgresStore(site.database_url).open().site_id == before


@pytest.mark.parametrize("oldest", schema.KNOWN[:-1])
def test_an_older_database_is_upgraded_with_its_entries(
    cluster: Cluster, oldest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cluster.make()
    store = PostgresStore(cluster.url(name))
    with monkeypatch.context() as patched, store._writer.begin() as connection:
        schema.upgrade(connection, oldest)
        connection.exec_driver_sql("INSERT INTO meta VALUES ('site_id', 'old-site')")
        patched.undo()
    store.site_id = "old-site"
    write(store, "before", 5)
    assert upgrade_database(settings(database_url=cluster.url(name))) == [
        f"The tables were upgraded from {oldest} to {schema.HEAD}."
    ]
    opened = PostgresStore(cluster.url(name)).open()
    with opened.reading() as session:
        found = log.verify(cursor_of(session), "old-site")
    assert (opened.site_id, found.entries, found.faults) == ("old-site", 5, [])
    for one in (store, opened):
        one.close()


def test_who_does_not_own_the_database_does_not_upgrade_it(cluster: Cluster) -> None:
    name = cluster.make()
    with pytest.raises(StorageFault, match="not the owner"):
        upgrade_database(settings(database_url=cluster.url(name, APPLICATION)))


SPOILS = {
    "entry_is_never_changed": "DROP TRIGGER entry_is_never_changed ON entry",
    "entry_is_never_removed": "ALTER TABLE entry DISABLE TRIGGER entry_is_never_removed",
    "entry_is_never_emptied": "ALTER TABLE entry ENABLE TRIGGER entry_is_never_emptied",
    "entry_continues_the_chain": "CREATE OR REPLACE FUNCTION entry_follows_the_last() RETURNS trigger"
    " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "entry_is_announced": "ALTER FUNCTION entry_is_told() RESET search_path",
    "claim_is_free": "ALTER TABLE claim DROP CONSTRAINT claim_is_free",
    "note_is_forgotten": "ALTER TABLE secret_text DISABLE TRIGGER note_is_forgotten",
}


@pytest.mark.parametrize("guard", sorted(contract.GUARDS))
def test_a_database_without_one_of_its_guards_is_refused(cluster: Cluster, own_database: str, guard: str) -> None:
    cluster.run(SPOILS[guard], database=own_database)
    with pytest.raises(StorageFault, match=guard):
        PostgresStore(cluster.url(own_database)).open()
    findings = examine(settings(database_url=cluster.url(own_database)), Path("none.toml"))
    assert [one.seen for one in findings if not one.well] == [f"The database lost its guard {guard}."]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entry SET kind = 'x'", "DELETE FROM entry", "TRUNCATE entry CASCADE", "DELETE FROM secret_text",
     "UPDATE secret_text SET txt = 'x'", "ALTER TABLE entry DISABLE TRIGGER ALL", "DROP TABLE entry",
     "UPDATE alembic_version SET version_num = '0001'", "CREATE TABLE mine (id int)",
     "SET session_replication_role = replica"],
)  # fmt: skip
def test_the_application_cannot_alter_the_journal(store: PostgresStore, statement: str) -> None:
    write(store, statement)
    with store.connect() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(statement)


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("statement", ["UPDATE entry SET kind = 'x'", "DELETE FROM entry", "TRUNCATE entry CASCADE"])
def test_even_the_owner_is_stopped_by_the_guards(cluster: Cluster, database: str, statement: str, role: str) -> None:
    store = PostgresStore(cluster.url(database)).open()
    write(store, f"{statement} {role}")
    with store.connect() as link, pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        link.execute(f"SET session_replication_role = {role}")
        link.execute(statement)
    store.close()


@pytest.mark.parametrize("change", ["seq = 99", "prev = 'x'", "version = 7"])
def test_an_entry_that_does_not_continue_the_chain_is_refused(store: PostgresStore, change: str) -> None:
    write(store, f"before {change}")
    column, value = change.split(" = ")
    values = {"seq": "seq + 1", "prev": "hash", "version": "version + 1", column: value}
    rest = "command_id || 'x', kind, schema, occurred_us, recorded_us, mono_ns, boot, clock, actor, auth, device, body"
    insert = (
        f"INSERT INTO entry SELECT {values['seq']}, stream, {values['version']}, {rest}, {values['prev']}, "
        "hash || 'y' FROM entry ORDER BY seq DESC LIMIT 1"
    )
    with store.connect() as link, pytest.raises(psycopg.errors.RestrictViolation, match="does not continue"):
        link.execute(insert)


def test_a_temporary_table_stands_in_for_nothing(store: PostgresStore) -> None:
    write(store, "temporary")
    with store.connect() as link:
        link.execute("CREATE TEMPORARY TABLE entry (LIKE public.entry)")
        with pytest.raises(psycopg.errors.RestrictViolation):
            link.execute("INSERT INTO public.entry SELECT * FROM public.entry ORDER BY seq DESC LIMIT 1")


def test_the_tables_of_the_program_are_those_of_the_database(store: PostgresStore) -> None:
    with store.reading() as session:
        for name, table in TABLES.items():
            rows = session.connection().exec_driver_sql(
                "SELECT column_name, is_nullable = 'NO', data_type FROM information_schema.columns"
                f" WHERE table_schema = 'public' AND table_name = '{name}'"
            )
            migrated = {row[0]: (row[1], row[2]) for row in rows}
            assert {column.name: not column.nullable for column in table.columns} == {
                column: strict for column, (strict, _) in migrated.items()
            }, name
            wanted = {
                Boolean: "boolean", Date: "date", BigInteger: "bigint", Integer: "bigint", UTCMicros: "bigint",
                LargeBinary: "bytea",
            }  # fmt: skip
            kinds = {column.name: wanted.get(type(column.type), "text") for column in table.columns}
            assert kinds == {column: kind for column, (_, kind) in migrated.items()}, name


def test_a_long_journal_is_verified_as_it_streams(store: PostgresStore) -> None:
    with store.writing() as session:
        cursor = cursor_of(session)
        for n in range(2_500):
            draft = log.Draft(f"long:{n % 7}", "k", {"n": n}, MORNING, f"long-{n}")
            log.append(cursor, store.site_id, draft, ORIGIN, MORNING)
    with store.reading() as session:
        found = log.verify(cursor_of(session), store.site_id)
    assert found.faults == []
    assert found.entries >= 2_500


def test_an_altered_entry_is_found_by_the_verification(cluster: Cluster, own_database: str) -> None:
    store = PostgresStore(cluster.url(own_database)).open()
    write(store, "Mrs Canary", 5)
    cluster.run(
        "ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed",
        "UPDATE entry SET actor = 'somebody else' WHERE seq = (SELECT max(seq) - 2 FROM entry)",
        database=own_database,
    )
    with store.reading() as session:
        (fault,) = log.verify(cursor_of(session), store.site_id).faults
    assert "its content is not what was sealed" in fault
    store.close()


def test_the_application_works_a_whole_case(cluster: Cluster) -> None:
    name = cluster.make()
    furnish_server(settings(database_url=cluster.url(name)), Clock()).close()
    upgrade_database(settings(database_url=cluster.url(name)), APPLICATION)
    from ortool.services.theatre import open_theatre

    suite = Suite(open_theatre(settings(database_url=cluster.url(name, APPLICATION)), None, Clock()), Clock())
    suite.through(suite.case())
    assert suite.head()[0] > 20
    suite.theatre.close()
