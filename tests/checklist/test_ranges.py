"""What is wanted, apart from what is plausible: outside is taken with a reason, and shown in words."""

from zoneinfo import ZoneInfo

import pytest

from ortool.checklist.commands import AnswerItem
from ortool.checklist.decide import NeedsReason
from ortool.checklist.loading import FaultyDocument, parse_checklist
from ortool.checklist.ranges import is_outside, wanted
from ortool.checklist.records import State
from ortool.errors import Refused
from ortool.presentation.item_detail import full_detail
from ortool.presentation.run_rows import View, run_rows
from tests.checklist.test_clocks import PLAN, T0, Day
from tests.checklist.test_loading import SMALL

VIEW = View(T0, ZoneInfo("Europe/Amsterdam"))


@pytest.mark.parametrize(
    ("item", "value", "outside", "words"),
    [
        ("P15.1", "9", False, "9 of 10 or more"),
        ("P15.1", "8", True, "9 of 10 or more"),
        ("P15.3", "4", False, "4 of 10 or less"),
        ("P15.3", "4.5", True, "4 of 10 or less"),
        ("P15.5", "35.9", True, "36 C or more"),
        ("P15.5", "36", False, "36 C or more"),
        ("P13.4", "0.85", True, "0.9 ratio or more"),
        ("P8.2@L4-left", "4", True, "5 of 5"),
        ("P8.4@L4-left", "poor", True, "good"),
        ("P15.4", "100", True, "99 ml/h or less"),
        ("CT.grade", "B: under 2 mm", False, "A: 0 mm or B: under 2 mm"),
        ("P11.2", "3", False, ""),
        ("P15.1", "", False, "9 of 10 or more"),
    ],
)
def test_what_is_wanted(item: str, value: str, outside: bool, words: str) -> None:
    assert is_outside(PLAN.items[item], value) is outside
    assert wanted(PLAN.items[item]) == words


def recovered() -> Day:
    """Nothing gates the recovery items here."""
    return Day()


def test_outside_is_asked_for_a_reason_and_taken_with_one() -> None:
    day = recovered()
    with pytest.raises(NeedsReason, match="8 of 10 is OUTSIDE what is wanted, 9 of 10 or more"):
        day.say(AnswerItem("P15.1", State.DONE, "8"), 1)
    day.say(AnswerItem("P15.1", State.DONE, "8", reason="anaesthetist told"), 1)
    answer = day.run.answers["P15.1"]
    assert (answer.state, answer.value, answer.reason) == (State.DONE, "8", "anaesthetist told")
    row = next(row for row in run_rows(day.run, VIEW) if row.id == "P15.1")
    assert row.right.startswith("OUTSIDE")
    assert row.role == "over"
    assert "OUTSIDE what is wanted" in " ".join(full_detail(day.run, row, VIEW, {}))


def test_an_implausible_value_is_refused_whatever_the_reason() -> None:
    with pytest.raises(Refused, match="outside 0 to 10"):
        recovered().say(AnswerItem("P15.1", State.DONE, "11", reason="really"), 1)


def test_inside_needs_no_reason() -> None:
    day = recovered()
    day.say(AnswerItem("P15.1", State.DONE, "9"), 1)
    row = next(row for row in run_rows(day.run, VIEW) if row.id == "P15.1")
    assert "OUTSIDE" not in row.right
    assert "wanted 9 of 10 or more" in " ".join(full_detail(day.run, row, VIEW, {}))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("expect: {choices: [x]}", "not one of the item's `choices:`"),
        ("expect: {min: 1}", "needs an item of type number"),
        ("expect: {}", "needs `min:` or `max:`"),
    ],
)
def test_a_wanted_range_that_cannot_be_answered_is_a_fault(lines: str, words: str) -> None:
    text = SMALL.replace("        hard_stop: true\n", f"        hard_stop: true\n        {lines}\n", 1)
    with pytest.raises(FaultyDocument, match=words):
        parse_checklist(text, "small.yaml")


TIMER = "{id: t, title: T, short: T, starts: IN, minutes: 5, evidence: [EST]}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("starts: IN", "starts: NOWHERE", "the stamp or item `NOWHERE` is not defined"),
        ("minutes: 5", "minutes: 5, stops: [NOWHERE]", "the stamp or pause `NOWHERE` is not defined"),
        ("minutes: 5", "minutes: 0", "more than 0"),
        ("minutes: 5", "minutes: 5, seconds: 5", "exactly one of"),
        ("minutes: 5", "warn_before: 5", "exactly one of"),
        ("starts: IN, minutes: 5", "starts: ABX, by_choice: {penicillin: 5}", "`penicillin` is no choice of `ABX`"),
        ("starts: IN", "starts: reading", "needs a `reading:`"),
        ("minutes: 5", "minutes: 5, reading: {title: T, min: 1, max: 9, below: 5}", "no other start may have one"),
        ("starts: IN", "starts: reading, reading: {title: T, min: 9, max: 1, below: 5}", "must be below `max:`"),
        ("minutes: 5", "months: 1201", "100 years at most"),
        ("minutes: 5", "hours: [1, 2], until: [3, 4]", "one length less"),
        ("minutes: 5", "hours: [1, 2, 4], until: [6, 6]", "longer than the one before"),
        ("starts: IN, minutes: 5", "starts: hand, by_choice: {cefazolin: 5}", "needs an item in `starts:`"),
        ("evidence: [EST]", "evidence: [EST]}\n  - " + TIMER[:-1], "the id `t` is used twice"),
    ],
)
def test_a_timer_that_could_never_run_is_a_fault(old: str, new: str, words: str) -> None:
    parse_checklist(f"{SMALL}timers:\n  - {TIMER}\n", "small.yaml")
    with pytest.raises(FaultyDocument, match=words):
        parse_checklist(f"{SMALL}timers:\n  - {TIMER.replace(old, new)}\n", "small.yaml")
