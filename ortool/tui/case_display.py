"""What the case screen shows: identity, phase rail, checklist or pause, detail and keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from ortool.caselog.delays import owed_delays
from ortool.caselog.dossier import Dossier, relief_of
from ortool.checklist.clocks import CALLS
from ortool.checklist.decide import subject
from ortool.checklist.definition import Item
from ortool.checklist.records import Answer, Record, State
from ortool.checklist.run import Run, newest_of
from ortool.checklist.watched import watched
from ortool.people.person import NOBODY, UNIDENTIFIED
from ortool.presentation.alerts import alert_lines, kept_lines
from ortool.presentation.clock_lines import clock_lines
from ortool.presentation.count_table import count_alarm
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.item_detail import detail_lines, full_detail
from ortool.presentation.kept_rows import KeptRows
from ortool.presentation.paper_bar import PaperSheet
from ortool.presentation.pause_page import pause_end, pause_head
from ortool.presentation.pieces import Piece
from ortool.presentation.rail import rail
from ortool.presentation.run_rows import Row, RowKind, View
from ortool.tui import case_paper
from ortool.tui.app import OrtoolApp
from ortool.tui.bars import Lines
from ortool.tui.case_clocks import clocks_of
from ortool.tui.case_keys import keys_of
from ortool.tui.identifying import read_or_leave
from ortool.tui.keys import KeyLine
from ortool.tui.pause_view import PauseView
from ortool.tui.presence import relieved
from ortool.tui.rows_view import RowsView
from ortool.tui.seen import SeenScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.people.person import Actor, Person

DETAIL_LINES = 4


class CaseDisplay(SeenScreen):
    """A case as it stands, kept up to date."""

    AUTO_FOCUS = "#checklist"

    app: OrtoolApp

    def __init__(self, case_id: str, list_id: str = "") -> None:
        super().__init__()
        self.case_id = case_id
        self.list_id = list_id
        self.dossier: Dossier | None = None
        self.people: dict[str, Person] = {}
        self.initials = {NOBODY.person.id: NOBODY.person.initials}
        self.saving: dict[str, State] = {}
        self.message: list[Piece] = []
        self.message_at: tuple[str, str] | None = None
        self.pause_id = ""
        self.begins_here = False
        self.read_as: Actor | None = None
        self.told: Callable[[], None] | None = None
        self.called = False
        self.paper: PaperSheet | None = None
        self._kept = KeptRows()
        self._drawn: tuple[object, ...] = ()
        self._bars = {name: Lines(id=name) for name in ("identity", "rail", "clocks", "pause-head", "detail")}
        self._list, self._page, self._keys = RowsView("checklist", tells=False), PauseView("pause"), KeyLine("keys")

    def compose(self) -> ComposeResult:
        """Identity, rail, checklist, detail, keys: from top to bottom, in order of need."""
        bars = self._bars
        yield from (bars["identity"], bars["rail"], bars["clocks"], bars["pause-head"])
        yield from (self._list, self._page, bars["detail"], self._keys)

    def on_mount(self) -> None:
        """Load the case, and keep the clocks going."""
        start_work(self, partial(self.reload, first=True))
        self.every(1.0, self.draw_clocks)
        for rows in (self._list, self._page):
            self.watch(rows, "cursor", self.moved, init=False)

    async def reload(self, first: bool = False) -> None:
        """Read the case anew, off the screen's thread."""
        self.read_as = self.app.actor
        dossier = await read_or_leave(
            self.app, lambda: self.app.verbs.case(self.case_id, self.list_id), self.case_id, self.list_id
        )
        if dossier is None:
            return
        self.read_as = self.app.actor
        if not self.people:
            people = await self.app.ask(self.app.verbs.people)
            self.people = {person.id: person for person in people}
            self.initials = {person.id: person.initials for person in (NOBODY.person, *people)}
        self.take(dossier)
        if first:
            checklist = self.rows
            checklist.cursor = checklist.first_open(0) or 0

    def on_screen_resume(self) -> None:
        """Back on the case: what happened meanwhile is shown."""
        if self.dossier is not None:
            self.look_again()
            self.draw_clocks()

    def shows(self, newest: int, actor: Actor | None) -> bool:
        """What this terminal wrote last is shown when its own writing is done."""
        run = self.dossier.run if self.dossier else None
        return run is not None and newest > 0 and newest == newest_of(run) and self.read_as == actor

    def on_ortool_app_changed(self, changed: OrtoolApp.Changed) -> None:
        """Another terminal, or this one, has written."""
        if not self.shows(changed.newest, self.app.actor):
            self.look_again()

    def look_again(self) -> None:
        """Read again what is newer than what is shown."""
        if not self.app.asked:
            start_work(self, self.catch_up, only=True, group="reload")

    async def catch_up(self) -> None:
        """Read the case anew where an entry of it is not shown yet."""
        newest = await self.app.ask(lambda: self.app.verbs.version(self.case_id, self.list_id))
        if self.dossier is None or newest > self.dossier.version or self.read_as != self.app.actor:
            seen = self.dossier.version if self.dossier else newest
            await self.reload()
            self.say_who_else(seen)
        else:
            self.draw_detail()

    def say_who_else(self, seen: int) -> None:
        """Say what another terminal entered meanwhile, and who it was."""
        run = self.dossier.run if self.dossier else None
        if run is None or not run.live or not seen or self.saving or self.message:
            return
        undone = run.undone[-1] if run.undone and run.undone[-1].seq > run.live[-1].seq else None
        newest: Record = undone or run.live[-1]
        here = self.app.actor.person.id if self.app.actor else ""
        if newest.actor != here:
            what = f"undid {undone.what}" if undone else subject(run.live[-1])
            name = self.dossier.names.get(newest.actor, newest.actor) if self.dossier else newest.actor
            self.say(f"{name}: {what}", "warn")

    def on_resize(self) -> None:
        """Lay the bars out for the new width."""
        if self.dossier:
            self.call_after_refresh(self.draw)

    def take(self, dossier: Dossier) -> None:
        """Show a newer state of the case."""
        before, here = self.dossier, self.app.actor
        if before is None or dossier.version >= before.version:
            self.dossier = dossier
            if before and here and (relief := relief_of(here.person.id, before, dossier)):
                start_work(self, partial(relieved, self.app, self.people.get(relief)), only=True, group="who")
        self.draw()

    @property
    def view(self) -> View:
        """How rows are made now."""
        settings = self.app.verbs.settings
        return View(
            self.app.now(),
            settings.zone,
            settings.late_minutes,
            self.initials,
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
        if self._looked_at() != self._drawn:
            self.draw_clocks()
        self.draw_detail()

    def _looked_at(self) -> tuple[object, ...]:
        """Return what the bars are made of beside the time, which draws them each second anyway."""
        dossier = self.dossier
        assert dossier is not None
        run = watched(dossier.run) if dossier.run else ()
        about = dossier.case, dossier.slot, dossier.history.is_signed, self.app.verbs.kept_here()
        return self.size, self.pause_id, self.paper, about, run

    def draw_rows(self, run: Run) -> None:
        """Draw the checklist, or the one pause that is being read aloud."""
        rows = self._kept.rows(run, self.view)
        if self.pause_id:
            rows = [row for row in rows if row.pause == self.pause_id and row.kind is RowKind.ITEM]
        self.rows.show(rows)

    def draw_pause(self, run: Run) -> None:
        """Draw what changes with time around a pause that is being read aloud."""
        pause, view = run.plan.pauses[self.pause_id], self.view
        self._bars["pause-head"].show(pause_head(run, pause, view, self.size.width))
        row = self.row
        asked = full_detail(run, row, view, {})[1:-1] if row else []
        self._page.ask([line for line in asked if "answers" in line], pause_end(run, pause, view))

    def draw_clocks(self) -> None:
        """Draw what moves with time. Times are computed from what is stored, never counted."""
        if self.dossier is None:
            return
        width, now, zone = self.size.width, self.app.now(), self.app.verbs.zone
        self._drawn = self._looked_at()
        self._bars["identity"].show(identity_lines(self.dossier, now, zone, width))
        if self.dossier.run is not None:
            self._bars["rail"].show([rail(self.dossier.run, now, width)])
            self.draw_bar(self.dossier.run)
            if self.pause_id:
                self.draw_pause(self.dossier.run)

    def draw_bar(self, run: Run) -> None:
        """Draw the clocks, below a count that does not agree; where nothing runs there is no bar."""
        bar, width = self._bars["clocks"], self.size.width
        standing = clocks_of(self)
        lines = [
            *kept_lines(*self.app.verbs.kept_here(), width),
            *case_paper.bar(self, width),
            *self._alerts(run, width),
            *count_alarm(run, width),
            *clock_lines(standing, width),
        ]
        if bar.display != bool(lines):
            bar.display = bool(lines)
        bar.show(lines)
        called = any(clock.state in CALLS for clock in standing)
        if called != self.called:
            self.called = called
            self.draw_detail()

    def _alerts(self, run: Run, width: int) -> list[list[Piece]]:
        dossier = self.dossier
        unclaimed, late = (len(dossier.history.owed), owed_delays(dossier, self.app.now())) if dossier else (0, ())
        return alert_lines(run, self.view, width, unclaimed, late)

    def draw_detail(self) -> None:
        """Draw what the cursor stands on, below the last message."""
        row = self.row
        dossier = self.dossier
        if dossier is None:
            return
        lines: list[list[Piece]] = [
            [Piece(f" {part} ", piece.role)]
            for piece in self.message
            for part in wrap(piece.text.strip(), self.size.width - 2)[: DETAIL_LINES - 1]
        ]
        if row is not None and dossier.run is not None:
            space = DETAIL_LINES - len(lines)
            lines += detail_lines(dossier.run, row, self.view, dossier.names, self.size.width, space)
        lines += [[] for _ in range(DETAIL_LINES - len(lines))]
        self._bars["detail"].show(lines)
        actor = self.app.actor
        who = actor.person.initials if actor and actor.auth != UNIDENTIFIED else "who?"
        self._keys.offer(keys_of(row, self.item_of(row), who, self.called))
        if self.told is not None:
            self.told()

    @property
    def rows(self) -> RowsView:
        """The checklist, or the pause that is being read aloud."""
        return self._page if self.pause_id else self._list

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        found: Row | None = self.rows.row
        return found

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers that stand."""
        return self.dossier.run.answers if self.dossier and self.dossier.run else {}

    def item_of(self, row: Row | None) -> Item | None:
        """Return the item of a row, None for a stamp."""
        if row is None or row.kind is not RowKind.ITEM or self.dossier is None or self.dossier.plan is None:
            return None
        return self.dossier.plan.items.get(row.id)

    def moved(self) -> None:
        """The message has been read when the cursor moves on. What the rows hold back is drawn with them."""
        if self.row is None or self.row.key != self.message_at:
            self.message = []
        if self.rows.is_held:
            return
        self.draw_detail()
        if self.pause_id and self.dossier and self.dossier.run:
            self.draw_pause(self.dossier.run)

    def action_next_open(self) -> None:
        """Jump to the next open line."""
        checklist = self.rows
        following = checklist.first_open(checklist.cursor + 1)
        checklist.cursor = following if following is not None else (checklist.first_open(0) or checklist.cursor)

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
        self._page.display = self._bars["pause-head"].display = shown
        self._list.display = not shown
        self.rows.focus()

    def refuse(self, sentence: str, target: str = "") -> None:
        """Say why not, where the cursor is; go back to the line that it is about."""
        self.go_to(target)
        self.draw()
        self.say(sentence)

    def go_to(self, identifier: str) -> None:
        """Put the cursor on an item or a stamp."""
        for kind in (RowKind.ITEM, RowKind.STAMP):
            self.rows.go_to((kind.value, identifier))

    def say(self, sentence: str, role: str = "alarm") -> None:
        """Show a sentence above the detail until the cursor moves."""
        self.message = [Piece(f" {sentence} ", role)]
        self.message_at = self.row.key if self.row else None
        self.draw_detail()
