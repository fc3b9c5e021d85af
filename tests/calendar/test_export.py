"""What a calendar says about its slots, line by line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from ortool.calendar import (
    CALENDAR_TAIL,
    RENDERER,
    Audience,
    calendar_head,
    event_uid,
    render_calendar,
    render_event,
)
from ortool.errors import BadInput
from tests.calendar.readers import by_hand, content_lines
from tests.calendar.samples import AMSTERDAM, AS_OF, SITE, SLOT, calendar, slot


def lines_of(**changes):
    return content_lines(render_event(slot(**changes), Audience.SLOT, SITE))


def test_an_event_says_when_it_changed_and_how_often():
    lines = lines_of(changed_at=datetime(2026, 11, 2, 16, 5, 9, 999_999, tzinfo=UTC))
    assert "DTSTAMP:20261102T160509Z" in lines
    assert "LAST-MODIFIED:20261102T160509Z" in lines
    assert "SEQUENCE:3" in lines
    assert "DTSTART:20261103T073000Z" in lines
    assert "DTEND:20261103T110000Z" in lines


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, {"STATUS:CONFIRMED", "TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"}),
        ({"tentative": True}, {"STATUS:TENTATIVE", "TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"}),
        ({"cancelled": True}, {"STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"}),
        (
            {"cancelled": True, "tentative": True},
            {"STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"},
        ),
    ],
)
def test_a_slot_takes_time_unless_it_is_cancelled(state, expected):
    assert expected <= set(lines_of(**state))


@pytest.mark.parametrize("audience", Audience)
def test_a_cancelled_slot_says_so_first(audience):
    (seen,) = by_hand(calendar(slot(cancelled=True), audience=audience))
    assert seen.summary.startswith("Cancelled: OR2: ")


def test_a_moved_slot_keeps_its_uid_and_rises_in_sequence():
    (before,) = by_hand(calendar(SLOT))
    moved = slot(
        start=SLOT.start + timedelta(days=1),
        end=SLOT.end + timedelta(days=1),
        room_name="OR 5",
        case_number=99,
        revision=4,
    )
    (after,) = by_hand(calendar(moved))
    assert after.uid == before.uid
    assert after.sequence > before.sequence
    assert after.start - before.start == timedelta(days=1)


def test_the_uid_depends_on_site_and_slot_and_nothing_else():
    uid = event_uid(SITE, SLOT.slot_id)
    assert uid.endswith("@ortool.invalid")
    assert SLOT.slot_id not in uid
    assert event_uid("Elsewhere", SLOT.slot_id) != uid
    assert event_uid(SITE, str(uuid4())) != uid
    assert event_uid(SITE, "{" + SLOT.slot_id.upper() + "}") == uid
    with pytest.raises(BadInput):
        event_uid(" ", SLOT.slot_id)


@pytest.mark.parametrize("audience", Audience)
def test_no_feed_rings_invites_or_schedules(audience):
    names = {line.partition(":")[0].partition(";")[0] for line in content_lines(calendar(SLOT, audience=audience))}
    assert not names & {"METHOD", "ATTENDEE", "ORGANIZER", "TRIGGER", "TZID"}
    assert b"VALARM" not in calendar(SLOT, audience=audience)


def test_the_calendar_names_itself_its_pace_and_its_age():
    lines = content_lines(calendar(SLOT, name="OR, all; rooms"))
    assert {"NAME:OR\\, all\\; rooms", "X-WR-CALNAME:OR\\, all\\; rooms"} <= set(lines)
    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "VERSION:2.0"} <= set(lines)
    assert any(line.startswith("X-WR-CALDESC:Theatre slots as of 17:05 CET\\, 2026-11-02.") for line in lines)


def test_the_age_tells_the_two_equal_hours_of_autumn_apart():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert b"as of 02:30 CEST" in calendar(as_of=first)
    assert b"as of 02:30 CET" in calendar(as_of=first + timedelta(hours=1))
    assert b"as of 11:30 +11" in calendar(as_of=first, zone=ZoneInfo("Australia/Lord_Howe"))


@pytest.mark.parametrize("name", ["OR\r\nMETHOD:PUBLISH", "OR\nX", "OR\rX", "", "  "])
def test_a_name_with_a_line_break_or_without_a_letter_is_refused(name):
    with pytest.raises(BadInput):
        calendar(SLOT, name=name)


def test_an_empty_calendar_is_a_calendar():
    assert content_lines(calendar())[0] == "BEGIN:VCALENDAR"
    assert content_lines(calendar())[-1] == "END:VCALENDAR"


def test_events_stand_by_start_and_then_by_uid():
    same = [slot(slot_id=str(uuid4())) for _ in range(5)]
    early = slot(slot_id=str(uuid4()), start=SLOT.start - timedelta(hours=1))
    data = calendar(*same, early)
    assert data == calendar(early, *reversed(same))
    keys = [(seen.start, seen.uid) for seen in by_hand(data)]
    assert keys == sorted(keys)


def test_one_slot_given_twice_is_an_error():
    with pytest.raises(ValueError, match="twice"):
        calendar(SLOT, SLOT)
    with pytest.raises(ValueError, match="twice"):
        calendar(SLOT, slot(slot_id=SLOT.slot_id.upper(), revision=4))


def test_stored_events_join_to_the_same_bytes():
    later = slot(slot_id=str(uuid4()), start=SLOT.start + timedelta(minutes=1))
    stored = [render_event(event, Audience.TEAM, SITE) for event in (SLOT, later)]
    head = calendar_head(name="Theatre suite", as_of=AS_OF, zone=AMSTERDAM)
    assert head + b"".join(stored) + CALENDAR_TAIL == calendar(later, SLOT, audience=Audience.TEAM)
    assert "7.3" in RENDERER


def test_a_generator_is_read_once():
    data = render_calendar(
        (event for event in [SLOT]), audience=Audience.BUSY, site=SITE, name="OR", as_of=AS_OF, zone=AMSTERDAM
    )
    assert len(by_hand(data)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"slot_id": "4711"},
        {"revision": -1},
        {"revision": 2**31},
        {"start": datetime(2026, 11, 3, 7, 30)},
        {"end": datetime(2026, 11, 3, 11, 0, tzinfo=timezone(timedelta(hours=1)))},
        {"changed_at": datetime(2026, 11, 3)},
        {"end": SLOT.start},
        {"end": SLOT.start + timedelta(milliseconds=900)},
    ],
)
def test_what_no_calendar_can_say_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 the type is the contract, each cause has its own words
        replace(SLOT, **wrong)


def test_a_naive_age_is_refused():
    with pytest.raises(ValueError, match="as_of"):
        calendar(SLOT, as_of=datetime(2026, 11, 3))
