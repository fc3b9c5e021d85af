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
from ortool.errors import OrtoolError
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.item_detail import detail_lines, full_detail
from ortool.presentation.pieces import Piece
from ortool.presentation.rail import rail
from ortool.presentation.run_rows import Row, RowKind, View, run_rows
from ortool.tui import case_questions
from ortool.tui.app import OrtoolApp
from ortool.tui.bars import Lines
from ortool.tui.forms import Form
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView

if TYPE_CHECKING:
    from ortool.people.person import Person

DETAIL_LINES = 4


class CaseScreen(Screen[None]):
    """One case.

    | key | what it does |
    |---|---|
    | arrows, j k | move; Home and End jump; PgUp and PgDn by ten |
    | Space | done; asks for the value where one is needed; on a time stamp: now |
    | Enter | opens the question of this line, and writes nothing by itself |
    | n | no, with a reason |
    | x | not applicable, with a reason |
    | o | override, with a reason; a hard stop needs a second person |
    | d | defer to a later pause, where the checklist allows it |
    | Backspace | undo at once: this line, or the last entry; after a minute with a reason |
    | u | undo, asked first |
    | t | done or stamped at another time than now |
    | c | count |
    | b | scan a barcode; a scan without b is taken too, and never changes an answer |
    | v | the construct: levels and sides, planned and implanted |
    | a | add a note |
    | i | everything about this line |
    | . | jump to the next open line |
    | l | the case log |
    | Esc | back to the board; everything done is stored |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "done", "Done", show=False),
        Binding("enter", "open", "Open", show=False),
        Binding("n", "answer('no')", "No", show=False),
        Binding("x", "answer('not_applicable')", "Not applicable", show=False),
        Binding("o", "answer('overridden')", "Override", show=False),
        Binding("d", "defer", "Defer", show=False),
        Binding("backspace", "undo", "Undo", show=False),
        Binding("u", "ask_undo", "Undo", show=False),
        Binding("t", "at_time", "Other time", show=False),
        Binding("c", "count", "Count", show=False),
        Binding("v", "construct", "Construct", show=False),
        Binding("a", "note", "Note", show=False),
        Binding("i", "info", "About this line", show=False),
        Binding("full_stop", "next_open", "Next open", show=False),
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

    def compose(self) -> ComposeResult:
        """Identity, rail, checklist, detail, keys: from top to bottom, in order of need."""
        yield Lines(id="identity")
        yield Lines(id="rail")
        yield RowsView(id="checklist")
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
            self.rows.show(run_rows(self.dossier.run, self.view))
        else:
            self.message = [Piece(f"{self.dossier.case.procedure} has no checklist here.", "warn")]
        self.draw_clocks()
        self.draw_detail()

    def draw_clocks(self) -> None:
        """Draw what moves with time. Times are computed from what is stored, never counted."""
        if self.dossier is None:
            return
        width, now, zone = self.size.width, self.app.now(), self.app.verbs.zone
        self.query_one("#identity", Lines).show(identity_lines(self.dossier, now, zone, width))
        if self.dossier.run is not None:
            self.query_one("#rail", Lines).show([rail(self.dossier.run, now, width)])

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
        self.query_one(KeyLine).offer(self.keys_now(row))

    def keys_now(self, row: Row | None) -> list[Key]:
        """Return the keys that do something on this row, the most needed first."""
        keys: list[Key] = []
        item = self.item_of(row)
        if item is not None:
            if item.type is ItemType.COUNT:
                keys.append(Key("c", "count", "count"))
            elif item.type is not ItemType.AUTO:
                keys += [Key("Space", "done", "done"), Key("n", "no", "answer('no')")]
            if item.not_applicable:
                keys.append(Key("x", "n/a", "answer('not_applicable')"))
            keys.append(Key("o", "override", "answer('overridden')"))
            if item.defer_to:
                keys.append(Key("d", "defer", "defer"))
        elif row is not None and row.kind is RowKind.STAMP:
            keys.append(Key("Space", "stamp now", "done"))
        keys += [Key("u", "undo", "undo"), Key("t", "other time", "at_time"), Key("c", "count", "count")]
        keys = [key for n, key in enumerate(keys) if key.key not in {k.key for k in keys[:n]}]
        who = self.app.actor.person.initials if self.app.actor else "who?"
        return [*keys, Key("w", f"[{who}]", "app.who"), Key("Esc", "board", "back"), Key("a", "note", "note"),
                Key("l", "log", "log"), Key("i", "info", "info")]  # fmt: skip

    @property
    def rows(self) -> RowsView:
        """The checklist."""
        return self.query_one("#checklist", RowsView)

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

    def action_open(self) -> None:
        """Ask what this line needs. Enter ends every scan, so it never writes by itself."""
        item = self.item_of(self.row)
        if self.row and self.row.kind is RowKind.STAMP:
            self.action_at_time()
        elif item and item.type is not ItemType.AUTO and case_questions.asks_for_more(item):
            self.action_done()
        else:
            self.action_info()

    def action_answer(self, state: str) -> None:
        """Answer with anything but done: the reason is asked for."""
        if item := self.item_of(self.row):
            self.start(lambda: case_questions.answer(self, item, State(state)))

    def action_defer(self) -> None:
        """Put an item off to the pause that its checklist names."""
        if item := self.item_of(self.row):
            self.start(lambda: case_questions.defer(self, item))

    def action_undo(self) -> None:
        """Take back this line's record, or the last one."""
        self.start(lambda: case_questions.undo(self))

    def action_ask_undo(self) -> None:
        """Ask before the record is taken back: a letter may come from a scanner."""
        self.start(lambda: case_questions.undo(self, ask=True))

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

    def action_construct(self) -> None:
        """Open the construct."""
        from ortool.tui import case_scans

        case_scans.open_construct(self)

    def scanning(self, text: str | None) -> None:
        """Show the scan line."""
        self.message = [Piece(f" {text} ", "warn")] if text else []
        self.draw_detail()

    def scanned(self, raw: str) -> None:
        """Begin with a finished scan."""
        from ortool.tui import case_scans

        case_scans.scanned(self, raw)

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

    def action_back(self) -> None:
        """Leave the case."""
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
