"""The forecast of a real day: from stamps and history, told before it hurts, the same until something is written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from ortool.caselog.case import Case
from ortool.checklist.commands import DeclareEmergency, StampMilestone
from ortool.presentation.forecast_lines import case_words, clash_line, clash_words, estimate_words, overtime_words
from ortool.services import booking, forecasts, histories
from ortool.services.boards import day_board
from ortool.services.forecasts import day_forecast
from ortool.storage.tables import RoomRow, SlotRow
from ortool.storage.tables_beside import ClaimRow, EquipmentRow
from tests.services.suite import MORNING, Suite

YESTERDAY = MORNING - timedelta(days=1)


@pytest.fixture
def suite(make_file_suite: Callable[..., Suite]) -> Suite:
    """A small theatre, open until six."""
    return make_file_suite(day_ends="18:00")


def at(clock: str) -> datetime:
    hour, minute = (int(one) for one in clock.split(":"))
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def booked(suite: Suite, room: str, start: str, minutes: int = 60, **words: str) -> Case:
    case = suite.case(**words)
    booking.book(suite.theatre, suite.nurse, case.id, room, at(start), minutes)
    return case


def stamped(suite: Suite, case: Case, stamp: str, clock: str) -> None:
    suite.clock.now = at(clock)
    stamped_now(suite, case, stamp)


def stamped_now(suite: Suite, case: Case, stamp: str) -> None:
    """Stamp a milestone; in an emergency no pause holds the patient back."""
    if stamp == "POR":
        suite.act(case, DeclareEmergency())
    suite.act(case, StampMilestone(stamp))


def test_history_is_read_as_it_stood_this_morning(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite()
    for surgeon, minutes in (("s1", 120), ("s1", 130), ("s2", 60)):
        case = suite.case(surgeon=surgeon)
        for stamp, moment in (("PIR", YESTERDAY), ("POR", YESTERDAY + timedelta(minutes=minutes))):
            suite.clock.now = moment
            stamped_now(suite, case, stamp)
    suite.clock.now = MORNING
    assert histories.known_of(suite.theatre, ["small-operation"])["small-operation"].one == (60.0, 84.0)
    found = histories.estimates(suite.theatre, [suite.case(surgeon="s1")]).popitem()[1]
    assert (found.n, found.own, found.own_median, found.median, found.has_few_data) == (3, 2, 125, 120, True)
    assert 60 < found.p50 < 90
    assert "3 cases, 2 of this surgeon, few data" in estimate_words(found, 60)
    other = histories.estimates(suite.theatre, [suite.case(surgeon="s2")]).popitem()[1]
    assert other.p50 < found.p50


def test_the_forecast_stands_until_something_is_written_or_a_minute_has_passed(suite: Suite) -> None:
    case = booked(suite, "OR1", "09:00")
    first = day_forecast(suite.theatre)
    assert day_forecast(suite.theatre) is first
    suite.clock.pass_time(minutes=1)
    second = day_forecast(suite.theatre)
    assert second is not first
    booked(suite, "OR2", "09:00", surgeon="s2")
    assert len(day_forecast(suite.theatre).cases) == 2
    assert day_forecast(suite.theatre).of(case.id).end.p50 == second.of(case.id).end.p50


def test_a_day_that_is_over_has_no_forecast_and_tomorrow_has_one(suite: Suite) -> None:
    booked(suite, "OR1", "09:00")
    suite.clock.pass_time(days=1)
    assert day_forecast(suite.theatre, at("09:00").date()) is None
    assert day_forecast(suite.theatre).cases == ()


def test_computing_reads_nothing(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    case = booked(suite, "OR1", "08:30")
    stamped(suite, case, "PIR", "08:31")
    inputs = forecasts.inputs_of(suite.theatre, day_board(suite.theatre))
    monkeypatch.setattr(type(suite.theatre), "reading", None)
    assert forecasts.forecast_of(suite.theatre, inputs).cases[0].is_running


def test_a_morning_that_runs_late_is_told_before_it_hurts(suite: Suite) -> None:
    """Dr Stone has case 2 in OR1 at ten and case 3 in OR2 at eleven; the first case of OR1 comes 50 minutes late."""
    zone = suite.theatre.settings.zone
    first = booked(suite, "OR1", "08:30", 60, surgeon="s2")
    second = booked(suite, "OR1", "10:00", 70)
    third = booked(suite, "OR2", "11:30", 60)
    quiet = day_forecast(suite.theatre)
    assert not [one for one in quiet.clashes if one.number == third.number and one.is_likely]

    stamped(suite, first, "PIR", "09:20")
    found = day_forecast(suite.theatre)
    clash = next(one for one in found.clashes if one.number == third.number)
    assert suite.clock.now + timedelta(hours=2) < clash.planned
    assert clash.is_likely
    told = clash_words(clash, zone)
    assert "Dr Stone is expected to be in OR1 with 1002 until" in told
    assert "case 1003 in OR2 is planned at" in told
    assert "1002 in OR1 waits for OR1 (1001) until" in told
    assert "1001 in OR1 began 50 min late" in told
    assert "Dr Stone in OR1 until" in clash_line(clash, zone)

    running = found.of(first.id)
    assert (running.is_running, running.start.is_known, running.end.is_known) == (True, True, False)
    assert "it began 50 min late" in case_words(running, zone)
    later = found.of(second.id)
    assert later.start.p50 > at("10:15")
    assert later.chance_inside < 0.5

    stamped(suite, first, "POR", "09:40")
    done = day_forecast(suite.theatre).of(first.id)
    assert (done.is_over, done.end.p10, done.end.p90) == (True, at("09:40"), at("09:40"))


def test_overtime_is_told_by_room(suite: Suite) -> None:
    zone = suite.theatre.settings.zone
    closes = datetime(2026, 11, 23, 18, 0, tzinfo=zone)
    start = (closes - timedelta(minutes=55)).astimezone(UTC)
    booked(suite, "OR1", f"{start:%H:%M}", 50)
    risk = next(one for one in day_forecast(suite.theatre).overtime if one.room == "OR1")
    assert risk.closes == closes
    assert risk.chance > 0.5
    assert "after 18:00" in overtime_words(risk, zone)


def test_a_room_closes_by_its_own_hours_and_equipment_is_waited_for(suite: Suite) -> None:
    """One C-arm: its case in OR1 runs long, and the case in OR2 that has it next is told."""
    zone = suite.theatre.settings.zone
    first, second = booked(suite, "OR1", "09:00", 60), booked(suite, "OR2", "10:30", 60, surgeon="s2")
    with suite.theatre.store.writing() as session:
        session.add(EquipmentRow(id="c-arm", name="C-arm", kind="equipment", units=1))
        room = session.get(RoomRow, "OR1")
        room.hours = "mon-fri 07:30-15:00"
        session.add(room)
        for case, start in ((first, at("09:00")), (second, at("10:30"))):
            slot = session.exec(select(SlotRow).where(SlotRow.case_id == case.id)).one()
            end = start + timedelta(minutes=60)
            session.add(ClaimRow(slot_id=slot.id, resource="equipment:c-arm", start_at=start, end_at=end))
    stamped(suite, first, "PIR", "09:45")
    found = day_forecast(suite.theatre)
    clash = next(one for one in found.clashes if one.number == second.number)
    assert (clash.need.label, clash.holder, clash.is_likely) == ("C-arm", first.number, True)
    assert clash_line(clash, zone).split(": ")[1].startswith("C-arm in OR1 until")
    closes = {one.room: one.closes.astimezone(zone).hour for one in found.overtime}
    assert closes == {"OR1": 15, "OR2": 18}


def test_a_board_that_was_read_before_a_booking_is_not_kept_as_the_newest(suite: Suite) -> None:
    booked(suite, "OR1", "09:00")
    older = day_board(suite.theatre)
    booked(suite, "OR2", "09:00", surgeon="s2")
    inputs = forecasts.inputs_of(suite.theatre, older)
    assert inputs is not None
    assert len(forecasts.forecast_of(suite.theatre, inputs).cases) == 1
    assert len(day_forecast(suite.theatre).cases) == 2
