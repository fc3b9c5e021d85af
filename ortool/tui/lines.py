"""Pieces of text drawn as lines: the one place where presentation roles meet a widget's styles."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Self

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ortool.presentation.pieces import Piece
from ortool.text import clean

ROLES = {
    "phase", "heading", "complete", "override", "open", "hard", "done", "auto", "no", "na", "deferred", "stamp",
    "stamped", "saving", "title", "title-closed", "middle", "name", "id", "plain", "alarm", "warn", "clock",
    "running", "late", "over", "waiting", "skipped", "dim", "block", "block-over", "block-run", "block-done",
    "now", "box", "here", "track",
}  # fmt: skip


PALETTE = {f"{kind}--{role}" for kind in ("rows", "bars") for role in ROLES} | {"rows--cursor"}
"""The component classes of the program in which lines are drawn. On each widget, Textual would work them out anew as
each screen opens, and that takes longer than all else of it together."""


class Look:
    """The styles of a widget's roles. Textual forgets them at every refresh; here they stay until the theme changes."""

    def __init__(self, widget: LineDrawn) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, bool], Style] = {}
        self._background: Color | None = None

    def forget(self) -> None:
        """Look the styles up anew: the theme has changed."""
        self._styles.clear()
        self._background = None

    @property
    def background(self) -> Color:
        """The colour behind the widget's text."""
        if self._background is None:
            self._background = self._widget.background_colors[1]
        return self._background

    def of(self, role: str, cursor: bool = False) -> Style:
        """Return the style of a role, in the line under the cursor or in another one."""
        found = self._styles.get((role, cursor))
        if found is None:
            style = self._own(role)
            if cursor:
                style = self._own("cursor") + Style(bold=style.bold, underline=style.underline)
            found = self._styles[role, cursor] = self._widget.rich_style + style
        return found

    def _own(self, role: str) -> Style:
        """Return what a role adds to the style of the widget."""
        return self._widget.app.get_component_styles(f"{self._widget.KIND}--{role}").partial_rich_style


class LineDrawn(Widget):
    """A widget that is lines and nothing around them: no border, no padding.

    It keeps its lines until they are refreshed. Textual would put borders and padding around each line and look up the
    styles of both every time, which costs more than the line itself.
    """

    KIND = "bars"
    """Which styles of the palette its roles have: `bars` or `rows`."""

    def __init__(self, *children: Widget, **named: Any) -> None:
        super().__init__(*children, **named)
        self.look = Look(self)
        self._kept: dict[int, Strip] = {}
        self._kept_width = 0

    def pieces_at(self, y: int, width: int) -> tuple[Iterable[Piece], bool]:
        """Return the pieces of a line, and whether the cursor is on it; here an empty line."""
        return (), False

    def segments_at(self, y: int, width: int) -> list[Segment]:
        """Return the segments of a line, exactly `width` cells of them."""
        pieces, cursor = self.pieces_at(y, width)
        return segments_of(self.look, pieces, width, cursor)

    def notify_style_update(self) -> None:
        """Another theme, other styles."""
        self.look.forget()
        self._kept.clear()
        super().notify_style_update()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw lines anew: those of the regions, without any all of them."""
        if not regions:
            self._kept.clear()
        for region in regions:
            for y in region.line_range:
                self._kept.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_lines(self, y_start: int, line_count: int = 1) -> None:
        """Draw some lines anew."""
        self.refresh(Region(0, y_start, self._kept_width, line_count))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a part of the widget, each drawn once until it is refreshed."""
        width, kept = self.size.width, self._kept
        if width != self._kept_width:
            kept.clear()
            self._kept_width = width
        strips = [kept.get(y) or self.render_line(y) for y in crop.line_range]
        if crop.column_span != (0, width):
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Draw one line, through the filters that every line passes."""
        width = self._kept_width or self.size.width
        segments = self.segments_at(y, width)
        for line_filter in self.get_line_filters():
            segments = line_filter.apply(segments, self.look.background)
        strip = self._kept[y] = Strip(segments, width)
        return strip


def segments_of(look: Look, pieces: Iterable[Piece], width: int, cursor: bool = False) -> list[Segment]:
    """Return pieces as segments of `width` cells together, styled by the widget's component classes.

    Everything shown passes the sanitiser here once more, whatever it passed before. Neighbours that look the same are
    one segment: each costs the terminal some 25 bytes.
    """
    texts: list[str] = []
    styles: list[Style] = []
    for piece in pieces:
        style = look.of(piece.role, cursor)
        text = piece.text if piece.text.isascii() and piece.text.isprintable() else _shown(piece.text)
        if styles and styles[-1] == style:
            texts[-1] += text
        elif text:
            texts.append(text)
            styles.append(style)
    left = width - sum([len(text) if text.isascii() else cell_len(text) for text in texts])
    if left > 0:
        plain = look.of("plain", cursor)
        if styles and styles[-1] == plain:
            texts[-1] += " " * left
        else:
            texts.append(" " * left)
            styles.append(plain)
    segments = [Segment(text, style) for text, style in zip(texts, styles, strict=True)]
    return segments if left >= 0 else list(Strip(segments).crop(0, width))


@lru_cache(4096)
def _shown(text: str) -> str:
    """Return text as `clean` leaves it, with its leading and trailing spaces kept for the layout."""
    core = text.strip(" ")
    if not core:
        return text
    left = len(text) - len(text.lstrip(" "))
    right = len(text) - len(text.rstrip(" "))
    return " " * left + clean(core, 2_000) + " " * right
