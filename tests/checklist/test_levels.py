"""Levels as people write them."""

import pytest

from ortool.checklist.levels import parse_levels
from ortool.errors import BadInput


@pytest.mark.parametrize(
    ("text", "vertebrae"),
    [
        ("L4-5", ("L4", "L5")),
        ("L3-5", ("L3", "L4", "L5")),
        ("L5-S1", ("L5", "S1")),
        ("L5/1", ("L5", "S1")),
        ("L4-S1", ("L4", "L5", "S1")),
        ("L4-5, L5-S1", ("L4", "L5", "S1")),
        ("L5-6", ("L5", "L6")),
        ("L6-S1", ("L6", "S1")),
        ("L5-6, L6-S1", ("L5", "L6", "S1")),
        ("T12-L1", ("T12", "L1")),
    ],
)
def test_levels_are_the_vertebrae_they_mean_and_written_back_they_mean_the_same(text, vertebrae):
    levels = parse_levels(text)
    assert levels.vertebrae == vertebrae
    assert parse_levels(str(levels)) == levels


@pytest.mark.parametrize("text", ["L5-4", "L2-3, L5-S1", "C5-6", "L4", "x"])
def test_what_is_no_level_is_refused(text):
    with pytest.raises(BadInput):
        parse_levels(text)
