"""What the case screen does with a scan, and how it opens the construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortool.checklist.definition import ItemType
from ortool.checklist.records import State
from ortool.tui import case_questions, construct_questions
from ortool.tui.case_paper import is_direct_only
from ortool.tui.construct import ConstructScreen
from ortool.tui.construct_acting import construct_of

if TYPE_CHECKING:
    from ortool.tui.case import CaseScreen


def open_construct(screen: CaseScreen) -> None:
    """Open the construct of the case."""
    if not is_direct_only(screen) and screen.dossier and construct_of(screen):
        screen.app.push_screen(ConstructScreen(screen.dossier, screen.people))


def scanned(screen: CaseScreen, raw: str, on_purpose: bool) -> None:
    """Ask whether the line under the cursor is answered by this scan, or where the scanned implant goes.

    A scan that was not begun by a key or the site's prefix answers no line. An implant on a screw's line goes there.
    """
    item = screen.item_of(screen.row)
    if item is not None and item.type is ItemType.SCAN:
        if on_purpose:
            screen.start(lambda: case_questions.answer(screen, item, State.DONE, scanned=raw))
            return
        if screen.dossier and screen.dossier.plan and not screen.dossier.plan.checklist.implants:
            screen.say("Scanned without b: nothing was entered. Press b or Space first, then scan.", "warn")
            return
    construct = None if is_direct_only(screen) else construct_of(screen)
    if construct is not None:
        hint = construct_questions.cell_of_pause(construct, screen.row.pause) if screen.row else None
        screen.start(lambda: construct_questions.scanned(screen, raw, hint))
