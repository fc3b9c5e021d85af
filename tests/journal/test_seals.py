"""Signed checkpoints: when they are written, what they find, and how a key follows another one."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from ortool.errors import BadInput, Refused
from ortool.journal import log
from ortool.journal.check import Chain
from ortool.journal.entry import Entry
from ortool.journal.signing import SYSTEM, SigningKey, checkpoint_note, is_signed
from ortool.people.permissions import Verb
from ortool.services import heads, running, seals
from ortool.services.journals import recent_entries, verify_journal
from ortool.services.sealing import first_key, keys_here, next_key
from ortool.services.setup import SYSTEM as ORTOOL
from ortool.storage.store import cursor_of
from tests.services.suite import Suite, done


@pytest.fixture
def sealed(make_suite: Callable[..., Suite], tmp_path: Path) -> Suite:
    """A suite at a terminal with a key."""
    suite = make_suite(signing_key_file=str(tmp_path / "keys" / "site.key"))
    suite.theatre.terminal.memory = heads.Memory(tmp_path / "state" / "site.json")
    first_key(suite.theatre, ORTOOL)
    return suite


def of_kind(suite: Suite, kind: str) -> list[Entry]:
    """Return the entries of a kind."""
    return [entry for entry in recent_entries(suite.theatre) if entry.kind == kind]


def checkpoints(suite: Suite) -> list[int]:
    """Return the numbers of the checkpoints."""
    return [entry.seq for entry in of_kind(suite, "journal.checkpoint")]


def notes(suite: Suite, number: int) -> None:
    """Write so many entries."""
    case = suite.case()
    for count in range(number - 1):
        running.add_note(suite.theatre, suite.nurse, case.id, f"Word {count}")


def test_the_key_is_its_owners_alone_and_is_named_in_the_journal(sealed: Suite, tmp_path: Path) -> None:
    file = tmp_path / "keys" / "site.key"
    assert file.stat().st_mode & 0o777 == 0o600
    key = seals.read_key(file)
    (named,) = of_kind(sealed, "journal.key")
    assert (named.body["key_id"], named.body["by"]) == (key.id, "")
    assert [(one.id, one.seals) for one in keys_here(sealed.theatre)] == [(key.id, True)]
    secret = file.read_text().strip()
    assert not any(secret in str(entry.body) for entry in recent_entries(sealed.theatre))


def test_the_signature_is_over_the_note_that_the_format_names(sealed: Suite) -> None:
    entry = of_kind(sealed, "journal.checkpoint")[0]
    site, key = sealed.theatre.store.site_id, sealed.theatre.terminal.signer
    assert key is not None
    note = f"ortool/{site}\n{entry.seq - 1}\n{entry.body['head']}\n".encode()
    assert note == checkpoint_note(site, entry.seq - 1, entry.body["head"])
    assert is_signed(key.public, entry.body["signature"], note)
    assert not is_signed(key.public, entry.body["signature"], note + b" ")
    assert not is_signed(SigningKey(b"x" * 32).public, entry.body["signature"], note)


def test_there_is_one_at_the_latest_after_sixty_four_entries(sealed: Suite) -> None:
    notes(sealed, 200)
    numbers = checkpoints(sealed)
    assert [after - before for before, after in pairwise(numbers)] == [65, 65, 65]
    found = verify_journal(sealed.theatre)
    assert (found.faults, found.checkpoints) == ([], 4)


def test_a_long_transaction_is_sealed_on_the_way(sealed: Suite) -> None:
    before = len(checkpoints(sealed))
    with sealed.theatre.writing(sealed.nurse, Verb.SCHEDULE):
        notes(sealed, 200)
    assert len(checkpoints(sealed)) == before + 3
    assert verify_journal(sealed.theatre).faults == []


def test_a_signature_and_five_minutes_make_one_due(sealed: Suite) -> None:
    case = sealed.case()
    before = checkpoints(sealed)
    sealed.clock.pass_time(minutes=4, seconds=59)
    sealed.act(case, done("SI.consent"))
    assert checkpoints(sealed) == before
    sealed.clock.pass_time(seconds=1)
    running.add_note(sealed.theatre, sealed.nurse, case.id, "Five minutes later")
    assert len(checkpoints(sealed)) == len(before) + 1
    other = sealed.case()
    sealed.through(other)
    before = checkpoints(sealed)
    running.sign(sealed.theatre, sealed.surgeon, other.id)
    assert len(checkpoints(sealed)) == len(before) + 1
    assert recent_entries(sealed.theatre)[-1].kind == "journal.checkpoint"


def test_leaving_a_terminal_seals_the_rest_once(sealed: Suite) -> None:
    sealed.case()
    before = checkpoints(sealed)
    assert seals.seal_rest(sealed.theatre)
    assert not seals.seal_rest(sealed.theatre)
    assert len(checkpoints(sealed)) == len(before) + 1
    assert not any("bear no signature" in words for words in verify_journal(sealed.theatre).unseen)


def test_what_was_rolled_back_has_sealed_nothing(sealed: Suite) -> None:
    head = sealed.head()
    with pytest.raises(Refused), sealed.theatre.writing(sealed.nurse, Verb.SCHEDULE):
        notes(sealed, 70)
        raise Refused("no")
    assert sealed.head() == head
    notes(sealed, 130)
    found = verify_journal(sealed.theatre)
    assert (found.faults, found.checkpoints) == ([], 3)


def test_without_a_key_nothing_is_sealed_and_that_is_said(suite: Suite) -> None:
    notes(suite, 70)
    found = verify_journal(suite.theatre)
    assert (found.faults, found.checkpoints) == ([], 0)
    assert any("No signing key is known here" in words for words in found.unseen)


def test_a_key_that_cannot_be_read_stops_no_work(sealed: Suite, tmp_path: Path) -> None:
    (tmp_path / "keys" / "site.key").write_text("nonsense")
    terminal = sealed.theatre.terminal
    terminal.signer, terminal._key_file = None, tmp_path / "keys" / "site.key"
    before = checkpoints(sealed)
    notes(sealed, 70)
    assert checkpoints(sealed) == before
    assert any("cannot be read" in words for words in terminal.notices)


def test_a_new_key_is_vouched_for_by_the_old_one(sealed: Suite, tmp_path: Path) -> None:
    (old,) = keys_here(sealed.theatre)
    new = next_key(sealed.theatre, ORTOOL)
    assert new.id != old.id
    assert (tmp_path / "keys" / f"site.key.{old.id}").exists()
    notes(sealed, 70)
    assert of_kind(sealed, "journal.checkpoint")[-1].body["key_id"] == new.id
    assert verify_journal(sealed.theatre).faults == []
    trusting_old = {old.id: seals.read_key(tmp_path / "keys" / f"site.key.{old.id}").public}
    with sealed.theatre.reading() as session:
        cursor, site = cursor_of(session), sealed.theatre.store.site_id
        chain = Chain(site, trusting_old)
        assert log.verify(cursor, site, chain).faults == []
        assert set(chain.learned) == {new.id}
        stranger = SigningKey(b"y" * 32)
        faults = log.verify(cursor, site, Chain(site, {stranger.id: stranger.public})).faults
        assert any("vouches" in fault for fault in faults)


def test_a_stranger_cannot_bring_a_key_of_his_own(sealed: Suite) -> None:
    stranger = SigningKey(b"z" * 32)
    with sealed.theatre.writing(ORTOOL, Verb.SCHEDULE) as desk:
        seals.new_key(desk, stranger, None)
        seals.seal(desk, stranger)
    faults = verify_journal(sealed.theatre).faults
    assert any("vouches for the new signing key" in fault for fault in faults)
    assert any("nobody vouches for" in fault for fault in faults)


def test_a_checkpoint_for_another_history_is_found(sealed: Suite) -> None:
    key = sealed.theatre.terminal.signer
    assert key is not None
    with sealed.theatre.writing(ORTOOL, Verb.SCHEDULE) as desk:
        seq, _ = log.head(desk.cursor, sealed.theatre.store.site_id)
        body = {"seq": seq, "head": "AAAA", "key_id": key.id, "signature": key.sign(b"anything")}
        desk.append(SYSTEM, "journal.checkpoint", body)
    assert any("another history" in fault for fault in verify_journal(sealed.theatre).faults)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    seals.make_key(tmp_path / "key")
    with pytest.raises(Refused):
        seals.make_key(tmp_path / "key")
    (tmp_path / "bad").write_text("00")
    with pytest.raises(BadInput):
        seals.read_key(tmp_path / "bad")
