"""The nights on which the clock changes: a slot over them, what it holds, its board and the gaps have their true length."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ortool.errors import Refused
from ortool.services.boards import day_board, day_span
from ortool.services.booking import Clash, book, move
from ortool.services.furnishing import RoomWords, change_room
from ortool.services.journals import verify_journal
from ortool.services.setup import SYSTEM, load_theatre, read_theatre_file
from ortool.services.undoing import undo_last
from ortool.services.waiting import where_it_fits
from tests.faults.accepted import lacking
from tests.faults.schedulers import SITE, house, wanted
from tests.services.suite import Suite

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# The day, its hours, and where its clock stands three hours after 00:30.
NIGHTS = [
    ("Europe/Amsterdam", date(2027, 3, 28), 23, "04:30"),
    ("Europe/Amsterdam", date(2027, 10, 31), 25, "02:30"),
    ("America/New_York", date(2027, 3, 14), 23, "04:30"),
    ("America/New_York", date(2027, 11, 7), 25, "02:30"),
    ("Australia/Lord_Howe", date(2027, 10, 3), 23.5, "04:00"),
    ("Australia/Lord_Howe", date(2027, 4, 4), 24.5, "03:00"),
]


@pytest.fixture(params=NIGHTS, ids=lambda night: f"{night[0].rpartition('/')[2]}-{night[1]}")
def night(request: pytest.FixtureRequest, make_suite: Callable[..., Suite]) -> tuple[Suite, ZoneInfo, date, float, str]:
    zone, day, hours, clock = request.param
    suite = make_suite(time_zone=zone, outside_hours="refuse", **SITE)
    load_theatre(suite.theatre, SYSTEM, read_theatre_file(house(), "house"))
    return suite, ZoneInfo(zone), day, hours, clock


def local(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def test_a_slot_over_the_night_has_its_true_length_and_so_has_all_that_it_holds(
    night: tuple[Suite, ZoneInfo, date, float, str],
) -> None:
    suite, zone, day, hours, clock = night
    case, other = (suite.case(procedure="screwed", surgeon=f"x{n}") for n in range(2))
    slot = book(suite.theatre, suite.nurse, case.id, "OR1", local(day, "00:30", zone), 180)
    assert slot.end - slot.start == 3 * HOUR
    assert f"{slot.end.astimezone(zone):%H:%M}" == clock
    assert lacking(suite.theatre, wanted) == []
    free = slot.end + 15 * MINUTE
    with pytest.raises(Clash) as refused:
        book(suite.theatre, suite.nurse, other.id, "OR1", free - 5 * MINUTE, 60)
    assert refused.value.nearest == free
    book(suite.theatre, suite.nurse, other.id, "OR1", free, 60)
    move(suite.theatre, suite.nurse, case.id, "OR3", local(day, "00:00", zone), int(min(hours, 24) * 60))
    assert lacking(suite.theatre, wanted) == []
    (placed,) = undo_last(suite.theatre, suite.nurse).slots
    assert (placed.start, placed.end) == (slot.start, slot.end)
    assert verify_journal(suite.theatre).faults == []


def test_the_board_and_the_gaps_of_such_a_day_are_as_long_as_it_is(
    night: tuple[Suite, ZoneInfo, date, float, str],
) -> None:
    suite, zone, day, hours, _ = night
    span = day_span(suite.theatre, day)
    assert span.length == hours * HOUR
    evening, early, last, next_day = (suite.case(surgeon=f"x{n}") for n in range(4))
    book(suite.theatre, suite.nurse, evening.id, "OR4", span.start - HOUR, 60)
    book(suite.theatre, suite.nurse, early.id, "OR1", local(day, "00:30", zone), 180)
    book(suite.theatre, suite.nurse, last.id, "OR4", span.end - HOUR, 60)
    book(suite.theatre, suite.nurse, next_day.id, "OR5", span.end, 60)
    assert {one.case.id for one in day_board(suite.theatre, day).all_cases} == {early.id, last.id}

    change_room(suite.theatre, suite.nurse, "OR6", RoomWords(hours="mon-sun 00:00-06:00"))
    waits = suite.case(surgeon="x9")
    gaps = where_it_fits(suite.theatre, waits.id, day, 1, 60)
    found = {room: [(gap.first, gap.last) for gap in gaps if gap.room == room] for room in ("OR1", "OR3", "OR6")}
    assert found["OR3"] == [(span.start, span.end - HOUR)]
    assert found["OR1"] == [(local(day, "00:30", zone) + 3 * HOUR + 15 * MINUTE, span.end - HOUR)]
    assert found["OR6"] == [(span.start, span.start + (hours - 24 + 6) * HOUR - HOUR)]
    first, until = found["OR6"][0]
    book(suite.theatre, suite.nurse, waits.id, "OR6", first, (until + HOUR - first) // MINUTE)
    with pytest.raises(Refused, match="not open"):
        move(suite.theatre, suite.nurse, waits.id, "OR6", first + 5 * MINUTE, (until + HOUR - first) // MINUTE)
