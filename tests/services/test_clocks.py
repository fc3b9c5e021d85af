"""The clock of a terminal: jumps are told, sleep and the nights of the clock change are none, the past is asked about.

The two clocks are played: the wall clock as somebody sets it, the steady one as nobody can.
"""

import itertools
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ortool.checklist.commands import StampMilestone
from ortool.checklist.phases import current_phase
from ortool.journal.entry import from_micros, to_micros
from ortool.people.permissions import Verb
from ortool.services import clocks, running
from ortool.services.clocks import ClockDoubt, ClockState
from ortool.services.journals import recent_entries, verify_journal
from tests.faults.clocks import Pair, jumps, quiet
from tests.faults.outcome import expect, new_seed
from tests.services.suite import MORNING, Clock, Suite

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
JUMPS = [sign * seconds for seconds in (2.5, 3, 10, 60, 600, 3600, 86_400) for sign in (1, -1)]


@pytest.mark.parametrize("jump", JUMPS)
def test_every_jump_is_found_told_once_and_stays_in_sight(jump: float) -> None:
    pair = Pair()
    guard = pair.guard()
    pair.passes(30)
    assert (guard.look(), guard.state, guard.sentence(AMSTERDAM)) == (timedelta(), ClockState.SYNCED, "")
    pair.passes(10, 10 + jump)
    assert guard.look() == timedelta(seconds=jump)
    guard.told(timedelta(seconds=jump))
    assert guard.look() == timedelta()
    pair.passes(3_600)
    assert (guard.look(), guard.state) == (timedelta(), ClockState.JUMPED)
    assert ("forward" if jump > 0 else "back") in guard.sentence(AMSTERDAM)
    pair.passes(5, 5 - jump)
    assert guard.look() == timedelta(seconds=-jump)
    assert (guard.state, guard.sentence(AMSTERDAM)) == (ClockState.SYNCED, "")


def test_no_false_alarm_in_ten_thousand_looks() -> None:
    expect(quiet(10_000, new_seed()))


def test_jumps_of_any_length_either_way_are_found() -> None:
    expect(jumps(1_000, new_seed()))


def test_sleep_is_no_jump_because_the_steady_clock_sleeps_too() -> None:
    pair = Pair()
    guard = pair.guard()
    pair.passes(8 * 3_600)
    assert guard.look() == timedelta()
    # The real steady clock counts sleep: it is never behind the one that stops in it.
    import time

    awake = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    assert clocks.steady_ns() >= awake


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # the clock goes forward in Amsterdam at 01:00 UTC
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # and back
        datetime(2028, 2, 28, 23, 30, tzinfo=UTC),  # a leap day begins
        datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
        datetime(2038, 1, 19, 3, 0, tzinfo=UTC),  # 32 bits of seconds end at 03:14:07
        datetime(2099, 12, 31, 23, 30, tzinfo=UTC),
    ],
    ids=["spring", "autumn", "leap eve", "leap day", "2038", "century"],
)
def test_an_operation_across_awkward_hours_is_as_long_as_it_was(
    make_suite: Callable[..., Suite], start: datetime
) -> None:
    suite = make_suite(time_zone="Europe/Amsterdam")
    pair = Pair(start)
    suite.theatre.now = lambda: pair.wall
    suite.theatre.terminal.guard = pair.guard()
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    for minutes in (20, 40, 61):
        pair.passes(60 * minutes)
        running.add_note(suite.theatre, suite.nurse, case.id, "still here")
    dossier = running.open_case(suite.theatre, case.id)
    assert dossier.run is not None
    clock = current_phase(dossier.run, pair.wall)
    assert clock is not None
    assert clock.elapsed == timedelta(minutes=121)
    entries = recent_entries(suite.theatre)
    assert [entry.seq for entry in entries] == sorted(entry.seq for entry in entries)
    assert entries[-1].recorded_at == start + timedelta(minutes=121)
    assert not [entry for entry in entries if entry.kind.startswith("clock.")]
    assert verify_journal(suite.theatre).faults == []


def test_a_jump_is_an_entry_before_the_one_that_met_it_and_marks_those_after(suite: Suite) -> None:
    pair = Pair()
    suite.theatre.now = lambda: pair.wall
    suite.theatre.terminal.guard = pair.guard()
    case = suite.case()
    pair.passes(60, 60 + 3_600)
    running.add_note(suite.theatre, suite.nurse, case.id, "after the jump")
    running.add_note(suite.theatre, suite.nurse, case.id, "later")
    *_, jumped, note, later = recent_entries(suite.theatre)
    assert (jumped.kind, jumped.body) == ("clock.jumped", {"delta_us": 3_600_000_000})
    assert (note.kind, later.kind) == ("note.added", "note.added")
    with suite.theatre.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT clock FROM entry ORDER BY seq DESC LIMIT 4").fetchall()
    assert [row[0] for row in rows] == [3, 3, 3, 1]
    (standing,) = suite.theatre.terminal.standing(suite.theatre)
    assert "CLOCK JUMPED forward by 1 h" in standing
    assert "wrong by that much" in standing


def test_a_jump_that_was_rolled_back_is_told_by_the_next_entry(suite: Suite) -> None:
    pair = Pair()
    suite.theatre.terminal.guard = pair.guard()
    pair.passes(1, 100)
    with pytest.raises(ZeroDivisionError), suite.theatre.writing(suite.nurse, Verb.SCHEDULE):
        raise ZeroDivisionError
    suite.case()
    kinds = [entry.kind for entry in recent_entries(suite.theatre)]
    assert kinds.count("clock.jumped") == 1


def test_an_entry_says_whether_its_clock_is_kept(suite: Suite) -> None:
    pair = Pair()
    suite.theatre.terminal.guard = pair.guard()
    suite.case()
    for synced in (False, None):
        pair.synced = synced  # type: ignore[assignment]
        pair.passes(61)
        suite.case()
    with suite.theatre.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT clock FROM entry ORDER BY seq DESC LIMIT 3").fetchall()
    assert [ClockState(row[0]) for row in reversed(rows)] == [
        ClockState.SYNCED, ClockState.UNSYNCED, ClockState.UNKNOWN,
    ]  # fmt: skip


def test_order_is_by_number_whatever_the_clock_says(suite: Suite) -> None:
    case = suite.case()
    for hours in (5, -9, 3, -1):
        suite.clock.pass_time(hours=hours)
        running.add_note(suite.theatre, suite.nurse, case.id, f"{hours}")
    history = running.open_case(suite.theatre, case.id).history
    assert [remark.text for remark in history.remarks] == ["5", "-9", "3", "-1"]
    assert verify_journal(suite.theatre).faults == []


@pytest.fixture
def behind(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """The same database at a terminal whose clock is an hour behind the newest entry."""
    monkeypatch.setenv("ORTOOL_STATE", str(tmp_path / "state"))
    suite.clock.pass_time(hours=1)
    suite.case()
    return suite.elsewhere(Clock(), watched=True, time_zone="Europe/Amsterdam")


def test_a_clock_in_the_past_is_asked_about_before_anything_is_written(behind: Suite) -> None:
    head = len(recent_entries(behind.theatre))
    with pytest.raises(ClockDoubt) as refused:
        behind.case()
    assert "23 Nov 2026 09:00:00" in str(refused.value)
    assert "10:00:00, 1 h later" in str(refused.value)
    assert "--clock-ok" in str(refused.value)
    assert len(recent_entries(behind.theatre)) == head
    assert behind.theatre.terminal.standing(behind.theatre) == [str(refused.value)]
    behind.theatre.close()


def test_whoever_says_that_it_is_right_goes_on_and_that_is_written_down(behind: Suite) -> None:
    behind.theatre.terminal.accept_clock()
    assert behind.theatre.terminal.standing(behind.theatre) == []
    behind.case()
    behind.case()
    kinds = [entry.kind for entry in recent_entries(behind.theatre)]
    assert kinds[-3:] == ["clock.acknowledged", "case.added", "case.added"]
    behind.theatre.close()
    again = behind.elsewhere(watched=True).theatre
    assert again.terminal.doubt is None  # the newest entry bears this time now
    again.close()


@pytest.mark.parametrize(("ahead", "is_doubted"), [(0, False), (1.9, False), (2.1, True), (86_400, True), (-5, False)])
def test_two_seconds_are_let_pass(ahead: float, is_doubted: bool) -> None:
    newest = to_micros(MORNING + timedelta(seconds=ahead))
    assert (clocks.doubt(newest, MORNING, AMSTERDAM) is not None) is is_doubted


def test_a_rehearsal_and_a_terminal_that_nobody_watches_raise_no_alarm(suite: Suite) -> None:
    from ortool.services.sample import clock_at

    with clock_at(suite.theatre, MORNING + timedelta(days=40)):
        suite.case()
    with clock_at(suite.theatre, MORNING - timedelta(days=40)):
        suite.case()
    assert not [entry for entry in recent_entries(suite.theatre) if entry.kind.startswith("clock.")]


def test_the_system_is_asked_and_may_not_know() -> None:
    assert clocks.is_synchronised() in (True, False, None)


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_600, "1 h"), (90_061, "1 d 1 h"), (2.5, "2 s")],
)
def test_lengths_are_spelled(length: float, words: str) -> None:
    assert clocks.spelled(timedelta(seconds=length)) == words


def test_microseconds_hold_until_the_end_of_this_calendar() -> None:
    for moment in (datetime(2038, 1, 19, 3, 14, 8, 1, UTC), datetime(2600, 2, 28, 23, 59, 59, 999_999, UTC)):
        assert from_micros(to_micros(moment)) == moment


NIGHTS = {
    "spring": (datetime(2027, 3, 27, 22, 0, tzinfo=UTC), timedelta(hours=9)),
    "autumn": (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), timedelta(hours=11)),
    "leap": (datetime(2028, 2, 28, 20, 0, tzinfo=UTC), timedelta(hours=30)),
    "2038": (datetime(2038, 1, 18, 22, 0, tzinfo=UTC), timedelta(hours=9)),
}


@pytest.mark.parametrize("name", NIGHTS)
def test_no_entry_of_such_a_night_is_flagged_and_every_time_comes_back_as_it_was(
    make_suite: Callable[..., Suite], name: str
) -> None:
    start, length = NIGHTS[name]
    suite, pair, dice = make_suite(time_zone="Europe/Amsterdam"), Pair(start), random.Random(name)
    suite.theatre.now = lambda: pair.wall
    suite.theatre.terminal.guard = pair.guard()
    case, wrote = suite.case(), []
    for _ in range(60):
        # A clock that is kept is slewed by milliseconds, and a computer may sleep for an hour.
        passed = length.total_seconds() / 60 * (0.5 + dice.random())
        pair.passes(passed, passed + dice.uniform(-0.02, 0.02))
        running.add_note(suite.theatre, suite.nurse, case.id, "still here")
        wrote.append(pair.wall)
    entries = recent_entries(suite.theatre)
    notes = [entry.recorded_at for entry in entries if entry.kind == "note.added"]
    assert notes == wrote
    assert all(later > before for before, later in itertools.pairwise(notes))
    assert not [entry for entry in entries if entry.kind.startswith("clock.")]
    assert verify_journal(suite.theatre).faults == []


@pytest.mark.parametrize("night", [datetime(2027, 3, 28, tzinfo=AMSTERDAM), datetime(2026, 10, 25, tzinfo=AMSTERDAM)])
@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_is_found_in_the_very_night_in_which_the_clocks_change(night: datetime, jump: float) -> None:
    pair = Pair(night.astimezone(UTC))
    guard = pair.guard()
    for _ in range(12):
        pair.passes(1_800)
        assert guard.look() == timedelta()
    pair.passes(1, 1 + jump)
    assert guard.look() == timedelta(seconds=jump)


def test_a_clock_that_was_set_by_the_hour_of_the_change_is_a_jump() -> None:
    """A computer that keeps local time and sets itself back by an hour: what the guard is for."""
    pair = Pair(datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC))
    guard = pair.guard()
    pair.passes(2, 2 - 3_600)
    assert guard.look() == timedelta(hours=-1)
    assert guard.state is ClockState.JUMPED
    assert "CLOCK JUMPED back by 1 h at 02:00:01" in guard.sentence(AMSTERDAM)


def test_ten_thousand_commands_raise_no_alarm_and_each_jump_between_them_is_one_entry() -> None:
    """Commands come after milliseconds or nights; a computer sleeps meanwhile and its clock is slewed, never set."""
    dice, pair = random.Random(2026), Pair()
    guard, found, jumped, drift = pair.guard(), [], [], 0.0
    for n in range(10_000):
        passed = dice.choice((0.002, 0.5, 20, 600, 30_000)) * dice.random()
        slewed = dice.uniform(-1, 1) * min(passed * 500e-6, 0.5)  # what a time server lets a clock drift at most
        if abs(drift + slewed) > 1.5:
            slewed = -slewed
        drift += slewed
        by = dice.choice(JUMPS) if n % 1_000 == 999 else 0
        pair.passes(passed, passed + slewed + by)
        if jump := guard.look():
            found.append((n, round(jump.total_seconds() * 2) / 2))
            guard.told(jump)
        if by:
            jumped.append((n, by))
            pair.passes(1, 1 - by)
            guard.told(guard.look())
    assert [n for n, _ in found] == [n for n, _ in jumped]
    assert all(abs(seen - real) <= 0.5 for (_, seen), (_, real) in zip(found, jumped, strict=True))
    assert len(jumped) == 10


def test_the_steady_clock_is_the_one_that_goes_on_in_sleep() -> None:
    import time

    assert hasattr(time, "CLOCK_BOOTTIME"), "elsewhere than on Linux the monotonic clock goes on in sleep by itself"
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert before <= clocks.steady_ns() <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("slept", [1, 600, 8 * 3_600, 3 * 86_400])
def test_a_clock_that_stopped_in_sleep_would_be_taken_for_a_jump(slept: float) -> None:
    """Why the steady clock must count sleep: with one that does not, each waking would be flagged."""
    pair = Pair()
    guard = pair.guard()
    pair.steady += round(10 * 1e9)
    pair.wall += timedelta(seconds=10 + slept)
    assert bool(guard.look()) is (slept > 2)
    honest = Pair()
    guard = honest.guard()
    honest.passes(10 + slept)
    assert guard.look() == timedelta()


COMMANDS = 10_000 if os.environ.get("ORTOOL_LONG") == "1" else 120


def test_no_command_of_many_is_flagged_in_the_journal(suite: Suite) -> None:
    dice, pair = random.Random(10_000), Pair()
    suite.theatre.now = lambda: pair.wall
    suite.theatre.terminal.guard = pair.guard()
    case = suite.case()
    for _ in range(COMMANDS):
        passed = dice.choice((0.002, 0.5, 20, 600, 30_000)) * dice.random()
        pair.passes(passed, passed + dice.uniform(-1, 1) * min(passed * 500e-6, 0.001))
        running.add_note(suite.theatre, suite.nurse, case.id, "x")
    entries = recent_entries(suite.theatre, limit=100_000)
    assert len(entries) > COMMANDS
    assert not [entry for entry in entries if entry.kind.startswith("clock.")]
    with suite.theatre.reading() as session:
        states = session.connection().exec_driver_sql("SELECT DISTINCT clock FROM entry")
        assert ClockState.JUMPED not in {row[0] for row in states}
