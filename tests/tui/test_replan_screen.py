"""A scheduler's bad morning by keys alone: a late room and an emergency, proposals, apply, undo."""

from datetime import datetime, timedelta

import pytest

from ortool.checklist.commands import StampMilestone
from ortool.services import booking
from ortool.services.boards import day_board
from ortool.services.cases import find_case
from ortool.tui.board import BoardScreen
from ortool.tui.replan import ReplanScreen
from tests.services.suite import MORNING, Suite
from tests.tui.driver import Terminal, at_terminal


@pytest.fixture
def late_day(suite: Suite) -> Suite:
    """OR1: 1001 runs since 8, 1002 and 1003 follow without a pause; OR2 has 1004 from 9 to 11."""
    for room, hour, length, surgeon in (("OR1", 8, 60, "s1"), ("OR1", 9, 60, "s2"), ("OR1", 10, 60, "s2"),
                                        ("OR2", 9, 120, "b1")):  # fmt: skip
        booking.book(suite.theatre, suite.nurse, suite.case(surgeon=surgeon).id, room, at(hour), length)
    suite.act(find_case(suite.theatre, "1001"), StampMilestone("PIR"))
    suite.clock.pass_time(minutes=10)
    return suite


def at(hour: float) -> datetime:
    return MORNING + timedelta(hours=hour - 8)


def places(suite: Suite) -> dict[int, tuple[str, datetime]]:
    return {one.case.number: (one.slot.room_id, one.slot.start) for one in day_board(suite.theatre).all_cases}


async def asked(terminal: Terminal, who: str, minutes: str, any_surgeon: str = "") -> ReplanScreen:
    await terminal.until(
        lambda: isinstance(terminal.app.screen, BoardScreen) and terminal.app.screen.board, "the board"
    )
    await terminal.press("D")
    await terminal.form_shown("how does the day go on")
    for text in filter(None, (who, minutes, any_surgeon)):
        terminal.app.focused.value = ""  # type: ignore[union-attr]
        await terminal.type(text)
        await terminal.press("enter")
    await terminal.until(lambda: isinstance(terminal.app.screen, ReplanScreen), "the proposals' screen")
    screen = terminal.app.screen
    assert isinstance(screen, ReplanScreen)
    await terminal.until(lambda: not screen.says.startswith("Working"), "the proposals")
    return screen


async def test_a_late_room_is_compared_applied_and_taken_back(late_day: Suite) -> None:
    before = places(late_day)
    async with at_terminal(late_day.theatre, late_day.nurse) as terminal:
        screen = await asked(terminal, "OR1", "40")
        assert "OR1 runs 40 min late" in terminal.text
        assert "Planned" in terminal.text
        assert "Proposed" in terminal.text
        assert "Case 1002 in OR1 begins 40 min later: 09:00 → 09:40." in terminal.text
        assert "Tell Dr Brook (surgeon, 1002, 1003)." in terminal.text
        assert "Patient" not in terminal.text
        await terminal.press("enter")
        assert places(late_day) == before
        await terminal.press("down")
        assert screen.plan is screen.plans[1]
        chosen = screen.plans[1]
        await terminal.press("a")
        await terminal.until(lambda: isinstance(terminal.app.screen, BoardScreen), "the board")
        wanted = {one.number: (one.after.room, one.after.span.start) for one in chosen.proposal.moves if one.after}
        assert wanted
        assert places(late_day) == before | wanted
        await terminal.press("u")
        await terminal.until(lambda: places(late_day) == before, "what it was before")


async def test_an_emergency_is_placed_and_a_day_that_changed_is_said(late_day: Suite) -> None:
    case = late_day.case(surgeon="s1", urgency="emergency")
    async with at_terminal(late_day.theatre, late_day.nurse) as terminal:
        screen = await asked(terminal, str(case.number), "90", "no")
        assert f"Emergency: case {case.number}" in terminal.text
        assert "emergency in" in terminal.text
        other = find_case(late_day.theatre, "1004")
        booking.move(late_day.theatre, late_day.nurse, other.id, "OR3", at(15), 60)
        await terminal.press("a")
        assert case.number not in places(late_day)
        assert terminal.app.screen is screen
        await terminal.press("r")
        await terminal.until(
            lambda: screen.plans and not screen.is_stale and not screen.says.startswith("Work"), "anew"
        )
        await terminal.press("a")
        await terminal.until(lambda: case.number in places(late_day), "the emergency on the board")


async def test_an_emergency_goes_to_any_surgeon_by_one_digit(late_day: Suite) -> None:
    case = late_day.case(surgeon="s1", urgency="emergency")
    async with at_terminal(late_day.theatre, late_day.nurse) as terminal:
        screen = await asked(terminal, str(case.number), "20", "2")
        assert screen.plans[0].instead is not None
        other = screen.plans[0].instead.name
        said = f"Case {case.number} with {other} instead of Dr Stone."
        await terminal.until(lambda: said in terminal.text, "who operates")
        await terminal.press("a")
        await terminal.until(lambda: case.number in places(late_day), "the emergency on the board")
        assert find_case(late_day.theatre, str(case.number)).surgeon == other


async def test_what_is_late_for_nobody_is_said(late_day: Suite) -> None:
    async with at_terminal(late_day.theatre, late_day.nurse) as terminal:
        screen = await asked(terminal, "OR3", "40")
        assert "Nothing of OR3 is still to come" in screen.says
        await terminal.press("a")
        await terminal.press("escape")
        assert isinstance(terminal.app.screen, BoardScreen)
