"""The living forecast: exact about the past, never earlier for having waited, the same everywhere, and told early."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.schedule.durations import lognormal
from ortool.schedule.expected import Expected, Need, Stage
from ortool.schedule.forecast import TURNOVER, forecast
from ortool.schedule.slots import Span

EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return EIGHT.replace(hour=int(hours), minute=int(minutes))


def a_case(number: int, room: str, start: str, minutes: int, *people: str, **more: object) -> Expected:
    begins = at(start)
    needs = (
        Need(f"room:{room}", room, after=TURNOVER),
        *(Need(f"person:{one}", f"Dr {one.upper()}") for one in people),
    )
    span = Span(begins, begins + timedelta(minutes=minutes))
    return replace(Expected(f"c{number}", number, room, span, needs, lognormal(minutes, minutes * 1.4)), **more)


def stages(began: str, *passed: str) -> tuple[Stage, ...]:
    """Preparation 40, operation 90, closure 30 minutes at P50; `passed` are the ends of those that are over."""
    moments = [at(began), *(at(one) for one in passed)]
    plan = (("Preparation", 40, 60), ("Operation", 90, 130), ("Closure", 30, 45))
    return tuple(
        Stage(
            title,
            lognormal(p50, p90),
            moments[place] if place < len(moments) else None,
            moments[place + 1] if place + 1 < len(moments) else None,
        )
        for place, (title, p50, p90) in enumerate(plan)
    )


def running(began: str, *passed: str) -> dict[str, object]:
    return {"began": at(began), "stages": stages(began, *passed)}


MINUTES = st.integers(0, 600)


@st.composite
def days(draw: st.DrawFn) -> list[Expected]:
    """A day of two or three rooms and shared people; some cases are over, one in each room may run."""
    found, number = [], 1000
    for room in draw(st.sampled_from((("OR1", "OR2"), ("OR1", "OR2", "OR3")))):
        minute, runs = 480, draw(st.booleans())
        for place in range(draw(st.integers(1, 4))):
            number += 1
            length = draw(st.integers(30, 180))
            clock = f"{minute // 60:02}:{minute % 60:02}"
            case = a_case(number, room, clock, length, draw(st.sampled_from("ab")))
            if runs and place == 0 and draw(st.booleans()):
                late = timedelta(minutes=draw(st.integers(0, 40)))
                case = replace(case, began=at("08:00") + late, stages=stages("08:00"))
                case = replace(case, stages=(replace(case.stages[0], started=case.began), *case.stages[1:]))
            found.append(case)
            minute += length + draw(st.integers(0, 30))
            if minute > 1000:
                break
    return found


@settings(max_examples=40, deadline=None)
@given(days(), st.integers(45, 300), st.integers(0, 200))
def test_waiting_never_makes_an_end_earlier(day: list[Expected], first: int, more: int) -> None:
    early = forecast(day, EIGHT + timedelta(minutes=first))
    late = forecast(day, EIGHT + timedelta(minutes=first + more))
    if any(one.is_silent for one in (*early.cases, *late.cases)):
        return
    for before, after in zip(early.cases, late.cases, strict=True):
        assert before.end.p10 <= before.end.p50 <= before.end.p90
        assert (before.end.p50, before.end.p90) <= (after.end.p50, after.end.p90)
        assert before.start.p50 <= after.start.p50
        if not after.is_over:
            assert after.end.p10 >= late.now


@settings(max_examples=20, deadline=None)
@given(days(), MINUTES, st.randoms())
def test_the_order_in_which_cases_are_given_changes_nothing(day: list[Expected], minute: int, order: object) -> None:
    now = EIGHT + timedelta(minutes=minute)
    mixed = sorted(day, key=lambda _: order.random())  # type: ignore[attr-defined]
    assert forecast(mixed, now, {"OR1": at("16:00")}) == forecast(day, now, {"OR1": at("16:00")})


def test_another_process_forecasts_the_same() -> None:
    code = (
        "from tests.schedule.test_forecast import *;"
        "print(forecast([a_case(1, 'OR1', '08:00', 90, 'a', **running('08:10'))], at('09:00')).cases)"
    )
    here = forecast([a_case(1, "OR1", "08:00", 90, "a", **running("08:10"))], at("09:00")).cases
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert there.strip() == str(here)


@given(st.integers(1, 300), MINUTES)
def test_a_finished_case_is_exact(took: int, later: int) -> None:
    ended = EIGHT + timedelta(minutes=took)
    case = a_case(1, "OR1", "08:00", 90, began=EIGHT, ended=ended)
    found = forecast([case], ended + timedelta(minutes=later)).cases[0]
    assert (found.start.p50, found.end.p10, found.end.p50, found.end.p90) == (EIGHT, ended, ended, ended)
    assert found.chance_inside == (1.0 if took <= 90 else 0.0)


def test_phases_that_took_long_let_the_rest_take_longer() -> None:
    now = at("09:31")
    slow = forecast([a_case(1, "OR1", "08:00", 160, **running("08:00", "09:30"))], now).cases[0]
    quick = forecast([a_case(1, "OR1", "08:00", 160, **running("09:10", "09:30"))], now).cases[0]
    assert slow.end.p50 > quick.end.p50


def test_a_case_that_began_on_time_ends_about_when_its_phases_say() -> None:
    found = forecast([a_case(1, "OR1", "08:00", 165, **running("08:00"))], at("08:01")).cases[0]
    assert abs((found.end.p50 - at("10:45")).total_seconds()) < 10 * 60
    assert found.end.p10 < found.end.p50 < found.end.p90


def test_the_chance_to_end_inside_the_slot_is_that_of_the_duration() -> None:
    case = a_case(1, "OR1", "10:00", 100)
    found = forecast([case], at("08:00")).cases[0]
    assert abs(found.chance_inside - case.stay.chance_within(100)) < 0.01


def test_two_lanes_let_two_rooms_share_a_person() -> None:
    def with_lanes(lanes: int) -> Expected:
        shared = Need("person:n", "Dr N", lanes=lanes)
        day = [a_case(1, "OR1", "08:00", 200), a_case(2, "OR2", "08:30", 60)]
        day = [replace(one, needs=(*one.needs, shared)) for one in day]
        return forecast(day, at("07:00")).cases[1]  # type: ignore[return-value]

    assert with_lanes(2).start.p50 == at("08:30")  # type: ignore[attr-defined]
    assert with_lanes(1).start.p50 > at("10:30")  # type: ignore[attr-defined]


def test_two_units_are_free_when_the_second_is() -> None:
    short, long = a_case(1, "OR1", "08:00", 60), a_case(2, "OR2", "08:00", 200)
    drill = Need("equipment:drill", "Drill", lanes=2)
    for count, earliest, latest in ((1, "08:45", "09:30"), (2, "10:45", "12:30")):
        third = replace(a_case(3, "OR3", "08:30", 60), needs=(replace(drill, count=count),))
        day = [replace(one, needs=(*one.needs, drill)) for one in (short, long)]
        start = forecast([*day, third], at("07:00")).cases[2].start.p50
        assert at(earliest) < start < at(latest), count


def test_a_case_of_which_nobody_says_anything_stops_nothing() -> None:
    day = [a_case(1, "OR1", "08:00", 60, "a"), a_case(2, "OR1", "11:00", 60, "a")]
    found = forecast(day, at("10:00"))
    assert [one.is_silent for one in found.cases] == [True, False]
    assert found.cases[1].start.p50 == at("11:00")


def test_overtime_is_told_with_its_chance() -> None:
    day = [a_case(1, "OR1", "08:00", 240, "a"), a_case(2, "OR1", "12:30", 180, "a"), a_case(3, "OR2", "08:00", 60)]
    found = {one.room: one for one in forecast(day, at("07:00"), {"OR1": at("16:00"), "OR2": at("16:00")}).overtime}
    assert 0.35 < found["OR1"].chance < 0.9
    assert found["OR1"].minutes > 0
    assert (found["OR2"].chance, found["OR2"].minutes) == (0.0, 0)


class TestAMorningThatRunsLate:
    """Dr A has 1003 in OR2 until 12:00 and then 1007 in OR3 at 12:30; OR2's first case came 50 minutes late."""

    first = a_case(1001, "OR2", "08:00", 100, "b")
    second = a_case(1003, "OR2", "10:15", 105, "a")
    third = a_case(1007, "OR3", "12:30", 90, "a")

    def day(self, **more: object) -> list[Expected]:
        return [replace(self.first, **more), self.second, self.third]

    def test_before_anything_happens_no_clash_is_expected(self) -> None:
        assert not [one for one in forecast(self.day(), at("07:30")).clashes if one.is_likely and one.number == 1007]

    def test_the_clash_is_told_three_hours_before_with_its_reasons(self) -> None:
        late = {"began": at("08:50"), "stages": stages("08:50")}
        found = forecast(self.day(**late), at("09:30"))
        clash = next(one for one in found.clashes if one.number == 1007)
        assert clash.is_likely
        assert (clash.need.label, clash.holder, clash.holder_room) == ("Dr A", 1003, "OR2")
        assert clash.until.p50 > at("13:00")
        assert [(one.kind, one.number, one.other) for one in clash.why[:2]] == [
            ("waits", 1003, 1001),
            ("late start", 1001, 0),
        ]
        assert clash.why[1].minutes == 50
        assert [one.planned for one in found.clashes] == sorted(one.planned for one in found.clashes)

    def test_it_is_gone_when_the_room_catches_up(self) -> None:
        day = [
            replace(self.first, began=at("08:00"), ended=at("09:20")),
            replace(self.second, began=at("09:45"), ended=at("11:10")),
            self.third,
        ]
        assert forecast(day, at("11:15")).clashes == ()

    def test_a_long_phase_is_named(self) -> None:
        slow = {"began": at("08:00"), "stages": stages("08:00", "08:40")}
        found = forecast(self.day(**slow), at("11:00"))
        assert [one.kind for one in found.cases[0].why] == ["phase"]
        assert (found.cases[0].why[0].label, found.cases[0].why[0].minutes) == ("Operation", 50)


def test_twenty_rooms_of_eight_cases_are_all_forecast_and_alike_each_time() -> None:
    """How quickly is measured by the benchmark alone: a busy machine would make a clock lie here."""
    day = big_day()
    found = forecast(day, at("09:01"))
    assert len(found.cases) == len(day) == 160
    assert found == forecast(day, at("09:01"))


def big_day(rooms: int = 20, each: int = 8) -> list[Expected]:
    """Every room begins a case at eight; people cover two rooms each."""
    found = []
    for room in range(rooms):
        for place in range(each):
            number = 1000 + room * each + place
            clock = f"{8 + place:02}:00"
            case = a_case(number, f"OR{room}", clock, 45, f"s{room % (rooms // 2)}", f"n{room}")
            found.append(replace(case, **running("08:05")) if place == 0 else case)
    return found
