"""Blocks and hours on a row of time: always inside, never on top of one another, right when the clock changes."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ortool.presentation.board import axis, column, label_of, lay_out_room, now_column
from tests.caselog.a_case import at
from tests.presentation.shown import AMSTERDAM, board_case

START, END = at("07:00"), at("18:00")
DAYS = [
    date(2026, 3, 29),
    date(2026, 6, 15),
    date(2026, 10, 25),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 11, 1),
]
ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Kolkata", "UTC"]


@st.composite
def board_cases(draw):
    """Draw a case within a day and a half around the window; some have come, some have left, some run backwards."""
    start = START + timedelta(minutes=draw(st.integers(-900, 1400)))
    one = board_case(draw(st.integers(1, 9999)))
    came = draw(st.none() | st.integers(-300, 300))
    stayed = draw(st.none() | st.integers(-60, 700))
    in_room = None if came is None else start + timedelta(minutes=came)
    out = None if in_room is None or stayed is None else in_room + timedelta(minutes=stayed)
    slot = replace(one.slot, start=start, end=start + timedelta(minutes=draw(st.integers(5, 1440))))
    return replace(one, slot=slot, in_room=in_room, out_of_room=out)


@given(st.lists(board_cases(), max_size=8), st.integers(1, 200), st.integers(-600, 1600))
def test_blocks_stay_inside_and_a_lane_holds_one_at_a_time(cases, width, minutes):
    blocks = lay_out_room(cases, START, END, width, START + timedelta(minutes=minutes))
    assert len(blocks) == len(cases)
    for block in blocks:
        assert 0 <= block.first <= block.last < width
        assert (block.actual_first is None) == (block.case.in_room is None) == (block.actual_last is None)
        if block.actual_first is not None and block.actual_last is not None:
            assert 0 <= block.actual_first <= block.actual_last < width
        assert 0 <= block.lane < len(blocks)
    for one, other in combinations(blocks, 2):
        if one.lane == other.lane:
            assert one.extent[1] < other.extent[0] or other.extent[1] < one.extent[0]
    starts = [block.case.slot.start for block in blocks]
    assert starts == sorted(starts)


@given(st.lists(st.integers(5, 240), min_size=1, max_size=6), st.integers(132, 400))
def test_cases_that_follow_each_other_share_a_lane(lengths, width):
    begin, cases = START, []
    for number, minutes in enumerate(lengths):
        one = board_case(number)
        end = begin + timedelta(minutes=minutes)
        cases.append(replace(one, slot=replace(one.slot, start=begin, end=end)))
        begin = end
    inside = [one for one in cases if one.slot.end <= END]
    assert {block.lane for block in lay_out_room(inside, START, END, width, START)} <= {0}


def test_an_over_run_moves_the_next_case_to_another_lane():
    over, following = board_case(1, "08:00", "10:00", came="08:00"), board_case(2, "10:00", "12:00")
    first, second = lay_out_room([following, over], START, END, 66, at("10:30"))
    assert (first.case.case.number, first.lane, second.lane) == (1, 0, 1)
    assert (first.first, first.last, first.actual_first, first.actual_last) == (6, 17, 6, 20)


def test_a_case_outside_the_window_stays_visible_at_its_edge():
    early, late = board_case(1, "02:00", "05:00"), board_case(2, "20:00", "22:00")
    first, second = lay_out_room([early, late], START, END, 66, START)
    assert (first.first, first.last, first.cut_left, first.cut_right) == (0, 0, True, False)
    assert (second.first, second.last, second.cut_left, second.cut_right) == (65, 65, False, True)


def test_the_now_line_is_only_inside_the_window():
    assert now_column(START, END, 66, at("07:00")) == 0
    assert now_column(START, END, 66, at("17:59")) == 65
    assert now_column(START, END, 66, at("18:00")) is None
    assert now_column(START, END, 66, at("06:59")) is None


@pytest.mark.parametrize(("end", "width"), [(START, 80), (END, 0)])
def test_a_window_without_length_or_width_is_refused(end, width):
    with pytest.raises(ValueError, match="length and a width"):
        column(START, START, end, width)


def day_of(day, zone):
    """Return the UTC bounds of a local day."""
    bounds = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return tuple(bounds)


@given(st.sampled_from(DAYS), st.sampled_from(ZONES), st.integers(1, 300), st.integers(0, 1380), st.integers(30, 2000))
def test_every_hour_stands_at_its_column_and_touches_no_other(day, name, width, offset, minutes):
    zone = ZoneInfo(name)
    start = day_of(day, zone)[0] + timedelta(minutes=offset)
    end = start + timedelta(minutes=minutes)
    line = axis(start, end, width, zone)
    assert len(line) == width
    hours = {}
    moment = start.replace(second=0, microsecond=0)
    while moment < end:
        if moment.astimezone(zone).minute == 0:
            hours.setdefault(column(moment, start, end, width), []).append(moment.astimezone(zone).hour)
        moment += timedelta(minutes=1)
    found = list(re.finditer(r"\S+", line))
    for label in found:
        assert re.fullmatch(r"\d\d(:00)?", label[0])
        assert int(label[0][:2]) in hours[label.start()]


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 3, 29), ["00", "01", *(f"{hour:02}" for hour in range(3, 24))]),
        (date(2026, 10, 25), ["00", "01", "02", "02", *(f"{hour:02}" for hour in range(3, 24))]),
    ],
)
def test_the_night_when_the_clock_changes(day, hours):
    start, end = day_of(day, AMSTERDAM)
    labels = axis(start, end, 200, AMSTERDAM).split()
    assert [label[:2] for label in labels] == hours
    local = (start.astimezone(AMSTERDAM), end.astimezone(AMSTERDAM))
    assert axis(*local, 200, AMSTERDAM).split() == labels


@given(board_cases(), st.integers(0, 80), st.booleans())
def test_a_label_fits_and_cuts_nothing_short(case, columns, ascii_only):
    one = replace(case, case=replace(case.case, surgeon="Dr 手術 [/]"))
    text = label_of(one, columns, ascii_only)
    assert cell_len(text) <= columns
    number = str(one.case.number)
    assert text in ("", "*", "✓") or text == number or text.startswith(f"{number} ")
    if len(text) > len(number):
        assert "L4-5 left" in text
