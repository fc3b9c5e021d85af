"""The board is up before its forecast is, and tells it when it is there."""

import threading

import pytest
from textual.widgets import Static

from ortool.checklist.commands import StampMilestone
from ortool.services import booking, forecasts
from tests.services.suite import Suite
from tests.tui.driver import at_terminal


async def test_the_board_waits_for_no_forecast(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", suite.clock.now, 60)
    suite.clock.pass_time(minutes=45)
    suite.act(case, StampMilestone("PIR"))
    suite.clock.pass_time(minutes=10)
    may, compute = threading.Event(), forecasts.forecast_of

    def held(*asked: object) -> object:
        assert may.wait(10)
        return compute(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(forecasts, "forecast_of", held)
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await terminal.until(lambda: "1001" in terminal.text, "the board")
        assert terminal.app.screen.forecast is None
        # Another thread computes: the clerk still answers.
        assert await terminal.app.ask(terminal.app.verbs.today) == suite.clock.now.date()
        may.set()
        await terminal.until(lambda: terminal.app.screen.forecast is not None, "the forecast")
        assert "in slot" in terminal.text
        assert "late" in terminal.text
        assert "it began 45 min" in terminal.text


async def test_the_booking_form_says_what_such_a_case_takes(suite: Suite) -> None:
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await terminal.until(lambda: terminal.app.screen.board is not None, "the board")
        await terminal.press("b")
        await terminal.form_shown("Hospital number")
        for value in ("H1", "One", "", "none known", "small", "L4-5", "", "", "DS", "", "OR1", "", "15:00"):
            if value:
                await terminal.type(value)
            await terminal.press("enter")
        await terminal.type("70")
        said = terminal.app.screen.query_one("#check-minutes", Static)
        assert str(said.content).startswith("→ P50 60 P90 84 (n 0, few data) ")
