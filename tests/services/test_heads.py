"""What a terminal remembers: found again, missed, explained; and kept for its owner alone."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ortool.errors import Refused
from ortool.journal import log
from ortool.services import heads
from ortool.services.journals import newest_seq, verify_journal
from ortool.services.theatre import Theatre, open_theatre
from ortool.storage.store import cursor_of
from tests.services.suite import MORNING, Clock, Suite, settings

Opener = Callable[..., Suite]


@pytest.fixture
def terminal(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Return a function that opens the site's database at a terminal with a memory."""
    monkeypatch.setenv("ORTOOL_STATE", str(tmp_path / "state"))
    shutil.copy(furnished, tmp_path / "ortool.db")
    opened: list[Theatre] = []

    def sit(name: str = "ortool.db", hours: int = 1) -> Suite:
        clock = Clock()
        clock.pass_time(hours=hours)
        theatre = open_theatre(settings(), tmp_path / name, clock, watched=True)
        opened.append(theatre)
        return Suite(theatre, clock)

    yield sit
    for theatre in opened:
        theatre.close()


def leave(suite: Suite) -> None:
    """Leave a terminal as its faces do."""
    suite.theatre.terminal.leave(suite.theatre)
    suite.theatre.close()


def only_file(tmp_path: Path) -> Path:
    """Return the one file that the terminal keeps."""
    (file,) = (tmp_path / "state").iterdir()
    return file


def older(tmp_path: Path, suite: Suite) -> None:
    """Put back the database as it was before the newest entries."""
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"ortool.db{suffix}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "older.db", tmp_path / "ortool.db")


@pytest.fixture
def cut(terminal: Opener, tmp_path: Path) -> Path:
    """A database that lost entries which this terminal saw."""
    first = terminal()
    first.case()
    leave(first)
    shutil.copy(tmp_path / "ortool.db", tmp_path / "older.db")
    second = terminal()
    second.case()
    second.case()
    leave(second)
    older(tmp_path, second)
    return tmp_path


def test_the_newest_entry_is_remembered_for_its_owner_alone(terminal: Opener, tmp_path: Path) -> None:
    suite = terminal()
    suite.case()
    seq, link = suite.head()
    leave(suite)
    file = only_file(tmp_path)
    value = json.loads(file.read_text())
    assert (value["seq"], value["hash"]) == (seq, link)
    assert file.stem == suite.theatre.store.site_id
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Patient" not in file.read_text()


def test_a_journal_that_goes_on_raises_no_alarm(terminal: Opener) -> None:
    for _ in range(3):
        suite = terminal()
        assert suite.theatre.terminal.alarm == ""
        suite.case()
        found = verify_journal(suite.theatre)
        assert found.faults == []
        leave(suite)


def test_a_cut_end_is_said_at_the_start_and_found_by_verify(cut: Path, terminal: Opener) -> None:
    suite = terminal()
    alarm = suite.theatre.terminal.alarm
    assert "is gone: the journal was cut" in alarm
    assert "entry 13, seen 2026-11-23 09:00:00 UTC" in alarm
    assert verify_journal(suite.theatre).faults == ["entry 13: it was seen before and is gone; the journal was cut"]
    assert suite.theatre.terminal.standing(suite.theatre) == [alarm]


def test_the_memory_outlives_the_alarm(cut: Path, terminal: Opener) -> None:
    before = only_file(cut).read_text()
    for _ in range(2):
        suite = terminal()
        for _ in range(4):
            suite.case()  # the work goes on, beyond the number that was seen
        assert suite.theatre.terminal.alarm
        leave(suite)
    assert only_file(cut).read_text() == before
    assert "another one: its history was rewritten" in terminal().theatre.terminal.alarm


def test_a_restore_that_is_written_down_explains(cut: Path, terminal: Opener) -> None:
    suite = terminal()
    seen = suite.theatre.terminal.memory
    assert seen is not None
    assert seen.seen is not None
    heads.record_restored(suite.theatre, suite.nurse, "the disk failed", (seen.seen.seq, seen.seen.link))
    for _ in range(4):
        suite.case()
    found = verify_journal(suite.theatre)
    assert [fault for fault in found.faults if fault != suite.theatre.terminal.alarm] == []
    assert any("lost when a backup was restored" in words for words in found.notes)
    suite.theatre.close()
    again = terminal()
    assert again.theatre.terminal.alarm == ""
    assert "entries 12 to 13 of before are lost" in again.theatre.terminal.notices[0]
    assert verify_journal(again.theatre).faults == []
    leave(again)
    assert terminal().theatre.terminal.notices == []


def test_a_restore_by_hand_is_written_down_once_and_only_where_something_is_lost(cut: Path, terminal: Opener) -> None:
    suite = terminal()
    heads.own_restored(suite.theatre, suite.nurse, "copied the backup of Monday back")
    assert suite.theatre.terminal.alarm == ""
    with pytest.raises(Refused):
        heads.own_restored(suite.theatre, suite.nurse, "again")
    leave(suite)
    assert terminal().theatre.terminal.alarm == ""


def test_a_restore_explains_only_what_it_lost(cut: Path, terminal: Opener) -> None:
    suite = terminal()
    heads.record_restored(suite.theatre, suite.nurse, "why", (12, b"x" * 32))
    suite.theatre.close()
    assert terminal().theatre.terminal.alarm  # entry 13 is gone too, and that restore does not name it


def test_a_rewritten_history_is_found(terminal: Opener, tmp_path: Path) -> None:
    suite = terminal()
    suite.case()
    memory = suite.theatre.terminal.memory
    assert memory is not None
    with suite.theatre.reading() as session:
        cursor = cursor_of(session)
        seq, _ = log.head(cursor, suite.theatre.store.site_id)
        other = heads.with_head(memory, seq, b"o" * 32, MORNING, tmp_path / "elsewhere.db")
        found = heads.compare(cursor, other, tmp_path / "ortool.db")
        cursor.close()
    assert "is another one: its history was rewritten" in found.alarm
    assert f"That was in {tmp_path / 'elsewhere.db'}; an older copy has fewer entries." in found.alarm


@pytest.mark.parametrize("words", ["", "{}", "nonsense", '{"seq": "x"}', "[]", '{"seq":1,"hash":"zz"}'])
def test_a_memory_that_cannot_be_read_is_said(terminal: Opener, tmp_path: Path, words: str) -> None:
    suite = terminal()
    suite.case()
    leave(suite)
    only_file(tmp_path).write_text(words)
    again = terminal()
    assert "cannot be read" in again.theatre.terminal.alarm
    again.case()


def test_a_folder_that_cannot_be_written_stops_no_work(
    terminal: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ORTOOL_STATE", str(tmp_path / "file"))
    suite = terminal()
    suite.case()
    suite.theatre.terminal.remember(suite.theatre)
    assert newest_seq(suite.theatre) > 9


def test_an_older_head_never_replaces_a_newer_one(tmp_path: Path) -> None:
    memory = heads.with_head(heads.Memory(tmp_path / "x.json"), 9, b"n" * 32, MORNING, tmp_path)
    assert heads.with_head(memory, 8, b"o" * 32, MORNING, tmp_path) is memory


def test_a_demonstration_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTOOL_STATE", str(tmp_path / "state"))
    theatre = open_theatre(settings(), tmp_path / "demo.db", Clock(), demo=True, watched=True)
    theatre.terminal.leave(theatre)
    theatre.close()
    assert not (tmp_path / "state").exists()
