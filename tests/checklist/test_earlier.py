"""What was answered before is confirmed with one key, and asked again once it has changed."""

from zoneinfo import ZoneInfo

import pytest

from ortool.checklist.commands import AnswerItem, StampMilestone, Undo
from ortool.checklist.document import FaultyDocument
from ortool.checklist.earlier import earlier, raised
from ortool.checklist.loading import parse_checklist
from ortool.checklist.records import State
from ortool.checklist.rules import NeedsReason
from ortool.checklist.run import Run
from ortool.presentation.alerts import alert_lines
from ortool.presentation.run_rows import View, run_rows
from tests.checklist.test_run_rules import Table
from tests.services.suite import SMALL, done, small_plan

UTC = ZoneInfo("UTC")


@pytest.fixture
def table() -> Table:
    """A run before its time out, the side planned as left."""
    table = Table()
    table.say(done("planned", "left"))
    return table.until("TO.side")


def state(table: Table) -> State:
    return table.run.state_of(table.plan.items["TO.side"], table.now)


def test_a_confirmed_answer_is_copied_and_names_what_it_confirms(table: Table) -> None:
    before = table.run.answers["planned"]
    table.say(done("TO.side", confirms=before.seq))
    answer = table.run.answers["TO.side"]
    assert (answer.value, answer.confirms, answer.ref) == ("left", "planned", before.seq)


def test_without_a_value_the_earlier_answer_is_meant(table: Table) -> None:
    table.say(done("TO.side"))
    assert table.run.answers["TO.side"].confirms == "planned"


def test_the_same_value_confirms_and_another_needs_a_reason(table: Table) -> None:
    refusal = table.refused(done("TO.side", "right"), "is not what planned said earlier")
    assert isinstance(refusal, NeedsReason)
    table.say(done("TO.side", "right", reason="booked for the wrong side"))
    assert table.run.answers["TO.side"].confirms == ""
    table.say(done("TO.side", "left"))
    assert table.run.answers["TO.side"].confirms == "planned"


def test_no_needs_a_reason_as_always(table: Table) -> None:
    table.refused(AnswerItem("TO.side", State.NO), "needs a reason")
    table.say(AnswerItem("TO.side", State.NO, reason="not the side on the consent"))


def test_nothing_earlier_is_asked_as_usual() -> None:
    table = Table().until("TO.side")
    assert earlier(table.run, table.plan.items["TO.side"]) is None
    table.refused(done("TO.side"), "asks for one of")
    table.say(done("TO.side", "left"))
    assert table.run.answers["TO.side"].confirms == ""


def test_an_earlier_no_is_nothing_to_confirm() -> None:
    table = Table()
    table.say(AnswerItem("planned", State.NO, reason="not on the consent"))
    table.until("TO.side").refused(done("TO.side"), "asks for one of")


def test_what_changed_on_the_way_to_the_key_is_not_confirmed(table: Table) -> None:
    seen = table.run.answers["planned"].seq
    table.say(done("planned", "right", reason="misread"))
    table.refused(done("TO.side", confirms=seen), "has changed meanwhile")
    table.say(Undo(table.run.answers["planned"].seq))
    table.say(Undo(seen, "wrong patient"))
    table.refused(done("TO.side", confirms=seen), "has changed meanwhile")


@pytest.mark.parametrize("how", ["corrected", "undone"])
def test_before_the_gate_a_change_opens_the_item_again(table: Table, how: str) -> None:
    for command in (done("TO.side"), done("TO.allergy", "none"), done("TO.implants")):
        table.say(command)
    seq = table.run.answers["planned"].seq
    assert state(table) is State.DONE
    table.say(done("planned", "right", reason="misread") if how == "corrected" else Undo(seq, "wrong"))
    assert state(table) is State.OPEN
    assert not raised(table.run)
    table.refused(StampMilestone("PST"), "TO.side")
    if how == "corrected":
        table.say(done("TO.side"))
        assert table.run.answers["TO.side"].value == "right"
    else:
        table.say(done("TO.side", "left"))
    assert state(table) is State.DONE
    table.say(StampMilestone("PST"))


def test_the_same_answer_given_again_is_no_change(table: Table) -> None:
    table.say(done("TO.side"))
    table.say(Undo(table.run.answers["planned"].seq, "wrong line"))
    assert state(table) is State.OPEN
    table.say(done("planned", "left"))
    assert state(table) is State.DONE


def test_behind_a_passed_gate_the_answer_stays_and_a_row_is_due(table: Table) -> None:
    table.say(done("TO.side"))
    for command in (done("TO.allergy", "none"), done("TO.implants"), StampMilestone("PST")):
        table.say(command)
    table.say(done("planned", "right", reason="misread"))
    assert state(table) is State.DONE
    assert [answer.item for answer in raised(table.run)] == ["TO.side"]
    view = View(table.now, UTC)
    (line,) = alert_lines(table.run, view, 120)
    assert "ASK AGAIN TO.side Side, left: earlier answer changed: right" in line[0].text
    table.say(done("TO.side"))
    assert not raised(table.run)
    assert table.run.answers["TO.side"].value == "right"


def test_a_gate_taken_back_opens_what_had_changed_behind_it(table: Table) -> None:
    table.say(done("TO.side"))
    table.say(done("TO.allergy", "none"))
    table.say(done("TO.implants"))
    stamped = table.say(StampMilestone("PST"))
    table.say(done("planned", "right", reason="misread"))
    table.say(Undo(stamped))
    assert state(table) is State.OPEN


def test_the_row_shows_the_earlier_answer_and_that_it_changed(table: Table) -> None:
    view = View(table.now, UTC, initials={"n1": "NN"})

    def middle() -> str:
        return next(row.middle for row in run_rows(table.run, view) if row.id == "TO.side")

    assert middle() == "earlier: left, 08:00 by NN"
    table.say(done("TO.side"))
    assert middle() == "left"
    table.say(done("planned", "right", reason="misread"))
    assert middle().startswith("earlier answer changed: right, 08:0")
    table.say(Undo(table.run.answers["planned"].seq))
    table.say(Undo(table.run.answers["planned"].seq))
    assert middle() == "earlier answer changed: taken back"


CHAIN = SMALL.replace(
    "      - {id: SO.specimen,",
    """      - {id: SO.side, prompt: Side done, response: Said, confirms: TO.side, responders: [surgeon], evidence: [EST]}
      - {id: SO.specimen,""",
)


def chained() -> Table:
    table = Table()
    table.plan = small_plan(text=CHAIN)
    table.run = Run(table.plan)
    return table


def test_a_chain_of_confirmations_asks_every_open_link_again() -> None:
    table = chained()
    table.say(done("planned", "left"))
    table.until("SO.specimen")
    assert table.run.answers["TO.side"].confirms == "planned"
    table.say(done("SO.side"))
    assert (table.run.answers["SO.side"].confirms, table.run.answers["SO.side"].value) == ("TO.side", "left")
    table.say(done("planned", "right", reason="misread"))
    assert [answer.item for answer in raised(table.run)] == ["TO.side"]
    assert table.run.state_of(table.plan.items["SO.side"], table.now) is State.OPEN
    before = earlier(table.run, table.plan.items["SO.side"])
    assert before is not None
    assert (before.item, before.value) == ("planned", "right")


def test_a_link_that_was_skipped_is_passed_over() -> None:
    table = chained()
    table.say(done("planned", "left"))
    before = earlier(table.run, table.plan.items["SO.side"])
    assert before is not None
    assert before.item == "planned"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("confirms: planned", "confirms: plannd", "`plannd` is not defined; did you mean `planned`?"),
        ("confirms: planned", "confirms: TO.side", "`TO.side` is not asked once before `TO.side`"),
        ("confirms: planned", "confirms: LV.level", "`LV.level` is not asked once before `TO.side`"),
        ("confirms: planned", "confirms: SI.weight", "an answer to `SI.weight` does not fit `TO.side`"),
        ("type: auto\n", "type: auto\n        confirms: planned\n", "cannot have `confirms:`"),
        ("type: time,", "type: time, code: any,", "only an item of type scan may have it"),
        ("code: any", "code: every", "`code` cannot be `every`"),
    ],
)
def test_what_cannot_be_confirmed_is_told_with_its_place(old: str, new: str, sentence: str) -> None:
    text = SMALL.replace(old, new)
    assert text != SMALL
    with pytest.raises(FaultyDocument) as faulty:
        parse_checklist(text, "small.yaml")
    assert sentence in str(faulty.value)
