"""The bars around a case: who is on the table, where the operation is, and what the cursor stands on."""

from collections.abc import Sequence

from textual.geometry import Region, Size

from ortool.presentation.pieces import Piece
from ortool.tui.lines import LineDrawn


class Lines(LineDrawn):
    """A few lines of pieces, as high as they are many. A line is repainted only when it changed."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[list[Piece]] = []

    def show(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Take new lines."""
        new = [list(line) for line in lines]
        if new == self._lines:
            return
        old, self._lines = self._lines, new
        if len(new) != len(old):
            self.refresh(layout=True)
            return
        width = self.size.width
        changed = [Region(0, y, width, 1) for y, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
        self.refresh(*changed)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are, one at least."""
        return max(1, len(self._lines))

    def pieces_at(self, y: int, width: int) -> tuple[list[Piece], bool]:
        """Return the pieces of one line."""
        return (self._lines[y] if y < len(self._lines) else []), False
