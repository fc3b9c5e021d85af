"""Durations: history weighs as it should, quantiles keep their order, and forecasts are kept on real minutes."""

import math
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.schedule.durations import (
    Belief,
    Duration,
    Past,
    estimate,
    from_normal,
    lognormal,
    to_normal,
)
from tests.benchmarks import calibration

DURATIONS = st.builds(
    Duration, st.floats(1, 6.5), st.floats(0.05, 1.2), st.one_of(st.floats(5, 200), st.just(math.inf))
)
CHANCES = st.floats(0.001, 0.999)


@given(DURATIONS, CHANCES, CHANCES)
def test_a_higher_chance_never_takes_fewer_minutes(duration: Duration, one: float, other: float) -> None:
    assert duration.quantile(min(one, other)) <= duration.quantile(max(one, other))


@given(DURATIONS, st.floats(0, 5000), st.floats(0, 5000), CHANCES)
def test_what_has_passed_never_makes_the_whole_shorter(d: Duration, one: float, other: float, p: float) -> None:
    early, late = sorted((one, other))
    assert late <= d.whole(late, p)
    assert d.whole(early, p) <= d.whole(late, p) * (1 + 1e-9)


@given(DURATIONS, CHANCES)
def test_the_chance_of_a_quantile_is_its_own(duration: Duration, p: float) -> None:
    assert duration.chance_within(duration.quantile(p)) == pytest.approx(p, abs=1e-6)


@given(st.floats(-5, 5), st.floats(5, 500))
def test_the_two_deviates_are_each_others_inverse(z: float, freedom: float) -> None:
    assert to_normal(from_normal(z, freedom), freedom) == pytest.approx(z, abs=1e-9)


@pytest.mark.parametrize(
    ("p", "freedom", "t"), [(1.2815516, 10, 1.3722), (1.9599640, 10, 2.2281), (1.6448536, 30, 1.6973)]
)
def test_the_student_deviates_are_those_of_the_tables(p: float, freedom: float, t: float) -> None:
    assert from_normal(p, freedom) == pytest.approx(t, abs=0.003)


def test_a_standing_estimate_alone_is_forecast_as_it_stands() -> None:
    alone = estimate(168, 236)
    assert (round(alone.p50, 6), round(alone.p90, 6), alone.n, alone.has_few_data) == (168, 236, 0, True)


def test_ten_cases_weigh_as_much_as_the_standing_estimate() -> None:
    same = [Past(200, 100)] * 10
    assert estimate(100, 140, same).p50 == pytest.approx(math.sqrt(100 * 200))
    assert estimate(100, 140, same).median == 200


def test_the_surgeons_own_cases_weigh_against_the_others() -> None:
    others, own = [Past(100, 100)] * 40, [Past(150, 100)] * 10
    found = estimate(100, 140, others, own)
    assert 110 < found.p50 < 140
    assert (found.n, found.own, found.median, found.own_median, found.has_few_data) == (50, 10, 100, 150, False)
    assert estimate(100, 140, others).p50 == pytest.approx(100)


def test_another_number_of_levels_counts_by_its_ratio() -> None:
    two_levels = [Past(2 * 130, 200)] * 20
    assert estimate(100, 140, two_levels).median == pytest.approx(130)


def test_records_that_are_no_durations_are_left_out() -> None:
    nonsense = [Past(-712 * 1440, 100), Past(0, 100), Past(5000, 100), Past(60, 0), Past(math.nan, 100)]
    assert estimate(100, 140, nonsense, nonsense) == estimate(100, 140)


def test_many_cases_leave_only_their_own_spread() -> None:
    generator = random.Random(3)
    seen = [Past(generator.lognormvariate(math.log(90), 0.3), 100) for _ in range(4000)]
    assert estimate(100, 140, [], seen).p90 == pytest.approx(lognormal(90, 90 * math.exp(0.3 * 1.2816)).p90, rel=0.03)


@settings(max_examples=30)
@given(st.lists(st.floats(3, 6), max_size=30))
def test_a_belief_never_becomes_more_certain_than_its_cases(logs: list[float]) -> None:
    before = Belief.standing(100, 140)
    after = before.learned(logs)
    assert after.cases == before.cases + len(logs)
    assert after.variance > 0


@pytest.mark.parametrize("columns", [("casestart", "caseend"), ("opstart", "opend")])
def test_forecasts_are_kept_by_the_patients_that_were_not_learned_from(columns: tuple[str, str]) -> None:
    """Real minutes where the reference data are, generated ones elsewhere."""
    folder = os.environ.get("ORTOOL_REFERENCE_DATA")
    path = Path(folder) / "vitaldb_cases_part.csv" if folder else None
    records = calibration.vitaldb(path, *columns) if path and path.exists() else calibration.generated()
    whole = calibration.together(calibration.calibrate(records).values())
    assert whole.cases > 1000
    assert calibration.is_kept(whole), whole.percent
    running = calibration.together(calibration.calibrate(records, passed=0.25).values())
    assert calibration.is_kept(running), running.percent
