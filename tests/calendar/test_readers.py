"""Four readers see the slots that were written: the same identifiers, instants, states and words."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.calendar import Audience, SlotEvent, event_uid
from ortool.calendar.disclosure import disclose
from tests.calendar.readers import READERS, Seen, content_lines
from tests.calendar.samples import SITE, calendar, slot
from tests.calendar.strategies import slots

AUTUMN = [
    (ZoneInfo("Europe/Amsterdam"), datetime(2026, 10, 25, 2, 30), timedelta(hours=1)),
    (ZoneInfo("America/New_York"), datetime(2026, 11, 1, 1, 30), timedelta(hours=1)),
    (ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 5, 1, 45), timedelta(minutes=30)),
]


def expected(event: SlotEvent, audience: Audience) -> Seen:
    words = disclose(event, audience)
    status = "CANCELLED" if event.cancelled else "TENTATIVE" if event.tentative else "CONFIRMED"
    return Seen(
        event_uid(SITE, event.slot_id),
        event.start.replace(microsecond=0),
        event.end.replace(microsecond=0),
        status,
        event.revision,
        words.summary,
        words.location,
        words.description,
    )


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("zone", "wall", "step"), AUTUMN)
def test_the_repeated_hour_stays_two_hours(reader, zone, wall, step):
    events = []
    for fold in (0, 1):
        start = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        events.append(slot(slot_id=str(UUID(int=fold + 1)), start=start, end=start + timedelta(minutes=20)))
    assert events[1].start - events[0].start == step
    data = calendar(*events, zone=zone)
    assert reader(data) == [expected(event, Audience.SLOT) for event in events]


@pytest.mark.parametrize("reader", READERS)
def test_a_slot_may_span_the_repeated_hour(reader):
    event = slot(start=datetime(2026, 10, 24, 23, 30, tzinfo=UTC), end=datetime(2026, 10, 25, 2, 30, tzinfo=UTC))
    (seen,) = reader(calendar(event))
    assert seen.end - seen.start == timedelta(hours=3)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("state", [{}, {"cancelled": True}, {"tentative": True}])
def test_every_reader_sees_every_state(reader, audience, state):
    event = slot(**state)
    assert reader(calendar(event, audience=audience)) == [expected(event, audience)]


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_an_empty_calendar(reader):
    assert reader(calendar()) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(slots(), max_size=4, unique_by=lambda event: event.slot_id), st.sampled_from(Audience), st.randoms())
def test_any_slots_are_read_as_they_were_written(events, audience, random):
    data = calendar(*events, audience=audience)
    lines = content_lines(data)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(events)
    wanted = sorted((expected(event, audience) for event in events), key=lambda seen: (seen.start, seen.uid))
    for reader in READERS:
        assert reader(data) == wanted
    random.shuffle(events)
    assert calendar(*events, audience=audience) == data
