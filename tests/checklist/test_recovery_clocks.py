"""Clocks of the ward and of the visits: hours that pass, and days and months of the calendar at the ward's time of day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.checklist.clocks import ClockPhase, ClockState, clocks
from ortool.checklist.commands import AnswerItem, AnswerTimer, SnoozeTimer, Voice
from ortool.checklist.decide import decide
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import make_plan
from ortool.checklist.records import State
from ortool.checklist.run import Run, advance
from ortool.errors import Refused
from ortool.services.checklists import read_file
from tests.checklist.test_clocks import Line

FILE = Path(__file__).parents[2] / "checklists" / "recovery-plan.yaml"
PLAN = make_plan(read_file(FILE).checklist, parse_levels("L4-5"), {})
ZONE = ZoneInfo("Europe/Amsterdam")
NURSE = Voice("w1", "Wanda Ward", frozenset({"ward_nurse", "surgeon"}))
ARRIVAL = datetime(2026, 10, 23, 14, 30, tzinfo=ZONE)
VISITS = {
    "visit-2-weeks": ("W2", "2026-11-06"), "visit-6-weeks": ("W6", "2026-12-04"), "visit-3-months": ("M3", "2027-01-23"),
    "visit-6-months": ("M6", "2027-04-23"), "visit-12-months": ("M12", "2027-10-23"), "visit-24-months": ("M24", "2028-10-23"),
}  # fmt: skip


class Ward:
    """A patient who came to the ward on the afternoon before a night when the clocks are put back."""

    def __init__(self, arrival: datetime = ARRIVAL) -> None:
        self.run = Run(PLAN)
        self.write("milestone.stamped", {"stamp": "WARD"}, arrival)

    def write(self, kind: str, body: dict[str, object], at: datetime) -> None:
        """Write an entry as it would be stored."""
        at = at.astimezone(UTC)
        self.run = advance(self.run, [Line(len(self.run.live) + 1, kind, body, at, at, "w1")])

    def say(self, command: object, at: datetime) -> None:
        """Decide a command and write what it makes."""
        decision = decide(self.run, command, NURSE, at.astimezone(UTC))  # type: ignore[arg-type]
        self.write(decision.kind, decision.body, decision.occurred_at or at)

    def clock(self, name: str, at: datetime) -> ClockState:
        """Return one clock at a moment."""
        return next(one for one in clocks(self.run, at, {}, ZONE) if one.id == name)


@pytest.mark.parametrize(("name", "stamp", "day"), [(name, *rest) for name, rest in VISITS.items()])
def test_a_visit_is_due_on_its_day_at_the_wards_time_and_ends_with_its_stamp(name: str, stamp: str, day: str) -> None:
    ward, due = Ward(), datetime.fromisoformat(f"{day}T14:30").replace(tzinfo=ZONE)
    assert ward.clock(name, due).due_at == due.astimezone(UTC)
    assert ward.clock(name, due - timedelta(minutes=1)).state is ClockPhase.WARNING
    assert ward.clock(name, due).state is ClockPhase.DUE
    late = ward.clock(name, due + timedelta(days=5))
    assert (late.state, late.overdue) == (ClockPhase.DUE, timedelta(days=5))
    ward.write("milestone.stamped", {"stamp": stamp}, due)
    assert ward.clock(name, due + timedelta(days=5)).state is ClockPhase.STOPPED


def test_every_visit_of_the_plan_has_its_clock() -> None:
    stamps = {stamp.id for stamp in PLAN.checklist.stamps} - {"WARD", "HOME"}
    assert {stop for timer in PLAN.checklist.timers if timer.id in VISITS for stop in timer.stops} == stamps


@pytest.mark.parametrize(("number", "day"), [(1, "2026-10-24"), (2, "2026-10-25")])
def test_the_list_of_a_ward_day_is_due_until_it_is_read(number: int, day: str) -> None:
    ward, due = Ward(), datetime.fromisoformat(f"{day}T14:30").replace(tzinfo=ZONE)
    name = f"ward-day-{number}"
    assert ward.clock(name, due - timedelta(minutes=1)).state is ClockPhase.RUNNING
    assert ward.clock(name, due).state is ClockPhase.DUE
    items = PLAN.pauses[f"P16-{number}"].items
    for item in items:
        assert ward.clock(name, due).state is ClockPhase.DUE
        value = {"choice": item.choices[0] if item.choices else "", "number": "2"}.get(item.type.value, "")
        ward.say(AnswerItem(item.id, State.DONE, value), due)
    assert ward.clock(name, due).state is ClockPhase.STOPPED
    with pytest.raises(Refused, match=f"has ended with Ward day {number}"):
        ward.say(AnswerTimer(name), due)


def test_going_home_ends_the_clocks_of_the_ward_and_no_visit() -> None:
    ward = Ward()
    ward.write("milestone.stamped", {"stamp": "HOME"}, ARRIVAL + timedelta(days=2))
    live = {one.id for one in clocks(ward.run, ARRIVAL + timedelta(days=3), {}, ZONE) if one.is_live}
    assert live == {*VISITS, "sutures"}


def test_neurological_checks_become_rarer_by_the_hours_since_arrival() -> None:
    ward, now, dues = Ward(), ARRIVAL.astimezone(UTC), []
    while len(dues) < 20:
        due = ward.clock("ward-neuro", now).due_at
        assert due is not None
        ward.say(AnswerTimer("ward-neuro"), due)
        now = due
        dues.append(round((due - ARRIVAL.astimezone(UTC)) / timedelta(hours=1)))
    assert dues == [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 56, 64]


@given(st.lists(st.integers(1, 300), max_size=30))
def test_no_extra_check_makes_the_next_one_later_than_its_series_allows(pauses: list[int]) -> None:
    ward, now = Ward(), ARRIVAL.astimezone(UTC)
    for pause in pauses:
        now += timedelta(minutes=pause)
        ward.say(AnswerTimer("ward-neuro"), now)
    clock, hours = ward.clock("ward-neuro", now), (now - ARRIVAL.astimezone(UTC)) / timedelta(hours=1)
    wanted = 1 if hours < 6 else 2 if hours < 12 else 4 if hours < 48 else 8
    assert clock.due_at == now + timedelta(hours=wanted)


def test_a_visit_can_be_put_off_by_days_and_a_check_by_an_hour() -> None:
    ward, due = Ward(), datetime(2026, 11, 6, 14, 30, tzinfo=ZONE)
    ward.say(SnoozeTimer("visit-2-weeks", 3 * 24 * 60, "patient away"), due)
    assert ward.clock("visit-2-weeks", due).due_at == (due + timedelta(days=3)).astimezone(UTC)
    with pytest.raises(Refused, match="1 to 14 days"):
        ward.say(SnoozeTimer("visit-2-weeks", 15 * 24 * 60, "away"), due)
    with pytest.raises(Refused, match="1 to 60 minutes"):
        ward.say(SnoozeTimer("ward-neuro", 61, "asleep"), due)


def test_an_operation_on_the_31st_has_its_visit_on_the_last_day_of_a_shorter_month() -> None:
    ward = Ward(datetime(2026, 8, 31, 9, 0, tzinfo=ZONE))
    due = ward.clock("visit-6-months", ARRIVAL).due_at
    assert due is not None
    assert due.astimezone(ZONE).isoformat() == "2027-02-28T09:00:00+01:00"
