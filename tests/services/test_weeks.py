"""A week in one picture: fill against hours, closures, held slots, slots over midnight and the nights of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ortool.errors import BadInput
from ortool.people.permissions import Verb
from ortool.services import booking, furnishing
from ortool.services.setup import SYSTEM
from ortool.services.undoing import undo_last
from ortool.services.weeks import find_slots, open_gaps, week_of
from ortool.storage.tables_calendar import SeriesRow
from tests.services.suite import Suite

MONDAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: float, day: int = 0) -> datetime:
    """Return a time (UTC) so many days after Monday."""
    return MIDNIGHT + timedelta(days=day, hours=hour)


def closed(suite: Suite, resource: str, day: date, starts: str = "00:00", ends: str = "24:00", **more: str) -> None:
    """Close something once, or give a block."""
    with suite.theatre.writing(SYSTEM, Verb.SET_THEATRE) as desk:
        words = {"kind": "closure"} | more
        desk.session.add(
            SeriesRow(
                id=f"{resource}{day}{more}", resource=resource, first_day=day, starts=starts, ends=ends,
                changed_at=suite.clock.now, **words,
            )
        )  # fmt: skip


def test_fill_is_booked_against_hours_without_what_is_closed(suite: Suite) -> None:
    furnishing.change_room(
        suite.theatre, suite.nurse, "OR1", furnishing.RoomWords(hours="mon-fri 08:00-16:00", turnover=15)
    )
    zone = suite.theatre.settings.zone
    eight = datetime(2026, 11, 24, 8, tzinfo=zone).astimezone(UTC)
    closed(suite, "room:OR1", MONDAY + timedelta(days=1), "14:00", "16:00", title="service")
    closed(suite, "all", MONDAY + timedelta(days=2), title="holiday")
    closed(suite, "room:OR1", MONDAY + timedelta(days=1), "08:00", "12:00", kind="block", owner="person:s1")
    one, held = suite.case(), suite.case()
    booking.book(suite.theatre, suite.nurse, one.id, "OR1", eight, 90)
    booking.book(suite.theatre, suite.nurse, held.id, "OR1", eight + timedelta(hours=2), 90, hold=True)
    week = week_of(suite.theatre, MONDAY)
    cell = week.cells["OR1", MONDAY + timedelta(days=1)]
    assert (cell.open_minutes, cell.booked_minutes, cell.per_cent, cell.held) == (360, 180, 50, 1)
    assert [span.length // timedelta(minutes=1) for span in cell.free] == [15, 135]
    assert [cell.owners[block.owner] for block in cell.blocks] == ["Dr Stone"]
    holiday = week.cells["OR3", MONDAY + timedelta(days=2)]
    assert (holiday.open_minutes, holiday.per_cent, [one.title for one in holiday.closures]) == (0, None, ["holiday"])
    assert week.cells["OR1", MONDAY + timedelta(days=5)].open_minutes == 0
    assert len(week.all_cases) == 2


def test_a_slot_over_midnight_counts_on_each_day_for_its_part(suite: Suite) -> None:
    case = suite.case()
    start = datetime(2026, 11, 24, 22, tzinfo=suite.theatre.settings.zone).astimezone(UTC)
    booking.book(suite.theatre, suite.nurse, case.id, "OR2", start, 180)
    week = week_of(suite.theatre, MONDAY, 5)
    booked = [week.cells["OR2", day].booked_minutes for day in week.days]
    assert booked == [0, 120, 60, 0, 0]
    assert len(week.all_cases) == 1


def test_the_night_when_the_clock_goes_back_has_its_true_length(suite: Suite) -> None:
    suite.theatre.settings = suite.theatre.settings.model_copy(
        update={"time_zone": "Europe/Amsterdam", "day_starts": "00:00", "day_ends": "23:00"}
    )
    week = week_of(suite.theatre, date(2026, 10, 24), 2)
    assert [week.cells["OR1", day].open_minutes for day in week.days] == [23 * 60, 24 * 60]


def test_gaps_lie_where_the_room_is_open_and_only_where_none_does_within_the_sites_day(suite: Suite) -> None:
    for room in ("OR1", "OR2", "OR3"):
        furnishing.change_room(suite.theatre, suite.nurse, room, furnishing.RoomWords(hours="tue 08:00-10:00"))
    closed(suite, "all", MONDAY + timedelta(days=1), "09:00", "10:00")
    case = suite.case()

    def firsts(minutes: int) -> set[str]:
        zone = suite.theatre.settings.zone
        found = open_gaps(suite.theatre, case.id, MONDAY, 3, minutes)
        return {f"{moment.astimezone(zone):%a %H:%M}" for gap in found for moment in (gap.first, gap.last)}

    assert firsts(30) == {"Tue 08:00", "Tue 08:30"}
    assert "Wed 07:00" in firsts(180)
    assert "Wed 15:00" in firsts(180)


@pytest.mark.parametrize("days", [0, -1, 32])
def test_a_number_of_days_that_is_no_week(suite: Suite, days: int) -> None:
    with pytest.raises(BadInput, match="no week"):
        week_of(suite.theatre, MONDAY, days)


def test_slots_are_found_by_number_and_by_person_but_never_by_patient(suite: Suite) -> None:
    one, other = suite.case(surgeon="s1"), suite.case(surgeon="s2")
    booking.book(suite.theatre, suite.nurse, one.id, "OR1", at(9, 40), 60)
    booking.book(suite.theatre, suite.nurse, other.id, "OR2", at(9, 41), 60)
    assert [slot.case_id for slot in find_slots(suite.theatre, f"#{one.number}", MONDAY)] == [one.id]
    assert [slot.case_id for slot in find_slots(suite.theatre, "brook", MONDAY)] == [other.id]
    assert find_slots(suite.theatre, "Patient", MONDAY) == []
    assert find_slots(suite.theatre, "", MONDAY) == []
    booking.cancel(suite.theatre, suite.nurse, one.id, "", "XP02")
    assert find_slots(suite.theatre, str(one.number), MONDAY) == []


def test_a_slot_is_held_again_and_that_is_taken_back(suite: Suite) -> None:
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", at(9, 2), 60)
    assert booking.hold(suite.theatre, suite.nurse, case.id).held
    with pytest.raises(booking.Refused, match="only held already"):
        booking.hold(suite.theatre, suite.nurse, case.id)
    assert [slot.held for slot in undo_last(suite.theatre, suite.nurse).slots] == [False]
    suite.head()
