"""Backups: taken while the theatre works, read back, restored, drilled, encrypted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from ortool.caselog.found import Wanted
from ortool.checklist.commands import StampMilestone
from ortool.errors import NeedsIdentity, Refused, StorageFault
from ortool.people.person import NOBODY
from ortool.services import backups, booking, encryption, identity, journals, people, restoring, running
from ortool.services.finding import find_cases
from ortool.services.theatre import Theatre, open_theatre
from tests.faults import backups as copied
from tests.faults.outcome import expect, new_seed
from tests.services.suite import MORNING, Clock, Suite, furnish, settings

PLAIN, KEY = "", "5e" * 32
ADMIN = "480261"


@pytest.fixture(params=[PLAIN, KEY], ids=["plain", "encrypted"])
def suite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Suite]:
    """A suite on a database of its own, plain or encrypted, with two cases."""
    more = {"database_url": f"sqlite:///{tmp_path / 'suite.db'}", "pepper_file": str(tmp_path / "pepper.key")}
    if request.param:
        (tmp_path / "key").write_text(request.param)
        more["key_file"] = str(tmp_path / "key")
    clock = Clock()
    found = Suite(furnish(tmp_path / "suite.db", settings(**more), clock), clock)
    found.case()
    found.case()
    yield found
    found.theatre.close()


def opened(suite: Suite) -> Theatre:
    """Open the same database anew."""
    return open_theatre(suite.theatre.settings, suite.theatre.store.path, suite.clock)


def test_a_backup_is_opened_before_it_is_believed_and_the_journal_keeps_it(suite: Suite) -> None:
    before = suite.head()
    done = backups.back_up(suite.theatre)
    assert (done.head.seq, done.head.hash) == before
    assert oct(done.file.stat().st_mode)[-3:] == "600"
    assert done.file.parent.name == "suite.db.backups"
    assert suite.head()[0] == before[0] + 1
    with pytest.raises(Refused, match="exists already"):
        backups.back_up(suite.theatre, done.file)


def test_a_backup_under_load_is_an_exact_beginning_of_the_journal(suite: Suite, tmp_path: Path) -> None:
    expect(copied.under_load(suite, tmp_path, 4))


def test_automatic_backups_come_when_they_are_due_and_only_once(suite: Suite) -> None:
    first = backups.keep_backups(suite.theatre)
    assert first is not None
    assert backups.keep_backups(suite.theatre) is None
    other = opened(suite)
    assert backups.keep_backups(other) is None
    other.close()
    suite.clock.pass_time(minutes=15)
    second = backups.keep_backups(suite.theatre)
    assert second is not None
    assert [path for _, path in backups.listed(second.file.parent)] == [first.file, second.file]


@given(st.lists(st.integers(0, 500 * 24 * 60), min_size=1, max_size=200, unique=True))
def test_what_is_kept_thins_with_age_and_never_leaves_a_gap_that_an_older_one_could_fill(minutes: list[int]) -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    times = [now - timedelta(minutes=one) for one in minutes]
    dropped = set(backups.superseded(times, now))
    kept = sorted(set(times) - dropped)
    assert max(times) in kept or now - max(times) >= backups.MONTHLY
    assert all(now - at >= backups.ALL for at in dropped)
    again = backups.superseded(kept, now)
    assert again == []
    for at in dropped:
        if now - at < backups.DAILY:
            assert any(abs(at - one) < timedelta(days=1) for one in kept)


def test_a_restore_says_what_is_lost_keeps_the_former_and_stops_the_old_terminals(suite: Suite, tmp_path: Path) -> None:
    done = backups.back_up(suite.theatre)
    suite.case()
    suite.case()
    lost = suite.head()
    head = restoring.rehearse(suite.theatre.settings, done.file, tmp_path)
    assert head == done.head
    assert "Entries" in restoring.what_is_lost(suite.theatre.settings, head)
    there = restoring.open_rehearsed(suite.theatre.settings, tmp_path, suite.clock)
    restored = restoring.restore(suite.theatre.settings, done.file, there)
    there.close()
    assert restored.lost == lost[0] - head.seq
    assert restored.aside is not None
    assert restored.aside.exists()
    with pytest.raises(StorageFault, match="replaced"):
        suite.case()
    again = opened(suite)
    found = journals.verify_journal(again)
    assert found.faults == []
    assert found.head_seq == head.seq + 1
    again.close()


def _rehearsed(suite: Suite, copy: Path, folder: Path) -> Path:
    restoring.rehearse(suite.theatre.settings, copy, folder)
    return folder


def test_notes_are_found_in_a_restored_and_in_an_encrypted_database(suite: Suite, tmp_path: Path) -> None:
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    suite.act(case, StampMilestone("PIR"))
    running.add_note(suite.theatre, suite.nurse, case.id, "Drain kinked")
    assert [one.case.id for one in find_cases(suite.theatre, Wanted(words="kinked")).cases] == [case.id]
    copy = backups.back_up(suite.theatre).file
    running.add_note(suite.theatre, suite.nurse, case.id, "Cement leaked")
    assert find_cases(suite.theatre, Wanted(words="cement")).cases
    there = restoring.open_rehearsed(suite.theatre.settings, _rehearsed(suite, copy, tmp_path), suite.clock)
    restoring.restore(suite.theatre.settings, copy, there)
    there.close()
    suite.theatre.close()
    suite.theatre = opened(suite)
    assert [one.case.id for one in find_cases(suite.theatre, Wanted(words="kinked")).cases] == [case.id]
    assert not find_cases(suite.theatre, Wanted(words="cement")).cases
    assert journals.verify_journal(suite.theatre).faults == []


def test_a_cut_copy_and_one_with_a_hole_are_refused(suite: Suite) -> None:
    for outcome in copied.damaged(suite, 5, new_seed()):
        expect(outcome)


def test_a_copy_whose_journal_was_edited_is_refused(suite: Suite, tmp_path: Path) -> None:
    done = backups.back_up(suite.theatre)
    connection = dbapi2.connect(str(done.file))
    if suite.theatre.settings.key_file:
        connection.execute(f"PRAGMA key = \"x'{KEY}'\"")
    connection.execute("DROP TRIGGER entry_is_never_changed")
    connection.execute("UPDATE entry SET actor = 'somebody' WHERE seq = 3")
    connection.commit()
    connection.close()
    with pytest.raises(StorageFault, match="sealed"):
        restoring.rehearse(suite.theatre.settings, done.file, tmp_path)


def test_another_key_opens_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "wrong").write_text("77" * 32)
    url = f"sqlite:///{tmp_path / 'suite.db'}"
    theatre = furnish(tmp_path / "suite.db", settings(database_url=url, key_file=str(tmp_path / "key")), Clock())
    done = backups.back_up(theatre)
    theatre.close()
    wrong = settings(database_url=url, key_file=str(tmp_path / "wrong"))
    with pytest.raises(StorageFault, match="key"):
        restoring.rehearse(wrong, done.file, tmp_path)
    with pytest.raises(StorageFault, match="key"):
        open_theatre(wrong)


def test_a_drill_says_what_a_restore_today_would_lose(suite: Suite) -> None:
    with pytest.raises(Refused, match="no backup"):
        backups.drill(suite.theatre)
    backups.back_up(suite.theatre)
    suite.clock.pass_time(minutes=7)
    suite.case()
    done = backups.drill(suite.theatre)
    assert done.lost == 2  # that the backup was taken, and the case
    assert done.span == timedelta(minutes=7)
    assert done.seconds > 0


def test_who_may_not_back_up_and_restore_is_refused(suite: Suite, tmp_path: Path) -> None:
    done = backups.back_up(suite.theatre)
    boss = suite.person("n2")
    people.grant(suite.theatre, boss, "n2", ["admin"])
    people.grant(suite.theatre, boss, "n1", ["admin"])
    identity.set_pin(suite.theatre, boss, "n2", ADMIN)
    suite.theatre.reader = NOBODY
    with pytest.raises(NeedsIdentity):
        backups.back_up(suite.theatre)
    suite.theatre.reader = identity.identify(suite.theatre, "n2", ADMIN)
    identified = backups.back_up(suite.theatre, tmp_path / "later.db")
    restoring.rehearse(suite.theatre.settings, identified.file, tmp_path)
    there = restoring.open_rehearsed(suite.theatre.settings, tmp_path, suite.clock)
    with pytest.raises(NeedsIdentity):
        restoring.restore(suite.theatre.settings, done.file, there)
    there.reader = identity.identify(there, "n2", ADMIN)
    for second, words in (("", "second administrator"), ("n2", "somebody else"), ("n1", "Wrong PIN")):
        with pytest.raises(Refused, match=words):
            restoring.seconded(there, second, lambda _words: ADMIN)
    there.close()


def test_a_plain_database_is_encrypted_after_a_backup_and_loses_nothing(tmp_path: Path) -> None:
    site = settings(database_url=f"sqlite:///{tmp_path / 'suite.db'}")
    suite = Suite(furnish(tmp_path / "suite.db", site, Clock()), Clock())
    suite.case(name="Wilhelmina Canary")
    before = suite.head()
    file = tmp_path / "settings.toml"
    file.write_text("")
    aside, copy = encryption.encrypted(site, file)
    with pytest.raises(StorageFault, match="replaced"):
        suite.case()
    suite.theatre.close()
    assert aside.exists()
    assert copy.exists()
    assert b"Canary" in copy.read_bytes() + aside.read_bytes()
    from ortool.settings import load_settings

    now = load_settings({"database_url": site.database_url}, file)
    assert b"Canary" not in (tmp_path / "suite.db").read_bytes()
    again = open_theatre(now)
    found = journals.verify_journal(again)
    assert (found.head_seq, found.head_hash, found.faults) == (*before, [])
    again.close()
    with pytest.raises(Refused, match="already"):
        encryption.encrypted(now, file)
    assert (
        encryption.escrow(encryption.key_file_of(now, file))[2].replace(" ", "")
        == Path(now.key_file).read_text().strip()
    )


def test_a_plain_database_opens_though_a_key_is_set_and_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'suite.db'}"
    furnish(tmp_path / "suite.db", settings(database_url=url), Clock()).close()
    (tmp_path / "key").write_text(KEY)
    theatre = open_theatre(settings(database_url=url, key_file=str(tmp_path / "key")))
    assert any("not encrypted" in notice for notice in theatre.store.notices)
    theatre.close()
