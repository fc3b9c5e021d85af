"""The rooms of a planned week, with a day under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events

from ortool.presentation.week_grid import ROOM, cell_widths
from ortool.tui.rows_view import RowsView

if TYPE_CHECKING:
    from ortool.tui.plan_week import PlanScreen


class PlanGrid(RowsView):
    """The rooms; the day under the cursor is marked in the row itself."""

    @property
    def marks_row(self) -> bool:
        """No row is marked as a whole."""
        return False

    def action_step(self, by: int) -> None:
        """Go to another room."""
        cast("PlanScreen", self.screen).go_room(by)

    def on_click(self, event: events.Click) -> None:
        """Go to the room and day under the mouse."""
        screen, index = cast("PlanScreen", self.screen), self.row_under(event)
        if index is None:
            return
        days = screen.week.days
        each = cell_widths(len(days), self.size.width)[0]
        screen.go(self.rows[index].room, days[min(len(days) - 1, max(0, (event.x - ROOM) // each))])
