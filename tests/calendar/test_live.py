"""An event moves with the day when it matters, and stays when it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.calendar.live import THRESHOLD, Expected, Planned, Said, by_the_plan, said_next

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
END = START + timedelta(hours=2)
NOW = START - timedelta(hours=1)
MINUTES = st.integers(-60, 300).map(lambda n: timedelta(minutes=n))


def later(minutes: int, longer: int = 0) -> Expected:
    return Expected("s", START + timedelta(minutes=minutes), END + timedelta(minutes=minutes + longer))


def test_a_small_move_says_nothing_and_a_large_one_says_how_late():
    assert said_next(START, END, None, later(9)) is None
    said = said_next(START, END, None, later(35))
    assert said == Said(START + timedelta(minutes=35), END + timedelta(minutes=35), 35, 1)
    assert said_next(START, END, said, later(44)) is None
    assert said_next(START, END, said, later(26)) is None
    assert said_next(START, END, said, later(45)).late_minutes == 45


def test_what_is_in_time_again_is_late_no_more():
    said = said_next(START, END, Said(START + timedelta(minutes=20), END + timedelta(minutes=20), 20, 3), later(0))
    assert (said.late_minutes, said.moves) == (0, 4)


def test_an_end_before_its_start_is_a_minute_long():
    said = said_next(START, END, None, Expected("s", END + timedelta(hours=3), START))
    assert said.end - said.start == timedelta(minutes=1)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(MINUTES, MINUTES), max_size=12))
def test_what_is_said_is_never_far_off_and_each_move_is_one_step(moves):
    last = None
    for start, end in moves:
        expected = Expected("s", START + start, max(END + end, START + start + timedelta(minutes=1)))
        said = said_next(START, END, last, expected)
        assert said is None or said.moves == (last.moves if last else 0) + 1
        last = said or last
        shown = last or Said(START, END)
        assert abs(shown.start - expected.start) < THRESHOLD
        assert abs(shown.end - expected.end) < THRESHOLD


@pytest.mark.parametrize(
    ("now", "in_room", "out", "wanted"),
    [
        (-60, None, None, [(0, 120), (150, 210)]),  # before the day
        (30, None, None, [(30, 150), (180, 240)]),  # nobody came
        (40, 35, None, [(35, 155), (185, 245)]),  # begun late
        (200, 0, None, [(0, 200), (230, 290)]),  # longer than planned
        (90, 0, 80, [(0, 80), (150, 210)]),  # out early: the next one is called as planned
        (300, 0, 250, [(0, 250), (300, 360)]),
    ],
)
def test_the_plan_follows_what_has_happened(now, in_room, out, wanted):
    def at(minutes):
        return None if minutes is None else START + timedelta(minutes=minutes)

    slots = [
        Planned("b", "OR1", at(150), at(210)),
        Planned("a", "OR1", START, END, at(in_room), at(out)),
        Planned("c", "OR2", at(600), at(660)),
    ]
    found = {one.slot_id: (one.start, one.end) for one in by_the_plan(slots, at(now), timedelta(minutes=30))}
    assert [found["a"], found["b"]] == [(at(start), at(end)) for start, end in wanted]
    assert found["c"] == (at(600), at(660))
