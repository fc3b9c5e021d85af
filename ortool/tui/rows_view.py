"""Rows as one line-drawn list with a cursor and its own scroll bar: cheap to move in, whatever its length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive

from ortool.presentation.pieces import Piece
from ortool.presentation.scroll_bar import bar, top_at
from ortool.tui.lines import LineDrawn

if TYPE_CHECKING:
    from ortool.tui.app import OrtoolApp

STEP = 3  # rows: the next line to rest on, beyond a heading or two


class Row(Protocol):
    """What a row must say of itself to be drawn here."""

    @property
    def key(self) -> Any: ...
    @property
    def can_rest(self) -> bool: ...
    @property
    def is_open(self) -> bool: ...
    def pieces(self, width: int) -> Sequence[Piece]: ...


class RowsView(LineDrawn, can_focus=True):
    """Rows with a cursor that rests only where something can be done.

    The bar beside rows that do not all fit is the last cell of each line: a widget of its own would cut every line in
    two, at every key.
    """

    KIND = "rows"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False, priority=True),
        Binding("down,j", "step(1)", "Down", show=False, priority=True),
        Binding("pageup", "step(-10)", "Page up", show=False, priority=True),
        Binding("pagedown", "step(10)", "Page down", show=False, priority=True),
        Binding("home", "edge(-1)", "First", show=False, priority=True),
        Binding("end", "edge(1)", "Last", show=False, priority=True),
    ]

    app: OrtoolApp

    cursor: reactive[int] = reactive(0, repaint=False)
    """The row under the cursor."""

    class Moved(Message):
        """The cursor rests on another row."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    def __init__(self, id: str | None = None, tells: bool = True) -> None:
        """`tells`: each step of the cursor is told as `Moved`; whoever watches the cursor itself needs no message."""
        super().__init__(id=id)
        self._tells = tells
        self.rows: list[Any] = []
        self.top = 0
        self.is_held = False
        self._unpainted: set[int] = set()

    @property
    def row(self) -> Any:
        """The row under the cursor, None in an empty list."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def hold(self) -> None:
        """Paint no step of the cursor until rows are shown again: what is about to change is painted once."""
        self.is_held = True

    def show(self, rows: Sequence[Row]) -> None:
        """Take new rows; the cursor stays on the same thing. Only changed lines are painted again."""
        self.is_held = False
        before, key = self.rows, self.row.key if self.row else None
        self.rows = list(rows)
        self.scroll_rows(self.top)
        place = self._place_of(key)
        if place is None or not self.rows[place].can_rest:
            self.cursor = self._nearest(self.cursor if before else 0)
        elif place != self.cursor:
            self.cursor = place
        if len(before) != len(self.rows):
            self.refresh()
        else:
            pairs = enumerate(zip(before, self.rows, strict=True))
            changed = {index for index, (old, new) in pairs if old is not new and old != new}
            self._refresh_rows(changed | self._unpainted)
        self._follow_cursor()

    def _place_of(self, key: Any) -> int | None:
        """Return where the row with this key is; mostly it is where the cursor is."""
        row = self.row
        if row is not None and row.key == key:
            return self.cursor
        return next((i for i, row in enumerate(self.rows) if row.key == key), None)

    def _nearest(self, index: int) -> int:
        """Return the first open row where the list is new, else the resting row nearest to where the cursor was."""
        if not index:
            return self.first_open(0) or next((i for i, row in enumerate(self.rows) if row.can_rest), 0)
        resting = [i for i, row in enumerate(self.rows) if row.can_rest]
        return min(resting, key=lambda i: abs(i - index), default=0)

    def first_open(self, after: int) -> int | None:
        """Return the first open row from `after` on, None where everything there is closed."""
        return next((i for i in range(after, len(self.rows)) if self.rows[i].can_rest and self.rows[i].is_open), None)

    def go_on(self) -> None:
        """Move to the next open row; stay where there is none."""
        following = self.first_open(self.cursor + 1)
        if following is not None:
            self.cursor = following

    def go_to(self, key: Any) -> bool:
        """Put the cursor on the row with this key. Returns whether there is one."""
        for index, row in enumerate(self.rows):
            if row.key == key:
                self.cursor = index
                return True
        return False

    @property
    def bar(self) -> Sequence[Piece]:
        """The scroll bar's piece of each line, nothing where all rows are in sight."""
        return bar(len(self.rows), self.size.height, self.top, self.app.ascii_only)

    def segments_at(self, y: int, width: int) -> list[Segment]:
        """Return the segments of one line, with the bar's at its end."""
        end = [Segment(piece.text, self.look.of(piece.role)) for piece in self.bar[y : y + 1]]
        return self.row_segments(y, width - len(end)) + end

    def row_segments(self, y: int, width: int) -> list[Segment]:
        """Return the segments of one line beside the bar."""
        return super().segments_at(y, width)

    def pieces_at(self, y: int, width: int) -> tuple[Sequence[Piece], bool]:
        """Return the pieces of one line."""
        index = y + self.top
        if index >= len(self.rows):
            return [], False
        return self.rows[index].pieces(width), index == self.cursor and self.marks_row

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are rows."""
        return len(self.rows)

    def scroll_rows(self, top: int) -> bool:
        """Show the rows from `top` on, as far as there are any. Returns whether anything moved."""
        top = max(0, min(top, len(self.rows) - self.size.height))
        if top == self.top:
            return False
        self.top = top
        self.refresh()
        return True

    @property
    def marks_row(self) -> bool:
        """Whether the row under the cursor is shown as such."""
        return self.has_focus

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor inside the rows."""
        return max(0, min(cursor, len(self.rows) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows, keep the new one in sight with its heading, tell the screen."""
        self._unpainted |= {old, new}
        if not self.is_held:
            self._refresh_rows(self._unpainted)
            self._follow_cursor()
        if self._tells and self.row is not None:
            self.post_message(self.Moved(self.row))

    def keep_in_sight(self) -> None:
        """Scroll to the row under the cursor where it is out of sight."""
        self._keep_in_sight(self.cursor)

    def _follow_cursor(self) -> None:
        if not self._unpainted:
            return
        is_step = max(self._unpainted) - min(self._unpainted) <= STEP
        self._unpainted.clear()
        self._keep_in_sight(self.cursor, is_step)

    def on_focus(self) -> None:
        """Show the cursor."""
        self._refresh_rows([self.cursor])

    def on_resize(self) -> None:
        """Keep the cursor in sight in the new size."""
        self.scroll_rows(self.top)
        self._keep_in_sight(self.cursor)

    def row_under(self, event: events.MouseEvent) -> int | None:
        """Return which row the mouse is on, None beside them and on the bar."""
        index = event.y + self.top
        is_beside = self.bar and event.x >= self.size.width - 1
        return index if 0 <= index < len(self.rows) and not is_beside else None

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was."""
        index = self.row_under(event)
        if index is not None and self.rows[index].can_rest:
            self.cursor = index

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll; the cursor stays where it is."""
        if self.scroll_rows(self.top + round(self.app.scroll_sensitivity_y)):
            event.stop()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll; the cursor stays where it is."""
        if self.scroll_rows(self.top - round(self.app.scroll_sensitivity_y)):
            event.stop()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the bar."""
        if self.bar and event.x >= self.size.width - 1:
            self.capture_mouse()
            self.scroll_rows(top_at(len(self.rows), self.size.height, event.y))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the bar along."""
        if self.app.mouse_captured is self:
            self.scroll_rows(top_at(len(self.rows), self.size.height, event.y))

    def on_mouse_up(self) -> None:
        """Let go of the bar."""
        self.release_mouse()

    def action_step(self, by: int) -> None:
        """Move by so many rows that it may rest on."""
        direction = 1 if by > 0 else -1
        place = self.cursor
        for _ in range(abs(by)):
            index = place + direction
            while 0 <= index < len(self.rows) and not self.rows[index].can_rest:
                index += direction
            if not 0 <= index < len(self.rows):
                break
            place = index
        self.cursor = place

    def action_edge(self, side: int) -> None:
        """Move to the first or the last row that it may rest on."""
        order = range(len(self.rows)) if side < 0 else range(len(self.rows) - 1, -1, -1)
        self.cursor = next((i for i in order if self.rows[i].can_rest), self.cursor)

    def _refresh_rows(self, indices: Iterable[int]) -> None:
        (width, height), top = self.size, self.top
        regions = [Region(0, index - top, width, 1) for index in indices if top <= index < top + height]
        if regions:
            self.refresh(*regions)

    def _keep_in_sight(self, index: int, is_step: bool = False) -> None:
        """Turn the page where a step leaves it, with a third of it kept: few steps paint a whole page."""
        if not self.rows or not self.size.height:
            return
        heading = index
        while heading > 0 and index - heading < 2 and not self.rows[heading - 1].can_rest:
            heading -= 1
        top, height = self.top, self.size.height
        if heading < top:
            self.scroll_rows(index - height + height // 3 if is_step else heading)
        elif index + 2 > top + height:
            self.scroll_rows(heading - height // 3 if is_step else min(index, index + 3 - height))
