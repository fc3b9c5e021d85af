"""What must stay in sight for as long as it holds: a line above every screen, whatever is done below it."""

from collections.abc import Sequence
from textwrap import wrap

from textual.app import App
from textual.screen import ModalScreen

from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines

MOST_LINES = 4


class Standing(Lines):
    """The lasting sentences, wrapped to the screen."""


def show_standing(app: App[int], sentences: Sequence[str]) -> None:
    """Put the sentences above every screen but a question; with none, take them away."""
    for screen in app.screen_stack:
        if isinstance(screen, ModalScreen) or not screen.is_mounted or not screen.children:
            continue
        bar = next(iter(screen.query(Standing)), None)
        if bar is None and sentences:
            bar = Standing(id="standing")
            screen.mount(bar, before=0)
        if bar is not None:
            width = max(20, screen.size.width - 2)
            words = [f" {line} " for sentence in sentences for line in wrap(sentence, width)[:MOST_LINES]]
            bar.display = bool(words)
            bar.show([[Piece(line.ljust(width + 2), "alarm")] for line in words])
