"""`C` on the board writes a calendar file for the days and the audience that are asked for, and never a patient."""

from pathlib import Path

from ortool.people.person import Actor
from ortool.services.theatre import Theatre
from ortool.tui.forms import Form
from tests.tui.driver import at_terminal


async def test_the_board_writes_a_calendar_for_some_days_and_an_audience(
    sample: Theatre, nurse: Actor, tmp_path: Path
) -> None:
    out = tmp_path / "week.ics"
    async with at_terminal(sample, nurse) as terminal:
        await terminal.until(lambda: "1014" in terminal.text, "the board")
        await terminal.press("C")
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the question")
        for value in (str(out), "4", "named"):
            await terminal.type(value)
            await terminal.press("enter")
        await terminal.until(lambda: "One of busy, slot, team" in terminal.text, "the refusal of names")
        assert not out.exists()
        await terminal.type("busy")
        await terminal.press("enter")
        await terminal.until(out.exists, "the file")
    data = out.read_bytes()
    assert data.count(b"BEGIN:VEVENT") > 10
    assert b"case 10" not in data
