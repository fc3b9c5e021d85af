"""What is rendered, as a person sees it: lines of characters."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from ortool.caselog.board import Board, BoardCase
from ortool.caselog.milestones import CaseState
from tests.caselog.a_case import DAY, SLOT, at, case

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
GOLDEN = Path(__file__).parent / "golden"


def rendered(renderable: Any, width: int, console_width: int = 0) -> list[str]:
    """Return the lines that a console prints, without colour and trailing spaces."""
    out = io.StringIO()
    Console(file=out, width=console_width or width, color_system=None, legacy_windows=False).print(renderable)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def squeezed(lines: list[str]) -> str:
    """Return all characters without spaces, so that a wrapped text can be looked for."""
    return "".join("".join(lines).split())


def same_as_golden(name: str, text: str) -> bool:
    """Whether `text` is what the golden file holds; a file that is missing is written and fails once."""
    path = GOLDEN / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return False
    return path.read_text("utf-8") == text


def board_case(number: int = 1004, start: str = "08:00", end: str = "11:00", **changes: Any) -> BoardCase:
    """Return a case on the board; `came`, `left` are its actual times, `phase` and `grade` how far it is."""
    came, left = changes.pop("came", ""), changes.pop("left", "")
    progress = changes.pop("phase", ""), changes.pop("grade", "")
    slot = replace(SLOT, start=at(start), end=at(end))
    return BoardCase(
        case(number=number, **changes), slot, *progress, at(came) if came else None, at(left) if left else None
    )


def a_board(**changes: Any) -> Board:
    """Return a day with a case that runs late, one that waits, an empty room, and a room that is on no list."""
    running = board_case(
        came="08:07", phase="Closure", grade="over", state=CaseState.CLOSING, urgency="emergency", **changes
    )
    waiting = board_case(1005, "11:00", "12:30", state=CaseState.BOOKED, **changes)
    left = board_case(1003, "08:00", "09:00", state=CaseState.OUT_OF_ROOM, came="08:00", left="08:50", **changes)
    rooms = {"or1": "OR 1", "or2": "OR 2"}
    return Board(DAY.date(), at("11:20"), rooms, {"or1": (running, waiting), "or2": (), "old": (left,)})
