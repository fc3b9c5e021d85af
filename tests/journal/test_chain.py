"""The chain: what it finds, what it names, and, honestly, what a chain alone cannot find."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from ortool.checklist.commands import StampMilestone
from ortool.journal import log
from ortool.journal.canonical import encode
from ortool.journal.check import Verification
from ortool.journal.entry import Header, chain_hash
from ortool.journal.log import COLUMNS
from ortool.journal.secrets import REDACTED
from ortool.journal.stream_check import stream_faults
from ortool.services import running
from ortool.services.cases import find_case, stream_of
from ortool.services.journals import case_entries, verify_journal
from tests.services.suite import Suite, done

FIELDS = [name.strip() for name in COLUMNS.split(",")]


@pytest.fixture
def written(suite: Suite) -> Suite:
    """A suite whose journal holds two cases, one of them with free text and a pinned checklist."""
    case, other = suite.case(notes="Latex allergy, quiet please"), suite.case()
    suite.act(case, StampMilestone("PIR"), done("SI.consent"), done("SI.weight", "81.5"))
    suite.act(other, done("SI.consent", reason="signed on the ward"))
    running.add_note(suite.theatre, suite.nurse, case.id, "Family waits in room 4")
    return suite


def first_case(suite: Suite) -> str:
    """Return the id of the suite's first case."""
    return find_case(suite.theatre, "1001").id


class Copy:
    """A copy of a database in the hands of somebody who owns the file: no triggers, no rules."""

    def __init__(self, path: Path, site_id: str) -> None:
        self.path, self.site_id = path, site_id
        self.base = dbapi2.connect(str(path), isolation_level=None)
        names = [row[0] for row in self.base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            self.base.execute(f"DROP TRIGGER {name}")

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Do what no rule allows."""
        return list(self.base.execute(statement, values).fetchall())

    def verify(self) -> Verification:
        """Verify the copy."""
        return log.verify(self.base.cursor(), self.site_id)


@pytest.fixture
def copy(written: Suite, tmp_path: Path) -> Iterator[Callable[[], Copy]]:
    """Return a function that copies the database afresh and drops its triggers."""
    source, made = written.theatre.store, list[Copy]()
    with source.reading() as session:
        session.connection().exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def make() -> Copy:
        target = tmp_path / f"copy-{len(made)}.db"
        for suffix in ("", "-wal"):
            if (beside := source.path.with_name(source.path.name + suffix)).exists():
                shutil.copy(beside, target.with_name(target.name + suffix))
        made.append(Copy(target, source.site_id))
        return made[-1]

    yield make
    for one in made:
        one.base.close()


def test_an_untouched_journal_verifies(written: Suite) -> None:
    found = verify_journal(written.theatre)
    assert found.faults == []
    assert found.entries == found.head_seq > 10
    assert found.secrets > 0
    assert found.streams > 8


def test_an_untouched_copy_verifies_too(copy: Callable[[], Copy]) -> None:
    assert copy().verify().faults == []


def changed(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, int):
        return value + 1
    return value[:-1] + bytes([value[-1] ^ 1]) if isinstance(value, bytes) else value + "x"


@pytest.mark.parametrize("name", FIELDS[1:])
def test_an_edit_of_any_column_is_found_and_named(copy: Callable[[], Copy], name: str) -> None:
    one = copy()
    for seq in (1, 7, one.verify().head_seq):
        before = one.sql(f"SELECT {name} FROM entry WHERE seq = ?", seq)[0][0]
        one.sql(f"UPDATE entry SET {name} = ? WHERE seq = ?", changed(before), seq)
        faults = one.verify().faults
        assert any(fault.startswith(f"entry {seq}:") for fault in faults), (name, seq, faults)
        one.sql(f"UPDATE entry SET {name} = ? WHERE seq = ?", before, seq)
    assert one.verify().faults == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("body", b"{not json"),
        ("body", b'{"x":{"$secret":"a"}}'),
        ("body", b'["$secret"]'),
        ("body", b"\xff$secret"),
        ("body", b'{"x":"\xb9","$secret":1}'),
        ("occurred_us", 2**62),
        ("actor", "\x00"),
    ],
)
def test_even_nonsense_is_named_and_does_not_stop_the_verification(
    copy: Callable[[], Copy], name: str, value: object
) -> None:
    one = copy()
    one.sql(f"UPDATE entry SET {name} = ? WHERE seq = 5", value)
    found = one.verify()
    assert any(fault.startswith("entry 5:") for fault in found.faults)
    assert found.entries == found.head_seq


def test_text_that_is_no_text_is_named(copy: Callable[[], Copy]) -> None:
    one = copy()
    one.sql("UPDATE entry SET actor = CAST(x'ff' AS TEXT) WHERE seq = 5")
    assert any("entry 5:" in fault for fault in one.verify().faults)


def test_a_removed_entry_is_missed(copy: Callable[[], Copy]) -> None:
    one = copy()
    one.sql("DELETE FROM entry WHERE seq = 6")
    assert "entry 6: missing (the next is 7)" in one.verify().faults


def test_the_first_entry_is_missed_too(copy: Callable[[], Copy]) -> None:
    one = copy()
    one.sql("DELETE FROM entry WHERE seq = 1")
    assert "entry 1: missing (the next is 2)" in one.verify().faults


def test_a_removed_entry_with_the_rest_moved_up_is_found(copy: Callable[[], Copy]) -> None:
    one = copy()
    one.sql("DELETE FROM entry WHERE seq = 6")
    for (seq,) in one.sql("SELECT seq FROM entry WHERE seq > 6 ORDER BY seq"):
        one.sql("UPDATE entry SET seq = ? WHERE seq = ?", seq - 1, seq)
    assert any(fault.startswith("entry 6:") for fault in one.verify().faults)


def test_two_entries_in_each_others_place_are_found(copy: Callable[[], Copy]) -> None:
    one = copy()
    for old, new in ((4, -1), (5, 4), (-1, 5)):
        one.sql("UPDATE entry SET seq = ? WHERE seq = ?", new, old)
    assert {"entry 4", "entry 5"} <= {fault.split(":")[0] for fault in one.verify().faults}


def forged(one: Copy, after: int) -> tuple[Any, ...]:
    """Return the row of an entry that nobody wrote, sealed to follow `after`."""
    (prev,) = one.sql("SELECT hash FROM entry WHERE seq = ?", after)[0]
    header = Header(after + 1, "case:forged", 1, "forged", "note.added", 1, 1, 1, 1, "", 0, "s1", "chosen", "d")
    body = encode({"text": "the count was correct"})
    return (*header.as_list(), body, bytes(prev), chain_hash(bytes(prev), header, body))


def test_a_forged_entry_in_the_middle_is_found(copy: Callable[[], Copy]) -> None:
    one = copy()
    row = forged(one, 6)
    for (seq,) in one.sql("SELECT seq FROM entry WHERE seq > 6 ORDER BY seq DESC"):
        one.sql("UPDATE entry SET seq = ? WHERE seq = ?", seq + 1, seq)
    one.sql(f"INSERT INTO entry ({COLUMNS}) VALUES ({','.join('?' * 17)})", *row)
    assert "entry 8: does not continue the entry before it" in one.verify().faults


@pytest.mark.parametrize("column", ["txt", "salt"])
def test_an_altered_secret_is_found(copy: Callable[[], Copy], column: str) -> None:
    one = copy()
    ((identifier, seq),) = one.sql("SELECT id, seq FROM secret_text ORDER BY seq LIMIT 1")
    value: object = "something else" if column == "txt" else b"other salt"
    one.sql(f"UPDATE secret_text SET {column} = ? WHERE id = ?", value, identifier)
    assert f"entry {seq}: a text beside it is not what was sealed" in one.verify().faults


def test_secrets_that_change_places_are_found(copy: Callable[[], Copy]) -> None:
    one = copy()
    (first, second) = one.sql("SELECT id, txt FROM secret_text ORDER BY seq LIMIT 2")
    one.sql("UPDATE secret_text SET txt = ? WHERE id = ?", first[1], second[0])
    assert len(one.verify().faults) == 1


def test_a_secret_that_no_entry_names_is_found(copy: Callable[[], Copy]) -> None:
    one = copy()
    one.sql("INSERT INTO secret_text (id, seq, salt, txt) VALUES ('x', 3, x'00', 'slipped in')")
    assert one.verify().faults == ["entry 3: a text beside it is not what was sealed"]


def test_a_forgotten_text_leaves_the_chain_whole(written: Suite) -> None:
    before = verify_journal(written.theatre)
    with written.theatre.store.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM secret_text WHERE txt = 'Latex allergy, quiet please'")
    after = verify_journal(written.theatre)
    assert (after.faults, after.redacted, after.head_hash) == ([], 1, before.head_hash)


def test_a_forgotten_text_reads_as_redacted(written: Suite) -> None:
    with written.theatre.store.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM secret_text WHERE txt LIKE 'Family%'")
    entries = case_entries(written.theatre, first_case(written))
    assert [entry.body["text"] for entry in entries if entry.kind == "note.added"] == [REDACTED]


@contextmanager
def altered_database(suite: Suite) -> Iterator[Any]:
    """Reach into the live database as the owner of the file could."""
    base = dbapi2.connect(str(suite.theatre.store.path), isolation_level=None)
    try:
        yield base
    finally:
        base.close()


def test_an_altered_pinned_checklist_is_found_and_named(written: Suite) -> None:
    with altered_database(written) as base:
        base.execute("""UPDATE checklist SET text = replace(text, '"true"', '"false"')""")
    faults = verify_journal(written.theatre).faults
    assert len(faults) == 1
    assert "checklist small" in faults[0]


def test_a_pinned_checklist_that_is_gone_is_found(written: Suite) -> None:
    with altered_database(written) as base:
        base.execute("PRAGMA foreign_keys = OFF")
        base.execute("DELETE FROM checklist")
    faults = verify_journal(written.theatre).faults
    assert faults
    assert all("checklist" in fault for fault in faults)


def test_a_chain_alone_does_not_find_a_cut_tail(copy: Callable[[], Copy]) -> None:
    one = copy()
    head = one.verify()
    one.sql("DELETE FROM secret_text WHERE seq > ?", head.head_seq - 2)
    one.sql("DELETE FROM entry WHERE seq > ?", head.head_seq - 2)
    cut = one.verify()
    assert cut.faults == []
    assert (cut.head_seq, cut.head_hash) != (head.head_seq, head.head_hash)


def test_a_chain_alone_does_not_find_a_history_sealed_anew(copy: Callable[[], Copy]) -> None:
    one = copy()
    head = one.verify()
    one.sql("UPDATE entry SET actor = 's1' WHERE seq = 7")
    prev = b""
    for row in one.sql(f"SELECT {COLUMNS} FROM entry ORDER BY seq"):
        header, body = Header(*row[:14]), bytes(row[14])
        prev = prev or bytes(row[15])
        link = chain_hash(prev, header, body)
        one.sql("UPDATE entry SET prev = ?, hash = ? WHERE seq = ?", prev, link, header.seq)
        prev = link
    anew = one.verify()
    assert anew.faults == []
    assert anew.head_hash != head.head_hash


def test_another_sites_journal_does_not_verify_here(copy: Callable[[], Copy]) -> None:
    one = copy()
    one.site_id = "another site"
    assert "entry 1: does not continue the entry before it" in one.verify().faults


ROW = f"INSERT {{how}} INTO entry ({COLUMNS}) SELECT {{seq}}, {{stream}}, {{version}}, {{command}}, 'k', 1, 1, 1, 1, '', 0, 'a', 'b', 'c', x'7b7d', hash, {{link}} FROM entry ORDER BY seq DESC LIMIT 1"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET actor = 'x' WHERE seq = 3",
        "UPDATE OR REPLACE entry SET command_id = (SELECT command_id FROM entry WHERE seq = 2) WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 3",
        "DELETE FROM entry",
        ROW.format(how="", seq="seq + 2", stream="'s'", version="1", command="'c1'", link="x'01'"),
        ROW.format(how="OR REPLACE", seq="3", stream="'s'", version="1", command="'c1'", link="x'01'"),
        ROW.format(how="OR REPLACE", seq="seq + 1", stream="'s'", version="1", command="command_id", link="x'01'"),
        ROW.format(how="OR REPLACE", seq="seq + 1", stream="stream", version="version", command="'c1'", link="x'01'"),
        ROW.format(how="OR REPLACE", seq="seq + 1", stream="'s'", version="1", command="'c1'", link="hash"),
    ],
)
def test_the_database_itself_refuses_to_change_the_journal(written: Suite, statement: str) -> None:
    before = verify_journal(written.theatre)
    with altered_database(written) as base, pytest.raises(dbapi2.IntegrityError):
        base.execute(statement)
    assert verify_journal(written.theatre) == before


def test_the_database_takes_what_continues_the_chain(written: Suite) -> None:
    statement = ROW.format(how="", seq="seq + 1", stream="'s'", version="1", command="'c1'", link="x'01'")
    with altered_database(written) as base:
        base.execute(statement)
    assert verify_journal(written.theatre).faults != []


def test_times_are_kept_to_the_microsecond_and_both_of_them(written: Suite) -> None:
    entry = case_entries(written.theatre, first_case(written))[-1]
    assert entry.occurred_at == entry.recorded_at == written.clock.now


def test_a_stream_is_read_on_from_a_version(written: Suite) -> None:
    stream = f"case:{first_case(written)}"
    with written.theatre.reading() as session:
        cursor = running.cursor_of(session)
        whole = log.read_stream(cursor, stream)
        assert log.read_stream(cursor, stream, 2) == whole[2:]
    assert [entry.version for entry in whole] == list(range(1, len(whole) + 1))


def test_a_stream_whose_entry_hangs_off_another_chain_is_told(copy: Callable[[], Copy], written: Suite) -> None:
    one, stream = copy(), stream_of(first_case(written))
    assert stream_faults(one.base.cursor(), stream) == []
    header, body, _, _ = log.stream_rows(one.base.cursor(), stream)[-1]
    forged = chain_hash(bytes(32), header, body)
    one.sql("UPDATE entry SET prev = ?, hash = ? WHERE seq = ?", bytes(32), forged, header.seq)
    assert stream_faults(one.base.cursor(), stream) == [
        f"entry {header.seq} does not follow the entry before it any more"
    ]
