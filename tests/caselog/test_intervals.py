"""Derived intervals by their formulas, and stamps whose times run the wrong way."""

import itertools
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.caselog.intervals import FORMULAS, intervals, out_of_order
from tests.caselog.a_case import DAY, Pen, at, dossier

ORDER = ["AS", "PIR", "AR", "TURN", "PST", "PF", "EXT", "POR", "APACU", "RFD", "DPACU"]
PUBLISHED = {
    "anaesthesia_preparation": lambda t: t["AR"] - t["AS"],
    "surgical_preparation": lambda t: t["PST"] - t["AR"],
    "procedure_time": lambda t: t["PF"] - t["PST"],
    "skin_to_room_exit": lambda t: t["POR"] - t["PF"],
    "room_occupancy": lambda t: t["POR"] - t["PIR"],
    "anaesthesia_controlled": lambda t: (t["AR"] - t["PIR"]) + (t["POR"] - t["PF"]),
    "extubation": lambda t: t["EXT"] - t["PF"],
    "pacu_stay": lambda t: t["DPACU"] - t["APACU"],
    "pacu_hold": lambda t: t["DPACU"] - t["RFD"],
}


def run_of(times):
    """Return a run with these stamps, entered in the order given."""
    pen = Pen()
    for name, moment in times.items():
        pen.stamp(name, f"{moment:%H:%M:%S}")
    return dossier(pen.entries).run


@given(st.dictionaries(st.sampled_from(ORDER), st.integers(0, 86_399)))
def test_every_interval_is_its_formula_over_the_stamps(seconds):
    times = {name: DAY + timedelta(seconds=count) for name, count in seconds.items()}
    for one in intervals(run_of(times).stamps):
        try:
            expected = PUBLISHED[one.id](times)
        except KeyError:
            expected = None
        assert one.value == expected
        assert set(one.stamps) | set(one.missing) == set(re.findall(r"[A-Z]+", one.formula))
        assert all(name in times for name in one.stamps)
        assert not any(name in times for name in one.missing)
        assert len(one.seqs) == len(one.stamps)
        if one.value is not None and one.value < timedelta():
            assert one.out_of_order


@given(st.dictionaries(st.sampled_from(ORDER), st.integers(0, 86_399)))
def test_only_neighbouring_stamped_milestones_contradict(seconds):
    times = {name: DAY + timedelta(seconds=count) for name, count in seconds.items()}
    stamped = [name for name in ORDER if name in times]
    expected = [(a, b) for a, b in itertools.pairwise(stamped) if times[b] < times[a]]
    found = out_of_order(run_of(times))
    assert [(pair.before.stamp, pair.after.stamp) for pair in found] == expected
    assert all(pair.gap > timedelta() for pair in found)


def test_a_positive_sum_with_a_part_that_runs_backwards_is_flagged():
    run = run_of({"PIR": at("08:00"), "AR": at("09:00"), "PF": at("11:00"), "POR": at("10:50")})
    controlled = next(one for one in intervals(run.stamps) if one.id == "anaesthesia_controlled")
    assert controlled.value == timedelta(minutes=50)
    assert controlled.out_of_order


def test_equal_times_are_in_order():
    assert out_of_order(run_of({"PF": at("11:00"), "POR": at("11:00")})) == ()


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.id)
def test_every_formula_has_a_name_a_text_and_a_source(formula):
    assert formula.name
    assert formula.source
    assert all(name in formula.text for name in formula.milestones)
