"""The case screen: who is on the table, where the operation is, and the checklist to tick."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ortool.caselog.dossier import Dossier
from ortool.checklist.commands import AnswerItem, Command, StampMilestone
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.records import State
from ortool.checklist.run import Run
from ortool.errors import OrtoolError
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.item_detail import detail_lines, full_detail
from ortool.presentation.pause_page import pause_end, pause_head
from ortool.presentation.pieces import Piece
from ortool.presentation.rail import rail
from ortool.presentation.run_rows import Row, RowKind, View, run_rows
from ortool.tui import case_questions
from ortool.tui.app import OrtoolApp
from ortool.tui.bars import Lines
from ortool.tui.case_keys import keys_of
from ortool.tui.forms import Form
from ortool.tui.keys import KeyLine
from ortool.tui.pause_view import PauseView
from ortool.tui.rows_view import RowsView

if TYPE_CHECKING:
    from ortool.people.person import Person

DETAIL_LINES = 4


class CaseScreen(Screen[None]):
    """One case.

    | key | what it does |
    |---|---|
    | arrows, j k | move; Home and End jump; PgUp and PgDn by ten |
    | Space, Enter | done; asks for the value where one is needed; on a time stamp: now |
    | n | no, with a reason |
    | x | not applicable, with a reason |
    | o | override, with a reason; a hard stop needs a second person |
    | d | defer to a later pause, where the checklist allows it |
    | u | undo: this line, or the last entry; after a minute with a reason |
    | t | done or stamped at another time than now |
    | c | count |
    | a | add a note |
    | i | everything about this line |
    | . | jump to the next open line |
    | p | the whole pause on one page, to be read aloud; p again or Esc: back to the list |
    | l | the case log |
    | Esc | back to the board; everything done is stored |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "done", "Done", show=False),
        Binding("enter", "done", "Done", show=False),
        Binding("n", "answer('no')", "No", show=False),
        Binding("x", "answer('not_applicable')", "Not applicable", show=False),
        Binding("o", "answer('overridden')", "Override", show=False),
        Binding("d", "defer", "Defer", show=False),
        Binding("u", "undo", "Undo", show=False),
        Binding("t", "at_time", "Other time", show=False),
        Binding("c", "count", "Count", show=False),
        Binding("a", "note", "Note", show=False),
        Binding("i", "info", "About this line", show=False),
        Binding("full_stop", "next_open", "Next open", show=False),
        Binding("p", "pause", "Pause", show=False),
        Binding("l", "log", "Case log", show=False),
        Binding("escape", "back", "Back", show=False),
    ]
    AUTO_FOCUS = "#checklist"

    app: OrtoolApp

    def __init__(self, case_id: str) -> None:
        super().__init__()
        self.case_id = case_id
        self.dossier: Dossier | None = None
        self.people: dict[str, Person] = {}
        self.saving: dict[str, State] = {}
        self.message: list[Piece] = []
        self.last_second = ""
        self.pause_id = ""

    def compose(self) -> ComposeResult:
        """Identity, rail, checklist, detail, keys: from top to bottom, in order of need."""
        yield Lines(id="identity")
        yield Lines(id="rail")
        yield Lines(id="pause-head")
        yield RowsView(id="checklist")
        yield PauseView(id="pause")
        yield Lines(id="detail")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Load the case, and keep the clocks going."""
        self.run_worker(self.reload(first=True))
        self.set_interval(1.0, self.draw_clocks)

    async def reload(self, first: bool = False) -> None:
        """Read the case anew, off the screen's thread."""
        dossier = await self.app.ask(lambda: self.app.verbs.case(self.case_id))
        if not self.people:
            people = await self.app.ask(self.app.verbs.people)
            self.people = {person.id: person for person in people}
        self.take(dossier)
        if first:
            checklist = self.rows
            checklist.cursor = checklist.first_open(0) or 0

    def on_ortool_app_changed(self) -> None:
        """Another terminal, or this one, has written: read again."""
        self.run_worker(self.reload(), exclusive=True, group="reload")

    def on_resize(self) -> None:
        """Lay the bars out for the new width."""
        if self.dossier:
            self.call_after_refresh(self.draw)

    def take(self, dossier: Dossier) -> None:
        """Show a newer state of the case."""
        if self.dossier is None or dossier.version >= self.dossier.version:
            self.dossier = dossier
        self.draw()

    @property
    def view(self) -> View:
        """How rows are made now."""
        settings = self.app.verbs.settings
        initials = {person.id: person.initials for person in self.people.values()}
        return View(
            self.app.now(),
            settings.zone,
            settings.late_minutes,
            initials,
            dict(self.saving),
            ascii_only=self.app.ascii_only,
        )

    def draw(self) -> None:
        """Draw everything that may have changed."""
        if self.dossier is None:
            return
        if self.dossier.run is not None:
            self.draw_rows(self.dossier.run)
        else:
            self.message = [Piece(f"{self.dossier.case.procedure} has no checklist here.", "warn")]
        self.draw_clocks()
        self.draw_detail()

    def draw_rows(self, run: Run) -> None:
        """Draw the checklist, or the one pause that is being read aloud."""
        rows = run_rows(run, self.view)
        if self.pause_id:
            rows = [row for row in rows if row.pause == self.pause_id and row.kind is RowKind.ITEM]
        self.rows.show(rows)

    def draw_pause(self, run: Run) -> None:
        """Draw what changes with time around a pause that is being read aloud."""
        pause, view = run.plan.pauses[self.pause_id], self.view
        self.query_one("#pause-head", Lines).show(pause_head(run, pause, view, self.size.width))
        row = self.row
        asked = full_detail(run, row, view, {})[1:-1] if row else []
        self.query_one(PauseView).ask([line for line in asked if "answers" in line], pause_end(run, pause, view))

    def draw_clocks(self) -> None:
        """Draw what moves with time. Times are computed from what is stored, never counted."""
        if self.dossier is None:
            return
        width, now, zone = self.size.width, self.app.now(), self.app.verbs.zone
        self.query_one("#identity", Lines).show(identity_lines(self.dossier, now, zone, width))
        if self.dossier.run is not None:
            self.query_one("#rail", Lines).show([rail(self.dossier.run, now, width)])
            if self.pause_id:
                self.draw_pause(self.dossier.run)

    def draw_detail(self) -> None:
        """Draw what the cursor stands on, below the last message."""
        row = self.row
        dossier = self.dossier
        if dossier is None:
            return
        lines: list[list[Piece]] = [self.message] if self.message else []
        if row is not None and dossier.run is not None:
            space = DETAIL_LINES - len(lines)
            lines += detail_lines(dossier.run, row, self.view, dossier.names, self.size.width, space)
        lines += [[] for _ in range(DETAIL_LINES - len(lines))]
        self.query_one("#detail", Lines).show(lines)
        who = self.app.actor.person.initials if self.app.actor else "who?"
        self.query_one(KeyLine).offer(keys_of(row, self.item_of(row), who))

    @property
    def rows(self) -> RowsView:
        """The checklist, or the pause that is being read aloud."""
        return self.query_one("#pause" if self.pause_id else "#checklist", RowsView)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        found: Row | None = self.rows.row
        return found

    def item_of(self, row: Row | None) -> Item | None:
        """Return the item of a row, None for a stamp."""
        if row is None or row.kind is not RowKind.ITEM or self.dossier is None or self.dossier.plan is None:
            return None
        return self.dossier.plan.items.get(row.id)

    def on_rows_view_moved(self) -> None:
        """The message has been read when the cursor moves on."""
        self.message = []
        self.draw_detail()
        if self.pause_id and self.dossier and self.dossier.run:
            self.draw_pause(self.dossier.run)

    # Asking and acting

    def action_done(self) -> None:
        """Answer done, or stamp now."""
        row, item = self.row, self.item_of(self.row)
        if row is None or self.dossier is None:
            return
        if row.kind is RowKind.STAMP:
            self.start(lambda: case_questions.stamp(self, row.id))
        elif item is None:
            return
        elif item.type is ItemType.COUNT:
            self.action_count()
        elif item.type is ItemType.AUTO or case_questions.asks_for_more(item):
            self.start(lambda: case_questions.answer(self, item, State.DONE))
        else:
            self.send(AnswerItem(item.id, State.DONE), item.id, State.DONE)

    def action_answer(self, state: str) -> None:
        """Answer with anything but done: the reason is asked for."""
        if item := self.item_of(self.row):
            self.start(lambda: case_questions.answer(self, item, State(state)))

    def action_defer(self) -> None:
        """Put an item off to the pause that its checklist names."""
        if item := self.item_of(self.row):
            self.send(AnswerItem(item.id, State.DEFERRED, defer_to=item.defer_to or ""), item.id, State.DEFERRED)

    def action_undo(self) -> None:
        """Take back this line's record, or the last one."""
        self.start(lambda: case_questions.undo(self))

    def action_at_time(self) -> None:
        """Answer or stamp at another time."""
        row, item = self.row, self.item_of(self.row)
        if row is None:
            return
        if row.kind is RowKind.STAMP:
            self.start(lambda: case_questions.stamp(self, row.id, ask_time=True))
        elif item is not None:
            self.start(lambda: case_questions.answer(self, item, State.DONE, ask_time=True))

    def action_count(self) -> None:
        """Record a count by two people."""
        self.start(lambda: case_questions.count(self, self.item_of(self.row)))

    def action_note(self) -> None:
        """Add a note to the case."""
        self.start(lambda: case_questions.note(self))

    def action_info(self) -> None:
        """Show everything about the line."""
        if self.row and self.dossier and self.dossier.run:
            words = full_detail(self.dossier.run, self.row, self.view, self.dossier.names)
            self.app.push_screen(Form(self.row.title, [], words))

    def action_next_open(self) -> None:
        """Jump to the next open line."""
        checklist = self.rows
        following = checklist.first_open(checklist.cursor + 1)
        checklist.cursor = following if following is not None else (checklist.first_open(0) or checklist.cursor)

    def action_log(self) -> None:
        """Open the case log."""
        from ortool.tui.log import LogScreen

        self.app.push_screen(LogScreen(self.case_id))

    def action_pause(self) -> None:
        """Put the pause under the cursor on one page; again: back to the list."""
        row = self.row
        if self.pause_id or row is None:
            self.leave_pause()
        elif row.pause:
            self.pause_id = row.pause
            self._show_pause(True)
            self.draw()
            self.rows.go_to(row.key)
            if not row.is_open:
                self.rows.cursor = self.rows.first_open(0) or 0
        else:
            self.say("The cursor is on no pause.", "warn")

    def leave_pause(self) -> None:
        """Go back to the list, to where the pause has come."""
        if not self.pause_id:
            return
        key = self.row.key if self.row else None
        self.pause_id = ""
        self._show_pause(False)
        self.draw()
        self.rows.go_to(key)
        if self.row and not self.row.is_open:
            self.action_next_open()

    def _show_pause(self, shown: bool) -> None:
        self.query_one("#pause").display = shown
        self.query_one("#pause-head").display = shown
        self.query_one("#checklist").display = not shown
        self.rows.focus()

    def action_back(self) -> None:
        """Leave the pause, then the case."""
        if self.pause_id:
            self.leave_pause()
        else:
            self.dismiss()

    def start(self, question: Callable[[], object]) -> None:
        """Ask something in the background of the screen; one question at a time."""
        if self.dossier is not None:
            self.run_worker(self._asked(question), exclusive=True, group="question")

    async def _asked(self, question: Callable[[], object]) -> None:
        outcome = question()
        assert hasattr(outcome, "__await__")
        await outcome

    def send(self, command: Command, target: str, shown: State) -> None:
        """Send a command off; the row reads `saving` until it is durable, and the cursor goes on."""
        self.saving[target] = shown
        checklist = self.rows
        self.run_worker(self.carry_out(command, target))
        self.draw()
        checklist.go_on()

    async def carry_out(self, command: Command, target: str) -> bool:
        """Carry a command out and show what came of it. Returns whether it was taken."""
        if self.app.actor is None and not await self.app.choose_actor():
            self.saving.pop(target, None)
            self.refuse("Nothing was entered: nobody is known at this terminal.", target)
            return False
        actor, command_id = self.app.actor, uuid.uuid4().hex
        assert actor is not None
        try:
            dossier = await self.app.ask(lambda: self.app.verbs.act(actor, self.case_id, command, command_id))
        except OrtoolError as error:
            self.saving.pop(target, None)
            await self._refused(error, command, target)
            return False
        self.saving.pop(target, None)
        self.take(dossier)
        return True

    async def _refused(self, error: OrtoolError, command: Command, target: str) -> None:
        self.refuse(str(error), target)
        if isinstance(command, StampMilestone):
            await case_questions.offer_gate(self, error, command)

    def refuse(self, sentence: str, target: str = "") -> None:
        """Say why not, where the cursor is; go back to the line that it is about."""
        self.go_to(target)
        self.draw()
        self.call_after_refresh(self.say, sentence)

    def go_to(self, identifier: str) -> None:
        """Put the cursor on an item or a stamp."""
        for kind in (RowKind.ITEM, RowKind.STAMP):
            self.rows.go_to((kind.value, identifier))

    def say(self, sentence: str, role: str = "alarm") -> None:
        """Show a sentence above the detail until the cursor moves."""
        self.message = [Piece(f" {sentence} ", role)]
        self.draw_detail()

    def at(self, text: str) -> datetime:
        """Return the instant of a time of day as typed: today, or yesterday where today's is still to come."""
        from datetime import timedelta

        today = self.app.verbs.today()
        instant = self.app.verbs.local_instant(today.isoformat(), text)
        if instant > self.app.now() + timedelta(minutes=1):
            instant = self.app.verbs.local_instant((today - timedelta(days=1)).isoformat(), text)
        return instant.astimezone(UTC)
