"""A line of a form counts once: entered again it changes nothing, taken back it may be entered again."""

from datetime import timedelta

import pytest

from ortool.checklist.commands import AddToCount, AnswerItem, Command, RecordCount, StampMilestone, Undo
from ortool.checklist.once import EnteredBefore, name_of
from ortool.checklist.records import Answer, State
from tests.checklist.test_run_rules import COUNTED, SCRUB, Table
from tests.services.suite import MORNING

FORM, OTHER = "DT-261123-073000-4F1A", "DT-261123-073000-0B2C"
BEFORE = MORNING - timedelta(minutes=40)
CONSENT = AnswerItem("SI.consent", State.DONE, occurred_at=BEFORE, paper=FORM)


@pytest.fixture
def table() -> Table:
    """A run at its beginning."""
    return Table()


def again(table: Table, command: Command) -> EnteredBefore:
    """Say something that was entered before; return what is said of it."""
    with pytest.raises(EnteredBefore) as before:
        table.say(command)
    return before.value


@pytest.mark.parametrize(
    "command",
    [
        CONSENT,
        AnswerItem("SI.consent", State.NO, reason="not signed", occurred_at=BEFORE, paper=FORM),
        StampMilestone("PIR", BEFORE, paper=FORM),
        RecordCount("baseline", COUNTED, SCRUB, BEFORE, FORM),
    ],
)
def test_what_is_entered_twice_from_a_form_counts_once(table: Table, command: Command) -> None:
    seq = table.say(command)
    found = again(table, command)
    assert (found.is_repeat, found.same, found.record.seq) == (True, True, seq)
    assert len(table.lines) == 1


def test_an_addition_is_known_by_its_category_and_minute(table: Table) -> None:
    table.say(RecordCount("baseline", COUNTED, SCRUB, BEFORE, FORM))
    for minute in (5, 9):
        table.say(AddToCount("sponges", 10, BEFORE + timedelta(minutes=minute), FORM))
    assert again(table, AddToCount("sponges", 10, BEFORE + timedelta(minutes=5, seconds=30), FORM)).same
    assert not again(table, AddToCount("sponges", 5, BEFORE + timedelta(minutes=9), FORM)).same
    assert table.run.ledger.expected()["sponges"] == 30


def test_another_value_on_the_same_line_is_told_and_not_taken(table: Table) -> None:
    table.say(CONSENT)
    other = AnswerItem("SI.consent", State.NO, reason="not signed", occurred_at=BEFORE, paper=FORM)
    assert not again(table, other).same
    assert table.run.answers["SI.consent"].state is State.DONE


def test_a_line_taken_back_is_entered_again_under_another_name(table: Table) -> None:
    names = []
    for _ in range(3):
        names.append(name_of(table.run, CONSENT))
        table.say(Undo(table.say(CONSENT)))
    assert names == [f"{FORM}-SI.consent", f"{FORM}-SI.consent~2", f"{FORM}-SI.consent~3"]
    table.say(CONSENT)
    assert len([record for record in table.run.live if isinstance(record, Answer)]) == 1


def test_a_line_that_was_ticked_on_the_screen_is_told_with_both_times(table: Table) -> None:
    seq = table.say(AnswerItem("SI.consent", State.DONE))
    found = again(table, CONSENT)
    assert (found.is_repeat, found.same) == (False, False)
    assert (found.record.seq, found.says) == (seq, BEFORE)
    assert found.record.occurred_at > BEFORE + timedelta(minutes=39)


def test_two_forms_of_one_case_give_one_record(table: Table) -> None:
    table.say(CONSENT)
    found = again(table, AnswerItem("SI.consent", State.DONE, occurred_at=BEFORE, paper=OTHER))
    assert (found.is_repeat, found.same) == (False, True)


def test_a_stamp_of_the_screen_is_corrected_from_paper_with_a_reason(table: Table) -> None:
    table.say(StampMilestone("PIR"))
    assert not again(table, StampMilestone("PIR", BEFORE, paper=FORM)).is_repeat
    table.say(StampMilestone("PIR", BEFORE, "the form has it", FORM))
    assert table.run.stamps["PIR"].occurred_at == BEFORE


def test_what_was_put_off_on_the_form_is_answered_on_it_too(table: Table) -> None:
    table.until("SI.images")
    table.say(AnswerItem("SI.images", State.DEFERRED, defer_to="TO", occurred_at=BEFORE, paper=FORM))
    table.say(AnswerItem("SI.images", State.DONE, "IMG-1", occurred_at=BEFORE, paper=FORM))
    assert table.run.answers["SI.images"].state is State.DONE
    later = AnswerItem("SI.images", State.DEFERRED, defer_to="TO", occurred_at=BEFORE, paper=FORM)
    assert again(table, later).is_repeat


def test_who_enters_does_not_verify(table: Table) -> None:
    command = AnswerItem("SI.consent", State.DONE, occurred_at=BEFORE, paper=FORM, verified_by="n1")
    table.refused(command, "does not verify it too")
    table.say(AnswerItem("SI.consent", State.DONE, occurred_at=BEFORE, paper=FORM, written_by="s1", verified_by="n2"))
    answer = table.run.answers["SI.consent"]
    assert (answer.actor, answer.written_by, answer.verified_by) == ("n1", "s1", "n2")
