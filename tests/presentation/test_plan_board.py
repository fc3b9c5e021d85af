"""A proposed week in words: marks, how good it is, how far the search is, and sentences in lines."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from rich.cells import cell_len

from ortool.caselog.week import RoomDay, Week
from ortool.presentation.plan_board import NOTHING_NEW, Marks, cell_words, cells_of, longest, places_of
from ortool.presentation.plan_lists import _folded, at_most, meanwhile_words, quality_words, searching_words
from ortool.presentation.week_grid import days_line, sentence_lines
from ortool.presentation.week_plan import baseline_words, gap_words, plan_json
from ortool.schedule.planner.problem import Score, Tie, WeekPlan
from ortool.schedule.planner.solve import Limits, Progress, solve
from ortool.schedule.slots import Span
from tests.schedule.weeks import MONDAY, ZONE, week

PROBLEM = week(3, rooms=2, days=2, cases=20)
TUESDAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def plan() -> WeekPlan:
    """A plan of the best simple rule."""
    return solve(PROBLEM, 0, Limits(0, bound=False))


def test_marks_are_set_and_taken_back_one_pin_a_case() -> None:
    here, there = Tie(7, "OR1", MONDAY), Tie(7, "OR2", None)
    marks = Marks().toggled(here, forbids=False).toggled(there, forbids=False).toggled(here, forbids=True)
    assert (marks.pins, marks.forbidden) == ((there,), (here,))
    assert marks.words(7) == "fixed to OR2; not OR1 on Mon 30 Nov"
    assert marks.toggled(there, forbids=False).toggled(here, forbids=True) == Marks()
    assert marks.without(7) == marks.only([8]) == Marks()
    assert marks.only([7]) == marks


def test_marks_are_counted_and_named_as_far_as_there_is_room() -> None:
    marks = Marks((Tie(1108, "OR2", MONDAY),), (Tie(1116, "OR2", MONDAY),))
    assert marks.all_words == "1108 fixed to OR2 on Mon 30 Nov; 1116 not OR2 on Mon 30 Nov"
    assert marks.in_short(78) == "2 marks: 1108 fixed, 1116 not here · c takes all back"
    assert marks.in_short(40) == "2 marks: 1108 fixed, 1116 not here"
    assert marks.in_short(30) == "2 marks: 1108 fixed and 1 more"
    assert marks.in_short(78, [1116]).endswith("1116 not here (not yet) · r plans again, c takes all back")
    assert marks.in_short(62, [1116]).endswith("1116 not here (not yet) · r plans again")
    many = Marks((*marks.pins, Tie(1116, "OR3", None)), (*marks.forbidden, Tie(1116, "OR1", MONDAY)))
    assert many.in_short(60) == "4 marks: 1108 fixed, 1116 fixed and not in 2 places"


def test_a_place_is_new_moved_fixed_or_not_for_it() -> None:
    place = "OR1", MONDAY
    assert Marks().word(7, place) == "new"
    assert Marks().word(7, place, {7: place}) == "new"
    assert Marks().word(7, place, {7: ("OR1", TUESDAY)}) == "new, moved"
    fixed = Marks(pins=(Tie(7, "OR1", None),))
    assert fixed.word(7, place, {7: ("OR2", MONDAY)}) == "new, fixed"
    assert fixed.word(8, place) == "new"
    assert Marks(fixed.pins, (Tie(7, None, MONDAY),)).word(7, place) == "NOT here"


@pytest.mark.parametrize(
    ("now", "frozen_for", "why"),
    [(9, 0, "no block"), (9, 12, "frozen"), (18, 12, "past"), (9, 8, "no block"), (9, 9, "frozen"), (17, 48, "frozen")],
)
def test_a_day_is_past_when_it_is_over_and_frozen_before(plan: WeekPlan, now: int, frozen_for: int, why: str) -> None:
    at = datetime(2026, 11, 30, now, tzinfo=ZONE)
    midnight = at.replace(hour=0)
    opened = Span(midnight + timedelta(hours=8), midnight + timedelta(hours=18))
    day = RoomDay("OR1", MONDAY, Span(midnight, midnight + timedelta(days=1)), (opened,))
    shown = Week((MONDAY,), at, {"OR1": "Theatre 1"}, {("OR1", MONDAY): day})
    problem = replace(PROBLEM, not_before=at + timedelta(hours=frozen_for))
    cell = cells_of(shown, replace(plan, placed=(), rooms=()), problem, [])["OR1", MONDAY]
    assert (cell.why, NOTHING_NEW[why] in cell_words(cell, "Theatre 1", ZONE)) == (why, True)


def test_what_a_plan_does_not_keep_is_named(plan: WeekPlan) -> None:
    (case, (room, day)), (other, place) = list(places_of(plan, ZONE).items())[:2]
    waits = plan.unplaced[0].case
    assert Marks((Tie(case, room, None),), (Tie(waits, room, None),)).unmet(plan, ZONE) == []
    marks = Marks((Tie(case, None, date(2027, 1, 1)), Tie(waits, room, day)), (Tie(other, *place),))
    assert marks.unmet(plan, ZONE) == sorted((case, waits, other))


def test_how_good_a_plan_is(plan: WeekPlan) -> None:
    worth = replace(plan.score, urgency=1000.0, efficiency=0.0, people=0.0)
    rule = replace(worth, urgency=900.0)
    good = replace(plan, score=worth, baseline=rule, baseline_rule="longest first", bound=1050.0)
    assert quality_words(good) == (
        "1000 points, and no plan has more than 1050: at most 4.8 % from the best."
        " The best simple rule (longest first) has 100 fewer."
    )
    unbounded = quality_words(replace(good, bound=None))
    assert unbounded.startswith("1000 points; how much better a plan could be was not worked out. The best")
    assert "The best simple rule (longest first) does as well." in quality_words(replace(good, baseline=worth))
    left_out = replace(rule, missed=rule.missed + 1)
    assert "leaves out some of what must be placed" in quality_words(replace(good, baseline=left_out))
    empty = replace(good, score=replace(worth, urgency=-980.0), bound=409.0)
    assert quality_words(empty).startswith(
        "-980 points (more idle than to do), and no plan has more than 409: at most 1389 points from the"
    )


@pytest.mark.parametrize(
    ("points", "bound", "words"),
    [(1000.0, 1050.0, "4.8 %"), (100.0, 100.0, "0.0 %"), (0.0, 50.4, "50 points"), (-1298.4, 46.6, "1345 points"),
     (-300.0, -280.5, "20 points"), (-10.0, 0.0, "10 points")],
)  # fmt: skip
def test_the_gap_is_told_in_per_cent_only_where_it_is_a_share(
    plan: WeekPlan, points: float, bound: float, words: str
) -> None:
    worth = Score(0, points, 0.0, 0.0)
    one = replace(plan, score=worth, baseline=worth, bound=bound)
    assert f"it is at most {words} from the best possible." in gap_words(one)
    assert f"at most {words} from the best." in quality_words(one)
    assert plan_json(one)["gap"] == (None if bound <= 0 else round((bound - points) / bound, 4))


def test_the_simple_rule_has_as_many_fewer_as_the_rounded_points_say(plan: WeekPlan) -> None:
    one = replace(plan, score=Score(0, -1298.4, 0.0, 0.0), baseline=Score(0, -1318.6, 0.0, 0.0), baseline_rule="fast")
    assert baseline_words(one) == "The best simple rule, fast, comes to -1319: 21 fewer."
    assert "The best simple rule (fast) has 21 fewer." in quality_words(one)


def test_how_far_the_search_is() -> None:
    assert searching_words(None, 0.4, 10.0) == "Searching · 0 of 10 s"
    assert searching_words(Progress("search", 900.0, None, 5), 3.0, 10.0) == "Searching · 3 of 10 s · 900 points"
    words = searching_words(Progress("search", 900.0, 1000.0, 5), 12.0, 10.0)
    assert (
        words
        == "Searching · 12 of 10 s, ending its last step · 900 points, and no plan has more than 1000: at most 10.0 % from the best"
    )
    words = searching_words(Progress("search", -1302.4, 1440.2, 5), 5.0, 0.0)
    assert words.endswith(
        "-1302 points (more idle than to do), and no plan has more than 1440: at most 2742 points from the best"
    )
    assert searching_words(None, 5.0, 0.0) == "Searching · 5 s"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("", ("",)),
        ("one two", ("one two",)),
        ("one two three", ("one two", "three")),
        ("incomprehensible", ("incomprehe", "nsible")),
        ("ten letters", ("ten", "letters")),
    ],
)
def test_sentences_are_folded_between_words(words: str, lines: tuple[str, ...]) -> None:
    assert _folded(words, 10) == lines


def test_what_does_not_fit_ends_so_that_it_is_seen() -> None:
    lines = sentence_lines([("one two three four five six seven", "title")], 12)
    assert at_most(lines, 9, 12) == lines
    assert [line[0].text for line in at_most(lines, 2, 12)] == [" one two", " three …"]
    assert at_most(lines, 1, 6)[0][0].role == "title"
    wide = sentence_lines([("手術手術手術 " * 3, "title")], 12)
    assert all(cell_len(line[0].text) <= 12 for line in at_most(wide, 1, 12))


@pytest.mark.parametrize(("width", "shown"), [(9, "0→75 %"), (6, "0→75 %"), (5, "0→75"), (3, "→75"), (2, "→…")])
def test_how_full_a_day_would_be_is_shortened_by_words(width: int, shown: str) -> None:
    assert longest(width, "0→75 %", "0→75", "→75") == shown


def test_the_days_of_a_week_are_whole_on_a_small_screen() -> None:
    days = tuple(MONDAY + timedelta(days=n) for n in range(7))
    shown = Week(days, datetime(2026, 12, 2, 9, tzinfo=ZONE), {}, {})
    line = "".join(piece.text for piece in days_line(shown, MONDAY, ZONE, 60))
    assert line.split() == ["Mo", "30", "Tu", "01", "We", "02*", "Th", "03", "Fr", "04", "Sa", "05", "Su", "06"]


def test_which_plan_is_shown_while_one_is_searched(plan: WeekPlan) -> None:
    points = round(plan.score.points)
    same, better = (Progress("search", plan.score.points + more, None, 5) for more in (0.0, 20.0))
    first = "Shown meanwhile: the first plan, which keeps every rule already"
    assert meanwhile_words(plan, None, 1, False) == f"{first}."
    assert (
        meanwhile_words(plan, better, 1, False) == f"{first}, with {points} points; s stops and shows the best so far."
    )
    assert meanwhile_words(plan, None, 0, True) == "Shown meanwhile: the plan before."
    kept = "Shown meanwhile: the plan before, as far as it still fits"
    assert meanwhile_words(plan, better, 1, True).startswith(f"{kept}, with {points} points;")
    assert meanwhile_words(plan, same, 1, True) == meanwhile_words(plan, better, 2, True)
    assert meanwhile_words(plan, same, 1, False) == "Shown: the best plan so far."
