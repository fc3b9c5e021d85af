"""Spans: hours pass alike everywhere, and days, weeks and months keep the time of day that the wall shows."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.checklist.spans import Span, read_site_number, read_site_span

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Amsterdam", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC")]
)
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("start", "number", "unit", "end"),
    [
        ("2026-03-28T14:30", 1, "d", "2026-03-29T14:30"),
        ("2026-10-24T14:30", 1, "d", "2026-10-25T14:30"),
        ("2026-03-15T14:30", 2, "wk", "2026-03-29T14:30"),
        ("2026-01-31T14:30", 1, "mo", "2026-02-28T14:30"),
        ("2027-11-30T14:30", 3, "mo", "2028-02-29T14:30"),
        ("2026-11-24T14:30", 24, "mo", "2028-11-24T14:30"),
        ("2026-08-31T14:30", 6, "mo", "2027-02-28T14:30"),
        ("2026-03-28T02:30", 1, "d", "2026-03-29T03:30"),
        ("2026-10-24T02:30", 1, "d", "2026-10-25T02:30"),
        ("2026-03-28T14:30", 24, "h", "2026-03-29T15:30"),
        ("2026-10-24T14:30", 24, "h", "2026-10-25T13:30"),
    ],
)
def test_a_span_ends_when_people_expect_it(start: str, number: int, unit: str, end: str) -> None:
    assert Span(number, unit).after(at(start), AMSTERDAM) == at(end).astimezone(UTC)  # type: ignore[arg-type]


@given(STARTS, st.integers(1, 120), ZONES)
def test_months_are_those_of_the_calendar(start: datetime, number: int, zone: ZoneInfo) -> None:
    begins, ends = start.astimezone(zone), Span(number, "mo").after(start, zone).astimezone(zone)
    assert (ends.year * 12 + ends.month) - (begins.year * 12 + begins.month) == number
    assert ends.day == min(begins.day, monthrange(ends.year, ends.month)[1])


@given(STARTS, st.integers(1, 800), ZONES)
def test_days_keep_the_time_of_day_or_skip_what_does_not_exist(start: datetime, number: int, zone: ZoneInfo) -> None:
    begins, ends = start.astimezone(zone), Span(number, "d").after(start, zone).astimezone(zone)
    wall = begins.replace(tzinfo=None, fold=0) + timedelta(days=number)
    assert timedelta() <= ends.replace(tzinfo=None, fold=0) - wall <= timedelta(hours=1)
    exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == wall
    assert (ends.replace(tzinfo=None, fold=0) == wall) == exists


@given(STARTS, st.integers(1, 5000), st.sampled_from(["s", "min", "h"]), ZONES)
def test_hours_know_no_zone(start: datetime, number: int, unit: str, zone: ZoneInfo) -> None:
    span = Span(number, unit)  # type: ignore[arg-type]
    assert span.after(start.astimezone(zone), zone) == start + span.about


@pytest.mark.parametrize(
    ("value", "span", "demo"),
    [
        (180, "180 s", False),
        ("3 min DEMO", "3 min", True),
        ("6 wk", "6 weeks", False),
        ("1 d", "1 day", False),
        ("24 mo", "24 months", False),
    ],
)
def test_a_sites_length_is_read_with_its_unit(value: int | str, span: str, demo: bool) -> None:
    found = read_site_span(value, "s")
    assert found is not None
    assert (found[0].words, found[1]) == (span, demo)


@given(st.text(max_size=12) | st.integers())
def test_no_setting_breaks_a_clock(value: str | int) -> None:
    for unit in ("s", "mo"):
        found = read_site_span(value, unit)  # type: ignore[arg-type]
        assert found is None or found[0].after(datetime(2035, 1, 1, tzinfo=UTC), AMSTERDAM)
    number = read_site_number(value)
    assert number is None or number.number > 0


@pytest.mark.parametrize("value", ["99999 mo", "1201 mo", "0", "-5", "", "5 years"])
def test_what_is_no_length_is_none(value: str) -> None:
    assert read_site_span(value, "min") is None
