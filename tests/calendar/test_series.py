"""Blocks and closures recur at the same instants for three parsers, over the nights on which the clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject
from dateutil.rrule import rruleset
from ical.calendar_stream import IcsCalendarStream

from ortool.calendar import Audience, calendar_head
from ortool.calendar.export import CALENDAR_TAIL
from ortool.calendar.series import SeriesKind, instances, render_series, zone_of
from tests.calendar.readers import content_lines
from tests.calendar.samples import AMSTERDAM, AS_OF, SITE
from tests.calendar.samples_more import BLOCK, FIRST, LAST

ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]


def calendar(event, audience=Audience.SLOT, named=True):
    """Return a calendar of one series; with `named` off its zone has a name that no reader knows by itself."""
    zone = zone_of(event, AS_OF) or b""
    body = render_series(event, audience, SITE, FIRST, LAST)
    if not named:
        zone, body = (
            part.replace(event.zone.key.encode(), f"X-Test/{event.zone.key}".encode()) for part in (zone, body)
        )
    head = calendar_head(name="Suite", as_of=AS_OF, zone=AMSTERDAM)
    return head + zone + body + CALENDAR_TAIL


def expected(event):
    """Return every start and end in UTC."""
    found = [
        tuple(moment.replace(tzinfo=event.zone).astimezone(UTC) for moment in (start, end))
        for _, start, end in instances(event, FIRST, LAST)
    ]
    return sorted(found)


def by_icalendar(data):
    parsed = icalendar.Calendar.from_ical(data)
    found = recurring_ical_events.of(parsed).between(FIRST, LAST)
    return sorted((one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) for one in found)


def by_vobject(data):
    """Expand with vobject's own zones, made of our VTIMEZONE."""
    found, changed = [], set()
    events = vobject.readOne(data.decode()).vevent_list
    for event in events:
        if hasattr(event, "recurrence_id"):
            changed.add(event.recurrence_id.value.astimezone(UTC))
    for event in events:
        rules = event.getrruleset()
        starts = list(rules) if isinstance(rules, rruleset) else [event.dtstart.value]
        length = event.dtend.value.replace(tzinfo=None) - event.dtstart.value.replace(tzinfo=None)
        for start in starts:
            if start.astimezone(UTC) in changed and not hasattr(event, "recurrence_id"):
                continue
            found.append((start.astimezone(UTC), (start + length).astimezone(UTC)))
    return sorted(found)


def by_ical(data):
    timeline = IcsCalendarStream.calendar_from_ics(data.decode()).timeline_tz(UTC)
    return sorted((one.start.astimezone(UTC), one.end.astimezone(UTC)) for one in timeline.overlapping(FIRST, LAST))


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("reader", [by_icalendar, by_vobject, by_ical])
@pytest.mark.parametrize("zone", ZONES)
def test_every_reader_sees_the_same_instants(zone, reader, named):
    event = replace(BLOCK, zone=ZoneInfo(zone))
    wanted = expected(event)
    assert len(wanted) == 87
    assert reader(calendar(event, named=named)) == wanted


def test_the_nights_are_among_them():
    lengths = {end - start for start, end in expected(BLOCK)}
    assert {timedelta(hours=2.5), timedelta(hours=3.5), timedelta(hours=4.5)} <= lengths


def test_a_zone_without_a_yearly_rule_is_written_in_utc():
    data = calendar(replace(BLOCK, zone=ZoneInfo("Africa/Casablanca")))
    assert b"TZID" not in data
    assert b"RRULE" not in data
    uids = [line for line in content_lines(data) if line.startswith("UID:")]
    assert len(set(uids)) == len(uids) == 87


def test_free_text_and_names_are_for_the_team():
    for audience, shown in (
        (Audience.BUSY, []),
        (Audience.SLOT, ["spine"]),
        (Audience.TEAM, ["spine", "Femke", "Only"]),
    ):
        text = "\n".join(content_lines(calendar(BLOCK, audience)))
        assert [word for word in ("spine", "Femke", "Only") if word in text] == shown
        assert "\nATTENDEE" not in text
    away = calendar(replace(BLOCK, kind=SeriesKind.LEAVE), Audience.TEAM)
    assert not [line for line in content_lines(away) if "Only" in line]


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (SeriesKind.BLOCK, {"TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "SUMMARY:OR2: reserved\\, spine"}),
        (SeriesKind.CLOSURE, {"TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "SUMMARY:OR2: closed\\, spine"}),
        (SeriesKind.LEAVE, {"TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "SUMMARY:OR2: away\\, spine"}),
    ],
)
def test_what_takes_time(kind, lines):
    assert lines <= set(content_lines(calendar(replace(BLOCK, kind=kind))))


def test_a_single_closure_needs_no_zone():
    event = replace(BLOCK, rule="", excluded=(), overrides=())
    assert zone_of(event, AS_OF) is None
    assert by_ical(calendar(event)) == [
        (datetime(2026, 3, 1, 0, 15, tzinfo=UTC), datetime(2026, 3, 1, 3, 45, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": datetime(2026, 3, 1, tzinfo=UTC)},
        {"end": BLOCK.start},
        {"rule": "A\r\nB"},
        {"revision": -1},
        {"series_id": "x"},
    ],
)
def test_what_no_calendar_can_say_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 the type is the contract
        replace(BLOCK, **wrong)
