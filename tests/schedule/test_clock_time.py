"""Times of day as they are said at the table, in the theatre's zone, on nights when the clock changes too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.errors import BadInput
from ortool.schedule.clock_time import SOON, read_clock_time

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def local(text: str, said_at: datetime = NOON) -> str:
    return f"{read_clock_time(text, said_at, BERLIN).astimezone(BERLIN):%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("08:12", "23 08:12"), ("8:12", "23 08:12"), ("0812", "23 08:12"), ("812", "23 08:12"), (" 08:12 ", "23 08:12"),
        ("now", "23 12:00"), ("NOW", "23 12:00"), ("-5", "23 11:55"), ("-5 min", "23 11:55"), ("- 90", "23 10:30"),
        ("12:01", "23 12:01"), ("12:02", "22 12:02"), ("23:50", "22 23:50"), ("2026-11-21 23:50", "21 23:50"),
        ("2026-11-21T23:50", "21 23:50"),
    ],
)  # fmt: skip
def test_a_time_of_day_is_the_last_one(text: str, meant: str) -> None:
    assert local(text) == meant


@pytest.mark.parametrize("text", ["", "soon", "25:00", "08:60", "-", "-99999", "8", "08:12 x", "٠٨:١٢", "[red]08:12"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_clock_time(text, NOON, BERLIN)


def test_an_hour_that_happens_twice_is_asked_for_with_its_offset() -> None:
    after = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    with pytest.raises(BadInput, match="happens twice"):
        read_clock_time("02:30", after, BERLIN)
    assert read_clock_time("02:30+02:00", after, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_clock_time("02:30+01:00", after, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert read_clock_time("-90", after, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_hour_that_the_clock_skips_is_refused() -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_clock_time("02:30", datetime(2026, 3, 29, 3, 0, tzinfo=UTC), BERLIN)


@given(st.text(max_size=40), st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1)))
def test_whatever_is_typed_without_a_day_is_never_later_than_it_is_said(text: str, at: datetime) -> None:
    said_at = at.replace(tzinfo=UTC)
    try:
        moment = read_clock_time(text, said_at, BERLIN)
    except BadInput:
        return
    assert moment <= said_at + SOON or "-" in text.strip()


@given(st.times(), st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1)))
def test_a_time_of_day_lies_in_the_last_day(clock: object, at: datetime) -> None:
    said_at = at.replace(tzinfo=UTC)
    try:
        moment = read_clock_time(f"{clock:%H:%M}", said_at, BERLIN)
    except BadInput:
        return
    assert said_at - timedelta(hours=25) <= moment <= said_at + SOON
