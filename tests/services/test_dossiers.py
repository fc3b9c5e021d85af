"""What was known of a case before is not read again, and nothing that another terminal wrote is missed for it."""

from dataclasses import replace

import pytest

from ortool.caselog.case import Case
from ortool.caselog.milestones import CaseState
from ortool.checklist.commands import StampMilestone, Undo
from ortool.people.person import Person
from ortool.services import people, running, theatre
from ortool.services.booking import book, move
from ortool.services.dossiers import dossier_of
from ortool.services.running import add_note, open_case
from tests.services.suite import MORNING, Suite, done


@pytest.fixture
def case(suite: Suite) -> Case:
    """A case without a slot."""
    return suite.case()


def begun(suite: Suite, case: Case) -> None:
    """Book and begin a case, and look at it."""
    book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 120)
    suite.act(case, done("SI.consent"))
    open_case(suite.theatre, case.id)


def afresh(suite: Suite, case: Case) -> object:
    """Return the dossier as a terminal reads it that knows nothing yet."""
    elsewhere = suite.elsewhere()
    found = open_case(elsewhere.theatre, case.id)
    elsewhere.theatre.close()
    return found


def test_answers_from_elsewhere_are_added_to_what_was_known(suite: Suite, case: Case) -> None:
    begun(suite, case)
    before = open_case(suite.theatre, case.id)
    elsewhere = suite.elsewhere()
    elsewhere.act(case, done("SI.weight", "81.5"))
    after = open_case(suite.theatre, case.id)
    assert after.run is not None
    assert after.run.answers["SI.weight"].value == "81.5"
    assert after.case is before.case  # nothing beside the entries was read again
    elsewhere.act(case, done("SI.images", "IMG-1"))
    suite.act(case, done("SI.identity", second=suite.voice("a1")))
    assert set(open_case(suite.theatre, case.id).run.answers) > {"SI.images", "SI.identity"}  # type: ignore[union-attr]
    assert open_case(suite.theatre, case.id) == afresh(suite, case)
    elsewhere.theatre.close()


def test_whatever_else_is_written_elsewhere_is_read(suite: Suite, case: Case) -> None:
    begun(suite, case)
    elsewhere = suite.elsewhere()
    there = elsewhere.theatre
    move(there, elsewhere.nurse, case.id, "OR2", MORNING, 150, "bed")
    slot = open_case(suite.theatre, case.id).slot
    assert slot is not None
    assert slot.room_id == "OR2"
    people.add_person(there, elsewhere.nurse, Person("n9", "Nina Ninth", "N9", frozenset({"scrub"})))
    assert open_case(suite.theatre, case.id).names["n9"] == "Nina Ninth"
    add_note(there, elsewhere.nurse, case.id, "A word")
    assert [one.text for one in open_case(suite.theatre, case.id).history.remarks] == ["A word"]
    elsewhere.act(case, StampMilestone("PIR"), done("SI.weight", "70"))
    now = open_case(suite.theatre, case.id)
    assert now.case.state is CaseState.IN_ROOM
    assert now.run is not None
    elsewhere.act(case, Undo(now.run.stamps["PIR"].seq, "wrong patient"))
    assert open_case(suite.theatre, case.id).case.state is CaseState.BOOKED
    assert open_case(suite.theatre, case.id) == afresh(suite, case)
    there.close()


def test_what_was_rolled_back_is_not_remembered(suite: Suite, case: Case) -> None:
    begun(suite, case)
    known = suite.theatre.runs[case.id]
    try:
        with suite.theatre.writing(suite.nurse, running.Verb.ACT):
            suite.act(case, done("SI.weight", "99"))
            raise LookupError
    except LookupError:
        assert suite.theatre.runs[case.id] == known
    assert "SI.weight" not in open_case(suite.theatre, case.id).run.answers  # type: ignore[union-attr]


def test_a_journal_without_the_entry_that_was_known_is_read_anew(suite: Suite, case: Case) -> None:
    begun(suite, case)
    known = suite.theatre.runs[case.id]
    assert known.dossier is not None
    false = replace(known.dossier, case=replace(known.dossier.case, patient_name="Somebody Else"))
    suite.theatre.runs[case.id] = replace(known, seq=known.seq + 1000, dossier=false)
    with suite.theatre.reading() as session:
        assert dossier_of(suite.theatre, session, case.id).case.patient_name == case.patient_name


def test_only_the_cases_that_were_used_last_are_kept_in_memory(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theatre, "MOST_RUNS", 3)
    under_way, *others = (suite.case() for _ in range(6))
    begun(suite, under_way)
    for other in others:
        open_case(suite.theatre, under_way.id)
        suite.act(other, done("SI.weight", "70"))
    assert list(suite.theatre.runs) == [others[-2].id, under_way.id, others[-1].id]
    suite.act(others[0], done("SI.consent"))
    assert list(suite.theatre.runs) == [under_way.id, others[-1].id, others[0].id]
    assert open_case(suite.theatre, others[0].id) == afresh(suite, others[0])
