"""Pieces of text drawn as lines: the one place where presentation roles meet a widget's styles."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ortool.presentation.pieces import Piece
from ortool.text import clean

ROLES = {
    "phase", "heading", "complete", "override", "open", "hard", "done", "auto", "no", "na", "deferred", "stamp",
    "stamped", "saving", "title", "title-closed", "middle", "name", "id", "plain", "alarm", "warn", "clock",
    "running", "late", "over", "waiting", "skipped", "dim", "block", "block-over", "block-run", "block-done",
    "now", "box", "here",
}  # fmt: skip


class Look:
    """The styles of a widget's roles. Textual forgets them at every refresh; here they stay until the theme changes."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, bool], Style] = {}

    def forget(self) -> None:
        """Look the styles up anew: the theme has changed."""
        self._styles.clear()

    def of(self, role: str, cursor: bool = False) -> Style:
        """Return the style of a role, in the line under the cursor or in another one."""
        found = self._styles.get((role, cursor))
        if found is None:
            base = self._widget.get_component_rich_style("line--cursor") if cursor else self._widget.rich_style
            found = self._styles[role, cursor] = base + _role_style(self._widget, role, cursor)
        return found


def strip_of(look: Look, pieces: Iterable[Piece], width: int, cursor: bool = False) -> Strip:
    """Return pieces as a strip of exactly `width` cells, styled by the widget's component classes.

    Everything shown passes the sanitiser here once more, whatever it passed before. Neighbours that look the same are
    one segment: each costs the terminal some 25 bytes.
    """
    segments = []
    for piece in pieces:
        style = look.of(piece.role, cursor)
        text = piece.text if piece.text.isascii() and piece.text.isprintable() else _shown(piece.text)
        segments.append(Segment(text, style))
    return Strip(segments).adjust_cell_length(width, look.of("plain", cursor)).simplify()


def _shown(text: str) -> str:
    """Return text as `clean` leaves it, with its leading and trailing spaces kept for the layout."""
    core = text.strip(" ")
    if not core:
        return text
    left = len(text) - len(text.lstrip(" "))
    right = len(text) - len(text.rstrip(" "))
    return " " * left + clean(core, 2_000) + " " * right


def _role_style(widget: Widget, role: str, cursor: bool) -> Style:
    style = widget.get_component_rich_style(f"line--{role}", partial=True)
    return Style(bold=style.bold, underline=style.underline) if cursor else style
