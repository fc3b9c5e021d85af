"""The week with keys only: pick, carry, a clash told, the next gap, drop, swap, put back, take back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

from ortool.caselog.case import Slot
from ortool.presentation.week_day import place_words
from ortool.services import setup
from ortool.services.boards import case_list
from ortool.services.theatre import Theatre
from ortool.tui.board import BoardScreen
from ortool.tui.forms import Form
from ortool.tui.rows_view import RowsView
from tests.tui.a_week import MONDAY, coordinator, waits, with_a_waiting_list
from tests.tui.conftest import SAMPLE
from tests.tui.driver import Terminal, at_terminal

Sitting = tuple[Terminal, Any]


@asynccontextmanager
async def at_the_week(theatre: Theatre, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Sitting]:
    """Open the week from the board."""
    async with at_terminal(theatre, coordinator(theatre), size) as terminal:
        await terminal.press("W")
        await terminal.until(lambda: getattr(terminal.app.screen, "week", None) is not None, "the week")
        yield terminal, terminal.app.screen


async def tried(terminal: Terminal, week: Any) -> str:
    """Wait until the place of what is carried was tried, and return what is said of it."""
    await terminal.until(lambda: week.carried is not None and week.carried.fits is not None, "the place tried")
    return str(week.carried.words)


async def goes_to_slot(terminal: Terminal, week: Any, number: int) -> None:
    """Find a case by its number."""
    await terminal.press("slash")
    await terminal.form(str(number))
    await terminal.until(lambda: week.slot and week.slot.case.number == number, f"slot {number}")


def standing(theatre: Theatre, number: int) -> Slot | None:
    """Return the slot of a case as it is stored."""
    found = next(slot for case, slot in case_list(theatre) if case.number == number)
    return found if found and not found.cancelled else None


def place(theatre: Theatre, number: int) -> str:
    """Return where a case is stored to be."""
    slot = standing(theatre, number)
    return place_words(slot, SAMPLE.zone) if slot else ""


async def test_a_schedulers_morning(sample: Theatre) -> None:
    first, _ = with_a_waiting_list(sample)
    async with at_the_week(sample) as (terminal, week):
        assert "2 cases wait, 1 OVERDUE" in terminal.text
        await terminal.press("right", "down", "shift+tab")
        assert week.waits.case.number == first.number
        await terminal.press("enter")
        assert "It fits" in await tried(terminal, week)
        await terminal.press("right", "up")
        told = await tried(terminal, week)
        assert "does NOT fit" in terminal.text
        assert "The nearest start that works is" in told
        assert place(sample, first.number) == ""
        await terminal.press("enter")
        await terminal.until(lambda: week.told, "a refused drop")
        assert week.carried
        await terminal.press("n")
        assert "It fits" in await tried(terminal, week)
        was = week.carried
        await terminal.press("plus", "full_stop", "minus")
        await tried(terminal, week)
        assert week.carried.start - was.start == timedelta(minutes=5)
        await terminal.press("n")
        assert "It fits" in await tried(terminal, week)
        wanted = f"{week.carried.room} on {week.carried.start.astimezone(SAMPLE.zone):%a %d %b at %H:%M}"
        await terminal.press("enter")
        await terminal.until(lambda: week.carried is None, "put down")
        assert place(sample, first.number) == wanted
        await terminal.until(lambda: week.slot and week.slot.case.number == first.number, "the cursor on it")
        await terminal.press("r")
        await terminal.form("not fasted", "")
        await terminal.until(lambda: len(week.waiting) == 2, "it waits again")
        assert place(sample, first.number) == ""
        await terminal.press("u")
        await terminal.until(lambda: len(week.waiting) == 1, "taken back")
        assert place(sample, first.number) == wanted


async def test_two_cases_are_exchanged_after_a_preview_and_taken_back_from_the_board(sample: Theatre) -> None:
    with_a_waiting_list(sample)
    before = place(sample, 1031), place(sample, 1032)
    async with at_the_week(sample) as (terminal, week):
        await goes_to_slot(terminal, week, 1031)
        await terminal.press("s", "down")
        await terminal.until(lambda: "1032 to" in week.told, "a preview")
        assert (place(sample, 1031), place(sample, 1032)) == before
        await terminal.press("s")
        await terminal.until(lambda: week.swapping is None and place(sample, 1031) != before[0], "exchanged")
        await terminal.press("escape", "escape")
        assert isinstance(terminal.app.screen, BoardScreen)
        await terminal.press("u")
        await terminal.until(lambda: (place(sample, 1031), place(sample, 1032)) == before, "taken back")


async def test_a_case_is_put_back_held_confirmed_and_cancelled(sample: Theatre) -> None:
    first, second = with_a_waiting_list(sample)
    async with at_the_week(sample) as (terminal, week):
        await goes_to_slot(terminal, week, 1031)
        was = place(sample, 1031)
        await terminal.press("enter", "right", "escape")
        await terminal.until(lambda: week.carried is None and week.slot, "put back")
        assert place(sample, 1031) == was
        await terminal.press("slash")
        await terminal.form(str(first.number))
        await terminal.until(lambda: week.waits and week.waits.case.number == first.number, "it on the list")
        await terminal.press("space")
        await tried(terminal, week)
        await terminal.press("H")
        await terminal.until(lambda: week.slot and week.slot.slot.held, "held")
        assert "HELD" in terminal.text
        await terminal.press("c")
        await terminal.until(lambda: week.slot and not week.slot.slot.held, "confirmed")
        await terminal.press("H")
        await terminal.until(lambda: week.slot and week.slot.slot.held, "held again")
        await terminal.press("x")
        await terminal.form("XF03", "")
        await terminal.until(lambda: standing(sample, first.number) is None, "cancelled")
        await terminal.press("slash")
        await terminal.form(str(second.number))
        await terminal.until(lambda: week.waits and week.waits.case.number == second.number, "the other on the list")
        await terminal.press("x")
        await terminal.form("XF03", "")
        await terminal.until(lambda: not week.waiting, "cancelled while it waited")
        await terminal.press("u")
        await terminal.until(lambda: len(week.waiting) == 1, "it waits again")


async def test_a_frozen_slot_moves_only_with_a_reason(sample: Theatre) -> None:
    sample.settings = SAMPLE.model_copy(update={"freeze_hours": 48})
    with_a_waiting_list(sample)
    async with at_the_week(sample) as (terminal, week):
        await goes_to_slot(terminal, week, 1031)
        was = place(sample, 1031)
        await terminal.press("enter", "n")
        await tried(terminal, week)
        await terminal.press("enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "why")
        await terminal.press("escape")
        assert place(sample, 1031) == was
        assert week.carried
        await terminal.press("enter")
        await terminal.form("staff")
        await terminal.until(lambda: place(sample, 1031) != was, "moved")


async def test_the_weeks_edges(sample: Theatre) -> None:
    async with at_the_week(sample) as (terminal, week):
        assert "No case waits" in terminal.text
        await terminal.press("right_square_bracket", "right_square_bracket")
        await terminal.until(lambda: week.week.days[0] == date(2026, 12, 7), "an empty week")
        assert "0%" in terminal.text
        await terminal.press("tab", "enter")
        assert week.carried is None
        await terminal.press("v", "g")
        await terminal.until(lambda: len(week.week.days) == 5 and week.week.days[0] == MONDAY, "this week, five days")
        await terminal.press("slash")
        await terminal.form("Mockwood")
        await terminal.until(lambda: week.slot and "Mockwood" in week.slot.case.surgeon, "a surgeon's slot")
        await terminal.press("slash")
        await terminal.form("OR3")
        await terminal.until(lambda: week.room == "OR3", "the room")
        await terminal.press("slash")
        await terminal.form("nobody at all")
        await terminal.until(lambda: "nobody at all" in week.told, "a sentence")


async def test_hostile_names_and_many_rooms_in_any_size(sample: Theatre) -> None:
    rooms = "".join(f'[[rooms]]\nid = "X{n}"\nname = "[/] room {n} {"手術" * 9}"\n' for n in range(16))
    setup.load_theatre(sample, setup.SYSTEM, setup.read_theatre_file(rooms, "rooms"))
    waits(sample, 7, "microdiscectomy", "sp2", levels="L4-5", side="left")
    async with at_the_week(sample, (60, 20)) as (terminal, week):
        for _ in range(19):
            await terminal.press("down")
        assert week.room == "X15"
        view = week.query_one("#rooms", RowsView)
        assert len(view.rows) == 40 > view.size.height
        for size in ((60, 20), (80, 24), (200, 60), (100, 30)):
            await terminal.pilot.resize_terminal(*size)
            await terminal.pilot.pause()
            assert " X15 " in terminal.text
            assert "[/] room 15" in terminal.text
            assert "1 case waits" in terminal.text
