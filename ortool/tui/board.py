"""The day board: rooms and times, who is where, how far each case has come."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.errors import OrtoolError
from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.seen import SeenScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from datetime import date

    from ortool.caselog.board import Board, BoardCase
    from ortool.schedule.expected import DayForecast
    from ortool.tui.app import OrtoolApp

REFRESH_SECONDS = 10.0
HOW = {"chosen": "not proven", "unidentified": "owed", "pin": "PIN", "badge": "badge", "badge+pin": "badge, PIN"}


class BoardScreen(SeenScreen):
    """A day in the theatre.

    | key | what it does |
    |---|---|
    | up, down, j k | move from case to case |
    | left, right, h l | the room before, the room after |
    | Enter, Space | open the case |
    | b | book: a new case, or one that waits for a slot |
    | m | move the slot: other room, time or length |
    | x | give the slot back with a reason: the case is cancelled, or waits again |
    | D | a delay or an emergency: proposals how the day goes on |
    | L | the case log |
    | W | the week: rooms and days, the waiting list, move cases with keys |
    | u | take back your last change of the schedule |
    | a | all case logs: find one, statistics |
    | S | the case logs to be signed |
    | R | rooms, equipment and people: what there is, what is held, who is away |
    | [ and ] | the day before, the day after; g goes to today |
    | C | write the day's calendar file, without patient data |
    | B | blocks, closures and leave |
    | / | find a case by number, surgeon or procedure |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open", "Open", show=False),
        Binding("left,h", "room(-1)", "Room before", show=False),
        Binding("right,l", "room(1)", "Room after", show=False),
        Binding("left_square_bracket", "day(-1)", "Day before", show=False),
        Binding("right_square_bracket", "day(1)", "Day after", show=False),
        Binding("g", "today", "Today", show=False),
        Binding("b", "book", "Book", show=False),
        Binding("m", "move", "Move", show=False),
        Binding("x", "cancel", "Cancel case", show=False),
        Binding("D", "replan", "Delay or emergency", show=False),
        Binding("L", "log", "Case log", show=False),
        Binding("W", "week", "Week", show=False),
        Binding("u", "undo", "Take back my last change", show=False),
        Binding("a", "logs", "All case logs", show=False),
        Binding("S", "to_sign", "To be signed", show=False),
        Binding("C", "export", "Calendar file", show=False),
        Binding("R", "resources", "Rooms, equipment and people", show=False),
        Binding("B", "app.blocks", "Blocks and closures", show=False),
        Binding("slash", "find", "Find", show=False),
        Binding("q", "app.leave", "Leave", show=False),
    ]
    AUTO_FOCUS = "#cases"

    app: OrtoolApp

    def __init__(self) -> None:
        super().__init__()
        self.day: date | None = None
        self.board: Board | None = None
        self.forecast: DayForecast | None = None

    def compose(self) -> ComposeResult:
        """Title, time line, cases, what is selected, keys."""
        yield Lines(id="title")
        yield Lines(id="timeline")
        yield Lines(id="forecast")
        yield RowsView(id="cases")
        yield Lines(id="detail")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Say that the database is being opened; keep the board fresh."""
        self.query_one("#title", Lines).show([[Piece(" ortool · opening …", "name")]])
        self.every(REFRESH_SECONDS, self.refresh_board)

    def on_ortool_app_changed(self) -> None:
        """Something was written: read the board again."""
        self.refresh_board()

    def on_screen_resume(self) -> None:
        """Back on the board: what happened meanwhile is shown."""
        self.refresh_board()

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self.draw)

    def refresh_board(self) -> None:
        """Read the board in the background."""
        if self.app.is_open:
            start_work(self, self._load, only=True, group="board")

    async def _load(self) -> None:
        first = self.board is None
        board = await self.app.ask(lambda: self.app.verbs.board(self.day))
        if self.day is None or self.day == board.day:
            if self.board is None or self.board.day != board.day:
                self.forecast = None
            self.board = board
            self.draw()
            start_work(self, self._look_ahead, only=True, group="forecast")
        if first:
            self._start_here()

    async def _look_ahead(self) -> None:
        """Forecast the day that is shown. It is read in the clerk's turn and computed beside it: no tick waits."""
        board, verbs = self.board, self.app.verbs
        assert board is not None
        inputs = await self.app.ask(lambda: verbs.forecast_inputs(board))
        found = await asyncio.to_thread(verbs.forecast, inputs) if inputs else None
        if self.board is not None and self.board.day == board.day and found != self.forecast:
            self.forecast = found
            self.draw()

    def _start_here(self) -> None:
        """Begin on the case that runs now, else on the next one."""
        assert self.board is not None
        alive = [one for one in self.board.all_cases if not one.case.state.is_over]
        started = [one for one in alive if one.case.state.has_started]
        if chosen := next(iter(started or alive), None):
            self.rows.go_to(chosen.case.id)

    @property
    def rows(self) -> RowsView:
        """The cases."""
        return self.query_one("#cases", RowsView)

    @property
    def selected(self) -> BoardCase | None:
        """The case under the cursor."""
        row = self.rows.row
        return getattr(row, "one", None)

    def draw(self) -> None:
        """Draw the board as it stands."""
        if self.board is None:
            return
        from ortool.presentation.board_rows import board_rows, board_title, selected_lines, timeline_lines
        from ortool.presentation.forecast_lines import forecast_lines

        app, width, now = self.app, self.size.width, self.app.now()
        zone, settings = app.verbs.zone, app.verbs.settings
        who = f"{app.actor.person.initials} ({HOW[app.actor.auth]})" if app.actor else "nobody chosen"
        self.query_one("#title", Lines).show([board_title(self.board, settings.site, who, app.demo, now, zone, width)])
        self.rows.show(board_rows(self.board, zone, app.ascii_only, self.forecast))
        selected = self.selected
        chosen = selected.case.id if selected else ""
        hours = settings.day_starts, settings.day_ends
        roomy = self.size.height >= 20
        lines = timeline_lines(self.board, now, zone, hours, chosen, width, self.forecast) if roomy else []
        self.query_one("#timeline", Lines).show(lines)
        ahead = forecast_lines(self.forecast, zone, width, max(1, self.size.height // 10))
        self.query_one("#forecast", Lines).show(ahead)
        self.query_one("#forecast", Lines).display = bool(ahead)
        self.query_one("#detail", Lines).show(selected_lines(selected, zone, width, self.forecast))
        self._offer(selected)

    def _offer(self, selected: BoardCase | None) -> None:
        keys = [Key("Enter", "open", "open")] if selected else []
        if self.app.verbs.identifies and (self.app.actor is None or not self.app.actor.is_proven):
            keys.append(Key("w", "who are you?", "app.who"))
        keys += [Key("b", "book", "book")]
        if self.forecast and any(one.is_likely for one in self.forecast.clashes):
            keys.append(Key("D", "proposals", "replan"))
        if selected and not selected.case.state.has_started:
            keys += [Key("m", "move", "move"), Key("x", "cancel", "cancel")]
        if selected and selected.case.state.has_started:
            keys.append(Key("L", "log", "log"))
        keys += [Key("[ ]", "day", "day(1)"), Key("g", "today", "today"), Key("a", "logs", "logs")]
        keys += [Key("W", "week", "week"), Key("C", "calendar", "export")]
        keys += [Key("w", "who", "app.who")] if not any(key.key == "w" for key in keys) else []
        keys += [Key("/", "find", "find"), Key("S", "to sign", "to_sign")]
        keys += [Key("D", "delay", "replan")] if not any(key.key == "D" for key in keys) else []
        keys.append(Key("q", "leave", "app.leave"))
        self.query_one(KeyLine).offer(keys)

    def on_rows_view_moved(self) -> None:
        """Show what the cursor rests on."""
        self.draw()

    def action_open(self) -> None:
        """Open the case under the cursor."""
        if self.selected:
            from ortool.tui.case import CaseScreen

            self.app.push_screen(CaseScreen(self.selected.case.id))

    def action_log(self) -> None:
        """Open the case log."""
        if self.selected:
            from ortool.tui.log import LogScreen

            self.app.push_screen(LogScreen(self.selected.case.id))

    def action_week(self) -> None:
        """Open the week of this day."""
        if self.board is not None:
            from ortool.tui.week import WeekScreen

            self.app.push_screen(WeekScreen(self.board.day))

    def action_resources(self) -> None:
        """Open the rooms, the equipment and the people."""
        if self.app.is_open:
            from ortool.tui.resources import ResourcesScreen

            self.app.push_screen(ResourcesScreen())

    def action_undo(self) -> None:
        """Take back the last change of the schedule."""
        self._ask("undo")

    def action_logs(self) -> None:
        """Open the list of case logs."""
        if self.app.is_open:
            from ortool.tui.logs import LogsScreen

            self.app.push_screen(LogsScreen())

    def action_to_sign(self) -> None:
        """Open the list of case logs that wait for a signature."""
        from ortool.tui.to_sign import ToSignScreen

        self.app.push_screen(ToSignScreen())

    def action_room(self, by: int) -> None:
        """Go to the first case of the next room that has one."""
        if self.board is None or self.selected is None:
            return
        rooms = [room for room, cases in self.board.cases.items() if cases]
        place = rooms.index(self.selected.slot.room_id) + by
        if 0 <= place < len(rooms):
            self.rows.go_to(self.board.cases[rooms[place]][0].case.id)

    def action_day(self, by: int) -> None:
        """Show another day."""
        if self.board is not None:
            self.day = self.board.day + timedelta(days=by)
            self.refresh_board()

    def action_today(self) -> None:
        """Show today."""
        if self.app.is_open:
            self.day = self.app.verbs.today()
            self.refresh_board()

    def action_book(self) -> None:
        """Book a slot."""
        self._ask("book")

    def action_move(self) -> None:
        """Move the slot under the cursor."""
        self._ask("move")

    def action_cancel(self) -> None:
        """Cancel the case under the cursor."""
        self._ask("cancel")

    def action_replan(self) -> None:
        """Ask what to do about a delay or an emergency."""
        self._ask("replan")

    def action_export(self) -> None:
        """Write the day's calendar file."""
        self._ask("export")

    def action_find(self) -> None:
        """Find a case of this day."""
        self._ask("find")

    def _ask(self, what: str) -> None:
        if self.board is not None:
            start_work(self, partial(self._asked, what), only=True, group="question")

    async def _asked(self, what: str) -> None:
        from ortool.tui import board_questions

        try:
            await board_questions.QUESTIONS[what](self)
        except OrtoolError as error:
            self.app.tell(str(error), severe=True)
        self.refresh_board()
