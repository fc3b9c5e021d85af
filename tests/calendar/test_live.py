"""An event moves with the day when it matters, and stays when it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.calendar.live import THRESHOLD, Expected, Said, expected_of, said_next
from ortool.schedule.durations import lognormal
from ortool.schedule.expected import Expected as Booked
from ortool.schedule.expected import Need
from ortool.schedule.forecast import forecast
from ortool.schedule.slots import Span

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
END = START + timedelta(hours=2)
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


@settings(max_examples=80, deadline=None)
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


def test_what_is_over_says_its_times_and_is_late_no_more():
    said = said_next(START, END, None, replace(later(35), begun=True))
    assert said.late_minutes == 35
    over = replace(later(36), begun=True, over=True)
    ended = said_next(START, END, said, over)
    assert (ended.end, ended.late_minutes, ended.moves) == (over.end, 0, 2)
    assert said_next(START, END, ended, over) is None


def test_a_case_that_waits_is_as_late_as_its_start_and_one_in_the_room_as_its_end():
    waiting = later(20, longer=30)
    assert said_next(START, END, None, waiting).late_minutes == 20
    assert said_next(START, END, None, replace(waiting, begun=True)).late_minutes == 50


def a_case(number, room, at, minutes, usual=0, began=None, ended=None):
    """Return a case planned `at` minutes after START, which usually takes `usual`."""
    begins = START + timedelta(minutes=at)

    def moment(value):
        return None if value is None else START + timedelta(minutes=value)

    return Booked(
        f"c{number}", number, room, Span(begins, begins + timedelta(minutes=minutes)), (Need(f"room:{room}", room),),
        lognormal(usual or minutes, 1.3 * (usual or minutes)), began=moment(began), ended=moment(ended),
    )  # fmt: skip


def moved_by(now, *cases):
    """Return by how many minutes start and end of each case that moves do so."""
    day = forecast(cases, START + timedelta(minutes=now))
    found = {}
    for case, one in zip(cases, expected_of(day, {case.id: case.id for case in cases}), strict=True):
        said = said_next(case.planned.start, case.planned.end, None, one)
        if said:
            shifts = (said.start - case.planned.start, said.end - case.planned.end)
            found[case.number] = tuple(round(shift / timedelta(minutes=1)) for shift in shifts)
    return found


def test_what_usually_takes_longer_than_its_slot_moves_nothing_before_something_happens():
    first, second = a_case(1, "OR1", 0, 60, usual=110), a_case(2, "OR1", 70, 60)
    assert moved_by(-60, first, second) == {}
    assert moved_by(5, first, second) == {}
    # In the room it stands at its forecast, and what waits for it too.
    assert moved_by(20, replace(first, began=START), second) == {1: (0, 50), 2: (40, 42)}


def test_a_late_start_and_an_overrun_move_what_waits_for_them_and_nothing_else():
    cases = a_case(1, "OR1", 0, 60), a_case(2, "OR1", 60, 60), a_case(3, "OR2", 60, 60)
    assert set(moved_by(40, replace(cases[0], began=START + timedelta(minutes=35)), *cases[1:])) == {1, 2}
    over = replace(cases[0], began=START, ended=START + timedelta(minutes=95))
    assert moved_by(96, over, *cases[1:])[2][0] == 36
    in_time = replace(cases[0], began=START, ended=START + timedelta(minutes=40))
    assert moved_by(45, in_time, *cases[1:]) == {1: (0, -20)}


def test_a_case_that_nobody_brings_moves_until_nobody_says_anything_of_it_any_more():
    case = a_case(1, "OR1", 0, 60)
    assert moved_by(9, case) == {}
    assert moved_by(30, case) == {1: (30, 30)}
    assert moved_by(61, case) == {}
