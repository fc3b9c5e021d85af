"""A whole pause on one page, with the item that is asked now in a box."""

from collections.abc import Iterable, Sequence

from textual import events

from ortool.presentation.pause_page import PageLine, page_lines
from ortool.presentation.pieces import Piece
from ortool.tui.rows_view import RowsView


class PauseView(RowsView):
    """Rows of one pause; the row under the cursor is drawn as a box, so any move draws the page anew."""

    bar: Sequence[Piece] = ()
    """No bar: the page follows the box."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, tells=False)
        self.asked: list[str] = []
        self.ending = Piece("", "plain")
        self._page: list[PageLine] = []

    def ask(self, asked: Sequence[str], ending: Piece) -> None:
        """Say under the boxed item who asks and who answers, and below the page how the pause stands."""
        if (list(asked), ending) != (self.asked, self.ending):
            self.asked, self.ending = list(asked), ending
            self._lay_out()

    def _lay_out(self) -> None:
        width, height = self.size.width, self.size.height
        page = page_lines(self.rows, self.cursor, self.asked, max(20, width), height - 1)
        first = next((i for i, line in enumerate(page) if line.row == self.cursor), 0)
        start = max(0, min(first - 2, len(page) - (height - 1)))
        self._page = page[start : start + height - 1]
        self.refresh()

    def pieces_at(self, y: int, width: int) -> tuple[Sequence[Piece], bool]:
        """Return the pieces of one line of the page; how the pause stands is its last."""
        if y == self.size.height - 1:
            return [self.ending], False
        return (self._page[y].pieces if y < len(self._page) else ()), False

    def row_under(self, event: events.MouseEvent) -> int | None:
        """Return which row the line under the mouse belongs to."""
        return self._page[event.y].row if 0 <= event.y < len(self._page) else None

    def scroll_rows(self, top: int) -> bool:
        """Go to the next row or the one before, as the wheel turns: the page follows."""
        if top != self.top:
            self.action_step(1 if top > self.top else -1)
        return top != self.top

    def _refresh_rows(self, indices: Iterable[int]) -> None:
        self._lay_out()

    def _keep_in_sight(self, index: int, is_step: bool = False) -> None:
        self._lay_out()
