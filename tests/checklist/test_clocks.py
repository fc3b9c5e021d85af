"""Clocks: computed from stored times, soonest first, and never shorter or longer because of a restart or a DST night."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.checklist.clocks import ClockPhase, ClockState, clocks
from ortool.checklist.commands import AnswerTimer, SnoozeTimer, StartTimer, TakeReading, Undo, Voice
from ortool.checklist.decide import decide, subject
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import make_plan
from ortool.checklist.run import Run, advance, fold
from ortool.errors import Refused
from ortool.services.checklists import read_file

FILE = Path(__file__).parents[2] / "checklists" / "dynamic-lumbar-stabilisation.yaml"
PLAN = make_plan(read_file(FILE).checklist, parse_levels("L4-5"), {})
T0 = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NURSE = Voice("n1", "Nora Nurse", frozenset({"circulating_nurse"}))
DEMO = {
    "map-low": "5 min DEMO",
    "map-low-limit": "65 DEMO",
    "prep-dry": "200 s DEMO",
    "antibiotic-next-clindamycin": "5 h",
    "retractor": 45,
}


@dataclass(frozen=True)
class Line:
    """An entry as the journal would give it back."""

    seq: int
    kind: str
    body: Mapping[str, Any]
    occurred_at: datetime
    recorded_at: datetime
    actor: str = "n1"
    auth: str = "chosen"


class Day:
    """A case at the table: stamps and answers written straight, commands on clocks decided."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.run = Run(PLAN)

    def write(self, kind: str, body: Mapping[str, Any], at: datetime) -> int:
        """Write an entry; return its number."""
        self.lines.append(Line(len(self.lines) + 1, kind, body, at, at))
        self.run = advance(self.run, self.lines[-1:])
        return len(self.lines)

    def stamp(self, name: str, minute: float) -> int:
        """Stamp a milestone so many minutes after eight."""
        return self.write("milestone.stamped", {"stamp": name}, T0 + timedelta(minutes=minute))

    def dose(self, drug: str, minute: float) -> int:
        """Record the start of the antibiotic."""
        return self.write(
            "item.answered", {"item": "ABX", "state": "done", "value": drug}, T0 + timedelta(minutes=minute)
        )

    def say(self, command: Any, minute: float) -> int:
        """Decide a command and write what it makes."""
        now = T0 + timedelta(minutes=minute)
        decision = decide(self.run, command, NURSE, now)
        return self.write(decision.kind, decision.body, decision.occurred_at or now)

    def all(self, minute: float, site: Mapping[str, int | str] | None = None) -> dict[str, ClockState]:
        """Return every clock by its id."""
        return {one.id: one for one in clocks(self.run, T0 + timedelta(minutes=minute), site or {})}


@pytest.fixture
def day() -> Day:
    return Day()


def test_nothing_runs_before_its_stamp(day: Day) -> None:
    assert not [clock for clock in day.all(0).values() if clock.is_live]
    assert day.all(0)["eyes"].state is ClockPhase.WAITING


@pytest.mark.parametrize(
    ("minute", "state", "left", "over"),
    [(0, "running", 15, 0), (12.9, "running", 2.1, 0), (13, "warning", 2, 0), (15, "due", 0, 0), (19, "due", 0, 4)],
)
def test_a_clock_runs_warns_and_is_due(day: Day, minute: float, state: str, left: float, over: float) -> None:
    day.stamp("PRONE", 0)
    eyes = day.all(minute)["eyes"]
    assert (eyes.state.value, eyes.remaining, eyes.overdue) == (state, timedelta(minutes=left), timedelta(minutes=over))


def test_an_answered_check_begins_again_from_when_it_was_done(day: Day) -> None:
    day.stamp("PRONE", 0)
    day.say(AnswerTimer("eyes"), 17)
    eyes = day.all(20)["eyes"]
    assert (eyes.round, eyes.due_at) == (2, T0 + timedelta(minutes=32))
    day.say(AnswerTimer("eyes", T0 + timedelta(minutes=30)), 36)
    assert day.all(36)["eyes"].due_at == T0 + timedelta(minutes=45)


def test_undo_takes_an_answer_back(day: Day) -> None:
    day.stamp("PRONE", 0)
    ref = day.say(AnswerTimer("eyes"), 17)
    assert subject(day.run.live[-1]) == "clock eyes answered"
    day.say(Undo(ref), 17.5)
    assert day.all(18)["eyes"].state is ClockPhase.DUE


def test_a_clock_put_off_is_due_again_after_that(day: Day) -> None:
    day.stamp("PRONE", 0)
    day.say(SnoozeTimer("eyes", 5, "image running"), 16)
    eyes = day.all(18)["eyes"]
    assert (eyes.state, eyes.snoozed, eyes.remaining) == (ClockPhase.RUNNING, True, timedelta(minutes=3))
    assert day.all(21)["eyes"].state is ClockPhase.DUE


def test_supine_ends_the_clocks_of_lying_prone(day: Day) -> None:
    day.stamp("PRONE", 0)
    day.stamp("SUPINE", 100)
    states = day.all(300)
    assert {states[name].state for name in ("eyes", "pressure-points", "temperature")} == {ClockPhase.STOPPED}


@pytest.mark.parametrize(
    ("drug", "window", "warned", "following"),
    [
        ("cefazolin", 60, 45, 240),
        ("cefuroxime", 60, 45, 240),
        ("vancomycin", 120, 100, None),
        ("fluoroquinolone", 120, 100, None),
        ("none-by-plan", None, None, None),
    ],
)
def test_the_antibiotic_counts_from_its_start_by_drug(
    day: Day, drug: str, window: int | None, warned: int | None, following: int | None
) -> None:
    day.dose(drug, 7)
    found = day.all(10)
    windows = [clock for name, clock in found.items() if name.startswith("antibiotic-window")]
    assert [clock.due_at for clock in windows] == ([T0 + timedelta(minutes=7 + window)] if window else [])
    if windows and warned:
        name = windows[0].id
        assert day.all(7 + warned - 1)[name].state is ClockPhase.RUNNING
        assert day.all(7 + warned)[name].state is ClockPhase.WARNING
    due = found["antibiotic-next"].due_at if "antibiotic-next" in found else None
    assert due == (T0 + timedelta(minutes=7 + following) if following else None)


def test_incision_ends_the_window_and_a_second_dose_counts_from_its_own_start(day: Day) -> None:
    day.dose("cefazolin", 0)
    day.stamp("PST", 40)
    assert day.all(70)["antibiotic-window"].state is ClockPhase.STOPPED
    assert day.all(225)["antibiotic-next"].state is ClockPhase.WARNING
    day.say(AnswerTimer("antibiotic-next"), 238)
    assert day.all(240)["antibiotic-next"].due_at == T0 + timedelta(minutes=478)


def test_what_only_the_site_can_say_reads_missing_until_it_does(day: Day) -> None:
    day.dose("clindamycin", 0)
    day.say(StartTimer("prep-dry"), 1)
    without, given = day.all(2), day.all(2, DEMO)
    assert without["prep-dry"].state is without["antibiotic-next"].state is ClockPhase.MISSING
    assert without["prep-dry"].state.value == "site value missing"
    assert "retractor" not in without
    assert "retractor" in given
    assert (given["prep-dry"].remaining, given["prep-dry"].is_demo) == (timedelta(seconds=140), True)
    assert given["antibiotic-next"].due_at == T0 + timedelta(hours=5)


@pytest.mark.parametrize(
    ("value", "minutes"), [(20, 20), ("20", 20), ("1200 s", 20), ("1 h", 60), ("soon", 15), (0, 15)]
)
def test_a_value_of_the_site_goes_before_the_shipped_one(day: Day, value: int | str, minutes: int) -> None:
    day.stamp("PRONE", 0)
    assert day.all(1, {"eyes": value})["eyes"].due_at == T0 + timedelta(minutes=minutes)


def test_recovery_is_watched_more_closely_at_first(day: Day) -> None:
    day.stamp("APACU", 0)
    dues = []
    for _ in range(5):
        due = day.all(0)["vital-signs"].due_at
        assert due is not None
        dues.append((due - T0) / timedelta(minutes=1))
        day.say(AnswerTimer("vital-signs", due), dues[-1])
    assert dues == [5, 10, 15, 30, 45]


def test_a_clock_by_hand_begins_anew_each_time_it_is_started(day: Day) -> None:
    day.stamp("PRONE", 0)
    day.say(StartTimer("table-moved"), 10)
    day.say(AnswerTimer("table-moved"), 12)
    assert day.all(13)["table-moved"].state is ClockPhase.ANSWERED
    day.say(StartTimer("table-moved"), 50)
    assert day.all(52)["table-moved"].state is ClockPhase.DUE


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (AnswerTimer("nothing"), "no clock"),
        (AnswerTimer("vital-signs"), "has not started"),
        (StartTimer("eyes"), "starts by itself"),
        (SnoozeTimer("eyes", 5, " "), "needs a reason"),
        (SnoozeTimer("eyes", 61, "later"), "1 to 60 minutes"),
        (AnswerTimer("eyes", T0 - timedelta(minutes=1)), "started only after"),
        (AnswerTimer("antibiotic-next"), "no clock for vancomycin"),
        (AnswerTimer("table-moved"), "Start it by hand"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(day: Day, command: Any, words: str) -> None:
    day.stamp("PRONE", 0)
    day.dose("vancomycin", 0)
    with pytest.raises(Refused, match=words):
        day.say(command, 20)


def test_nothing_is_answered_once_it_has_ended(day: Day) -> None:
    day.stamp("PRONE", 0)
    day.stamp("SUPINE", 60)
    for command in (AnswerTimer("eyes"), SnoozeTimer("eyes", 5, "later"), StartTimer("table-moved")):
        with pytest.raises(Refused, match="ended with Supine"):
            day.say(command, 70)


def test_the_due_come_first_and_then_the_soonest(day: Day) -> None:
    day.stamp("PRONE", 0)
    day.dose("cefazolin", -50)
    order = [clock.id for clock in clocks(day.run, T0 + timedelta(minutes=16), {}) if clock.is_live]
    assert order == ["antibiotic-window", "eyes", "tube", "temperature", "pressure-points", "antibiotic-next"]


@pytest.mark.parametrize("night", [datetime(2026, 3, 28, 23, 30), datetime(2026, 10, 24, 23, 30)])
def test_a_night_when_the_clocks_change_neither_adds_nor_takes_an_hour(night: datetime) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    begins = night.replace(tzinfo=UTC)
    line = Line(1, "milestone.stamped", {"stamp": "PRONE"}, begins.astimezone(zone), begins)
    run = fold(PLAN, [line])
    for minutes in (30, 59, 61, 119, 181):
        now = (begins + timedelta(minutes=minutes)).astimezone(zone)
        points = next(one for one in clocks(run, now, {}) if one.id == "pressure-points")
        assert points.remaining == max(timedelta(), timedelta(minutes=60 - minutes))
        assert points.overdue == max(timedelta(), timedelta(minutes=minutes - 60))


ACTS = st.sampled_from(
    [TakeReading("map-low", "52"), TakeReading("map-low", "71"), AnswerTimer("map-low"), AnswerTimer("tube"), AnswerTimer("eyes"), AnswerTimer("temperature"), SnoozeTimer("eyes", 7, "later"), AnswerTimer("vital-signs"),
     SnoozeTimer("pressure-points", 3, "later"), StartTimer("prep-dry"), StartTimer("table-moved"), "PRONE", "APACU",
     "SUPINE", "cefazolin", "clindamycin"]
)  # fmt: skip


@given(st.lists(st.tuples(ACTS, st.integers(0, 40)), max_size=25), st.integers(0, 600), st.integers(0, 600))
def test_time_only_runs_down_and_a_restart_changes_nothing(acts: list[tuple[Any, int]], one: int, two: int) -> None:
    day, minute = Day(), 0
    for act, pause in acts:
        minute += pause
        try:
            if act in ("PRONE", "APACU", "SUPINE"):
                day.stamp(act, minute)
            elif isinstance(act, str):
                day.dose(act, minute)
            else:
                day.say(act, minute)
        except Refused:
            continue
    first, second = sorted((minute + one, minute + two))
    earlier, later = day.all(first, DEMO), day.all(second, DEMO)
    assert earlier.keys() == later.keys()
    for name, clock in earlier.items():
        after = later[name]
        assert clock.remaining >= after.remaining >= timedelta()
        assert timedelta() <= clock.overdue <= after.overdue
        assert clock.due_at == after.due_at
        assert not (clock.remaining and clock.overdue)
        assert not (clock.state is ClockPhase.DUE and after.state is not ClockPhase.DUE)
    again = fold(PLAN, day.lines)
    assert clocks(again, T0 + timedelta(minutes=second), DEMO) == clocks(day.run, T0 + timedelta(minutes=second), DEMO)
