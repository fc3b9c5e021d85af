"""Levels: the lumbosacral segment is one segment, and a sixth lumbar vertebra counts only where it is named."""

import pytest

from ortool.checklist.levels import parse_levels


@pytest.mark.parametrize(
    ("text", "vertebrae"),
    [
        ("L5-S1", "L5 S1"),
        ("L5-1", "L5 S1"),
        ("L4-S1", "L4 L5 S1"),
        ("L4-5, L5-S1", "L4 L5 S1"),
        ("L5-6", "L5 L6"),
        ("L6-S1", "L6 S1"),
        ("L5-6, L6-S1", "L5 L6 S1"),
        ("L3-5", "L3 L4 L5"),
    ],
)
def test_levels_are_read_and_read_back(text, vertebrae):
    levels = parse_levels(text)
    assert levels.vertebrae == tuple(vertebrae.split())
    assert levels.count == len(vertebrae.split()) - 1
    assert parse_levels(str(levels)) == levels
