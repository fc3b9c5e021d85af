"""The case screen: who is on the table, where the operation is, and the checklist to tick."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from ortool.checklist.commands import AnswerItem, Command, StampMilestone
from ortool.checklist.decide import AlreadyAnswered
from ortool.checklist.definition import ItemType
from ortool.checklist.once import EnteredBefore
from ortool.checklist.records import State
from ortool.checklist.signals import signals
from ortool.errors import BadInput, OrtoolError
from ortool.presentation.item_detail import full_detail
from ortool.presentation.paper_words import before_words
from ortool.presentation.pieces import Piece
from ortool.presentation.run_rows import RowKind
from ortool.presentation.signal_lines import signal_lines
from ortool.presentation.words import clock_on, day
from ortool.tui import case_clocks, case_extras, case_paper, case_questions, count_questions
from ortool.tui.case_display import CaseDisplay
from ortool.tui.forms import Form
from ortool.tui.identifying import NOBODY_HERE, carry_out
from ortool.tui.work import start_work

FRAME = 1 / 60  # seconds
KEY = partial(Binding, show=False, priority=True)
"""A key that the screen takes at once. Others go to the focused widget first, and from there up: three messages."""


class CaseScreen(CaseDisplay):
    """One case.

    | key | what it does |
    |---|---|
    | arrows, j k | move; Home and End jump; PgUp and PgDn by ten |
    | Space | done; asks for the value where one is needed, confirms an earlier answer; on a time stamp: now |
    | Enter | opens the question of this line, and writes nothing by itself |
    | n | no, with a reason |
    | x | not applicable, with a reason |
    | o | override, with a reason; a hard stop needs a second person |
    | d | defer to a later pause, where the checklist allows it |
    | Backspace | undo at once: this line, or the last entry; after a minute with a reason |
    | u | undo, asked first |
    | t | done or stamped at another time than now |
    | c | the counts: what is expected now, count, add |
    | y | the first clock that is due is answered; none due: choose one |
    | z | the first clock that is due is put off, with a reason |
    | s | start a clock by hand, or type a reading such as a blood pressure |
    | b | scan a barcode; a scan without b is taken too, and never changes an answer |
    | v | the construct: levels and sides, planned and implanted |
    | e | something happened: an event's list, an emergency, a reason that is owed |
    | r | read this pause again: patient moved, table changed |
    | m | who is in the room in which role: joins, relieves, leaves |
    | f | a review or follow-up beside this operation: candidate review, recovery plan |
    | g | what was written on paper: who wrote it, its form, and each time on it; g or Esc ends |
    | a | add a note |
    | i | everything about this line |
    | . | jump to the next open line |
    | p | the whole pause on one page, to be read aloud; p again or Esc: back to the list |
    | l | the case log |
    | Esc | back to the board; everything done is stored |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        KEY("space", "done", "Done"),
        KEY("enter", "open", "Open"),
        KEY("n", "answer('no')", "No"),
        KEY("x", "answer('not_applicable')", "Not applicable"),
        KEY("o", "answer('overridden')", "Override"),
        KEY("d", "defer", "Defer"),
        KEY("backspace", "undo", "Undo"),
        KEY("u", "ask_undo", "Undo"),
        KEY("t", "at_time", "Other time"),
        KEY("c", "counts", "Counts"),
        KEY("y", "clock('done')", "Clock answered"),
        KEY("z", "clock('later')", "Clock later"),
        KEY("s", "clock('start')", "Start a clock"),
        KEY("v", "construct", "Construct"),
        KEY("e", "extra('happened')", "Something happened"),
        KEY("r", "extra('read_again')", "Read the pause again"),
        KEY("m", "extra('team')", "People in the room"),
        KEY("f", "extra('beside')", "Review or follow-up"),
        KEY("g", "paper", "Enter from paper"),
        KEY("a", "note", "Note"),
        KEY("i", "info", "About this line"),
        KEY("full_stop", "next_open", "Next open"),
        KEY("p", "pause", "Pause"),
        KEY("l", "log", "Case log"),
        KEY("escape", "back", "Back"),
    ]

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
        elif item.type is not ItemType.AUTO and not self.paper and (command := case_questions.at_once(self, item)):
            self.send(command, item.id, State.DONE)
        else:
            self.start(lambda: case_questions.answer(self, item, State.DONE))

    def action_open(self) -> None:
        """Ask what this line needs. Enter ends every scan, so it never writes by itself."""
        item = self.item_of(self.row)
        if self.row and self.row.kind is RowKind.STAMP:
            self.action_at_time()
        elif item and item.type is ItemType.COUNT:
            self.action_count()
        elif item and item.type is not ItemType.AUTO and case_questions.asks_for_more(item):
            self.start(lambda: case_questions.answer(self, item, State.DONE))
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
        self.start(lambda: count_questions.count(self, self.item_of(self.row)))

    def action_counts(self) -> None:
        """Open the counts."""
        from ortool.tui.counts import CountsScreen

        if self.dossier and self.dossier.run and self.dossier.run.plan.checklist.counts:
            self.app.push_screen(CountsScreen(self))
        else:
            self.say("This checklist has no counts.", "warn")

    def action_clock(self, what: str) -> None:
        """Answer a clock, put it off, or start one by hand."""
        self.start(lambda: case_clocks.ask(self, what))

    def action_extra(self, what: str) -> None:
        """Ask about what comes on the way: `happened`, `read_again` or `team`."""
        self.start(lambda: getattr(case_extras, what)(self))

    def action_paper(self) -> None:
        """Begin to enter what was written on paper, or end it."""
        self.start(lambda: case_paper.begin_or_end(self))

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

    def scanned(self, raw: str, on_purpose: bool) -> None:
        """Begin with a finished scan."""
        from ortool.tui import case_scans

        case_scans.scanned(self, raw, on_purpose)

    def action_info(self) -> None:
        """Show everything about the line."""
        if self.row and self.dossier and self.dossier.run:
            run, late = self.dossier.run, self.app.verbs.settings.late_minutes
            words = full_detail(run, self.row, self.view, self.dossier.names) + signal_lines(signals(run, late))
            self.app.push_screen(Form(self.row.title, [], words))

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

    def action_back(self) -> None:
        """End the paper entry, leave the pause, then the case."""
        if self.paper:
            case_paper.end(self)
        elif self.pause_id:
            self.leave_pause()
        else:
            self.dismiss()

    def start(self, question: Callable[[], object]) -> None:
        """Ask something in the background of the screen; one question at a time."""
        if self.dossier is not None:
            start_work(self, partial(self._asked, question), only=True, group="question")

    async def _asked(self, question: Callable[[], object]) -> None:
        outcome = question()
        assert hasattr(outcome, "__await__")
        await outcome

    def send(self, command: Command, target: str, shown: State) -> None:
        """Send a command off, and the cursor goes on. From the next frame on the row reads `saving` until durable.

        Mostly it is durable before that: then everything that the key changes is painted once.
        """
        self.saving[target] = shown
        start_work(self, partial(self.carry_out, command, target))
        self.rows.hold()
        self.rows.go_on()
        # Straight to the loop: a timer of the screen costs more than all that it would do here.
        asyncio.get_running_loop().call_later(FRAME, self._say_saving)

    def _say_saving(self) -> None:
        if self.rows.is_held and self.is_running:
            self.draw()

    async def carry_out(self, command: Command, target: str) -> bool:
        """Carry a command out and show what came of it. Returns whether it was taken."""
        if self.app.actor is None and not await self.app.choose_actor():
            self.saving.pop(target, None)
            self.refuse(NOBODY_HERE, target)
            return False
        if not await self._begins_knowingly():
            self.saving.pop(target, None)
            self.refuse("Nothing was entered: the case was not begun.", target)
            return False
        written = await case_paper.as_written(self, command)
        if written is None:
            self.saving.pop(target, None)
            self.refuse("Nothing was entered: the paper's time is not known.", target)
            return False
        command = written
        app, case_id, list_id, command_id = self.app, self.case_id, self.list_id, uuid.uuid4().hex
        try:
            dossier = await carry_out(
                app, lambda actor: app.verbs.act(actor, case_id, command, command_id, list_id), case_id, list_id
            )
        except OrtoolError as error:
            self.saving.pop(target, None)
            await self._refused(error, command, target)
            return False
        self.saving.pop(target, None)
        case_paper.was_entered(self, command)
        self.take(dossier)
        return True

    async def _begins_knowingly(self) -> bool:
        """Ask before the first entry of a case that is planned for another day: it may be the wrong patient."""
        dossier, now, zone = self.dossier, self.app.now(), self.app.verbs.zone
        if dossier is None or dossier.started or dossier.slot is None or self.begins_here or self.list_id:
            return True
        if dossier.slot.start.astimezone(zone).date() == now.astimezone(zone).date():
            return True
        words = [
            f"{dossier.case.patient_name}, {dossier.case.hospital_number}",
            f"Planned for {day(dossier.slot.start, zone)}, today is {day(now, zone)}.",
        ]
        form = Form(f"Case {dossier.case.number} is on another day. Begin it now?", [], words, alarm=True, confirm=True)
        self.begins_here = await self.app.push_screen_wait(form) is not None
        return self.begins_here

    async def _refused(self, error: OrtoolError, command: Command, target: str) -> None:
        self.refuse(self.told_apart(error), target)
        if isinstance(command, StampMilestone):
            await case_questions.offer_gate(self, error, command)
        elif isinstance(command, AnswerItem):
            await case_questions.offer_reason(self, error, command)

    def told_apart(self, error: OrtoolError) -> str:
        """Return a refusal; where somebody else was quicker, with who and when."""
        if isinstance(error, EnteredBefore) and self.dossier:
            return before_words(error, self.dossier.names, self.app.verbs.zone, self.app.now())
        if not isinstance(error, AlreadyAnswered):
            return str(error)
        person = self.people.get(error.actor)
        at = clock_on(error.at, self.app.verbs.zone, self.app.now())
        return f"{error.message} {person.name if person else error.actor} was quicker, at {at}. {error.hint}"

    async def somebody(self) -> bool:
        """Return whether it is known who is at the terminal, after asking where it is not."""
        return self.app.actor is not None or await self.app.choose_actor()

    def at(self, text: str) -> datetime:
        """Return the instant of a time as typed: `HH:MM` is today's, `YYYY-MM-DD HH:MM` any day's. Raises BadInput."""
        day, _, clock = text.strip().rpartition(" ")
        if clock.isdigit() and len(clock) in (3, 4):
            clock = f"{clock[:-2]}:{clock[-2:]}"
        instant = self.app.verbs.local_instant(day or self.app.verbs.today().isoformat(), clock)
        ahead = self.app.now() + timedelta(minutes=1)
        if instant > ahead and self.paper and not day:  # written before midnight
            yesterday = self.app.verbs.today() - timedelta(days=1)
            instant = self.app.verbs.local_instant(yesterday.isoformat(), clock)
        if instant > ahead:
            raise BadInput(f"{text.strip()} has not come yet.", "For another day write YYYY-MM-DD HH:MM.")
        return instant.astimezone(UTC)
