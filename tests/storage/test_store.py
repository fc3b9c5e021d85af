"""The database: opened under its contract, upgraded after a backup, refused where it cannot keep its promise."""

import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine.default import DefaultDialect
from sqlcipher3 import dbapi2
from sqlmodel import Session

from ortool.checklist.commands import StampMilestone
from ortool.errors import StorageFault
from ortool.journal import log
from ortool.services.journals import verify_journal
from ortool.storage import contract, schema, tables, transaction
from ortool.storage.store import Store, cursor_of
from tests.services.suite import MORNING, Clock, Suite, furnish, settings
from tests.tables import TABLES

KEY = bytes(range(32))
ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)


def opened(path: Path, key: bytes | None = None) -> Store:
    """Open a store."""
    return Store(path, key).open()


def write(store: Store, words: str, times: int = 1) -> None:
    """Append entries."""
    for n in range(times):
        with store.writing() as session:
            draft = log.Draft("s", "k", {"text": words, "n": n}, MORNING, f"{words}-{n}", frozenset({"text"}))
            log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)


def head_of(store: Store) -> tuple[int, bytes]:
    """Return the newest entry's number and hash."""
    with store.reading() as session:
        return log.head(cursor_of(session), store.site_id)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be made."""
    return tmp_path / "or" / "ortool.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A fresh, open database."""
    one = opened(path)
    yield one
    one.close()


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_libraries_with_the_wal_reset_bug_are_known(version: tuple[int, ...], fixed: bool) -> None:
    assert contract.has_wal_reset_fix(version) is fixed


def test_the_shipped_library_is_free_of_the_bug() -> None:
    assert contract.has_wal_reset_fix(tuple(dbapi2.sqlite_version_info))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0),
        ("cell_size_check", 1), ("wal_autocheckpoint", 0), ("busy_timeout", 5000), ("fullfsync", 1),
    ],
)  # fmt: skip
def test_every_connection_reads_its_settings_back(store: Store, pragma: str, value: object) -> None:
    with store.reading() as reading:
        assert reading.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    with store.writing() as writing:
        assert writing.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_library_with_the_bug_gets_no_wal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "has_wal_reset_fix", lambda version: False)
    with closing(opened(path)) as store, store.reading() as session:
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 3


def test_only_its_owner_reads_the_files(store: Store) -> None:
    write(store, "Mrs Canary")
    files = list(store.path.parent.iterdir())
    assert {file.name for file in files} >= {"ortool.db", "ortool.db-wal", "ortool.db-shm", "ortool.db.lock"}
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in files} == {file.name: 0o600 for file in files}
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_an_encrypted_database_holds_no_plain_text(path: Path) -> None:
    with closing(opened(path, KEY)) as store:
        write(store, "Mrs Canary of Quackenbush")
        for file in path.parent.iterdir():
            content = file.read_bytes()
            assert b"Canary" not in content
            assert b"SQLite format 3" not in content
            assert b"CREATE TABLE" not in content
    assert b"Canary" not in path.read_bytes()


def test_a_plain_database_does_hold_it(path: Path) -> None:
    with closing(opened(path)) as store:
        write(store, "Mrs Canary of Quackenbush")
    assert b"Canary" in path.read_bytes()


@pytest.mark.parametrize(("made_with", "opened_with"), [(KEY, bytes(32)), (KEY, None), (None, KEY)])
def test_a_wrong_key_is_one_sentence(path: Path, made_with: bytes | None, opened_with: bytes | None) -> None:
    with closing(opened(path, made_with)) as store:
        write(store, "one")
    before = path.read_bytes()
    with pytest.raises(StorageFault, match="another key") as fault:
        opened(path, opened_with)
    assert "\n" not in str(fault.value)
    assert KEY.hex() not in str(fault.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but a letter\n" * 200, b"\x00" * 4096])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StorageFault):
        opened(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(dbapi2.connect(str(path))) as base:
        base.execute("CREATE TABLE photos (id INTEGER)")
        base.commit()
    before = path.read_bytes()
    with pytest.raises(StorageFault, match="some other program"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["a folder", "inside a file"])
def test_a_place_where_no_database_can_be_is_one_sentence(tmp_path: Path, place: str) -> None:
    if place == "a folder":
        path = tmp_path / "folder"
        path.mkdir()
    else:
        (tmp_path / "file").write_text("x")
        path = tmp_path / "file" / "ortool.db"
    with pytest.raises(StorageFault):
        opened(path)


def older(path: Path, key: bytes | None = None) -> tuple[int, bytes]:
    """Make a database as the first revision was, with entries in it; return its head."""
    store = Store(path, key)
    path.parent.mkdir()
    with store._lock.held(), store._writer.begin() as connection:
        schema.upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES ('site_id', 'old-site')")
    store.site_id = "old-site"
    write(store, "before", 20)
    head = head_of(store)
    store.close()
    return head


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
def test_an_older_database_is_upgraded_after_a_backup(path: Path, key: bytes | None) -> None:
    head = older(path, key)
    with closing(opened(path, key)) as store:
        (notice,) = store.notices
        copies = list(path.parent.glob("ortool.db.before-*"))
        assert len(copies) == 1
        assert "upgraded from 0001 to" in notice
        assert str(copies[0]) in notice
        assert (store.site_id, head_of(store)) == ("old-site", head)
        with store.reading() as session:
            assert log.verify(cursor_of(session), "old-site").faults == []
            contract.check_triggers(cursor_of(session))
        write(store, "after")
    assert stat.S_IMODE(copies[0].stat().st_mode) == 0o600
    copy = Store(copies[0], key)
    copy.site_id = "old-site"
    assert head_of(copy) == head
    with copy.reading() as session:
        assert schema.revision_of(cursor_of(session)) == "0001"
    copy.close()


def test_an_up_to_date_database_opens_in_silence(path: Path) -> None:
    opened(path).close()
    with closing(opened(path)) as store:
        assert store.notices == []
    assert list(path.parent.glob("*.before-*")) == []


def test_an_upgrade_that_fails_leaves_the_old_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = older(path)

    def fail(connection: Any, to: str = "") -> None:
        connection.exec_driver_sql("CREATE TABLE half_done (x INTEGER)")
        raise dbapi2.OperationalError("disk I/O error")

    with monkeypatch.context() as patched, pytest.raises(StorageFault):
        patched.setattr(schema, "upgrade", fail)
        opened(path)
    with closing(dbapi2.connect(str(path))) as base:
        names = {row[0] for row in base.execute("SELECT name FROM sqlite_master")}
    assert "half_done" not in names
    with closing(opened(path)) as store:
        assert head_of(store) == head


def alter(path: Path, *statements: str) -> None:
    """Change a closed database behind the program's back."""
    with closing(dbapi2.connect(str(path), isolation_level=None)) as base:
        for statement in statements:
            base.execute(statement)


def test_a_newer_database_is_refused_and_left_alone(path: Path) -> None:
    opened(path).close()
    alter(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StorageFault, match="newer ortool"):
        opened(path)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*.before-*")) == []


@pytest.mark.parametrize("name", sorted(contract.GUARDS))
def test_a_database_without_one_of_its_guards_is_refused(path: Path, name: str) -> None:
    opened(path).close()
    alter(path, f"DROP TRIGGER {name}")
    with pytest.raises(StorageFault, match=name):
        opened(path)


def test_a_guard_that_guards_nothing_is_refused(path: Path) -> None:
    opened(path).close()
    alter(
        path,
        "DROP TRIGGER entry_is_never_changed",
        "CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT 1; END",
    )
    with pytest.raises(StorageFault, match="entry_is_never_changed"):
        opened(path)


@pytest.mark.parametrize("statement", ["DELETE FROM meta", "DROP TABLE alembic_version", "DELETE FROM alembic_version"])
def test_a_database_that_lost_its_papers_is_refused(path: Path, statement: str) -> None:
    opened(path).close()
    alter(path, statement)
    with pytest.raises(StorageFault):
        opened(path)


def test_the_head_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(schema.KNOWN)


def test_the_tables_of_the_program_are_those_of_the_database(store: Store) -> None:
    with store.reading() as session:
        connection = session.connection()
        for name, table in TABLES.items():
            rows = connection.exec_driver_sql(f"PRAGMA table_info('{name}')").fetchall()
            migrated = {row[1]: (bool(row[3]) or bool(row[5]), bool(row[5])) for row in rows}
            model = {column.name: (not column.nullable, column.primary_key) for column in table.columns}
            assert model == migrated, name
    assert {"claim", "feed", "slot"} <= TABLES.keys()


def test_every_table_is_strict(store: Store) -> None:
    with store.reading() as session:
        rows = session.connection().exec_driver_sql("PRAGMA table_list").fetchall()
    loose = {row[1] for row in rows if row[2] == "table" and not row[5]} - {"sqlite_schema", "alembic_version"}
    assert loose == {"sqlite_temp_schema"} or not loose


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    write(store, "one")
    head = head_of(store)
    with pytest.raises(RuntimeError), store.writing() as session:
        draft = log.Draft("s", "k", {}, MORNING, "lost")
        log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)
        raise RuntimeError
    assert head_of(store) == head


def test_a_fault_of_the_database_names_no_patient(store: Store) -> None:
    with pytest.raises(StorageFault) as fault, store.writing() as session:
        session.add(tables.RoomRow(id="OR1", name="one"))
        session.flush()
        session.connection().exec_driver_sql("INSERT INTO room VALUES ('OR1', 'Mrs Canary', 0, 1)")
    assert "Canary" not in str(fault.value)


def test_a_damaged_file_is_a_storage_fault_when_it_is_read(path: Path) -> None:
    with closing(opened(path)) as store:
        write(store, "Mrs Canary", 200)
    content = bytearray(path.read_bytes())
    for page in range(0, len(content), 4096):
        if b"Canary" in content[page : page + 4096]:
            content[page : page + 200] = b"\xa5" * 200
    path.write_bytes(content)
    with closing(opened(path)) as store:
        with pytest.raises(StorageFault, match="cannot be read") as fault, store.reading() as session:
            log.verify(cursor_of(session), store.site_id)
        assert "Canary" not in str(fault.value)


def test_the_write_ahead_log_is_folded_back_and_not_again_after_every_commit(store: Store) -> None:
    wal = store.path.with_name(store.path.name + "-wal")
    write(store, "x" * 200_000, 30)
    write(store, "y", 3)
    assert wal.stat().st_size < 4 * 1024 * 1024
    assert head_of(store)[0] == 33


def test_readers_see_one_picture_while_a_writer_writes(store: Store) -> None:
    with store.reading() as session:
        before = log.head(cursor_of(session), store.site_id)
        writer = threading.Thread(target=write, args=(store, "meanwhile"))
        writer.start()
        writer.join(10)
        assert log.head(cursor_of(session), store.site_id) == before
    assert head_of(store)[0] == before[0] + 1


def test_a_change_by_somebody_else_is_noticed(path: Path) -> None:
    with closing(opened(path)) as here, closing(opened(path)) as there:
        first = here.data_version()
        assert here.data_version() == first
        write(there, "news")
        assert here.data_version() != first


def test_a_lock_that_somebody_holds_too_long_is_a_storage_fault(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(dbapi2.connect(str(store.path), isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with store.reading() as session:
            session.connection()
        monkeypatch.setattr(Store, "_checkpoint_when_large", lambda self: None)
        with store._writer.connect() as connection:
            connection.connection.cursor().execute("PRAGMA busy_timeout = 50")
        with pytest.raises(StorageFault, match="locked"):
            write(store, "never")
        foreign.execute("ROLLBACK")
    write(store, "now")


def test_a_whole_suite_works_on_an_encrypted_database(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(KEY.hex())
    theatre = furnish(tmp_path / "e" / "ortool.db", settings(key_file=str(key_file)), Clock())
    suite = Suite(theatre, Clock())
    suite.act(suite.case(), StampMilestone("PIR"))
    assert verify_journal(theatre).faults == []
    theatre.close()


def test_many_may_make_the_same_database_at_once(path: Path) -> None:
    stores: list[Store] = []
    faults: list[BaseException] = []

    def make() -> None:
        try:
            stores.append(opened(path))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert len({store.site_id for store in stores}) == 1
    for store in stores:
        store.close()


def draft(words: str) -> log.Draft:
    """Return something to append."""
    return log.Draft("s", "k", {"text": words}, MORNING, words, frozenset({"text"}))


def test_what_is_written_by_plain_sql_needs_no_session(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(transaction, "Session", lambda *at, **named: made.append(at) or Session(*at, **named))
    with store.transaction() as opened:
        log.append(opened.cursor(), store.site_id, draft("one"), ORIGIN, MORNING)
    assert head_of(store)[0] == 1
    assert not made
    with store.transaction() as opened:
        log.append(opened.cursor(), store.site_id, draft("two"), ORIGIN, MORNING)
        opened.session.add(tables.Meta(name="said", value="too"))
    assert len(made) == 1
    assert head_of(store)[0] == 2
    with store.reading() as session:
        assert session.get(tables.Meta, "said")


def test_cursor_and_session_of_a_transaction_are_rolled_back_together(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as opened:
        opened.session.add(tables.Meta(name="said", value="too"))
        opened.flush()
        log.append(opened.cursor(), store.site_id, draft("one"), ORIGIN, MORNING)
        raise KeyError
    write(store, "after")
    assert head_of(store)[0] == 1
    with store.reading() as session:
        assert session.get(tables.Meta, "said") is None


@pytest.mark.parametrize(
    ("error", "told"),
    [(dbapi2.OperationalError("no such luck"), StorageFault), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_after_a_commit_that_failed_nothing_of_it_stands_and_the_next_is_saved(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: BaseException, told: type[BaseException]
) -> None:
    def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch, pytest.raises(told):
        patch.setattr(DefaultDialect, "do_commit", fails)
        write(store, "lost")
    write(store, "kept", 2)
    assert head_of(store)[0] == 2
