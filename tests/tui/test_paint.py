"""What a key makes the program write to the terminal. Bytes are alike on every machine; CPU is measured by hand."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import CompositorUpdate

from ortool.people.person import Actor
from ortool.services import boards, people
from ortool.services.theatre import Theatre
from tests.benchmarks.screen_ticks import prepared
from tests.tui.driver import Terminal, at_terminal

LIMIT = 1_000  # bytes a key
KEYS = 7


class Ink:
    """Counts what would be written to an ordinary terminal of 256 colours."""

    def __init__(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paints: list[int] = []
        console = terminal.app.console
        monkeypatch.setattr(console, "_color_system", ColorSystem.EIGHT_BIT)
        monkeypatch.setattr(terminal.app, "_display", lambda _, update: self.take(console, update))

    def take(self, console: Console, update: object) -> None:
        """Count one paint."""
        if isinstance(update, CompositorUpdate):
            self.paints.append(len(update.render_segments(console).encode()))

    def used(self) -> int:
        """Return the bytes since the last call."""
        written = sum(self.paints)
        self.paints.clear()
        return written


@pytest.fixture
def forty(tmp_path: Path) -> Iterator[tuple[Theatre, int]]:
    """A theatre and the number of its case with forty items and eight clocks."""
    theatre, case_id = prepared(tmp_path)
    yield theatre, next(one.case.number for one in boards.day_board(theatre).all_cases if one.case.id == case_id)
    theatre.close()


@pytest.mark.parametrize("key", ["space", "down"])
async def test_a_key_writes_less_than_a_kilobyte(
    forty: tuple[Theatre, int], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theatre, number = forty
    async with at_terminal(theatre, Actor(people.list_people(theatre, "circulating_nurse")[0])) as terminal:
        await terminal.opens(number)
        await terminal.goes_to("Item 1 1, as long as a prompt")
        ink, used = Ink(terminal, monkeypatch), []
        for _ in range(KEYS):
            await terminal.press(key)
            await terminal.saved()
            await terminal.pilot.pause(0.05)
            used.append(ink.used())
        assert 0 < median(used) <= LIMIT, used


async def test_nothing_is_painted_where_nothing_is_seen(
    forty: tuple[Theatre, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    theatre, number = forty
    async with at_terminal(theatre, None) as terminal:
        case = await terminal.opens(number)
        await terminal.until(lambda: case.dossier, "the case")
        await terminal.pilot.pause(0.3)
        ink, painted = Ink(terminal, monkeypatch), []
        for _ in range(5):
            terminal.app.tell_screens()
            await terminal.pilot.pause(0.1)
            painted.append(ink.used())
        assert median(painted) == 0, painted
