"""Counts that do not agree: what is open, what holds the gate, and what settles it."""

from typing import Any

import pytest

from ortool.checklist.commands import AddToCount, AnswerItem, RecordCount
from ortool.checklist.count_path import answer_now, discrepancies, path_state
from ortool.checklist.counts import is_moment, moment_title, next_relief
from ortool.checklist.decide import decide
from ortool.checklist.records import State
from ortool.errors import Refused
from ortool.presentation.count_table import count_alarm, count_rows, count_title, moments_shown, next_moments
from tests.checklist.test_clocks import NURSE, PLAN, T0, Day
from tests.checklist.test_run_rules import SCRUB, SURGEON

ALL = {category.id: 10 for category in PLAN.checklist.count_categories}


class Counted(Day):
    """A case that is counted."""

    def count(self, moment: str, **found: int) -> int:
        """Count; what is not named is found as at first."""
        return self.say(RecordCount(moment, ALL | found, SCRUB), len(self.lines) + 1)


@pytest.fixture
def day() -> Counted:
    day = Counted()
    day.count("baseline")
    return day


def closing(day: Counted) -> State:
    return day.run.state_of(PLAN.items["P11.7"], T0)


def test_a_difference_is_open_until_a_later_count_of_that_moment_agrees(day: Counted) -> None:
    day.count("closing-1", patties=9)
    assert [(one.moment, one.count.differences) for one in discrepancies(day.run)] == [("closing-1", {"patties": -1})]
    assert not day.run.is_closed(PLAN.items["P11.7"], T0)
    day.count("closing-2")
    assert discrepancies(day.run)
    assert not day.run.is_closed(PLAN.items["P11.7"], T0)
    day.count("closing-1")
    assert discrepancies(day.run) == ()
    assert closing(day) is State.AUTO


def test_one_too_many_is_a_difference_too(day: Counted) -> None:
    day.count("closing-1", needles=11)
    assert discrepancies(day.run)[0].count.differences == {"needles": 1}


def test_two_people_may_override_it(day: Counted) -> None:
    day.count("closing-1", patties=9)
    alone = AnswerItem("P11.7", State.OVERRIDDEN, reason="not found, image read")
    with pytest.raises(Refused, match="second person"):
        day.say(alone, 5)
    day.say(AnswerItem("P11.7", State.OVERRIDDEN, reason="not found, image read", second=SURGEON), 5)
    assert discrepancies(day.run) == ()
    assert day.run.is_closed(PLAN.items["P11.7"], T0)


def test_a_relief_is_counted_any_number_of_times_and_settled_by_any_later_count(day: Counted) -> None:
    assert next_relief(day.run.ledger) == "relief-1"
    day.count("relief-1", laps=9)
    day.count("relief-2")
    assert next_relief(day.run.ledger) == "relief-3"
    assert discrepancies(day.run) == ()
    day.count("relief-3", laps=9)
    assert [one.moment for one in discrepancies(day.run)] == ["relief-3"]
    day.count("closing-1")
    assert discrepancies(day.run) == ()


@pytest.mark.parametrize(
    ("moment", "known"),
    [("relief-1", True), ("relief-99", True), ("relief-0", False), ("relief-", False), ("later", False)],
)
def test_which_moments_there_are(moment: str, known: bool) -> None:
    assert is_moment(PLAN.checklist, moment) is known
    assert bool(moment_title(PLAN.checklist, moment)) is known


def test_the_path_is_asked_again_for_another_difference(day: Counted) -> None:
    day.count("closing-1", patties=9)
    day.say(AnswerItem("CD.2", State.DONE), 3)
    day.count("closing-1", patties=9)
    assert path_state(day.run, "CD.2") is State.DONE
    day.count("closing-1")
    day.count("closing-2", blades=9)
    assert path_state(day.run, "CD.2") is State.OPEN
    assert answer_now(day.run, "CD.2") is None
    day.say(AnswerItem("CD.2", State.DONE), 9)
    assert path_state(day.run, "CD.2") is State.DONE


def test_the_ledger_always_says_what_is_expected_now(day: Counted) -> None:
    day.say(AddToCount("laps", 5), 2)
    day.say(AddToCount("laps", -2), 3)
    assert day.run.ledger.expected()["laps"] == 13
    laps = next(row for row in count_rows(day.run, 80) if row.id == "laps")
    assert laps.cells[-1].text.strip() == "13"


def text_of(row: Any) -> str:
    return "".join(piece.text for piece in row.cells)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_table_fits_its_width_and_says_the_difference_in_words(day: Counted, width: int) -> None:
    for number in range(1, 6):
        day.count(f"relief-{number}")
    day.count("closing-1", patties=9)
    rows = count_rows(day.run, width)
    assert all(len(text_of(row)) <= width for row in rows)
    assert "closing-1" in moments_shown(day.run, width)
    assert "9 (-1)" in text_of(next(row for row in rows if row.id == "patties"))
    assert [row.id for row in rows if row.kind == "step"] == [f"CD.{number}" for number in range(1, 8)]
    assert "COUNT DOES NOT AGREE: patties -1 (closing-1)" in text_of(next(row for row in rows if row.kind == "alarm"))


def test_the_lasting_line_stands_only_while_it_is_open(day: Counted) -> None:
    assert count_alarm(day.run, 80) == []
    day.count("closing-1", patties=9)
    assert "COUNT DOES NOT AGREE" in count_alarm(day.run, 80)[0][0].text
    assert "DOES NOT AGREE" in count_title(day.run)
    assert next_moments(day.run) == ["closing-1", "closing-2"]


def test_a_relief_before_the_first_count_is_refused() -> None:
    with pytest.raises(Refused, match="no first count"):
        decide(Day().run, RecordCount("relief-1", ALL, SCRUB), NURSE, T0)
