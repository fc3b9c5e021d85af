"""Who is at the terminal: proven, counted against guessing, permitted by one table, kept in the journal."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
from sqlcipher3 import dbapi2

from ortool import shipped
from ortool.caselog.case import Case
from ortool.checklist.commands import PassGate, StampMilestone
from ortool.errors import BadInput, NeedsGlass, NeedsIdentity, NeedsPin, Refused
from ortool.people.permissions import Bond
from ortool.people.person import NOBODY, Actor
from ortool.people.pins import LIMIT, check_pin, wait_after
from ortool.services import access, boards, booking, checklists, identity, journals, people, running
from ortool.services.theatre import open_theatre
from tests.services.suite import Clock, Suite, done, furnish, settings

ADMIN, NURSE, SURGEON, OTHER = "480261", "739105", "250894", "618342"


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    """A suite whose people have PINs: n2 keeps the people, s1 operates, n1 is the nurse."""
    clock = Clock()
    theatre = furnish(tmp_path / "suite.db", settings(pepper_file=str(tmp_path / "pepper.key")), clock)
    found = Suite(theatre, clock)
    found.case()
    boss = found.person("n2")
    people.grant(theatre, boss, "n2", ["admin"])
    identity.set_pin(theatre, boss, "n2", ADMIN)
    proven = identity.identify(theatre, "n2", ADMIN, now=True)
    for person, pin in (("n1", NURSE), ("s1", SURGEON), ("s2", OTHER)):
        identity.set_pin(theatre, proven, person, pin)
    people.grant(theatre, proven, "b1", ["charge"])
    yield found
    theatre.close()


@pytest.fixture
def case(suite: Suite) -> Case:
    """The one case, of surgeon s1, booked and under way."""
    found = boards.case_list(suite.theatre)[0][0]
    booking.book(suite.theatre, identity.KEEPER, found.id, "OR1", suite.clock.now, 60)
    return found


def nurse(suite: Suite, now: bool = False) -> Actor:
    """The nurse, proven."""
    return identity.identify(suite.theatre, "n1", NURSE, now=now)


@pytest.mark.parametrize("pin", ["12345", "1234567890123", "12a456", "111111", "123456", "987654", "121212", "123123", "١٢٣٤٥٦", ""])  # fmt: skip
def test_a_pin_that_is_short_or_the_first_to_be_guessed_is_refused(pin: str) -> None:
    with pytest.raises(BadInput):
        check_pin(pin)


def test_the_wait_doubles_and_ends_in_a_lock() -> None:
    waits = [wait_after(failed) for failed in range(1, LIMIT + 1)]
    assert waits[-1] is None
    seconds = [wait.total_seconds() for wait in waits[:-1] if wait is not None]
    assert seconds[:7] == [0, 0, 0, 0, 30, 60, 120]
    assert seconds == sorted(seconds)
    assert max(seconds) == 900


def test_the_first_pin_is_an_administrators_and_the_journal_says_so(tmp_path: Path) -> None:
    theatre = furnish(tmp_path / "new.db", settings(pepper_file=str(tmp_path / "pepper.key")), Clock())
    suite = Suite(theatre, Clock())
    with pytest.raises(Refused, match="administrator"):
        identity.set_pin(theatre, suite.nurse, "n1", NURSE)
    assert not theatre.identifies
    people.grant(theatre, suite.nurse, "n1", ["admin"])
    identity.set_pin(theatre, suite.nurse, "n1", NURSE)
    assert theatre.identifies
    again = open_theatre(theatre.settings, theatre.store.path, suite.clock)
    assert again.identifies
    again.close()
    theatre.close()


def test_another_open_terminal_learns_of_the_first_pin_when_it_writes(tmp_path: Path) -> None:
    theatre = furnish(tmp_path / "two.db", settings(pepper_file=str(tmp_path / "pepper.key")), Clock())
    other = Suite(open_theatre(theatre.settings, theatre.store.path, Clock()), Clock())
    people.grant(theatre, other.nurse, "n1", ["admin"])
    identity.set_pin(theatre, other.nurse, "n1", NURSE)
    with pytest.raises(NeedsIdentity):
        other.case()
    other.theatre.close()
    theatre.close()


def test_neither_pin_nor_badge_stands_anywhere_in_the_files(suite: Suite, tmp_path: Path) -> None:
    identity.set_badge(suite.theatre, identity.identify(suite.theatre, "n2", ADMIN, now=True), "n1", "BADGE-00417")
    assert identity.identify_badge(suite.theatre, "BADGE-00417").person.id == "n1"
    suite.theatre.close()
    for path in tmp_path.iterdir():
        bytes_ = path.read_bytes()
        assert not [secret for secret in (ADMIN, NURSE, SURGEON, "BADGE-00417") if secret.encode() in bytes_]
    assert oct((tmp_path / "pepper.key").stat().st_mode)[-3:] == "600"


def test_without_the_pepper_no_pin_is_right_and_the_sentence_says_why(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "pepper.key").unlink()
    with pytest.raises(BadInput, match="pepper"):
        identity.identify(suite.theatre, "n1", NURSE)


def test_wrong_pins_lock_for_longer_and_longer_and_survive_a_restart(suite: Suite) -> None:
    for _ in range(4):
        with pytest.raises(Refused, match=r"Wrong PIN\.$"):
            identity.identify(suite.theatre, "n1", ADMIN)
    with pytest.raises(Refused, match="next try"):
        identity.identify(suite.theatre, "n1", ADMIN)
    suite.theatre.close()
    again = open_theatre(suite.theatre.settings, suite.theatre.store.path, suite.clock)
    with pytest.raises(identity.Locked):
        identity.identify(again, "n1", NURSE)
    suite.clock.pass_time(seconds=31)
    assert identity.identify(again, "n1", NURSE).auth == "pin"
    again.close()


def test_a_locked_person_is_unlocked_by_charge_only(suite: Suite) -> None:
    for _ in range(LIMIT):
        suite.clock.pass_time(minutes=20)
        with pytest.raises(Refused):
            identity.identify(suite.theatre, "n1", ADMIN)
    suite.clock.pass_time(days=300)
    with pytest.raises(identity.Locked, match="unlocks"):
        identity.identify(suite.theatre, "n1", NURSE)
    with pytest.raises(Refused, match="may not unlock"):
        identity.unlock(suite.theatre, identity.identify(suite.theatre, "s1", SURGEON), "n1")
    identity.unlock(suite.theatre, identity.identify(suite.theatre, "n2", ADMIN), "n1")
    assert identity.identify(suite.theatre, "n1", NURSE).person.id == "n1"


def test_guesses_from_many_terminals_at_once_are_all_counted(suite: Suite) -> None:
    def guess(_number: int) -> str:
        try:
            identity.identify(suite.theatre, "n1", ADMIN)
        except identity.Locked:
            return "locked"
        except Refused:
            return "wrong"
        return "right"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(24)))
    assert found.count("wrong") == 5
    assert found.count("locked") == 19


def test_somebody_without_a_pin_takes_as_long_as_somebody_with_one(suite: Suite) -> None:
    def seconds(person: str) -> float:
        began = time.process_time()
        with pytest.raises(Refused):
            identity.identify(suite.theatre, person, ADMIN)
        suite.clock.pass_time(hours=1)
        return time.process_time() - began

    known, unknown = (median(seconds(person) for _ in range(5)) for person in ("n1", "a1"))
    assert unknown > known / 2


def test_a_chosen_identity_is_none_once_there_are_pins(suite: Suite, case: Case) -> None:
    with pytest.raises(NeedsIdentity):
        running.act(suite.theatre, suite.person("n1"), case.id, PassGate("SI", "AI", "why", suite.voice("a1")))
    with pytest.raises(NeedsIdentity):
        booking.move(suite.theatre, suite.person("n1"), case.id, "OR2", suite.clock.now, 60)


def test_the_team_ticks_and_a_stranger_opens_the_case_with_a_reason_first(suite: Suite, case: Case) -> None:
    stranger = identity.identify(suite.theatre, "s2", OTHER)
    with pytest.raises(NeedsGlass):
        running.act(suite.theatre, stranger, case.id, StampMilestone("PIR"))
    with pytest.raises(Refused, match="reason"):
        running.break_glass(suite.theatre, stranger, case.id, " ")
    running.break_glass(suite.theatre, stranger, case.id, "called to help")
    suite.theatre.reader = stranger
    after = running.act(suite.theatre, stranger, case.id, StampMilestone("PIR"))
    assert [(one.actor, one.text) for one in after.history.opened] == [("s2", "called to help")]
    with pytest.raises(Refused, match="may not sign"):
        running.sign(suite.theatre, identity.identify(suite.theatre, "s2", OTHER, now=True), case.id)


def test_an_override_and_a_signature_ask_for_the_pin_again(suite: Suite, case: Case) -> None:
    surgeon = identity.identify(suite.theatre, "s1", SURGEON)
    with pytest.raises(NeedsPin):
        running.sign(suite.theatre, surgeon, case.id)
    running.act(suite.theatre, surgeon, case.id, StampMilestone("PIR"))
    override = PassGate("SI", "AI", "patient deteriorating", suite.voice("a1"))
    with pytest.raises(NeedsPin):
        running.act(suite.theatre, surgeon, case.id, override)


def test_nobody_known_ticks_a_running_case_sees_no_name_and_owes_it(suite: Suite, case: Case) -> None:
    suite.theatre.reader = NOBODY
    dossier = running.open_case(suite.theatre, case.id)
    assert (dossier.case.patient_name, dossier.case.hospital_number) == ("", "")
    after = running.act(suite.theatre, NOBODY, case.id, StampMilestone("PIR"))
    assert len(after.history.owed) == 2  # that the run began, and the stamp
    again = running.act(suite.theatre, NOBODY, case.id, done("SI.consent"))
    assert len(again.history.owed) == 3
    with pytest.raises(NeedsIdentity):
        running.add_note(suite.theatre, NOBODY, case.id, "words")
    claimed = running.claim(suite.theatre, identity.identify(suite.theatre, "s1", SURGEON), case.id)
    assert claimed.history.owed == ()
    with pytest.raises(Refused, match="has its person"):
        running.claim(suite.theatre, nurse(suite), case.id)


def test_somebody_only_chosen_is_nobody_known_once_there_are_pins(suite: Suite, case: Case) -> None:
    after = running.act(suite.theatre, suite.person("n1"), case.id, StampMilestone("PIR"))
    assert after.run is not None
    assert (after.run.stamps["PIR"].actor, after.run.stamps["PIR"].auth) == ("unidentified", "unidentified")
    assert len(after.history.owed) == 2


def test_nobody_known_reads_no_note_and_no_entry_that_could_name_the_patient(suite: Suite, case: Case) -> None:
    surgeon = identity.identify(suite.theatre, "s1", SURGEON)
    running.add_note(suite.theatre, surgeon, case.id, "told to the wife of Patient 1")
    suite.theatre.reader = NOBODY
    dossier = running.open_case(suite.theatre, case.id)
    assert [one.text for one in dossier.history.remarks] == [access.HIDDEN]
    with pytest.raises(NeedsIdentity):
        journals.case_entries(suite.theatre, case.id)


def test_who_opened_a_case_may_work_the_lists_beside_it_too(suite: Suite, case: Case) -> None:
    stranger = identity.identify(suite.theatre, "s2", OTHER)
    running.break_glass(suite.theatre, stranger, case.id, "called to help")
    suite.theatre.reader = stranger
    shipped_ones = {"checklists": shipped.folder("checklists")}
    suite.theatre.settings = suite.theatre.settings.model_copy(update=shipped_ones)
    companion = checklists.companions(suite.theatre.settings)[0].checklist.id
    assert running.open_case(suite.theatre, case.id, companion).bond_of("s2") is Bond.OPENED
    assert running.open_case(suite.theatre, case.id, companion).bond_of("n1") is Bond.OTHER


def test_nobody_known_ticks_no_case_of_another_day(suite: Suite, case: Case) -> None:
    suite.clock.pass_time(hours=-5)
    with pytest.raises(NeedsIdentity):
        running.act(suite.theatre, NOBODY, case.id, done("SI.consent"))
    with pytest.raises(NeedsIdentity):
        running.open_case(suite.theatre, case.id)


def test_a_list_names_patients_only_to_those_who_may_read_it(suite: Suite, case: Case) -> None:
    day = suite.clock.now.date()
    assert boards.case_list(suite.theatre, day)[0][0].patient_name == ""
    suite.theatre.reader = identity.identify(suite.theatre, "s1", SURGEON)
    assert boards.case_list(suite.theatre, day)[0][0].patient_name == case.patient_name or case.patient_name == ""
    assert boards.case_list(suite.theatre, day)[0][0].patient_name


def test_why_a_case_was_cancelled_is_told_to_nobody_unknown(suite: Suite, case: Case) -> None:
    day = suite.clock.now.date()
    with suite.theatre.store.writing() as session:
        session.connection().exec_driver_sql("UPDATE slot SET cancel_reason = 'Mr Quackenbush has a cold'")
    assert "Quackenbush" not in str([slot for _, slot in boards.case_list(suite.theatre, day)])
    suite.theatre.reader = identity.identify(suite.theatre, "s1", SURGEON)
    assert "Quackenbush" in str([slot for _, slot in boards.case_list(suite.theatre, day)])


def test_reading_a_case_is_kept_once_an_hour(suite: Suite, case: Case) -> None:
    suite.theatre.reader = identity.identify(suite.theatre, "s1", SURGEON)

    def kept() -> int:
        connection = dbapi2.connect(str(suite.theatre.store.path))
        found = connection.execute("SELECT count(*) FROM entry WHERE stream = ?", (access.STREAM,)).fetchone()[0]
        connection.close()
        return int(found)

    for _ in range(3):
        running.open_case(suite.theatre, case.id)
    assert kept() == 1
    suite.clock.pass_time(minutes=61)
    running.open_case(suite.theatre, case.id)
    assert kept() == 2
    assert journals.verify_journal(suite.theatre).faults == []


def test_who_was_retired_meanwhile_writes_nothing_more(suite: Suite, case: Case) -> None:
    surgeon = identity.identify(suite.theatre, "s1", SURGEON)
    people.retire_person(suite.theatre, identity.identify(suite.theatre, "n2", ADMIN), "s1")
    with pytest.raises(Refused, match="does not work here"):
        running.act(suite.theatre, surgeon, case.id, StampMilestone("PIR"))


def test_the_last_administrator_stays(suite: Suite) -> None:
    boss = identity.identify(suite.theatre, "n2", ADMIN)
    with pytest.raises(Refused, match="last administrator"):
        people.grant(suite.theatre, boss, "n2", [], ["admin"])
    with pytest.raises(Refused, match="last administrator"):
        people.retire_person(suite.theatre, boss, "n2")
