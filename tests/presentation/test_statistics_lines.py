"""Drawings of statistics as text: nothing is wider or higher than it may be, and the ends say their values."""

from hypothesis import given
from hypothesis import strategies as st

from ortool.presentation.statistics import curve_lines


def test_a_curve_rises_from_its_least_to_its_greatest_value():
    top, bottom = curve_lines((0.0, 10.0, 20.0, 5.0), 30, 2)
    assert top.startswith("20 ")
    assert bottom.startswith(" 0 ▁")
    assert top.rstrip().endswith("█")
    assert len(bottom) == len(" 0 ") + 4


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(20, 120), st.integers(1, 12))
def test_a_curve_stays_within_its_room(points, width, height):
    drawn = curve_lines(points, width, height)
    assert len(drawn) == height
    assert all(len(line) <= width for line in drawn)
    assert curve_lines((), width, height) == []
