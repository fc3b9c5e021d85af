"""A person at the terminal, for journeys: presses keys, reads the screen, waits until what was entered is stored."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services.theatre import Theatre
from ortool.tui.app import OrtoolApp
from ortool.tui.board import BoardScreen
from ortool.tui.case import CaseScreen
from ortool.tui.forms import Form
from ortool.tui.rows_view import RowsView
from ortool.tui.who import WhoScreen

PATIENCE = 1_000


class Terminal:
    """The program as a person meets it."""

    def __init__(self, app: OrtoolApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and let the screen follow."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait until something is so."""
        for _ in range(PATIENCE):
            if condition():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"never: {what}\n{self.text}")

    async def type(self, text: str) -> None:
        """Put text into the focused field (a real keyboard takes 65 ms a key here)."""
        self.app.focused.value = text  # type: ignore[union-attr]
        await self.pilot.pause()

    @property
    def text(self) -> str:
        """What the screen says."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def rows(self) -> RowsView:
        """The list on the screen."""
        return self.app.screen.query_one(RowsView)

    async def form(self, *values: str) -> None:
        """Fill the open form field by field; an empty text leaves a field as it is."""
        await self.until(lambda: isinstance(self.app.screen, Form), "a form")
        form = self.app.screen
        for value in values:
            if value:
                await self.type(value)
            await self.press("enter")
        await self.until(lambda: self.app.screen is not form, f"the form taken with {values}")

    async def is_somebody(self, initials: str) -> None:
        """Answer who is at the terminal."""
        await self.until(lambda: isinstance(self.app.screen, WhoScreen), "the question who")
        await self.type(initials)
        await self.press("enter")
        await self.until(lambda: not isinstance(self.app.screen, WhoScreen), "somebody known")

    async def form_shown(self, words: str) -> None:
        """Wait for a form that says these words."""
        await self.until(lambda: isinstance(self.app.screen, Form) and words in self.text, words)

    async def goes_on(self) -> None:
        """Confirm what the open form asks."""
        await self.until(lambda: isinstance(self.app.screen, Form), "a question")
        form = self.app.screen
        await self.press("enter")
        await self.until(lambda: self.app.screen is not form, "the question answered")

    async def leave_form(self) -> None:
        """Leave the open form with Esc."""
        await self.until(lambda: isinstance(self.app.screen, Form), "a form")
        await self.press("escape")

    def row_of(self, title: str) -> Any:
        """Return the row with this title."""
        return next(row for row in self.rows.rows if row.title == title)

    async def goes_to(self, title: str) -> None:
        """Put the cursor where arrow keys would bring it."""
        assert self.rows.go_to(self.row_of(title).key)
        await self.pilot.pause()

    async def saved(self) -> None:
        """Wait until nothing is being saved any more."""
        screen = self.app.screen
        if isinstance(screen, CaseScreen):
            await self.until(lambda: not screen.saving, "everything saved")

    async def ticks(self, *titles: str) -> None:
        """Answer items done."""
        for title in titles:
            await self.goes_to(title)
            await self.press("space")
            await self.saved()

    async def ticks_without_waiting(self, title: str) -> None:
        """Press Space on a line and do not wait."""
        await self.goes_to(title)
        await self.press("space")

    def state_of(self, item: str) -> State:
        """Return what the stored run says of an item."""
        screen = self.app.screen
        assert isinstance(screen, CaseScreen)
        assert screen.dossier is not None
        assert screen.dossier.run is not None
        run = screen.dossier.run
        return run.state_of(run.plan.items[item], self.app.now())

    async def opens(self, case_number: int) -> CaseScreen:
        """Open a case of today from the board."""
        board = self.app.screen
        assert isinstance(board, BoardScreen)
        assert board.board is not None
        one = next(one for one in board.board.all_cases if one.case.number == case_number)
        assert self.rows.go_to(one.case.id)
        await self.press("enter")
        await self.until(lambda: isinstance(self.app.screen, CaseScreen) and self.app.screen.dossier, "the case")
        screen = self.app.screen
        assert isinstance(screen, CaseScreen)
        await self.until(lambda: screen.rows.rows or not screen.dossier.run, "its rows")  # type: ignore[union-attr]
        return screen


@asynccontextmanager
async def at_terminal(
    theatre: Theatre,
    actor: Actor | None,
    size: tuple[int, int] = (80, 24),
    steady: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Terminal]:
    """Sit down at a terminal of this size, on the day board of today; `steady` is the clock that an idle one counts."""
    app = OrtoolApp(lambda: theatre, actor=actor, steady=steady)
    async with app.run_test(size=size, notifications=True) as pilot:
        terminal = Terminal(app, pilot)
        await terminal.until(lambda: getattr(app.screen, "board", None) is not None, "the board")
        yield terminal
