"""A clock that runs by what is read off: while the last reading is below the site's limit, and by stored times alone."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.checklist.clocks import ClockPhase, ClockState, readings_of
from ortool.checklist.commands import AnswerTimer, SnoozeTimer, TakeReading, Undo
from ortool.errors import Refused
from tests.checklist.test_clocks import T0, Day

SITE = {"map-low": 5, "map-low-limit": 65}


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def low(day: Day, minute: float, **site: int | str) -> ClockState:
    return day.all(minute, {**SITE, **{name.replace("_", "-"): value for name, value in site.items()}})["map-low"]


def read(day: Day, value: float | str, minute: float) -> int:
    return day.say(TakeReading("map-low", str(value)), minute)


def test_it_waits_until_a_reading_is_low_and_again_once_one_is_not() -> None:
    day = Day()
    assert low(day, 0).state is ClockPhase.WAITING
    read(day, 65, 1)
    assert low(day, 9).state is ClockPhase.WAITING
    read(day, "64,5", 10)
    assert (low(day, 12).state, low(day, 12).due_at, low(day, 12).reading) == (
        ClockPhase.RUNNING,
        T0 + minutes(15),
        "64.5",
    )
    assert low(day, 15).state is ClockPhase.DUE
    read(day, 70, 16)
    assert (low(day, 30).state, low(day, 30).is_live) == (ClockPhase.WAITING, False)


def test_a_second_low_reading_goes_on_from_the_first() -> None:
    day = Day()
    read(day, 60, 0)
    read(day, 58, 3)
    assert low(day, 4).due_at == T0 + minutes(5)
    assert low(day, 4).reading == "58"


def test_low_stretches_add_up_until_somebody_answers() -> None:
    day = Day()
    read(day, 60, 0)
    read(day, 80, 3)
    read(day, 60, 20)
    assert low(day, 20).remaining == minutes(2)
    day.say(AnswerTimer("map-low"), 23)
    assert low(day, 24).due_at == T0 + minutes(28)
    read(day, 80, 25)
    read(day, 60, 40)
    assert low(day, 40).remaining == minutes(3)


def test_undo_takes_a_reading_back() -> None:
    day = Day()
    ref = read(day, 50, 0)
    day.say(Undo(ref), 0.5)
    assert low(day, 9).state is ClockPhase.WAITING


def test_without_the_sites_limit_or_minutes_it_says_so() -> None:
    day = Day()
    assert day.all(0)["map-low"].state is ClockPhase.WAITING
    read(day, 50, 0)
    for site in ({}, {"map-low": 5}, {"map-low-limit": 65}, {"map-low": 5, "map-low-limit": "low"}):
        assert day.all(9, site)["map-low"].state is ClockPhase.MISSING
    demo = day.all(1, {"map-low": 5, "map-low-limit": "65 DEMO"})["map-low"]
    assert (demo.state, demo.is_demo) == (ClockPhase.RUNNING, True)


def test_it_ends_with_the_room() -> None:
    day = Day()
    read(day, 50, 0)
    day.stamp("POR", 2)
    assert low(day, 9).state is ClockPhase.STOPPED
    with pytest.raises(Refused, match="has ended with Patient out of room"):
        read(day, 50, 3)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (TakeReading("map-low", "sixty"), "Mean arterial pressure is a number mmHg, not 'sixty'"),
        (TakeReading("map-low", "19"), "outside 20 to 200 mmHg"),
        (TakeReading("map-low", "1e2"), "is a number"),
        (TakeReading("map-low", "-60"), "is a number"),
        (TakeReading("eyes", "60"), "takes no reading"),
        (TakeReading("map-low", "60", paper="DT-261123-073000-ABCD"), "has its own time"),
        (AnswerTimer("map-low"), "has not started"),
        (SnoozeTimer("map-low", 5, "later"), "has not started"),
    ],
)
def test_what_is_no_reading_is_refused(command: object, words: str) -> None:
    with pytest.raises(Refused, match=words):
        Day().say(command, 5)


def test_both_times_are_kept_and_the_form_it_was_written_on() -> None:
    day = Day()
    day.say(TakeReading("map-low", "60", T0 + minutes(2), "DT-261123-073000-ABCD"), 30)
    (mark,) = day.run.timer_marks["map-low"]
    assert (mark.value, mark.occurred_at, mark.transcribed) == ("60", T0 + minutes(2), "DT-261123-073000-ABCD")


READINGS = st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["40", "64", "65", "66", "90"])), max_size=6)


@given(READINGS, st.integers(0, 200))
def test_it_runs_exactly_while_the_last_reading_is_low(readings: list[tuple[int, str]], after: int) -> None:
    day = Day()
    for minute, value in readings:
        day.say(TakeReading("map-low", value, T0 + minutes(minute)), 120)
    clock = low(day, 120 + after)
    taken = readings_of(day.run, clock.timer)
    assert [mark.value for mark in taken] == [value for _, value in sorted(readings, key=lambda one: one[0])]
    assert clock.is_live == (bool(taken) and float(taken[-1].value) < 65)
    if clock.due_at:
        lows = _minutes_low(sorted(readings, key=lambda one: one[0]), 120 + after)
        assert (clock.state is ClockPhase.DUE) == (lows >= 5)
        assert clock.remaining == minutes(max(0, 5 - lows))


def _minutes_low(readings: list[tuple[int, str]], until: int) -> int:
    ends = [minute for minute, _ in readings[1:]] + [until]
    return sum(end - begin for (begin, value), end in zip(readings, ends, strict=True) if float(value) < 65)


def test_the_order_of_typing_does_not_matter() -> None:
    found = set()
    for order in permutations([(0, "60"), (3, "70"), (8, "61"), (9, "59")]):
        day = Day()
        for minute, value in order:
            day.say(TakeReading("map-low", value, T0 + minutes(minute)), 10)
        found.add((low(day, 10).due_at, low(day, 10).reading))
    assert found == {(T0 + minutes(10), "59")}
