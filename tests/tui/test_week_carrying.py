"""A carried case over times, days and gaps: whole steps of the clock, and an order in which nothing is passed over."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ortool.schedule.codes import CANCELLATIONS, words_of
from ortool.schedule.gaps import Gap
from ortool.tui.slot_reasons import found_codes
from ortool.tui.week_carrying import Carried, following, preceding
from tests.caselog.a_case import case

ZONE = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
ROOMS = ["A", "B", "C"]
LINES = [f"{code} {words_of(code)}" for code in CANCELLATIONS]


def at(clock: str, day: int = 24, month: int = 11) -> datetime:
    """Return a local time as UTC."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)


def carried(clock: str = "10:00", room: str = "B", **where: int) -> Carried:
    """Return a case that is carried."""
    return Carried(case(), 60, None, room, at(clock, **where))


@pytest.mark.parametrize(
    ("start", "step", "wanted"),
    [("10:47", 5, "10:50"), ("10:47", -5, "10:45"), ("10:45", 15, "11:00"), ("10:47", 15, "11:00"), ("11:00", -15, "10:45"), ("23:55", 15, "00:00")],
)  # fmt: skip
def test_steps_fall_on_whole_steps_of_the_clock(start: str, step: int, wanted: str) -> None:
    assert f"{carried(start).at(ZONE, later=step).start.astimezone(ZONE):%H:%M}" == wanted


def test_another_day_is_the_same_time_of_day_though_the_clock_changes_between() -> None:
    over = carried("10:00", day=24, month=10).at(ZONE, day=date(2026, 10, 25))
    assert (over.start, over.fits) == (at("10:00", 25, 10), None)
    assert over.start - at("10:00", 24, 10) == 25 * HOUR


def test_every_gap_is_come_upon_once_and_in_order() -> None:
    gaps = [Gap("A", at("08:00"), at("12:00"), HOUR), Gap("C", at("09:00"), at("09:30"), HOUR),
            Gap("C", at("13:00"), at("15:00"), HOUR), Gap("B", at("08:00", 25), at("08:00", 25), HOUR)]  # fmt: skip
    here, found = carried("07:00", "A"), []
    while place := following(here, gaps, ROOMS):
        found.append(place)
        here = Carried(here.case, 60, None, place[1], place[0])
    assert found == [(at("08:00"), "A"), (at("09:00"), "C"), (at("13:00"), "C"), (at("08:00", 25), "B")]
    back = []
    while place := preceding(here, gaps, ROOMS):
        back.append(place)
        here = Carried(here.case, 60, None, place[1], place[0])
    assert back == found[-2::-1]


def test_the_same_start_in_a_later_room_comes_first() -> None:
    gaps = [Gap("C", at("08:00"), at("12:00"), HOUR), Gap("B", at("10:30"), at("11:00"), HOUR)]
    assert following(carried("10:00", "B"), gaps, ROOMS) == (at("10:00"), "C")


@pytest.mark.parametrize(
    ("typed", "codes"), [("xp02", ["XP02"]), ("not fasted", ["XP02"]), ("XE04 equipment", ["XE04"]), ("zebra", [])]
)
def test_a_code_is_found_by_its_letters_and_by_its_words(typed: str, codes: list[str]) -> None:
    assert found_codes(typed, LINES) == codes


def test_what_fits_several_codes_is_asked_again() -> None:
    assert len(found_codes("late", LINES)) > 1
