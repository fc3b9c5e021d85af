"""The rules of a run, one by one: what is refused, in which words, and what is taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from ortool.checklist.commands import (
    AddToCount,
    AnswerItem,
    Command,
    PassGate,
    RecordCount,
    StampMilestone,
    Undo,
    Voice,
)
from ortool.checklist.decide import GateClosed, NeedsReason, decide
from ortool.checklist.records import Answer, PauseState, State
from ortool.checklist.run import Run, advance, fold
from ortool.errors import Refused
from tests.services.suite import MORNING, done, small_plan, whole_case

NURSE = Voice("n1", "Nora Nurse", frozenset({"circulating_nurse"}))
SCRUB = Voice("n2", "Sam Scrub", frozenset({"scrub"}))
SURGEON = Voice("s1", "Dr Stone", frozenset({"surgeon"}))
ANAESTHETIST = Voice("a1", "Dr Ether", frozenset({"anaesthetist"}))
COUNTED = {"sponges": 10, "needles": 4}


@dataclass(frozen=True)
class Line:
    """An entry as the journal would give it back."""

    seq: int
    kind: str
    body: Mapping[str, Any]
    occurred_at: datetime
    recorded_at: datetime
    actor: str = "n1"
    auth: str = "chosen"


class Table:
    """A run at the table: what is said is decided and folded in, at a time that passes by itself."""

    def __init__(self) -> None:
        self.plan = small_plan()
        self.run = Run(self.plan)
        self.now = MORNING
        self.lines: list[Line] = []

    def say(self, command: Command, who: Voice = NURSE) -> int:
        """Decide and fold; return the number of the entry."""
        self.now += timedelta(seconds=5)
        decision = decide(self.run, command, who, self.now)
        line = Line(
            len(self.lines) + 1, decision.kind, decision.body, decision.occurred_at or self.now, self.now, who.id
        )
        self.lines.append(line)
        self.run = advance(self.run, [line])
        return line.seq

    def until(self, stop: str) -> "Table":
        """Carry the usual case on up to, and without, a stamp or an item."""
        for command in whole_case(ANAESTHETIST, SCRUB):
            if stop in (getattr(command, "stamp", ""), getattr(command, "item", ""), getattr(command, "moment", "")):
                return self
            self.say(command)  # type: ignore[arg-type]
        return self

    def refused(self, command: Command, words: str, who: Voice = NURSE) -> Refused:
        """Assert that a command is refused in these words and that nothing came of it; return the refusal."""
        before = len(self.lines)
        with pytest.raises(Refused) as refusal:
            self.say(command, who)
        assert words in str(refusal.value)
        assert len(self.lines) == before
        return refusal.value


@pytest.fixture
def table() -> Table:
    """A run at its beginning."""
    return Table()


def no(item: str, reason: str = "") -> AnswerItem:
    """Answer an item no."""
    return AnswerItem(item, State.NO, reason=reason)


def override(item: str, second: Voice | None = None, reason: str = "emergency") -> AnswerItem:
    """Override an item."""
    return AnswerItem(item, State.OVERRIDDEN, reason=reason, second=second)


@pytest.mark.parametrize("state", [State.NO, State.NOT_APPLICABLE, State.OVERRIDDEN])
@pytest.mark.parametrize("reason", ["", "   "])
def test_what_is_not_done_needs_a_reason(table: Table, state: State, reason: str) -> None:
    table.until("TO.implants").refused(AnswerItem("TO.implants", state, reason=reason), "needs a reason")


def test_a_hard_stop_is_overridden_by_two_of_whom_one_may(table: Table) -> None:
    table.refused(override("SI.identity"), "needs a second person")
    table.refused(override("SI.identity", NURSE), "Nora Nurse is the first")
    table.refused(override("SI.identity", SCRUB), "needs a surgeon or anaesthetist")
    table.say(override("SI.identity", ANAESTHETIST))
    assert table.run.answers["SI.identity"].second == "a1"


def test_the_one_who_may_can_be_the_first_of_the_two(table: Table) -> None:
    table.say(override("SI.identity", SCRUB), who=SURGEON)


def test_only_the_roles_an_item_names_may_override_it(table: Table) -> None:
    table.until("LV.level").refused(override("LV.level", ANAESTHETIST), "needs a surgeon")
    table.say(override("LV.level", SURGEON))


def test_a_soft_item_is_overridden_with_a_reason_alone(table: Table) -> None:
    table.say(override("SI.consent"))


def test_a_second_person_is_never_the_first(table: Table) -> None:
    table.refused(override("SI.consent", NURSE), "Choose somebody else")


def test_a_no_closes_a_soft_item_and_never_a_hard_stop(table: Table) -> None:
    table.until("SI.identity")
    table.say(no("SI.consent", "patient unable to sign"))
    table.say(no("SI.identity", "wristband missing"))
    open_items = [item.id for item in table.run.missing(table.plan.pauses["SI"], table.now)]
    assert "SI.consent" not in open_items
    assert "SI.identity" in open_items


def test_two_read_what_needs_a_second_reader(table: Table) -> None:
    table.refused(done("SI.identity"), "needs a second person")
    table.refused(done("SI.identity", second=NURSE), "Choose somebody else")
    table.say(done("SI.identity", second=ANAESTHETIST))


@pytest.mark.parametrize(
    ("value", "kept"), [("81.5", "81.5"), ("81,5", "81.5"), (" 300 ", "300"), ("1", "1"), ("+7", "7")]
)
def test_a_number_within_its_range_is_kept_plainly(table: Table, value: str, kept: str) -> None:
    table.say(done("SI.weight", value))
    assert table.run.answers["SI.weight"].value == kept


@pytest.mark.parametrize(
    "value", ["", "heavy", "0.99", "300.01", "-5", "NaN", "sNaN", "Infinity", "1e999999", "3e1", "1_0", "٣"]
)
def test_a_number_that_is_none_or_out_of_range_is_refused(table: Table, value: str) -> None:
    table.refused(done("SI.weight", value), "SI.weight")


def test_a_number_without_limits_stays_of_a_size_to_be_read(table: Table) -> None:
    weight = table.plan.items["SI.weight"]
    table.plan.items["SI.weight"] = weight.model_copy(update={"max": None, "min": None})
    table.refused(done("SI.weight", "1e999999"), "SI.weight")
    table.say(done("SI.weight", "99999"))


def test_a_choice_is_one_of_the_choices(table: Table) -> None:
    table.until("TO.side").refused(done("TO.side", "up"), "left, right, both")
    table.say(done("TO.side", "right"))


@pytest.mark.parametrize("item", ["TO.allergy", "SI.images"])
def test_text_and_images_need_words(table: Table, item: str) -> None:
    table.until(item).refused(done(item, "  "), item)


def test_a_closed_loop_item_cannot_be_ticked(table: Table) -> None:
    table.until("PST")
    table.refused(done("TO.dose"), "by itself")
    table.refused(no("TO.dose", "late"), "by itself")
    table.refused(done("SO.count"), "by its count")


@pytest.mark.parametrize("state", [State.OPEN, State.AUTO])
def test_nobody_sets_open_or_auto_by_hand(table: Table, state: State) -> None:
    table.refused(AnswerItem("SI.consent", state, reason="r"), "by hand")


def test_not_applicable_only_where_the_checklist_allows_it(table: Table) -> None:
    not_applicable = AnswerItem("SI.consent", State.NOT_APPLICABLE, reason="none")
    table.refused(not_applicable, "always applies")


def test_the_same_answer_twice_is_refused_until_there_is_a_reason(table: Table) -> None:
    table.say(done("SI.weight", "81,5"))
    table.refused(done("SI.weight", "81,5"), "already done")
    table.refused(done("SI.weight", " 81.5"), "already done")
    table.say(done("SI.weight", "81.5", reason="weighed again"))


def test_what_does_not_exist_is_refused(table: Table) -> None:
    table.refused(done("SI.nothing"), "no item 'SI.nothing'")
    table.refused(StampMilestone("XXX"), "no time stamp 'XXX'")
    table.refused(RecordCount("never", COUNTED, SCRUB), "no count 'never'")
    table.refused(PassGate("SI", "POR", "r", SURGEON), "does not hold back")
    table.refused(Undo(99), "nothing to undo")


@pytest.mark.parametrize("ahead", [61, 3600])
def test_nothing_happens_in_the_future(table: Table, ahead: int) -> None:
    later = MORNING + timedelta(seconds=10 + ahead)
    table.refused(StampMilestone("PIR", later), "not come yet")
    table.refused(done("SI.consent", occurred_at=later), "not come yet")


def test_nothing_happens_a_month_ago(table: Table) -> None:
    table.refused(StampMilestone("PIR", MORNING - timedelta(days=31)), "30 days")


def test_a_time_typed_late_keeps_both_times(table: Table) -> None:
    table.say(StampMilestone("PIR", MORNING - timedelta(minutes=20)))
    stamp = table.run.stamps["PIR"]
    assert stamp.recorded_at - stamp.occurred_at == timedelta(minutes=20, seconds=5)


def test_a_closed_gate_names_its_pause_and_what_is_missing(table: Table) -> None:
    refusal = table.until("SI.weight").refused(
        StampMilestone("AI"), "AI Induction waits for SI Sign in: SI.weight Weight"
    )
    assert isinstance(refusal, GateClosed)
    assert (refusal.pauses, refusal.missing) == (("SI",), ("SI.weight Weight",))


def test_a_gate_is_passed_by_two_with_a_reason(table: Table) -> None:
    table.until("SI.weight")
    table.refused(PassGate("SI", "AI", " ", ANAESTHETIST), "needs a reason")
    table.refused(PassGate("SI", "AI", "emergency", None), "needs a second person")
    table.refused(PassGate("SI", "AI", "emergency", NURSE), "Choose somebody else")
    table.refused(PassGate("SI", "AI", "emergency", SCRUB), "needs an anaesthetist or surgeon")
    table.say(PassGate("SI", "AI", "emergency", ANAESTHETIST))
    table.say(StampMilestone("AI"))
    assert table.run.passes["SI"].missing == ("SI.weight",)


def test_a_pass_covers_only_what_was_missing_when_it_was_given(table: Table) -> None:
    table.until("SI.weight")
    consent = next(line.seq for line in table.lines if line.body.get("item") == "SI.consent")
    table.say(PassGate("SI", "AI", "emergency", ANAESTHETIST))
    table.say(Undo(consent))
    table.refused(StampMilestone("AI"), "SI.consent")


def test_a_pass_stands_as_long_as_what_it_let_through(table: Table) -> None:
    table.until("SI.weight")
    passed = table.say(PassGate("SI", "AI", "emergency", ANAESTHETIST))
    stamped = table.say(StampMilestone("AI"))
    table.refused(Undo(passed), "AI")
    table.say(Undo(stamped))
    table.say(Undo(passed))
    table.refused(StampMilestone("AI"), "SI.weight")


def test_a_complete_pause_needs_no_pass(table: Table) -> None:
    table.until("AI").refused(PassGate("SI", "AI", "r", ANAESTHETIST), "is complete")


def test_a_pause_that_is_never_passed_whole_is_overridden_line_by_line(table: Table) -> None:
    table.until("LV.level").refused(PassGate("LV", "PCB", "r", SURGEON), "never passed as a whole")
    table.refused(override("LV.marker"), "needs a second person")
    table.say(override("LV.level", SURGEON))
    table.say(override("LV.marker", SURGEON))
    assert table.run.pause_state(table.plan.pauses["LV"], table.now) is PauseState.WITH_OVERRIDES
    table.say(StampMilestone("PCB"))


def test_an_item_is_put_off_only_where_the_checklist_says(table: Table) -> None:
    table.refused(AnswerItem("SI.consent", State.DEFERRED, defer_to="TO"), "cannot be put off")
    table.refused(AnswerItem("SI.images", State.DEFERRED, defer_to="SO"), "only be put off to TO")
    table.until("SI.images").say(AnswerItem("SI.images", State.DEFERRED, defer_to="TO"))
    table.say(done("SI.weight", "80"))
    assert table.run.pause_state(table.plan.pauses["SI"], table.now) is PauseState.EXCEPT_DEFERRED
    assert table.run.items_of(table.plan.pauses["TO"])[0].id == "SI.images"


def test_an_item_put_off_holds_the_later_gate(table: Table) -> None:
    table.until("SI.images").say(AnswerItem("SI.images", State.DEFERRED, defer_to="TO"))
    for command in (done("SI.weight", "80"), StampMilestone("AI"), done("dose", "cefazolin"), done("TO.side", "left"),
                    done("TO.allergy", "none"), done("TO.implants")):  # fmt: skip
        table.say(command)
    table.refused(StampMilestone("PST"), "SI.images")
    table.say(done("SI.images", "IMG-2"))
    table.say(StampMilestone("PST"))


def test_nothing_is_put_off_to_a_pause_that_has_been_passed(table: Table) -> None:
    table.until("LV.level").refused(AnswerItem("SI.images", State.DEFERRED, defer_to="TO"), "has been passed")


def test_a_stamp_is_corrected_with_a_reason_and_names_what_it_corrects(table: Table) -> None:
    first = table.say(StampMilestone("PIR"))
    table.refused(StampMilestone("PIR", MORNING), "already stamped")
    table.say(StampMilestone("PIR", MORNING, "typed late"))
    assert table.lines[-1].body["corrects"] == first
    assert table.run.at_time("PIR") == MORNING


def test_a_stamp_is_corrected_although_its_pause_is_open_again(table: Table) -> None:
    table.until("dose")
    weight = next(line.seq for line in table.lines if line.body.get("item") == "SI.weight")
    table.say(Undo(weight, "wrong patient's scale"))
    table.say(StampMilestone("AI", table.now - timedelta(seconds=30), "typed late"))


def test_the_antibiotic_window_is_frozen_at_incision(table: Table) -> None:
    table.until("PST")
    dose = table.plan.items["TO.dose"]
    table.say(StampMilestone("PST"))
    table.now += timedelta(hours=3)
    assert table.run.auto_result(dose, table.now).holds
    given = next(line.seq for line in table.lines if line.body.get("item") == "dose")
    table.say(Undo(given, "entered for the wrong patient"))
    assert table.run.auto_result(dose, table.now).holds


@pytest.mark.parametrize(("minutes", "holds"), [(0, True), (59, True), (60, True), (61, False), (121, False)])
def test_the_window_is_counted_from_the_start_of_the_dose(table: Table, minutes: int, holds: bool) -> None:
    table.until("dose").say(done("dose", "cefazolin"))
    given = table.run.answers["dose"].occurred_at
    assert table.run.auto_result(table.plan.items["TO.dose"], given + timedelta(minutes=minutes)).holds is holds


def test_a_dose_after_the_incision_does_not_count(table: Table) -> None:
    table.until("dose").say(done("dose", "cefazolin"))
    before = table.run.answers["dose"].occurred_at - timedelta(seconds=1)
    assert not table.run.auto_result(table.plan.items["TO.dose"], before).holds


def test_a_late_dose_holds_the_incision(table: Table) -> None:
    table.until("PST").now += timedelta(minutes=61)
    table.refused(StampMilestone("PST"), "TO.dose")


def test_two_count_and_every_category_once(table: Table) -> None:
    table.refused(RecordCount("baseline", COUNTED, None), "needs a second person")
    table.refused(RecordCount("baseline", COUNTED, NURSE), "Choose somebody else")
    table.refused(RecordCount("baseline", {"sponges": 1}, SCRUB), "every category once")
    table.refused(RecordCount("baseline", COUNTED | {"pins": 1}, SCRUB), "every category once")
    table.refused(RecordCount("baseline", COUNTED | {"needles": -1}, SCRUB), "from 0 to 999")


def test_a_later_count_is_compared_with_the_first_and_what_was_added(table: Table) -> None:
    table.until("closing").say(AddToCount("sponges", 5))
    table.say(RecordCount("closing", COUNTED, SCRUB))
    assert table.run.ledger.counts[-1].differences == {"sponges": -5}
    assert "SO.count" in [item.id for item in table.run.missing(table.plan.pauses["SO"], table.now)]
    table.say(RecordCount("closing", {"sponges": 15, "needles": 4}, SCRUB))
    assert table.run.ledger.is_correct("closing") is True


def test_one_too_many_is_a_wrong_count(table: Table) -> None:
    table.until("closing").say(RecordCount("closing", COUNTED | {"needles": 5}, SCRUB))
    assert table.run.ledger.is_correct("closing") is False


def test_a_closing_count_without_a_first_one_is_never_called_correct(table: Table) -> None:
    table.refused(RecordCount("closing", COUNTED, SCRUB), "first count")
    assert table.run.ledger.is_correct("closing") is None


def test_nothing_is_added_before_the_first_count_or_below_nothing(table: Table) -> None:
    table.refused(AddToCount("sponges", 5), "before the first count")
    table.until("SI.identity")
    table.refused(AddToCount("sponges", 0), "sponges")
    table.refused(AddToCount("sponges", -11), "sponges")
    table.refused(AddToCount("pins", 1), "not counted")
    table.say(AddToCount("sponges", -10))


def test_a_slip_is_undone_in_silence_and_later_with_a_reason(table: Table) -> None:
    first = table.say(done("SI.consent"))
    table.now += timedelta(seconds=55)
    table.say(Undo(first))
    second = table.say(done("SI.consent"))
    table.now += timedelta(seconds=56)
    assert isinstance(table.refused(Undo(second), "needs a reason"), NeedsReason)
    table.say(Undo(second, "wrong line"))
    assert "SI.consent" not in table.run.answers


def test_what_was_undone_stays_to_be_read(table: Table) -> None:
    ticked = table.say(done("SI.consent"))
    table.say(Undo(ticked))
    taken_back = table.run.taken_back[0]
    assert isinstance(taken_back, Answer)
    assert (taken_back.item, table.run.undone[0].ref) == ("SI.consent", ticked)
    table.refused(Undo(ticked), "undone already")


def test_the_usual_case_runs_through_and_every_pause_is_complete(table: Table) -> None:
    table.until("the end")
    states = {pause.id: table.run.pause_state(pause, table.now) for pause in table.plan.pauses.values()}
    assert set(states.values()) == {PauseState.COMPLETE}
    assert fold(table.plan, table.lines) == table.run
