"""The server goes away in the middle of an operation: ticks and notes are kept here and sent once, bookings wait."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ortool.checklist.commands import StampMilestone, Undo
from ortool.checklist.once import EnteredBefore
from ortool.errors import Away, BadInput, Refused
from ortool.services import booking, keeping, running
from ortool.services.journals import case_entries, verify_journal
from tests.patience import patient
from tests.postgres.behind import Behind
from tests.services.suite import MORNING, Suite, done, settings

Make = Callable[..., Behind]


def cut(one: Behind) -> None:
    """Cut the network."""
    one.proxy.refuses = True
    one.proxy.drop()


def mend(one: Behind) -> None:
    """Mend the network, and wait until the terminal has noticed."""
    one.proxy.refuses = one.proxy.is_dark = False
    one.proxy.drop()
    until = time.monotonic() + patient(8)
    while time.monotonic() < until:
        try:
            one.suite.theatre.store_version()
            return
        except Away:
            time.sleep(0.05)
    pytest.fail("the terminal never noticed")


def kinds(suite: Suite, case_id: str) -> list[str]:
    """Return the kinds of a case's entries after it was added."""
    return [entry.kind for entry in case_entries(suite.theatre, case_id)][1:]


def test_ticks_and_notes_are_kept_and_sent_in_order_with_their_own_times(behind: Make) -> None:
    one = behind()
    suite, offline = one.suite, one.suite.theatre.offline
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    cut(one)
    suite.clock.pass_time(minutes=1)
    seen = running.act(suite.theatre, suite.nurse_known, case.id, done("SI.consent"))
    assert "SI.consent" in seen.run.answers
    suite.clock.pass_time(minutes=1)
    running.add_note(suite.theatre, suite.nurse_known, case.id, "The lamp fell")
    suite.clock.pass_time(minutes=1)
    seen = running.act(suite.theatre, suite.nurse_known, case.id, done("SI.weight", "80"))
    assert set(seen.run.answers) == {"SI.consent", "SI.weight"}
    assert running.open_case(suite.theatre, case.id).run.answers == seen.run.answers
    assert (offline.count, offline.needs_person) == (3, 0)
    suite.clock.pass_time(minutes=10)
    mend(one)
    assert offline.count == 0
    assert suite.theatre.news == ["3 saved here while the database was away: now in the journal."]
    entries = case_entries(suite.theatre, case.id)[-3:]
    assert [entry.kind for entry in entries] == ["item.answered", "note.added", "item.answered"]
    assert [entry.occurred_at - MORNING for entry in entries] == [timedelta(minutes=n) for n in (1, 2, 3)]
    assert {entry.recorded_at - MORNING for entry in entries} == {timedelta(minutes=13)}
    assert running.open_case(suite.theatre, case.id).run == running.refold(suite.theatre, case.id)
    assert verify_journal(suite.theatre).faults == []


def test_a_tick_is_kept_within_about_a_second_though_the_line_stays_open(behind: Make) -> None:
    one = behind()
    suite = one.suite
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    nurse = suite.nurse_known
    one.proxy.is_dark = True
    lengths = []
    for item in ("SI.consent", "SI.identity"):
        begun = time.monotonic()
        running.act(suite.theatre, nurse, case.id, done(item, second=suite.voice_known("a1")))
        lengths.append(time.monotonic() - begun)
    assert suite.theatre.offline.count == 2
    assert lengths[0] < patient(2.5)
    assert lengths[1] < patient(1)


def test_nothing_but_ticks_and_notes_is_taken(behind: Make) -> None:
    one = behind()
    suite = one.suite
    case, nurse = suite.case(), suite.nurse_known
    cut(one)
    refused = [
        lambda: booking.book(suite.theatre, nurse, case.id, "OR1", MORNING + timedelta(hours=1), 60),
        suite.case,
        lambda: running.sign(suite.theatre, nurse, case.id),
    ]
    for verb in refused:
        with pytest.raises(Away, match="bookings and all else have to wait"):
            verb()
    assert suite.theatre.offline.count == 0
    mend(one)
    assert kinds(suite, case.id) == []


def test_a_case_that_was_never_open_here_is_not_guessed_at(behind: Make) -> None:
    one = behind()
    case = one.suite.case()
    nurse = one.suite.nurse_known
    one.suite.theatre.offline.known.clear()
    cut(one)
    with pytest.raises(Away, match="was not open at this terminal"):
        running.act(one.suite.theatre, nurse, case.id, StampMilestone("PIR"))
    assert one.suite.theatre.offline.count == 0


def test_the_rules_hold_here_too(behind: Make) -> None:
    one = behind()
    suite = one.suite
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    cut(one)
    running.act(suite.theatre, suite.nurse_known, case.id, done("SI.consent"))
    with pytest.raises(Refused):
        running.act(suite.theatre, suite.nurse_known, case.id, done("SI.consent"))
    with pytest.raises(Refused):
        running.act(suite.theatre, suite.nurse_known, case.id, done("SI.nothing"))
    assert suite.theatre.offline.count == 1


def test_what_was_begun_while_away_is_begun_and_an_undo_takes_back_what_waited_with_it(behind: Make) -> None:
    one = behind()
    suite = one.suite
    case = suite.case()
    running.open_case(suite.theatre, case.id)
    cut(one)
    nurse = suite.nurse_known
    running.act(suite.theatre, nurse, case.id, StampMilestone("PIR"))
    seen = running.act(suite.theatre, nurse, case.id, done("SI.consent"))
    seen = running.act(suite.theatre, nurse, case.id, Undo(seen.run.live[-1].seq))
    assert "SI.consent" not in seen.run.answers
    seen = running.act(suite.theatre, nurse, case.id, Undo(seen.run.live[-1].seq))
    assert not seen.run.stamps
    mend(one)
    assert kinds(suite, case.id) == [
        "run.started",
        "milestone.stamped",
        "item.answered",
        "entry.undone",
        "entry.undone",
    ]
    after = running.open_case(suite.theatre, case.id).run
    assert (after.answers, after.stamps) == ({}, {})


def test_a_killed_program_sends_what_waited_when_it_starts_again(behind: Make) -> None:
    one = behind()
    suite = one.suite
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    cut(one)
    running.act(suite.theatre, suite.nurse_known, case.id, done("SI.consent"))
    one.proxy.refuses = False
    again = one.again()
    assert again.theatre.store.notices[-1:] == ["1 saved here while the database was away: now in the journal."]
    assert kinds(again, case.id) == ["run.started", "milestone.stamped", "item.answered"]
    mend(one)
    assert kinds(again, case.id) == ["run.started", "milestone.stamped", "item.answered"]
    again.theatre.close()


def test_what_the_rules_refuse_now_is_not_lost(behind: Make, capsys: pytest.CaptureFixture[str]) -> None:
    from ortool.services.health import examine

    one = behind()
    suite = one.suite
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    cut(one)
    running.act(suite.theatre, suite.nurse_known, case.id, done("SI.consent"))
    running.act(suite.theatre, suite.nurse_known, case.id, done("SI.weight", "80"))
    elsewhere = one.directly()
    elsewhere.act(case, done("SI.consent"), who="n2")
    mend(one)
    assert (suite.theatre.offline.count, suite.theatre.offline.needs_person) == (0, 1)
    said, *_ = [words for words in suite.theatre.news if words.startswith("NEEDS A PERSON")]
    assert "AnswerItem SI.consent by NN" in said
    assert kinds(elsewhere, case.id)[-2:] == ["item.answered", "item.answered"]
    findings = examine(suite.theatre.settings, Path("none.toml"))
    (found,) = [one for one in findings if one.what == "saved here"]
    assert not found.well
    assert "SI.consent" in found.seen
    with pytest.raises(BadInput, match="has the number 99"):
        keeping.settle(suite.theatre, suite.nurse, 99)
    number = int(found.mend.split("settle ")[1].split("`")[0])
    assert "SI.consent" in keeping.settle(suite.theatre, suite.nurse, number)
    assert suite.theatre.kept_here == (0, 0)
    assert kinds(elsewhere, case.id)[-1] == "note.added"
    elsewhere.theatre.close()


def test_what_waits_is_encrypted_where_the_site_has_a_key(behind: Make, tmp_path: Path, home: Path) -> None:
    key = tmp_path / "key"
    key.write_text("ab" * 32)
    for options, is_plain in (({}, True), ({"key_file": str(key)}, False)):
        one = behind(**options)
        case = one.suite.case()
        running.open_case(one.suite.theatre, case.id)
        cut(one)
        running.add_note(one.suite.theatre, one.suite.nurse_known, case.id, "Mrs Canary of Quackenbush")
        one.suite.theatre.close()
        held = b"".join(file.read_bytes() for file in sorted((home / "ortool").iterdir()))
        assert (b"Canary" in held) is is_plain
        for file in (home / "ortool").iterdir():
            assert file.stat().st_mode & 0o077 == 0
            file.unlink()


def test_settings_without_a_server_have_no_spool(suite: Suite) -> None:
    assert suite.theatre.offline is None
    assert settings().on_server is False


def test_a_form_entered_while_away_counts_once_and_an_undone_line_is_found_again(behind: Make) -> None:
    one = behind()
    suite, case = one.suite, one.suite.case()
    form = "DT-261123-060000-4F1A"
    before = MORNING - timedelta(minutes=50)
    suite.act(case, StampMilestone("PIR", before, paper=form))
    consent = done("SI.consent", occurred_at=before, paper=form)
    weight = done("SI.weight", "80", occurred_at=before, paper=form)
    cut(one)
    nurse = suite.nurse_known
    seen = running.act(suite.theatre, nurse, case.id, consent)
    with pytest.raises(EnteredBefore):
        running.act(suite.theatre, nurse, case.id, consent)
    running.act(suite.theatre, nurse, case.id, Undo(seen.run.live[-1].seq))
    running.act(suite.theatre, nurse, case.id, weight)
    mend(one)
    assert suite.theatre.offline.needs_person == 0
    run = running.refold(suite.theatre, case.id)
    assert set(run.answers) == {"SI.weight"}
    running.act(suite.theatre, nurse, case.id, consent)
    names = [entry.command_id for entry in case_entries(suite.theatre, case.id) if form in entry.command_id]
    assert [name.removeprefix(f"{form}-").partition("@")[0] for name in names] == [
        "PIR", "PIR", "SI.consent", "SI.weight", "SI.consent~2",
    ]  # fmt: skip
    assert verify_journal(suite.theatre).faults == []
