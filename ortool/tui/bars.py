"""The bars around a case: who is on the table, where the operation is, and what the cursor stands on."""

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from ortool.presentation.pieces import Piece
from ortool.tui.lines import ROLES, Look, strip_of


class Lines(Widget):
    """A few lines of pieces, as high as they are many. A line is repainted only when it changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{role}" for role in ROLES}

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.look = Look(self)
        self._lines: list[list[Piece]] = []

    def notify_style_update(self) -> None:
        """Another theme, other styles."""
        self.look.forget()
        super().notify_style_update()

    def show(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Take new lines."""
        new = [list(line) for line in lines]
        if new == self._lines:
            return
        old, self._lines = self._lines, new
        if len(new) != len(old):
            self.refresh(layout=True)
            return
        for y, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.refresh(Region(0, y, self.size.width, 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are, one at least."""
        return max(1, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        pieces = self._lines[y] if y < len(self._lines) else []
        return strip_of(self.look, pieces, self.size.width)
