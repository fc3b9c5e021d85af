"""Whatever stands in a field, series, phases and visits are whole calendars for every reader."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from ortool.calendar import Audience
from ortool.calendar.parts import render_phase, render_visit
from ortool.calendar.series import render_series, zone_of
from ortool.errors import BadInput
from tests.calendar.readers import content_lines
from tests.calendar.samples import AS_OF, SITE, SLOT
from tests.calendar.samples_more import BLOCK, FIRST, LAST, PHASE, VISIT, whole
from tests.calendar.strategies import slots
from tests.calendar.test_hostile import HOSTILE
from tests.calendar.test_privacy import PATIENT, found_in

LEVELS = [Audience.SLOT, Audience.TEAM]


def assert_whole(data: bytes, events: int) -> None:
    """Assert that nothing but our own lines is in it, for each reader."""
    names = [line.partition(":")[0].partition(";")[0] for line in content_lines(data)]
    assert not {"ATTENDEE", "METHOD", "ORGANIZER"} & set(names)
    assert names.count("BEGIN") == names.count("END")
    assert len(icalendar.Calendar.from_ical(data).walk("VEVENT")) == events
    assert len(vobject.readOne(data.decode()).vevent_list) == events
    assert len(IcsCalendarStream.calendar_from_ics(data.decode()).events) == events


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_in_every_field(text):
    event = replace(SLOT, room_id=text, room_name=text, specialty=text)
    series = replace(BLOCK, room_id=text, room_name=text, service=text, owner=text, title=text)
    zone = zone_of(series, AS_OF) or b""
    for audience in (Audience.TEAM,):
        assert_whole(
            whole(
                zone,
                render_series(series, audience, SITE, FIRST, LAST),
                render_phase(replace(PHASE, slot=event, title=text, phase=text), audience, SITE),
                render_visit(replace(VISIT, slot=event, title=text, visit=text), audience, SITE),
            ),
            4,
        )


@settings(max_examples=20, deadline=None)
@given(slots(), st.text(max_size=300), st.sampled_from(LEVELS))
def test_any_slot_and_any_words(event, text, audience):
    phase = replace(PHASE, slot=event, title=text, start=event.start, end=event.start + timedelta(minutes=1))
    assert_whole(
        whole(render_phase(phase, audience, SITE), render_visit(replace(VISIT, slot=event), audience, SITE)), 2
    )


@pytest.mark.parametrize("audience", [Audience.BUSY, *LEVELS])
def test_no_patient_is_in_a_phase_or_a_visit(audience):
    parts = [render_visit(VISIT, audience, SITE)]
    if audience is not Audience.BUSY:
        parts.append(render_phase(replace(PHASE, title="Step"), audience, SITE))
    data = whole(*parts)
    assert [value for value in PATIENT if found_in(data, value)] == []


def test_a_busy_calendar_has_no_phases():
    with pytest.raises(BadInput):
        render_phase(PHASE, Audience.BUSY, SITE)


def test_only_the_team_reads_the_names_of_phases():
    phase = replace(PHASE, title="Decompression", number=4, many=8)
    said = {audience: found_in(whole(render_phase(phase, audience, SITE)), "Decompression") for audience in LEVELS}
    assert {audience for audience, found in said.items() if not found} == {Audience.SLOT}
    assert b"phase 4 of 8 (running)" in render_phase(phase, Audience.SLOT, SITE).replace(b"\r\n ", b"")


def test_a_part_keeps_its_identifier_and_names_its_slot():
    moved = replace(PHASE, start=PHASE.start + timedelta(hours=1), title="Other words", revision=9)
    first, second = (set(content_lines(render_phase(one, Audience.SLOT, SITE))) for one in (PHASE, moved))
    same = {line for line in first & second if line.startswith(("UID:", "RELATED-TO:"))}
    assert len(same) == 2
    other = render_phase(replace(PHASE, phase="P8"), Audience.SLOT, SITE)
    assert not same & {line for line in content_lines(other) if line.startswith("UID:")}


def test_a_visit_is_a_day_that_takes_no_time():
    lines = content_lines(render_visit(VISIT, Audience.SLOT, SITE))
    assert {"DTSTART;VALUE=DATE:20261117", "DTEND;VALUE=DATE:20261118", "TRANSP:TRANSPARENT"} <= set(lines)
    assert not any("4711" in line for line in content_lines(render_visit(VISIT, Audience.BUSY, SITE)))
    assert datetime(2026, 11, 17, tzinfo=UTC).date() == VISIT.day
