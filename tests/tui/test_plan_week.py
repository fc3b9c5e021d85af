"""A week planned by keys alone: propose, mark, plan again, apply, take back; and what can come between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ortool.services.journals import verify_journal
from ortool.services.plan_apart import Budget
from ortool.services.theatre import Theatre
from ortool.services.waiting import waiting_list
from ortool.tui.plan_week import PlanScreen
from ortool.tui.week import WeekScreen
from tests.tui.a_plan import MONDAY, with_a_long_list
from tests.tui.driver import Terminal
from tests.tui.test_week_screen import at_the_week, place

QUICK = Budget(steps=120)


@asynccontextmanager
async def at_the_plan(theatre: Theatre, budget: Budget = QUICK) -> AsyncIterator[tuple[Terminal, WeekScreen, Any]]:
    """Open the plan of the week from 7 December, 80 by 24."""
    async with at_the_week(theatre) as (terminal, week):
        week.budget = budget
        await terminal.press("right_square_bracket", "right_square_bracket")
        await terminal.until(lambda: week.week.days[0] == MONDAY, "that week")
        await terminal.press("P")
        await terminal.until(lambda: isinstance(terminal.app.screen, PlanScreen), "the plan")
        screen = terminal.app.screen
        if not budget.seconds or budget.steps:
            await planned(terminal, screen)
        yield terminal, week, screen


async def planned(terminal: Terminal, screen: Any) -> None:
    """Wait for the end of the search."""
    await terminal.until(lambda: screen.plan and not screen.is_searching, "a plan")


def where(screen: Any, number: int) -> str:
    """Return where the plan has a case: `OR2 07`; empty where it waits on."""
    return next((f"{one.room} {one.span.start:%d}" for one in screen.plan.placed if one.case == number), "")


async def goes_to_placed(terminal: Terminal, screen: Any, number: int) -> None:
    """Go to a case in the list of who is placed."""
    while screen.pane != "placed":
        await terminal.press("tab")
    case_id = next(one.case_id for one in screen.plan.placed if one.case == number)
    assert screen.query_one("#placed").go_to(case_id)
    await terminal.until(lambda: screen.number == number, f"case {number}")


async def test_a_week_is_planned_marked_planned_again_applied_and_taken_back(sample: Theatre) -> None:
    with_a_long_list(sample)
    waited = len(waiting_list(sample))
    async with at_the_plan(sample) as (terminal, week, screen):
        assert "no plan has more than" in terminal.text
        assert "1 URGENT AND DUE" in terminal.text
        assert "is not free together with a" in terminal.text
        kept, moved = (one.case for one in screen.plan.placed[:2])
        here, away = where(screen, kept), where(screen, moved)
        await goes_to_placed(terminal, screen, kept)
        await terminal.press("f")
        assert "fixed" in terminal.text
        assert screen.unmet == []
        await goes_to_placed(terminal, screen, moved)
        await terminal.press("x")
        assert "NOT here" in terminal.text
        await terminal.press("a")
        await terminal.until(lambda: "does not keep what is marked" in screen.told, "a refusal")
        await terminal.press("r")
        await planned(terminal, screen)
        assert (where(screen, kept), where(screen, moved) != away) == (here, True)
        count = len(screen.plan.placed)
        await terminal.press("a")
        await terminal.until(lambda: terminal.app.screen is week, "the week again")
        await terminal.until(lambda: f"{count} slots booked; u takes all of it back." in terminal.text, "the sentence")
        assert len(waiting_list(sample)) == waited - count
        assert place(sample, kept)
        await terminal.press("u")
        await terminal.until(lambda: len(week.waiting) == waited, "all taken back")
        assert place(sample, kept) == ""
        assert verify_journal(sample).faults == []
