"""The run of a case on a real database: durable, repeatable, signed once, and the same from any side."""

import dataclasses
import threading
from typing import Any

import pytest

from ortool.caselog.case import Case
from ortool.caselog.milestones import CaseState
from ortool.checklist.commands import AddToCount, AnswerItem, RecordCount, StampMilestone, Undo
from ortool.checklist.records import State
from ortool.errors import Refused, StorageFault
from ortool.journal import log
from ortool.people.permissions import Verb
from ortool.services.booking import book
from ortool.services.cases import find_case
from ortool.services.dossiers import dossier_of
from ortool.services.journals import case_entries, verify_journal
from ortool.services.running import act, add_note, open_case, refold, sign
from ortool.services.theatre import Repeated
from tests.services.suite import MORNING, Clock, Suite, done


@pytest.fixture
def case(suite: Suite) -> Case:
    """A case of Dr Stone."""
    return suite.case()


@pytest.fixture
def finished(suite: Suite, case: Case) -> Case:
    """A case carried through to the patient out of the room."""
    suite.through(case)
    return case


def test_the_first_entry_pins_the_checklist(suite: Suite, case: Case) -> None:
    before = open_case(suite.theatre, case.id)
    after = act(suite.theatre, suite.nurse, case.id, StampMilestone("PIR"))
    assert (before.started, after.started) == (False, True)
    kinds = [entry.kind for entry in case_entries(suite.theatre, case.id)]
    assert kinds == ["case.added", "run.started", "milestone.stamped"]


def test_a_refused_first_entry_pins_nothing(suite: Suite, case: Case) -> None:
    before = suite.head()
    with pytest.raises(Refused):
        act(suite.theatre, suite.nurse, case.id, done("SI.weight", "heavy"))
    assert suite.head() == before
    assert not open_case(suite.theatre, case.id).started


@pytest.mark.parametrize(
    "command", [AnswerItem("SI.consent", State.NO), StampMilestone("PST"), Undo(999), AddToCount("sponges", 1)]
)
def test_a_refusal_writes_nothing(suite: Suite, case: Case, command: Any) -> None:
    suite.act(case, StampMilestone("PIR"))
    before = suite.head()
    with pytest.raises(Refused):
        act(suite.theatre, suite.nurse, case.id, command)
    assert suite.head() == before


def test_a_repeated_command_is_harmless(suite: Suite, case: Case) -> None:
    for command, name in ((StampMilestone("PIR"), "c1"), (done("SI.consent"), "c2")):
        act(suite.theatre, suite.nurse, case.id, command, name)
        before = suite.head()
        with pytest.raises(Repeated):
            act(suite.theatre, suite.nurse, case.id, command, name)
        assert suite.head() == before
    assert len(open_case(suite.theatre, case.id).run.live) == 2  # type: ignore[union-attr]


def test_the_state_of_the_case_follows_its_stamps(suite: Suite, case: Case) -> None:
    assert find_case(suite.theatre, "1001").state is CaseState.BOOKED
    for stamp, state in (("PIR", CaseState.IN_ROOM), ("PST", CaseState.RUNNING), ("PCB", CaseState.CLOSING)):
        other = suite.case()
        suite.through(other, stamp)
        assert find_case(suite.theatre, str(other.number)).state is state


def test_an_undone_stamp_takes_the_state_back(suite: Suite, case: Case) -> None:
    dossier = act(suite.theatre, suite.nurse, case.id, StampMilestone("PIR"))
    assert dossier.case.state is CaseState.IN_ROOM
    after = act(suite.theatre, suite.nurse, case.id, Undo(dossier.run.live[-1].seq))  # type: ignore[union-attr]
    assert after.case.state is CaseState.BOOKED


def test_what_is_shown_is_what_is_folded_afresh(suite: Suite, finished: Case) -> None:
    assert open_case(suite.theatre, finished.id).run == refold(suite.theatre, finished.id)
    again = suite.elsewhere().theatre
    assert open_case(again, finished.id).run == refold(suite.theatre, finished.id)
    again.close()


def test_a_rolled_back_entry_leaves_no_ghost_in_the_run(suite: Suite, case: Case) -> None:
    suite.act(case, StampMilestone("PIR"))
    with pytest.raises(RuntimeError), suite.theatre.writing(suite.nurse, Verb.KEEP):
        inside = act(suite.theatre, suite.nurse, case.id, done("SI.consent"))
        assert "SI.consent" in inside.run.answers  # type: ignore[union-attr]
        raise RuntimeError
    run = open_case(suite.theatre, case.id).run
    assert run == refold(suite.theatre, case.id)
    assert "SI.consent" not in run.answers  # type: ignore[union-attr]


def test_a_reader_with_an_older_picture_spoils_nothing(suite: Suite, case: Case) -> None:
    scrub = suite.voice("n2")
    suite.act(case, RecordCount("baseline", {"sponges": 10, "needles": 4}, scrub))
    with suite.theatre.reading() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM entry").fetchall()
        writer = threading.Thread(target=suite.act, args=(case, AddToCount("sponges", 5)))
        writer.start()
        writer.join(20)
        older = dossier_of(suite.theatre, session, case.id)
        assert older.run.ledger.expected()["sponges"] == 10  # type: ignore[union-attr]
    assert open_case(suite.theatre, case.id).run.ledger.expected()["sponges"] == 15  # type: ignore[union-attr]
    assert open_case(suite.theatre, case.id).run == refold(suite.theatre, case.id)


def test_two_programs_on_one_case_see_one_another(suite: Suite, case: Case) -> None:
    other = suite.elsewhere()
    suite.act(case, StampMilestone("PIR"))
    other.act(case, done("SI.consent"))
    suite.act(case, done("SI.weight", "80"))
    here, there = open_case(suite.theatre, case.id), open_case(other.theatre, case.id)
    assert here.run == there.run == refold(suite.theatre, case.id)
    with pytest.raises(Refused, match="already done"):
        other.act(case, done("SI.weight", "80"))
    other.theatre.close()


def test_typed_words_come_in_harmless(suite: Suite, case: Case) -> None:
    hostile = "late\x1b[2J \u202e[bold]"
    no = AnswerItem("SI.consent", State.NO, reason=hostile)
    answer = act(suite.theatre, suite.nurse, case.id, no).run.answers["SI.consent"]  # type: ignore[union-attr]
    assert answer.reason == "late\ufffd[2J \ufffd[bold]"
    suite.through(other := suite.case(), "AI")
    suite.act(other, done("dose", "cefazolin"), done("TO.allergy", "latex\ud800\x07"))
    value = open_case(suite.theatre, other.id).run.answers["TO.allergy"].value  # type: ignore[union-attr]
    assert value == "latex\ufffd\ufffd"


def test_only_its_surgeon_signs_and_only_when_the_patient_is_out(suite: Suite, case: Case) -> None:
    suite.through(case, "PCB")
    with pytest.raises(Refused, match="once the patient is out"):
        sign(suite.theatre, suite.surgeon, case.id)
    for who in ("n1", "s2", "a1"):
        with pytest.raises(Refused, match="signed by its surgeon, Dr Stone"):
            sign(suite.theatre, suite.person(who), case.id)


def test_a_signature_seals_what_was_there(suite: Suite, finished: Case) -> None:
    before = case_entries(suite.theatre, finished.id)
    dossier = sign(suite.theatre, suite.surgeon, finished.id)
    signature = dossier.history.signatures[0]
    assert (signature.entries, signature.digest) == (len(before), log.digest_of(before))
    assert (dossier.case.state, signature.actor) == (CaseState.SIGNED, "s1")
    with pytest.raises(Refused, match="signed already"):
        sign(suite.theatre, suite.surgeon, finished.id)


@pytest.mark.parametrize(
    "command", [done("SI.consent", reason="again"), StampMilestone("PIR", MORNING, "late"), Undo(15, "wrong")]
)
def test_nothing_is_entered_after_the_signature(suite: Suite, finished: Case, command: Any) -> None:
    sign(suite.theatre, suite.surgeon, finished.id)
    before = suite.head()
    with pytest.raises(Refused, match="is signed"):
        act(suite.theatre, suite.nurse, finished.id, command)
    with pytest.raises(Refused):
        book(suite.theatre, suite.nurse, finished.id, "OR1", MORNING, 60)
    assert suite.head() == before


def test_an_addendum_is_written_by_a_surgeon_and_changes_nothing_before_it(suite: Suite, finished: Case) -> None:
    add_note(suite.theatre, suite.nurse, finished.id, "drain removed")
    sign(suite.theatre, suite.surgeon, finished.id)
    before = case_entries(suite.theatre, finished.id)
    with pytest.raises(Refused, match="by a surgeon"):
        add_note(suite.theatre, suite.nurse, finished.id, "by the way")
    dossier = add_note(suite.theatre, suite.surgeon, finished.id, "The drain was a 10 Ch.")
    assert dossier.history.remarks[-1].kind == "case.amended"
    assert case_entries(suite.theatre, finished.id)[:-1] == before
    assert dossier.history.signatures[0].digest == log.digest_of(before[:-1])


def test_a_cancelled_case_takes_no_entries(suite: Suite, case: Case) -> None:
    from ortool.services.booking import cancel

    book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    cancel(suite.theatre, suite.nurse, case.id, "fever")
    with pytest.raises(Refused, match="cancelled"):
        act(suite.theatre, suite.nurse, case.id, StampMilestone("PIR"))


def test_a_run_keeps_the_checklist_it_began_with(suite: Suite, case: Case, tmp_path: Any) -> None:
    from tests.services.suite import SMALL

    suite.act(case, StampMilestone("PIR"))
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "small.yaml").write_text(SMALL.replace("SI.consent", "SI.agreed").replace('"1"', '"2"'))
    other = suite.elsewhere(checklists=str(tmp_path / "new"))
    newer, other.numbers = other.theatre, suite.numbers
    assert "SI.consent" in open_case(newer, case.id).plan.items  # type: ignore[union-attr]
    assert "SI.agreed" in open_case(newer, other.case().id).plan.items  # type: ignore[union-attr]
    newer.close()


def test_an_altered_pinned_checklist_is_not_run(suite: Suite, case: Case) -> None:
    suite.act(case, StampMilestone("PIR"))
    with suite.theatre.store.writing() as session:
        session.connection().exec_driver_sql("UPDATE checklist SET text = replace(text, 'Consent', 'Content')")
    fresh = suite.elsewhere(Clock()).theatre
    with pytest.raises(StorageFault, match="altered"):
        open_case(fresh, case.id)
    assert verify_journal(fresh).faults
    fresh.close()


def test_a_case_shows_no_patient_in_a_traceback(suite: Suite, case: Case) -> None:
    assert "Patient 1" not in repr(case)
    assert "Patient 1" not in repr(dataclasses.replace(open_case(suite.theatre, case.id)))
