"""The week: rooms and days with how full they are, the slots of one of them, and the waiting list beside it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from ortool.errors import OrtoolError
from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.seen import SeenScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from datetime import date

    from ortool.caselog.board import BoardCase
    from ortool.caselog.week import RoomDay, Waiting, Week
    from ortool.presentation.plan_board import Marks
    from ortool.services.plan_apart import Budget
    from ortool.tui.app import OrtoolApp
    from ortool.tui.week_carrying import Carried

REFRESH_SECONDS = 10.0
BESIDE = 118
"""Columns from which on the waiting list lies beside the rooms; below, under them."""
PANES = ("rooms", "day", "waiting")


class WeekGrid(RowsView):
    """The rooms; the day under the cursor is marked in the row itself."""

    @property
    def marks_row(self) -> bool:
        """No row is marked as a whole."""
        return False

    def action_step(self, by: int) -> None:
        """Go to another room, or carry a case there."""
        screen = self.screen
        if isinstance(screen, WeekScreen):
            screen.go_room(by)


class WeekScreen(SeenScreen):
    """A week in the theatre.

    | key | what it does |
    |---|---|
    | left, right, h l | the day before, the day after |
    | up, down, j k | another room; in a list the line above or below |
    | Tab, Shift+Tab | from the rooms to the slots of the day, to the waiting list, and back |
    | Enter, Space | on a room: to its slots; on a slot or a waiting case: pick it |
    | | while a case is carried: arrows to another room or day |
    | + and - | 15 minutes later or earlier; . and , 5 minutes |
    | n and N | to the next or the last gap that it fits into |
    | Enter | put it there; H: only hold the place. Esc puts it back |
    | x | cancel the case under the cursor, with a coded reason |
    | r | put it back on the waiting list, with a coded reason |
    | s | swap it: go to the other case, s again |
    | H and c | only hold the slot under the cursor; confirm it |
    | u | take back your last change of the schedule |
    | / | find a case by number, a person or a room, and go there |
    | P | plan the waiting list into the open blocks of this week; nothing is booked before you apply it |
    | [ and ] | the week before, the week after; g goes to this week |
    | v | seven days or five |
    | Esc, q | back to the board |
    | marks | `?` a slot that is only held; (name) a block that is released to all; `4!` cases in a closed room |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "day(-1)", "Day before", show=False),
        Binding("right,l", "day(1)", "Day after", show=False),
        Binding("tab", "pane(1)", "Next list", show=False),
        Binding("shift+tab", "pane(-1)", "List before", show=False),
        Binding("enter", "pick", "Pick or put down", show=False),
        Binding("space", "pick(False)", show=False),
        Binding("plus,shift+right", "later(15)", "15 minutes later", show=False),
        Binding("minus,shift+left", "later(-15)", "15 minutes earlier", show=False),
        Binding("full_stop", "later(5)", "5 minutes later", show=False),
        Binding("comma", "later(-5)", "5 minutes earlier", show=False),
        Binding("n", "gap(1)", "Next gap that fits", show=False),
        Binding("N", "gap(-1)", "Gap before that fits", show=False),
        Binding("H", "hold", "Hold", show=False),
        Binding("c", "ask('confirm')", "Confirm", show=False),
        Binding("x", "ask('cancel')", "Cancel case", show=False),
        Binding("r", "ask('release')", "Back to the waiting list", show=False),
        Binding("s", "swap", "Swap", show=False),
        Binding("u", "ask('undo')", "Take back my last change", show=False),
        Binding("slash", "ask('find')", "Find", show=False),
        Binding("P", "ask('plan')", "Plan this week", show=False),
        Binding("left_square_bracket", "week(-1)", "Week before", show=False),
        Binding("right_square_bracket", "week(1)", "Week after", show=False),
        Binding("g", "this_week", "This week", show=False),
        Binding("v", "days", "Seven days or five", show=False),
        Binding("escape", "back", "Back", show=False),
        Binding("q", "back", show=False),
    ]
    AUTO_FOCUS = "#rooms"

    app: OrtoolApp

    def __init__(self, day: date) -> None:
        super().__init__()
        self.day = day
        self.room = ""
        self.shown = 7
        self.week: Week | None = None
        self.waiting: list[Waiting] = []
        self.carried: Carried | None = None
        self.swapping: BoardCase | None = None
        self.told, self.told_role = "", ""
        self.wanted = ""
        self.drawn: tuple[object, ...] = ()
        self.marks: dict[date, Marks] = {}
        self.budget: Budget | None = None

    def compose(self) -> ComposeResult:
        """Title, days, rooms, the day's slots, the waiting list, what is said, keys."""
        yield Lines(id="title")
        with Container(id="week"):
            with Vertical(id="plan"):
                yield Lines(id="days")
                yield WeekGrid(id="rooms", tells=False)
                yield Lines(id="day-title")
                yield RowsView(id="day")
            with Vertical(id="beside"):
                yield Lines(id="waiting-title")
                yield RowsView(id="waiting")
        yield Lines(id="said")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Read the week; keep it fresh."""
        self.query_one("#title", Lines).show([[Piece(" The week is being read …", "name")]])
        self.every(REFRESH_SECONDS, self.refresh_week)
        self.refresh_week()

    def on_ortool_app_changed(self) -> None:
        """Something was written: read the week again, and ask again whether what is carried fits."""
        self.refresh_week()
        if self.carried:
            self._work("try_place")

    def on_screen_resume(self) -> None:
        """Back here: what happened meanwhile is shown."""
        self.refresh_week()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self.call_after_refresh(self.draw)

    @property
    def first(self) -> date:
        """The Monday of the week that is shown."""
        return self.day - timedelta(days=self.day.weekday())

    @property
    def cell(self) -> RoomDay | None:
        """The room and day under the cursor."""
        return self.week.cell(self.room, self.day) if self.week else None

    @property
    def pane(self) -> str:
        """Which list has the keys."""
        return self.focused.id or "rooms" if self.focused else "rooms"

    @property
    def slot(self) -> BoardCase | None:
        """The slot under the cursor, None where the cursor is in another list."""
        return getattr(self.query_one("#day", RowsView).row, "one", None) if self.pane == "day" else None

    @property
    def waits(self) -> Waiting | None:
        """The waiting case under the cursor, None where the cursor is in another list."""
        return getattr(self.query_one("#waiting", RowsView).row, "one", None) if self.pane == "waiting" else None

    def refresh_week(self) -> None:
        """Read the week in the background."""
        if self.app.is_open:
            start_work(self, self.load, only=True, group="week")

    async def load(self) -> None:
        """Read the week and the waiting list."""
        first, shown = self.first, self.shown
        week = await self.app.ask(lambda: self.app.verbs.week(first, shown))
        self.waiting = await self.app.ask(self.app.verbs.waiting)
        if first == self.first and shown == self.shown:
            self.week = week
            if self.room not in week.rooms:
                self.room = next(iter(week.rooms), "")
            self.draw()

    def draw(self) -> None:
        """Draw the week as it stands."""
        from ortool.tui.week_drawing import draw

        if self.week is not None and self.is_mounted:
            draw(self)
            self.drawn = self.places

    @property
    def places(self) -> tuple[object, ...]:
        """What the cursors of the lists rest on."""
        rows = (self.query_one(f"#{name}", RowsView).row for name in PANES[1:])
        return tuple(row.key if row else None for row in rows)

    def on_rows_view_moved(self) -> None:
        """Show what the cursor rests on, where a person has moved it; an exchange is tried at once."""
        if self.places != self.drawn:
            self.told = ""
            self.draw()
            self._try_swap()

    def on_descendant_focus(self) -> None:
        """Another list has the keys: other keys work."""
        self.draw()
        self._try_swap()

    def _try_swap(self) -> None:
        if self.swapping:
            self._work("try_swap")

    def go_room(self, by: int) -> None:
        """Go so many rooms on, with what is carried."""
        if self.week is None or not self.week.rooms:
            return
        rooms = list(self.week.rooms)
        place = min(max(rooms.index(self.room) + by, 0), len(rooms) - 1)
        self._go(rooms[place], self.day)

    def action_day(self, by: int) -> None:
        """Go to another day, over the week's edge to the next one; without the weekend from Friday to Monday."""
        day = self.day + timedelta(days=by)
        while self.shown == 5 and day.weekday() > 4:
            day += timedelta(days=1 if by > 0 else -1)
        self._go(self.room, day)

    def action_week(self, by: int) -> None:
        """Go to another week."""
        self._go(self.room, self.day + timedelta(days=7 * by))

    def action_this_week(self) -> None:
        """Go to today."""
        self._go(self.room, self.app.verbs.today())

    def action_days(self) -> None:
        """Show the weekend, or leave it out."""
        self.shown = 5 if self.shown == 7 else 7
        if self.shown == 5 and self.day.weekday() > 4:
            self.day = self.first + timedelta(days=4)
        self.refresh_week()

    def _go(self, room: str, day: date) -> None:
        first = self.first
        self.room, self.day, self.told, self.wanted = room, day, "", ""
        if self.shown == 5 and day.weekday() > 4:
            self.shown = 7
            self.refresh_week()
        if self.carried:
            self.carried = self.carried.at(self.app.verbs.zone, room=room, day=day)
            self._work("try_place")
        if self.first != first:
            self.refresh_week()
        self.draw()
        self._try_swap()

    def go_to(self, room: str, day: date, case_id: str = "") -> None:
        """Go to a room and a day, and there to a case's slot."""
        self._go(room, day)
        self.wanted = case_id
        self.refresh_week()

    def action_pane(self, by: int) -> None:
        """Give the keys to another list that has something in it; what is carried stays with the rooms."""
        if self.carried:
            return
        place = PANES.index(self.pane) if self.pane in PANES else 0
        for step in range(1, len(PANES) + 1):
            view = self.query_one(f"#{PANES[(place + by * step) % len(PANES)]}", RowsView)
            if any(row.can_rest for row in view.rows):
                view.focus()
                return

    def action_pick(self, drops: bool = True) -> None:
        """Pick the case under the cursor, or put down what is carried; with `drops` False only pick."""
        if self.carried:
            if drops:
                self._work("drop")
        elif self.swapping and self.slot:
            self._work("swap")
        elif self.pane == "rooms":
            day = self.query_one("#day", RowsView)
            if any(row.can_rest for row in day.rows):
                day.focus()
        elif (self.slot or self.waits) and not self.swapping:
            self._work("pick")

    def action_later(self, minutes: int) -> None:
        """Carry the case so much later."""
        if self.carried:
            self.carry(self.carried.at(self.app.verbs.zone, later=minutes))

    def carry(self, carried: Carried) -> None:
        """Carry a case to where it says; whether it fits there is asked at once."""
        self.carried = carried
        self._go(carried.room, carried.day(self.app.verbs.zone))

    def action_gap(self, by: int) -> None:
        """Carry the case to the next gap that it fits into, or the one before."""
        if self.carried:
            self._work("next_gap" if by > 0 else "gap_before")

    def action_hold(self) -> None:
        """Put down what is carried without confirming it, or make the slot under the cursor one that is only held."""
        if not self.swapping:
            self._work("drop_held" if self.carried else "hold")

    def action_swap(self) -> None:
        """Begin an exchange, or carry it out."""
        if self.swapping:
            self._work("swap")
        elif self.slot and not self.carried:
            self.swapping = self.slot
            self.draw()

    def action_ask(self, what: str) -> None:
        """Ask something; what is carried is put down or back first."""
        if self.carried or self.swapping:
            self.say("First put the case down (Enter) or back (Esc).")
        elif self.week is not None:
            self._work(what)

    def action_back(self) -> None:
        """Put back what is carried, leave an exchange, or go back to the board."""
        if self.carried:
            carried, self.carried = self.carried, None
            self.query_one("#day" if carried.origin else "#waiting", RowsView).focus()
            if carried.origin:
                self.go_to(carried.origin.room_id, carried.came_from(self.app.verbs.zone), carried.case.id)
            self.say(f"Case {carried.case.number} is back where it was; nothing was changed.", "done")
        elif self.swapping:
            self.swapping = None
            self.say("")
        elif self.pane != "rooms":
            self.query_one("#rooms", RowsView).focus()
        else:
            self.app.pop_screen()

    def say(self, sentence: str, role: str = "override") -> None:
        """Say something in the lines below, until the next step."""
        self.told, self.told_role = sentence, role
        self.draw()

    def _work(self, what: str) -> None:
        group = "try" if what.startswith("try") else "question"
        start_work(self, partial(self._deed, what), only=True, group=group)

    async def _deed(self, what: str) -> None:
        from ortool.tui.week_questions import DEEDS

        try:
            await DEEDS[what](self)
        except OrtoolError as error:
            self.say(str(error))
        if not what.startswith("try"):
            self.refresh_week()

    def offer(self, keys: list[Key]) -> None:
        """Show the keys that work now."""
        self.query_one(KeyLine).offer(keys)
