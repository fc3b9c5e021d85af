"""What the keys do on a screen, read from the docstrings where they are bound."""

import inspect
import re
from textwrap import fill
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines
from ortool.tui.stepped import SteppedScreen

_ROW = re.compile(r"^\|(?!\s*(?:-|key\b))\s*(.+?)\s*\|\s*(.+?)\s*\|$")
KEY, WIDTH = 16, 70


class HelpScreen(SteppedScreen[None], ModalScreen[None]):
    """The keys of a screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,enter,q", "dismiss(None)", "Back")]

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self._about = screen
        self._lines = Lines(classes="form-words")

    def on_mount(self) -> None:
        """Show the keys: as lines, of which only those in sight are drawn."""
        rows = "\n".join([*keys_of(self._about), "", *keys_of(self.app)])
        self._lines.show([[Piece(row, "plain")] for row in rows.split("\n")])

    def compose(self) -> ComposeResult:
        """List the keys of the screen and those that work everywhere."""
        with Vertical(id="form"):
            yield Static(Content("Keys"), id="form-title", markup=False)
            with VerticalScroll(id="form-body"):
                yield self._lines
            yield Static(Content("Esc back"), id="form-keys", markup=False)


def keys_of(owner: object) -> list[str]:
    """Return the lines of the key table in a class's docstring."""
    rows = [_ROW.match(line.strip()) for line in (inspect.getdoc(type(owner)) or "").splitlines()]
    return [
        fill(row[2], WIDTH, initial_indent=f"{row[1]:<{KEY}} ", subsequent_indent=" " * (KEY + 1))
        for row in rows
        if row
    ]
