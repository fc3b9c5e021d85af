"""The phases of a case and the visits after it, in a calendar: planned, then as they were, and no patient."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ortool.calendar import Audience
from ortool.checklist.commands import DeclareEmergency, StampMilestone
from ortool.errors import BadInput, Refused
from ortool.services import booking, calendar_parts, running
from ortool.services.calendars import export_calendar
from tests.calendar.readers import READERS, by_hand, content_lines
from tests.services.suite import MORNING, Suite

SHIPPED = Path(__file__).parents[2] / "checklists"
DAY = date(2026, 11, 23)


@pytest.fixture
def suite(make_file_suite):
    return make_file_suite(checklists=str(SHIPPED))


def booked(suite: Suite):
    case = suite.case(name="Wilhelmina Quackenbush", hospital_number="HN-88302217")
    slot = booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=1), 60)
    return case, slot


def parts(suite: Suite, audience=Audience.SLOT, now_phases=True):
    data = export_calendar(suite.theatre, DAY, 1, audience, phases=now_phases)
    return data, by_hand(data)


def test_phases_follow_one_another_as_planned_and_then_as_they_were(suite):
    case, slot = booked(suite)
    data, (whole, *phases) = parts(suite)
    assert len(phases) > 2
    lines = content_lines(data)
    assert lines.count(f"RELATED-TO:{whole.uid}") == len(phases)
    assert all("(planned), case 1001" in one.summary for one in phases)
    assert all(before.end <= after.start for before, after in pairwise(phases))
    in_room = next(one for one in phases if one.start == slot.start)
    suite.clock.pass_time(minutes=90)
    suite.act(case, DeclareEmergency(), StampMilestone("PIR"))
    _, (again, *later) = parts(suite)
    running_now = next(one for one in later if one.uid == in_room.uid)
    assert again.start == whole.start
    assert running_now.start == suite.clock.now
    assert "(running)" in running_now.summary
    assert running_now.sequence > in_room.sequence
    assert {one.uid for one in later} <= {one.uid for one in phases}
    for reader in READERS:
        assert len(reader(parts(suite)[0])) == len(later) + 1


def test_phases_are_for_who_may_read_of_the_case_and_name_nobody(suite):
    booked(suite)
    with pytest.raises(BadInput, match="Phases"):
        parts(suite, Audience.BUSY)
    for audience in (Audience.SLOT, Audience.TEAM):
        assert b"Quackenbush" not in parts(suite, audience)[0]
    assert b"RELATED-TO" not in parts(suite, now_phases=False)[0]


def test_visits_are_days_of_the_recovery_plan(suite):
    case, _ = booked(suite)
    with pytest.raises(Refused, match="has not begun"):
        calendar_parts.visits(suite.theatre, case.id, Audience.SLOT)
    suite.clock.now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    running.act(suite.theatre, suite.nurse, case.id, StampMilestone("WARD"), list_id="recovery-plan")
    data = calendar_parts.visits(suite.theatre, case.id, Audience.SLOT)
    lines = content_lines(data)
    days = [line.partition(":")[2] for line in lines if line.startswith("DTSTART;VALUE=DATE")]
    assert days == ["20261207", "20270104", "20270223", "20270523", "20271123", "20281123"]
    assert "SUMMARY:2-week visit\\, case 1001" in lines
    assert calendar_parts.visits(suite.theatre, case.id, Audience.SLOT) == data
    busy = calendar_parts.visits(suite.theatre, case.id, Audience.BUSY)
    assert b"1001" not in busy
    assert b"week" not in busy.replace(b"weekday", b"")
    for audience in (Audience.BUSY, Audience.SLOT, Audience.TEAM):
        said = calendar_parts.visits(suite.theatre, case.id, audience)
        assert b"Quackenbush" not in said
        assert b"88302217" not in said
    assert b"Quackenbush" in calendar_parts.visits(suite.theatre, case.id, Audience.NAMED)
