"""Blocks, closures and leave on an 80×24 screen: listed, added, refused with the draft kept, cancelled, removed."""

from datetime import date, timedelta

from ortool.schedule.recurrence import Series
from ortool.schedule.windows import WindowKind
from ortool.services import booking, series
from ortool.tui.blocks import BlocksScreen
from tests.services.suite import Suite
from tests.tui.driver import Terminal, at_terminal

MONDAY = date(2026, 11, 23)


def stands(suite: Suite) -> list[Series]:
    return series.list_series(suite.theatre)


async def opened(terminal: Terminal) -> None:
    await terminal.press("B")
    await terminal.until(lambda: isinstance(terminal.app.screen, BlocksScreen), "the blocks")


async def test_a_block_is_added_a_day_is_cancelled_and_it_is_removed(suite: Suite) -> None:
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await opened(terminal)
        assert "a adds one" in terminal.text
        await terminal.press("a")
        await terminal.form("block", "or1", "Dr Stone", "mon,wed", "2026-11-23", "", "", "")
        await terminal.until(lambda: len(stands(suite)) == 1, "the block")
        await terminal.until(lambda: "Dr Stone" in terminal.text, "its line")
        shown = terminal.text
        assert "every Monday and Wednesday" in shown
        assert all(key in shown for key in ("a add", "x cancel a day", "r remove", "Esc back"))
        assert max(len(line) for line in shown.splitlines()) == 80
        await terminal.press("x")
        await terminal.form("2026-11-25")
        await terminal.until(lambda: stands(suite)[0].changes == {MONDAY + timedelta(days=2): None}, "the day")
        await terminal.until(lambda: "not 25 Nov 2026" in terminal.text, "its words")
        await terminal.press("r")
        await terminal.goes_on()
        await terminal.until(lambda: stands(suite) == [], "nothing")
        await terminal.press("escape")
        await terminal.until(lambda: not isinstance(terminal.app.screen, BlocksScreen), "the board")


async def test_what_is_refused_keeps_the_draft_and_a_closure_names_its_cases(suite: Suite) -> None:
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", suite.clock.now + timedelta(days=1), 60)
    taken = Series("", WindowKind.BLOCK, "room:OR1", MONDAY, "08:00", "16:00", owner="service:spine")
    series.set_series(suite.theatre, suite.nurse, taken)
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await opened(terminal)
        await terminal.press("a")
        await terminal.form("block", "OR1", "trauma", "", "2026-11-23", "", "12:00", "18:00")
        await terminal.form_shown("Theatre 1 belongs to spine")
        assert "trauma" in terminal.text
        await terminal.leave_form()
        assert len(stands(suite)) == 1
        await terminal.press("a")
        await terminal.form("closure", "", "", "", "2026-11-24", "", "00:00", "24:00")
        await terminal.until(lambda: len(stands(suite)) == 2, "the closure")
        await terminal.form_shown(f"{case.number} (OR1 24 Nov)")
        await terminal.goes_on()
        await terminal.until(lambda: "everywhere" in terminal.text, "the closure shown")
