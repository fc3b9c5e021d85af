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
    "now", "box",
}  # fmt: skip


def strip_of(widget: Widget, pieces: Iterable[Piece], width: int, cursor: bool = False) -> Strip:
    """Return pieces as a strip of exactly `width` cells, styled by the widget's component classes.

    Everything shown passes the sanitiser here once more, whatever it passed before. Neighbours that look the same are
    one segment: each costs the terminal some 25 bytes.
    """
    base = widget.get_component_rich_style("line--cursor" if cursor else "line--plain")
    segments = []
    for piece in pieces:
        style = base + _role_style(widget, piece.role, cursor)
        text = piece.text if piece.text.isascii() and piece.text.isprintable() else _shown(piece.text)
        segments.append(Segment(text, style))
    return Strip(segments).adjust_cell_length(width, base).simplify()


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
