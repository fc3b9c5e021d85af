"""Planned times: joint totals as published for the default rows, levels as people write them, clocks on a DST night."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.checklist.commands import StampMilestone
from ortool.checklist.levels import parse_levels
from ortool.checklist.phases import current_phase, phase_clocks
from ortool.checklist.records import PhaseState
from ortool.checklist.timing import Rows, joint
from ortool.errors import BadInput
from ortool.services.checklists import read_file
from tests.checklist.test_run_rules import Table

BEFORE: Rows = ((8, 15), (20, 32), (15, 25), (6, 12), (14, 22), (2, 4))
ONE: Rows = ((25, 40), (5, 12), (35, 60), (30, 50), (10, 18), (15, 25), (8, 15), (22, 35))
TWO: Rows = ((30, 48), (5, 12), (55, 90), (42, 68), (12, 22), (22, 36), (9, 16), (25, 40))
AFTER: Rows = ((2, 4), (6, 10), (14, 28))


@pytest.mark.parametrize(
    ("rows", "p50", "p90"),
    [
        pytest.param(BEFORE, 68, 97, id="pre-incision"),
        pytest.param(ONE, 158, 222, id="one level, skin to skin"),
        pytest.param(BEFORE + ONE + AFTER, 251, 348, id="one level, in the room"),
        pytest.param(TWO, 209, 291, id="two levels, skin to skin"),
        pytest.param(BEFORE + TWO + AFTER, 302, 415, id="two levels, in the room"),
    ],
)
def test_joint_totals_are_those_of_the_fact_base(rows: Rows, p50: float, p90: float) -> None:
    assert joint(rows) == (pytest.approx(p50, rel=0.02), pytest.approx(p90, rel=0.02))


def test_the_shipped_checklist_ships_these_rows() -> None:
    path = Path(__file__).parents[2] / "checklists" / "dynamic-lumbar-stabilisation.yaml"
    shipped = {row.id: row for row in read_file(path).checklist.durations}
    names = ["sign_in", "induction", "turn_prone", "skin_level", "prep_drape", "time_out"]
    cut = ["expose", "bone_level", "decompress", "screws", "screw_images", "connectors", "final_images", "close"]
    assert tuple(shipped[name].one_level for name in names) == BEFORE
    assert tuple(shipped[name].one_level for name in cut) == ONE
    assert tuple(shipped[name].two_levels for name in cut) == TWO


minutes = st.tuples(st.floats(1, 60), st.floats(1.05, 2.5)).map(lambda row: (row[0], row[0] * row[1]))


@settings(max_examples=10, deadline=None)
@given(st.lists(minutes, min_size=2, max_size=4).map(tuple))
def test_a_joint_p50_is_above_and_a_joint_p90_below_the_sum(rows: Rows) -> None:
    p50, p90 = joint(rows)
    assert sum(row[0] for row in rows) * 0.98 <= p50 < p90 <= sum(row[1] for row in rows) * 1.03


def test_no_rows_take_no_time_and_one_row_is_itself() -> None:
    assert joint(()) == (0.0, 0.0)
    assert joint(((20, 40),)) == (20, 40)


def test_the_same_rows_give_the_same_answer() -> None:
    first = joint(ONE)
    joint.cache_clear()
    assert joint(ONE) == first


@pytest.mark.parametrize(
    ("text", "shown", "count"),
    [
        ("L4-5", "L4-5", 1),
        ("l4/l5", "L4-5", 1),
        ("L4\u20135", "L4-5", 1),
        ("L3-5", "L3-5", 2),
        ("L3-4, L4-5", "L3-5", 2),
        ("L4-5 and L3-4", "L3-5", 2),
        ("L5-S1", "L5-S1", 1),
        ("L5-1", "L5-S1", 1),
        ("L4-S1", "L4-S1", 2),
        ("T12-L1", "T12-L1", 1),
        ("L5-6", "L5-6", 1),
        ("L6-S1", "L6-S1", 1),
        ("L4-6, L6-S1", "L4-6, L6-S1", 3),
        ("", "", 0),
    ],
)
def test_levels_are_read_as_people_write_them(text: str, shown: str, count: int) -> None:
    levels = parse_levels(text)
    assert (str(levels), levels.count) == (shown, count)


@pytest.mark.parametrize(
    "text", ["L5-4", "L4-4", "L3-4, L5-S1", "L2-3, L4-5", "C5-6", "L4", "L4-9", "S1-L5", "left", "L4-5-6"]
)
def test_levels_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_levels(text)


@given(st.text(max_size=15))
def test_any_text_is_levels_or_one_sentence(text: str) -> None:
    try:
        levels = parse_levels(text)
    except BadInput:
        return
    assert parse_levels(str(levels)) == levels


AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("begins", "ends", "real"),
    [
        pytest.param((2026, 3, 29, 1, 30), (2026, 3, 29, 3, 30), 60, id="the night that loses an hour"),
        pytest.param((2026, 10, 25, 1, 30), (2026, 10, 25, 3, 30), 180, id="the night that gains an hour"),
    ],
)
def test_a_phase_takes_as_long_as_it_takes_on_a_dst_night(
    begins: tuple[int, ...], ends: tuple[int, ...], real: int
) -> None:
    start, end = (datetime(*moment, tzinfo=AMSTERDAM).astimezone(UTC) for moment in (begins, ends))  # type: ignore[misc,arg-type]
    table = Table()
    table.now = start - timedelta(seconds=5)
    table.say(StampMilestone("PIR"))
    running = phase_clocks(table.run, end)[0]
    assert running.elapsed == timedelta(minutes=real)
    assert running.over == timedelta(minutes=real - 20)


def test_a_clock_grades_a_phase_by_its_percentiles() -> None:
    table = Table()
    table.say(StampMilestone("PIR"))
    began = table.now
    grades = [phase_clocks(table.run, began + timedelta(minutes=n))[0].grade for n in (20, 21, 40, 41)]
    assert grades == ["in time", "late", "late", "over"]


def test_the_current_phase_follows_the_stamps() -> None:
    table = Table()
    assert current_phase(table.run, table.now) is None
    assert [clock.state for clock in phase_clocks(table.run, table.now)] == [PhaseState.WAITING] * 3
    now = table.until("PCB").now
    found = current_phase(table.run, now)
    assert found is not None
    assert found.phase.id == "cut"
    assert found.projected == timedelta(minutes=60)
    assert current_phase(Table().until("never").run, now) is None


def test_a_clock_that_runs_backwards_never_shows_a_negative_time() -> None:
    table = Table()
    table.say(StampMilestone("PIR"))
    assert phase_clocks(table.run, table.now - timedelta(hours=1))[0].elapsed == timedelta()
