"""Statistics of few cases whose figures can be counted by hand, and what they must not say."""

import math
import random
import statistics
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.caselog.numbers import Lognormal, cusum, wilson
from ortool.caselog.past import Delay, PastCase
from ortool.caselog.statistics import Rules
from ortool.caselog.statistics import statistics as count_up
from ortool.schedule.durations import Past, estimate

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
RULES = Rules(ZoneInfo("UTC"))


def case(number, start=0, length=60, late=0, took=None, **more):
    """A case planned `start` minutes after the day began, in the room `late` minutes later, for `took` minutes."""
    begins = MONDAY + timedelta(minutes=start)
    came = begins + timedelta(minutes=late)
    leaves = came + timedelta(minutes=length if took is None else took)
    times = {"PIR": came, "PST": came + timedelta(minutes=10), "PF": leaves - timedelta(minutes=5), "POR": leaves}
    made = PastCase(
        f"c{number}", number, "hip", "Hip", "ortho", "s1", "Dr Stone", "OR1", "Theatre 1", "elective", "",
        begins, begins + timedelta(minutes=length), times=times,
    )  # fmt: skip
    return replace(made, **more)


def value(cases, name, rules=RULES):
    return count_up(cases, rules).find(name).value


def test_a_first_start_is_late_by_one_minute_without_grace():
    day = [case(1, late=1), case(2, start=90)]
    assert value(day, "first_starts_0") == 0
    assert value(day, "first_starts_5") == 100
    assert count_up(day, RULES).find("first_starts_0").cases == ("c1",)


def test_the_first_on_the_list_counts_although_another_came_first():
    day = [case(1, start=0, late=200), case(2, start=90)]
    assert value(day, "first_delay") == 200


@pytest.mark.parametrize(
    ("second", "n"),
    [
        (case(2, start=90), 1),
        (case(2, start=90, urgency="emergency"), 0),
        (case(2, start=90, room_id="OR2"), 0),
        (case(2, start=24 * 60 + 90), 0),
        (case(2, start=200), 0),
        (case(2, start=90, late=-60), 0),
    ],
    ids=["neighbours", "emergency", "another room", "another day", "a planned gap", "overlap"],
)
def test_which_turnovers_count(second, n):
    assert count_up([case(1), second], RULES).find("turnover_median").n == n


def test_a_turnover_over_the_cap_is_a_rate_and_not_in_the_mean():
    day = [case(1), case(2, start=90), case(3, start=180, late=40)]
    assert value(day, "turnover_mean") == 30
    assert value(day, "turnover_prolonged") == 50


def test_hours_used_are_cut_at_the_staffed_hours_or_not():
    day = [case(1, start=-30, length=120), case(2, start=420, length=120)]
    assert value(day, "utilisation_raw") == pytest.approx(100 * (90 + 60) / 480)
    assert value(day, "utilisation_adjusted") == pytest.approx(100 * (240 + 60) / 480)
    assert value(day, "over_run") == 60
    assert value(day, "under_run") == 480 - 150


def test_hours_used_are_those_of_blocks_then_of_the_room_then_the_fixed_ones():
    day, cases = MONDAY.date(), [case(1, start=30, length=120)]
    block = {
        (day, "OR1"): (
            (MONDAY, MONDAY + timedelta(hours=1)),
            (MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=4)),
        )
    }
    blocks = count_up(cases, replace(RULES, blocks=block))
    assert blocks.find("utilisation_raw").value == pytest.approx(100 * (30 + 30) / 180)
    assert "its blocks on 1 room-days" in blocks.find("utilisation_raw").definition.words
    assert blocks.find("over_run").value == 0
    hours = replace(RULES, open_on=lambda day, room: ((MONDAY, MONDAY + timedelta(hours=2)),))
    opened = count_up(cases, hours)
    assert opened.find("utilisation_raw").value == pytest.approx(100 * 90 / 120)
    assert opened.find("over_run").value == 30
    assert "the room's opening hours on 1 room-days" in opened.find("over_run").definition.words
    assert count_up(cases, replace(RULES, open_on=lambda day, room: ())).find("utilisation_raw").n == 0
    assert "fixed hours (07:30 to 15:30" in count_up(cases, RULES).find("under_run").definition.words


def test_what_was_cancelled_on_the_day_counts_and_before_does_not():
    on_the_day = case(2, start=90, times={}, cancelled_at=MONDAY, cancel_reason="XP02 had breakfast")
    before = case(3, start=180, times={}, cancelled_at=MONDAY - timedelta(days=2), cancel_reason="wishes")
    found = count_up([case(1), on_the_day, before], RULES)
    assert found.find("cancelled").value == 50
    assert found.find("cancelled_P02").cases == ("c2",)


@pytest.mark.parametrize(("final", "counted"), [(time(15), 1), (time(15, 1), 0)])
def test_a_cancellation_counts_from_when_the_list_is_final_on_the_day_before(final, counted):
    gone = MONDAY.replace(hour=15, minute=0) - timedelta(days=1)
    cases = [case(1), case(2, start=90, times={}, cancelled_at=gone, cancel_reason="wishes")]
    assert value(cases, "cancelled", replace(RULES, list_final=final)) == 100 * counted / (1 + counted)


def test_causes_of_delay_stand_most_first_with_their_share():
    delays = [case(1, delays=(Delay("F01", 30), Delay("P01", 10))), case(2, start=90, delays=(Delay("F01", 40),))]
    chapter = next(one for one in count_up(delays, RULES).chapters if one.id == "delays")
    assert [(one.label, one.value, one.n) for one in chapter.figures] == [
        ("F01 facility: case before over-ran", 70, 2),
        ("P01 patient: late to the unit", 10, 1),
    ]
    assert chapter.figures[1].note == "12 %, with those above 100 %"


def test_events_are_counted_over_cases_with_a_checklist_alone():
    cases = [case(n, start=90 * n, is_followed=n < 10, events=("durotomy",) * (n < 2)) for n in range(20)]
    figure = count_up(cases, RULES).find("event_durotomy")
    assert (figure.value, figure.n, figure.note) == (20, 10, "2 of 10")
    assert (figure.low, figure.high) == pytest.approx(wilson(2, 10))


@pytest.mark.parametrize("count", [19, 20])
def test_people_are_not_compared_under_twenty_cases(count):
    found = count_up([case(n, start=1_440 * n) for n in range(count)], RULES)
    chapters = {one.id: one for one in found.chapters}
    assert bool(chapters["room_by_surgeon"].figures) is (count >= 20)
    assert bool(chapters["learning"].figures) is (count >= 20)
    if count < 20:
        assert "fewer than 20 cases" in chapters["room_by_surgeon"].note
        assert "fewer than 20 cases" in chapters["learning"].note


def test_the_share_of_late_times_leaves_out_what_came_from_a_list():
    late = replace(case(1), late=frozenset({"PIR"}))
    figure = count_up([late, replace(case(2, start=90), is_history=True)], RULES).find("bias")
    assert (figure.late, figure.history) == (50, 1)


def test_a_bound_is_judged_by_what_was_known_before():
    # Ten cases make the bound; the eleventh stays within it, the twelfth does not, whatever comes later.
    lengths = [50, 55, 60, 65, 70, 50, 55, 60, 65, 70, 60, 300]
    cases = [case(n, start=1_440 * n, took=took) for n, took in enumerate(lengths)]
    figure = count_up(cases, RULES).find("p90")
    assert (figure.value, figure.n) == (50, 2)


def test_the_bound_of_the_schedule_is_what_its_own_estimate_says_each_morning():
    chance = random.Random(3)
    cases = [
        case(
            n, start=60 * (n % 3) + 1_440 * (5 * (n // 3)), took=round(60 * chance.lognormvariate(0, 0.4)) + 1,
            surgeon_id=f"s{n % 2}", standing=(60.0, 84.0) if n % 4 else (90.0, 130.0), levels="L4-5",
        )
        for n in range(600)
    ]  # fmt: skip
    judged = []
    for one in cases:
        first = one.start - timedelta(days=730)
        before = [b for b in cases if b.start.date() < one.start.date() and (b.start - first).days >= 0]
        past = {
            own: [Past(b.in_room, b.standing[0]) for b in before if (b.surgeon_id == one.surgeon_id) is own]
            for own in (True, False)
        }
        judged.append(one.in_room <= estimate(*one.standing, past[False], past[True]).p90)
    figure = count_up(cases, RULES).find("p90_schedule")
    assert figure.n == 600
    assert figure.value == pytest.approx(100 * sum(judged) / 600)


def test_without_cases_every_figure_says_so():
    for chapter in count_up([], RULES).chapters:
        assert all(figure.value is None and figure.n == 0 and figure.note for figure in chapter.figures)


def test_the_score_interval_is_the_published_one():
    # Newcombe 1998, Stat Med 17:857, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for hits, n, low, high in (
        (81, 263, 25.53, 36.62),
        (15, 148, 6.24, 16.05),
        (0, 20, 0, 16.11),
        (1, 29, 0.61, 17.18),
    ):
        assert wilson(hits, n) == pytest.approx((low, high), abs=0.006)


def test_the_upper_bound_is_the_quantile_of_the_fitted_lognormal():
    lengths = [40.0, 55.0, 61.0, 90.0, 120.0]
    logs = [math.log(value) for value in lengths]
    fitted = Lognormal()
    for length in lengths:
        fitted.add(length)
    assert fitted.p90 == pytest.approx(
        math.exp(statistics.NormalDist(statistics.mean(logs), statistics.stdev(logs)).inv_cdf(0.9))
    )


@given(st.lists(st.floats(1, 1_000), min_size=1, max_size=50))
def test_a_running_sum_ends_at_nothing(values):
    assert cusum(values)[-1] == pytest.approx(0, abs=1e-6)
