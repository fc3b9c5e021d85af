"""What the case screen does with a scan, and how it opens the construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortool.tui import construct_questions
from ortool.tui.case_paper import is_direct_only
from ortool.tui.construct import ConstructScreen
from ortool.tui.construct_acting import construct_of

if TYPE_CHECKING:
    from ortool.tui.case import CaseScreen


def open_construct(screen: CaseScreen) -> None:
    """Open the construct of the case."""
    if not is_direct_only(screen) and screen.dossier and construct_of(screen):
        screen.app.push_screen(ConstructScreen(screen.dossier, screen.people))


def scanned(screen: CaseScreen, raw: str) -> None:
    """Ask where the scanned implant goes; on the lines of a screw, there."""
    construct = None if is_direct_only(screen) else construct_of(screen)
    if construct is not None:
        hint = construct_questions.cell_of_pause(construct, screen.row.pause) if screen.row else None
        screen.start(lambda: construct_questions.scanned(screen, raw, hint))
