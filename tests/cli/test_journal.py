"""`ortool journal` as people call it: its exit codes, its witnesses, its file, and the clock that is asked about."""

import json
import shutil
import threading
import time

import pytest
from sqlcipher3 import dbapi2

from ortool.cli import session
from ortool.services.theatre import open_theatre


def head_of(told):
    """Return the head that verify printed, as SEQ:HASH."""
    words = next(line for line in told.out.splitlines() if line.startswith("Head:")).split()
    return f"{words[2].rstrip(',')}:{words[3]}"


def altered(site, *statements):
    """Reach into the database as the owner of its file could."""
    base = dbapi2.connect(str(site / "site.db"), isolation_level=None)
    guards = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        base.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        base.execute(statement)
    for _, text in guards:
        base.execute(text)
    base.close()


def test_a_sound_journal_says_what_could_not_have_been_found(ortool):
    first = ortool("journal", "verify")
    assert first.code == 0
    assert "No head was remembered or given" in first.out
    assert "No signing key is known here" in first.out
    assert "Nothing was altered" in first.err
    assert "No head was remembered" not in ortool("journal", "verify").out


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE entry SET actor = 'su1' WHERE seq = 4", "entry 4: its content is not what was sealed"),
        ("UPDATE person SET roles = 'surgeon' WHERE id = 'cn1'", "person cn1: roles is not what the journal says"),
        ("UPDATE op_case SET state = 'signed' WHERE number = 1001", "case 1001: state is not"),
        ("DELETE FROM claim WHERE resource = 'room:OR1'", "room is not held"),
        ("UPDATE secret_text SET txt = 'x' WHERE seq = 9", "entry 9: a text beside it"),
        ("DELETE FROM room WHERE id = 'OR9'", ""),
    ],
)
def test_what_was_altered_is_named_and_the_exit_code_is_one(ortool, site, statement, words):
    altered(site, statement)
    told = ortool("journal", "verify")
    assert told.code == (1 if words else 0)
    assert words in told.out


def test_a_missing_guard_is_an_alteration_and_not_a_broken_file(ortool, site):
    base = dbapi2.connect(str(site / "site.db"), isolation_level=None)
    base.execute("DROP TRIGGER entry_is_never_changed")
    base.close()
    told = ortool("journal", "verify")
    assert (told.code, "entry_is_never_changed" in told.out) == (1, True)


def test_what_cannot_be_read_is_three(ortool, site):
    (site / "site.db").write_bytes(b"this is no database at all" * 100)
    for suffix in ("-wal", "-shm"):
        (site / f"site.db{suffix}").unlink(missing_ok=True)
    assert ortool("journal", "verify").code == 3
    assert ortool("journal", "verify", "--file", str(site / "list.csv")).code == 3
    assert ortool("journal", "verify", "--file", str(site / "none")).code == 3


def test_a_head_from_elsewhere_is_checked(ortool):
    head = head_of(ortool("journal", "verify"))
    assert ortool("journal", "verify", "--head", head).code == 0
    assert ortool("journal", "verify", "--head", head[:19]).code == 0
    seq, link = head.split(":")
    assert ortool("journal", "verify", "--head", f"{int(seq) + 1}:{link}").code == 1
    assert ortool("journal", "verify", "--head", f"{int(seq) - 1}:{link}").code == 1
    for wrong in ("12", "12:zz", "x:0011223344556677", "12:00112233"):
        assert ortool("journal", "verify", "--head", wrong).code == 2


def test_only_what_came_after(ortool):
    told = ortool("journal", "verify", "--since", "10")
    assert told.code == 0
    assert "4 entries" in told.out
    assert "taken on trust" in told.out
    assert ortool("journal", "verify", "--since", "999").code == 2


def test_every_command_warns_once_the_journal_was_cut(ortool, site):
    shutil.copy(site / "site.db", site / "older.db")
    assert ortool("--by", "co1", "person", "add", "n9", "Nine", "--initials", "N9", "--role", "scrub").code == 0
    for suffix in ("-wal", "-shm"):
        (site / f"site.db{suffix}").unlink(missing_ok=True)
    shutil.copy(site / "older.db", site / "site.db")
    told = ortool("case", "list")
    assert told.code == 0
    assert "THE JOURNAL IS NOT THE ONE THIS TERMINAL KNOWS" in told.err
    assert "the journal was cut" in ortool("journal", "verify").out
    assert ortool("journal", "verify").code == 1
    assert ortool("--by", "co1", "journal", "restored", "--reason", "the disk failed").code == 0
    after = ortool("journal", "verify")
    assert (after.code, "THE JOURNAL" in after.err) == (0, False)


def test_the_file_is_written_verified_and_never_overwritten(ortool, site):
    file = site / "out.ndjson"
    assert ortool("journal", "export", str(file), "--reason", "audit").code == 2  # nobody said who
    told = ortool("--by", "co1", "journal", "export", str(file), "--reason", "audit")
    assert told.code == 0
    assert "without names" in told.err
    assert ortool("journal", "verify", "--file", str(file)).code == 0
    assert ortool("--by", "co1", "journal", "export", str(file), "--reason", "audit").code == 1
    file.write_text(file.read_text().replace('"actor": "co1"', '"actor": "cn1"', 1))
    assert ortool("journal", "verify", "--file", str(file)).code == 1
    assert ortool("journal", "verify").code == 0


def test_a_key_is_made_shown_and_followed_by_another(ortool, site):
    assert "No signing key" in ortool("journal", "key").err
    assert ortool("--by", "co1", "journal", "key", "--new").code == 0
    first = ortool("journal", "key").out
    assert "seals here" in first
    assert ortool("--by", "co1", "journal", "key", "--new").code == 0
    assert len(ortool("journal", "key").out.splitlines()) == len(first.splitlines()) + 1
    told = ortool("journal", "verify")
    assert (told.code, "2 signed checkpoints" in told.out) == (0, True)


def test_follow_shows_what_is_there_and_what_comes_without_a_text(ortool, site):
    told = ortool("journal", "follow", "--after", "0", "--limit", "12", "--json")
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, 13))
    assert "Patient" not in told.out

    def write_later():
        time.sleep(0.5)
        from ortool.people.person import Person
        from ortool.services.people import add_person
        from ortool.services.setup import SYSTEM
        from ortool.settings import load_settings

        settings = load_settings({"database_url": f"sqlite:///{site / 'site.db'}"}, site / "settings.toml")
        theatre = open_theatre(settings, now=session.clock)
        add_person(theatre, SYSTEM, Person("late1", "Late One", "LO", frozenset({"scrub"})))
        theatre.close()

    writer = threading.Thread(target=write_later)
    writer.start()
    told = ortool("journal", "follow", "--limit", "1")
    writer.join()
    assert "person.set  late1" in told.out
    assert "Late One" not in told.out


def test_a_clock_in_the_past_needs_a_word_before_anything_is_written(ortool, at):
    person = ("person", "add", "n9", "Nine", "--initials", "N9", "--role", "scrub")
    assert ortool("--by", "co1", *person).code == 0
    at("08:00")
    again = ("person", "add", "n8", "Eight", "--initials", "N8", "--role", "scrub")
    told = ortool("--by", "co1", *again)
    assert told.code == 1
    assert "This computer's clock says 23 Nov 2026 09:00:00" in told.err
    assert ortool("case", "list").code == 0  # reading needs no word
    assert ortool("--by", "co1", *again, "--clock-ok").code == 0
    assert ortool("--by", "co1", "person", "retire", "n8").code == 0  # the newest entry bears this time now
