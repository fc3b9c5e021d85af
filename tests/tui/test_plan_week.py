"""A week planned by keys alone: propose, mark, plan again, apply, take back; and what can come between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from ortool.schedule.recurrence import Series
from ortool.schedule.windows import EVERYWHERE, WindowKind
from ortool.services import booking, series
from ortool.services.boards import case_list
from ortool.services.journals import verify_journal
from ortool.services.plan_apart import Budget
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre
from ortool.services.waiting import waiting_list
from ortool.tui.plan_week import CHANGED, PlanScreen
from ortool.tui.week import WeekScreen
from tests.tui.a_plan import MONDAY, with_a_long_list
from tests.tui.a_week import waits
from tests.tui.driver import Terminal
from tests.tui.test_week_screen import at_the_week, place

QUICK = Budget(steps=60)
URGENT = "URGENT AND DUE"


@asynccontextmanager
async def before_the_plan(theatre: Theatre, budget: Budget = QUICK) -> AsyncIterator[tuple[Terminal, WeekScreen]]:
    """Open the week from 7 December, 80 by 24."""
    async with at_the_week(theatre) as (terminal, week):
        week.budget = budget
        await terminal.press("right_square_bracket", "right_square_bracket")
        await terminal.until(lambda: week.week.days[0] == MONDAY, "that week")
        yield terminal, week


@asynccontextmanager
async def at_the_plan(theatre: Theatre, budget: Budget = QUICK) -> AsyncIterator[tuple[Terminal, WeekScreen, Any]]:
    """Open the plan of that week and wait for its first plan; with a budget of changes, for its last."""
    async with before_the_plan(theatre, budget) as (terminal, week):
        await terminal.press("P")
        await terminal.until(lambda: isinstance(terminal.app.screen, PlanScreen), "the plan")
        screen: Any = terminal.app.screen
        await terminal.until(lambda: screen.plan and not (budget.steps and screen.is_searching), "a plan")
        yield terminal, week, screen


async def again(terminal: Terminal, screen: Any) -> None:
    """Plan again and wait for the end of it."""
    runs = screen.runs
    await terminal.press("r")
    await terminal.until(lambda: not screen.is_searching and (screen.runs > runs or screen.told), "another plan")


def where(screen: Any, number: int) -> str:
    """Return where the plan has a case: `OR2 07`; empty where it waits on."""
    return next((f"{one.room} {one.span.start:%d}" for one in screen.plan.placed if one.case == number), "")


async def goes_to(terminal: Terminal, screen: Any, pane: str, number: int) -> None:
    """Go to a case in one of the lists."""
    while screen.pane != pane:
        await terminal.press("tab")
    view = screen.query_one(f"#{pane}")
    row = next(row for row in view.rows if getattr(row, "one", None) and row.one.case.number == number)
    assert view.go_to(row.key)
    await terminal.until(lambda: screen.number == number, f"case {number}")


def urgent_of(theatre: Theatre) -> int:
    """Return the number of the urgent case, whose surgeon is away."""
    return next(one.case.number for one in waiting_list(theatre) if one.case.urgency == "urgent")


async def test_a_week_is_planned_marked_planned_again_applied_and_taken_back(sample: Theatre) -> None:
    with_a_long_list(sample, 13)
    waited = len(waiting_list(sample))
    async with at_the_plan(sample) as (terminal, week, screen):
        sentence = f"no plan has more than {round(screen.plan.bound)}"
        await terminal.until(lambda: sentence in terminal.text and f"1 {URGENT}" in terminal.text, "how good it is")
        assert (screen.room, screen.day) == (week.room, week.day)  # where it was, though nothing is new there
        assert not screen.cells[screen.room, screen.day].new
        kept, moved = (one.case for one in screen.plan.placed[:2])
        here, away = where(screen, kept), where(screen, moved)
        await goes_to(terminal, screen, "placed", kept)
        await terminal.press("f")
        await terminal.until(lambda: "fixed" in terminal.text, "the mark")
        assert screen.unmet == []
        await goes_to(terminal, screen, "placed", moved)
        await terminal.press("x")
        await terminal.until(lambda: "NOT here" in terminal.text, "the other mark")
        await terminal.press("a")
        await terminal.until(lambda: "does not keep what is marked" in screen.told, "a refusal")
        await again(terminal, screen)
        assert (where(screen, kept), where(screen, moved) != away) == (here, True)
        count = len(screen.plan.placed)
        await terminal.press("a")
        await terminal.until(lambda: f"{count} slots booked; u takes all of it back." in terminal.text, "the week")
        assert terminal.app.screen is week
        assert len(waiting_list(sample)) == waited - count
        assert place(sample, kept)
        await terminal.press("u")
        await terminal.until(lambda: len(week.waiting) == waited, "all taken back")
        assert place(sample, kept) == ""
        assert verify_journal(sample).faults == []


async def test_a_stopped_search_keeps_its_best_and_marks_outlive_the_screen(sample: Theatre) -> None:
    with_a_long_list(sample)
    async with at_the_plan(sample, Budget(seconds=600.0)) as (terminal, week, screen):
        assert screen.is_searching
        await terminal.until(lambda: "of 600 s" in terminal.text, "how long")
        await terminal.press("a")
        await terminal.until(lambda: "The search goes on" in screen.told, "a refusal")
        await terminal.press("s")
        await terminal.until(lambda: not screen.is_searching, "the end")
        assert screen.plan.score.key >= screen.plan.baseline.key
        number = screen.plan.placed[0].case
        await goes_to(terminal, screen, "placed", number)
        for key, words in (("x", "not "), ("x", ""), ("f", "fixed to "), ("f", ""), ("f", "fixed to ")):
            await terminal.press(key)
            await terminal.until(lambda words=words: screen.marks.words(number)[: len(words) or None] == words, key)
        await terminal.press("r")
        shown = "Shown meanwhile: the plan before", "Shown: the best plan so far"
        await terminal.until(lambda: any(words in terminal.text for words in shown), "which plan is shown")
        assert "the first plan" not in terminal.text
        await terminal.press("escape")
        await terminal.until(lambda: terminal.app.screen is week, "the week")
        await terminal.press("P")
        await terminal.until(lambda: isinstance(terminal.app.screen, PlanScreen), "the plan again")
        other: Any = terminal.app.screen
        assert [one.case for one in other.marks.pins] == [number]
        assert other.marks.forbidden == ()
        await terminal.until(lambda: other.plan and f"1 mark: {number} fixed" in terminal.text, "that it is marked")
        await terminal.press("c")
        await terminal.until(lambda: f"1 mark taken back: {number} fixed to" in terminal.text, "what was taken back")
        assert other.marks.count == 0
        await terminal.press("c")
        await terminal.until(lambda: "Nothing is marked" in other.told, "nothing to take back")
        process = other.search._process
        await terminal.press("escape")
        await terminal.until(lambda: process.returncode is not None, "the search given up")


async def test_a_schedule_that_changed_meanwhile_is_planned_again_before_anything_is_booked(sample: Theatre) -> None:
    with_a_long_list(sample, 6)
    before = len(waiting_list(sample))
    async with at_the_plan(sample) as (terminal, week, screen):
        other = next(case for case, _ in case_list(sample) if case.number == 1031)
        seen = terminal.app.watcher.shown.version
        booking.hold(sample, SYSTEM, other.id)
        first = screen.plan.placed[0]
        await terminal.until(lambda: terminal.app.watcher.shown.version != seen, "a change of another week")
        assert not screen.is_stale
        booking.book(sample, SYSTEM, first.case_id, first.room, first.span.start, 60)
        await terminal.until(lambda: screen.is_stale, "stale")
        await terminal.until(
            lambda: "STALE: the schedule has changed since; r plans again" in terminal.text, "that it is"
        )
        await terminal.until(lambda: CHANGED in " ".join(terminal.text.split()), "why a does nothing")
        await terminal.press("a")
        await terminal.until(lambda: "older than the schedule" in screen.told, "a refusal")
        assert len(waiting_list(sample)) == before - 1
        await again(terminal, screen)
        assert not screen.is_stale
        assert where(screen, first.case) == ""
        await terminal.press("a")
        await terminal.until(lambda: terminal.app.screen is week and "slots booked" in terminal.text, "booked")
        # What was booked is the planner's change only: the other one stands.
        await terminal.press("u")
        await terminal.until(lambda: len(week.waiting) == before - 1, "taken back")


async def test_marks_that_cannot_be_kept_are_told_and_nothing_is_lost(sample: Theatre) -> None:
    with_a_long_list(sample, 9)
    number = urgent_of(sample)
    async with at_the_plan(sample) as (terminal, _, screen):
        plan = screen.plan
        await goes_to(terminal, screen, "waiting", number)
        await terminal.press("x")
        await terminal.until(lambda: "lies nowhere" in screen.told, "no place to forbid")
        await terminal.press("f")
        await terminal.form("OR2", "Mon 07")
        await terminal.until(lambda: screen.marks.pins, "a pin")
        assert "fixed to OR2 on Mon 07 Dec" in terminal.text
        await again(terminal, screen)
        assert f"Case {number} cannot lie where it is fixed" in screen.told
        assert screen.plan is plan
        assert screen.marks.pins
        await terminal.press("f")
        await terminal.until(lambda: not screen.marks.pins, "no pin")
        await terminal.press("backspace")
        await terminal.until(lambda: "Nothing is marked" in screen.told, "nothing to take back")
        standing = next(one for row in screen.cells.values() for one in row.before.slots)
        await terminal.press("tab", "tab")
        screen.go("OR2", date(2026, 12, 7))
        await terminal.press("enter")
        await goes_to(terminal, screen, "day", standing.case.number)
        await terminal.press("x")
        await terminal.until(lambda: "is booked already" in screen.told, "what stands stays")


async def test_nothing_to_plan_is_said_in_the_week(sample: Theatre) -> None:
    async with before_the_plan(sample) as (terminal, week):
        await terminal.press("P")
        await terminal.until(lambda: "Nobody waits for a slot" in week.told, "nobody")
        case = waits(sample, 1, "microdiscectomy", "sp2", levels="L4-5", side="left")
        series.set_series(
            sample,
            SYSTEM,
            Series("", WindowKind.CLOSURE, EVERYWHERE, MONDAY, "00:00", "24:00", rule="FREQ=DAILY;COUNT=5"),
        )
        await terminal.until(lambda: [one.case.id for one in week.waiting] == [case.id], "a case that waits")
        await terminal.press("P")
        await terminal.until(lambda: "No block and no room is open" in week.told, "no blocks")
        await terminal.press("g", "left_square_bracket")
        await terminal.until(lambda: week.week.days[0] < date(2026, 11, 23), "last week")
        await terminal.press("P")
        await terminal.until(lambda: "These days are past" in week.told, "past days")
        assert terminal.app.screen is week


async def test_a_plan_that_places_everybody_or_nobody(sample: Theatre) -> None:
    away = Series("", WindowKind.LEAVE, "person:sp1", MONDAY, "00:00", "24:00", rule="FREQ=DAILY;COUNT=7")
    series.set_series(sample, SYSTEM, away)
    waits(sample, 1, "microdiscectomy", "sp1", levels="L4-5", side="left")
    async with at_the_plan(sample) as (terminal, week, screen):
        await terminal.until(lambda: "Placed: 0" in terminal.text, "nobody placed")
        await terminal.press("a")
        await terminal.until(lambda: "places nobody" in screen.told, "nothing to book")
        await terminal.press("escape")
        waits(sample, 2, "microdiscectomy", "sp2", levels="L4-5", side="left")
        other = next(one.case for one in waiting_list(sample) if one.case.surgeon_id == "sp1")
        booking.cancel(sample, SYSTEM, other.id, "asked to")
        await terminal.until(lambda: len(week.waiting) == 1, "another list")
        await terminal.press("P")
        await terminal.until(lambda: isinstance(terminal.app.screen, PlanScreen), "the plan")
        full: Any = terminal.app.screen
        await terminal.until(lambda: full.plan and not full.is_searching, "planned")
        await terminal.until(lambda: "Placed: 1 · Tab: Nobody waits on" in terminal.text, "everybody placed")
        assert full.query_one("#waiting").rows[0].words == " Everybody who waits is placed."
