"""Each operation list, by keyboard alone, in 80 columns and 24 lines: from the first line to the last."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ortool.caselog.milestones import CaseState
from ortool.checklist.records import PauseState, State
from ortool.people.person import Actor
from ortool.services import boards, journals, running
from ortool.services.theatre import Theatre, open_theatre
from tests.journeys.walker import Walker
from tests.tui.conftest import Watch
from tests.tui.driver import at_terminal

SIZE = (80, 24)
LONG = os.environ.get("ORTOOL_LONG") == "1"
# The list, and a day and a place of the sample list on which it is used.
JOURNEYS = [
    pytest.param("dynamic-lumbar-stabilisation", 24, "L4-S1", id="dynamic, two levels"),
    pytest.param("interlaminar-device", 25, "L3-4", id="interlaminar device"),
    pytest.param("lumbar-decompression", 24, "L4-5", id="decompression"),
    pytest.param("lumbar-fusion", 30, "L3-4", id="fusion"),
    pytest.param("any-operation", 24, "", id="any operation"),
]
if LONG:  # at one level there is no line that is not there at two
    JOURNEYS.append(pytest.param("dynamic-lumbar-stabilisation", 25, "L4-5", id="dynamic, one level"))


def case_number(theatre: Theatre, checklist: str, levels: str) -> int:
    """Return the number of today's case that is worked with this list at these levels."""
    for one in boards.day_board(theatre).all_cases:
        plan = running.open_case(theatre, one.case.id).plan
        if plan and plan.checklist.id == checklist and one.case.levels.replace(" ", "") == levels.replace(" ", ""):
            return one.case.number
    raise AssertionError(f"no case for {checklist} at {levels!r} today")


@pytest.mark.parametrize(("checklist", "day", "levels"), JOURNEYS)
async def test_a_case_is_walked_from_start_to_end_by_keyboard(
    sample: Theatre, nurse: Actor, watch: Watch, checklist: str, day: int, levels: str
) -> None:
    watch.time = datetime(2026, 11, day, 7, 0, tzinfo=UTC)
    number = case_number(sample, checklist, levels)
    async with at_terminal(sample, nurse, SIZE) as terminal:
        walker = Walker(terminal, await terminal.opens(number), watch)
        await walker.walks()
        case, run, now = walker.case, walker.run, watch()
        assert run.plan.checklist.id == checklist
        assert [stamp.id for stamp in run.plan.stamps.values() if stamp.required and stamp.id not in run.stamps] == []
        # Nothing is put off any more, nothing overridden: complete without an "except" or a "with".
        assert {run.pause_state(pause, now) for pause in run.plan.pauses.values()} == {PauseState.COMPLETE}
        assert {answer.state for answer in run.answers.values()} == {State.DONE}
        assert not run.passes
        assert not run.undone
        assert all(stamp.passed == () for stamp in run.stamps.values())
        assert case.dossier is not None
        assert case.dossier.case.state is CaseState.RECOVERED
        assert running.refold(sample, case.case_id) == run
        assert journals.verify_journal(sample).faults == []


async def test_the_program_is_left_in_the_middle_and_goes_on_at_the_same_line(
    sample: Theatre, nurse: Actor, watch: Watch, tmp_path: Path
) -> None:
    watch.time = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    number = case_number(sample, "dynamic-lumbar-stabilisation", "L4-5")
    async with at_terminal(sample, nurse, SIZE) as terminal:
        walker = Walker(terminal, await terminal.opens(number), watch)
        await walker.walks(30)
        stood, run, shown = walker.case.rows.row.key, walker.run, walker.case.rows.rows
        await terminal.pilot.press("ctrl+q")
    sample.close()
    watch.goes_on(minutes=2)
    again = open_theatre(sample.settings, tmp_path / "ortool.db", watch)
    try:
        async with at_terminal(again, nurse, SIZE) as terminal:
            case = await terminal.opens(number)
            assert case.dossier is not None
            assert case.dossier.run == run
            assert case.rows.row.key == stood
            assert case.rows.row.is_open
            assert [row.id for row in case.rows.rows if row.is_open] == [row.id for row in shown if row.is_open]
            walker = Walker(terminal, case, watch)
            await walker.walks(1)
            assert walker.trail == [stood[1]]
        assert journals.verify_journal(again).faults == []
    finally:
        again.close()
