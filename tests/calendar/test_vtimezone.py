"""A zone as two yearly rules says what the tz database says, in every zone that has any."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr

from ortool.calendar.vtimezone import YEARS_AFTER, YEARS_BEFORE, rule_of, vtimezone
from tests.calendar.readers import content_lines

YEAR = 2026
FIRST = datetime(YEAR - YEARS_BEFORE, 1, 1, tzinfo=UTC)
LAST = datetime(YEAR + YEARS_AFTER + 1, 1, 1, tzinfo=UTC)
NO_RULE = {"Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron", "localtime"}


def changes(zone):
    """Return every change of the offset that `zoneinfo` knows in the window, found by halving."""
    found, moment, step = [], FIRST, timedelta(days=7)
    while moment < LAST:
        after = moment + step
        if moment.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            low, high = moment, after
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                same = zone.utcoffset(middle.astimezone(zone)) == zone.utcoffset(low.astimezone(zone))
                low, high = (middle, high) if same else (low, middle)
            found.append((high, zone.utcoffset(high.astimezone(zone))))
        moment = after
    return found


def written(data):
    """Return the changes that the written lines say, expanded by another library."""
    found, part = [], {}
    for line in content_lines(data):
        name, _, value = line.partition(":")
        if line in ("BEGIN:STANDARD", "BEGIN:DAYLIGHT"):
            part = {}
        elif name == "END" and "RRULE" in part:
            before, after = offset(part["TZOFFSETFROM"]), offset(part["TZOFFSETTO"])
            start = datetime.strptime(part["DTSTART"], "%Y%m%dT%H%M%S")
            span = (FIRST.replace(tzinfo=None) - timedelta(days=2), LAST.replace(tzinfo=None) + timedelta(days=2))
            for local in rrulestr(part["RRULE"], dtstart=start).between(*span):
                found.append(((local - before).replace(tzinfo=UTC), after))
            part = {}
        else:
            part[name] = value
    return sorted(one for one in found if FIRST <= one[0] < LAST)


def offset(text):
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


def test_every_zone_is_said_as_the_tz_database_has_it():
    said: dict[bytes, list[object]] = {}
    wrong = []
    for key in sorted(available_timezones() - NO_RULE):
        data = vtimezone(key, YEAR)
        if data is None:
            wrong.append((key, "nothing is said"))
            continue
        body = data.split(b"\r\n", 2)[2]  # zones by another name share their lines
        if body not in said:
            said[body] = written(data)
        expected = changes(ZoneInfo(key))
        if said[body] != expected:
            wrong.append((key, said[body][:2], expected[:2]))
    assert wrong == []
    assert len(said) > 60


def test_a_zone_that_no_yearly_rule_says_is_not_said():
    assert {key for key in NO_RULE & available_timezones() - {"localtime"} if vtimezone(key, YEAR)} == set()


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("Europe/Amsterdam", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
        ("America/New_York", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
        ("Australia/Lord_Howe", "TZOFFSETTO:+1030"),
        ("America/Nuuk", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30"),
        ("Africa/Cairo", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=FR;BYMONTHDAY=1"),
        ("Asia/Kathmandu", "TZOFFSETTO:+0545"),
        ("Europe/Dublin", "TZOFFSETTO:+0100"),
    ],
)
def test_a_zone_in_its_own_words(key, line):
    data = vtimezone(key, YEAR)
    assert data is not None
    assert line in content_lines(data)


def test_the_rule_of_a_zone_without_summer_time_has_no_onset():
    rule = rule_of("Asia/Tokyo")
    assert rule is not None
    assert (rule.onsets, rule.standard) == ((), timedelta(hours=9))
