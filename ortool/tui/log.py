"""The case log on the screen: read, sign, add."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.caselog.dossier import Dossier
from ortool.caselog.report import make_report
from ortool.caselog.unfinished import unfinished
from ortool.errors import OrtoolError
from ortool.presentation.case_log import case_log_lines
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out, read_or_leave
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.tui.app import OrtoolApp


@dataclass(frozen=True)
class LogLine:
    """A line of the case log."""

    number: int
    text: Text

    @property
    def key(self) -> int:
        """Its place."""
        return self.number

    can_rest = True
    is_open = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the line without its styles."""
        return [Piece(self.text.plain, "plain")]


class LogView(RowsView):
    """The lines of a case log in the styles that they come with."""

    def row_segments(self, y: int, width: int) -> list[Segment]:
        """Return the segments of one line."""
        index = y + self.top
        if index >= len(self.rows) or (index == self.cursor and self.has_focus):
            return super().row_segments(y, width)
        plain = self.rich_style
        segments = self.rows[index].text.render(self.app.console)
        styled = [Segment(segment.text, plain + (segment.style or Style())) for segment in segments]
        return Segment.adjust_line_length(styled, width, plain)


class LogScreen(SteppedScreen[None]):
    """One case log.

    | key | what it does |
    |---|---|
    | arrows, PgUp, PgDn | read |
    | s | sign (the case's surgeon) |
    | a | add a note; after the signature an addendum, also about one entry |
    | d | say why something was late, by a code |
    | c | a complication, by the list; after the signature too |
    | R | replay: the case as it stood, step by step |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sign", "Sign", show=False),
        Binding("a", "note", "Note", show=False),
        Binding("d", "coded('delay')", "Delay", show=False),
        Binding("c", "coded('complication')", "Complication", show=False),
        Binding("R", "replay", "Replay", show=False),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#entries"

    app: OrtoolApp

    def __init__(self, case_id: str) -> None:
        super().__init__()
        self.case_id = case_id
        self.dossier: Dossier | None = None

    def compose(self) -> ComposeResult:
        """Identity, log, keys."""
        yield Lines(id="identity")
        yield LogView(id="entries")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Read the log."""
        start_work(self, self.reload)

    def on_ortool_app_changed(self) -> None:
        """Something was written: read again."""
        if not self.app.asked:
            start_work(self, self.reload, only=True, group="reload")

    def on_resize(self) -> None:
        """Lay out for the new width."""
        if self.dossier is not None:
            start_work(self, self.draw, only=True, group="draw")

    async def reload(self) -> None:
        """Read the case anew."""
        dossier = await read_or_leave(self.app, lambda: self.app.verbs.case_log(self.case_id), self.case_id)
        if dossier is not None:
            self.dossier = dossier
            await self.draw()

    async def draw(self) -> None:
        """Draw the log as it stands. It is laid out beside the screen, which stays free for keys."""
        dossier, verbs, now, width = self.dossier, self.app.verbs, self.app.now(), self.size.width
        if dossier is None:
            return
        report = make_report(dossier, now, verbs.settings.late_minutes)
        lines = await asyncio.to_thread(case_log_lines, report, verbs.zone, width - 2)
        if dossier is not self.dossier or width != self.size.width:
            return  # read or laid out anew meanwhile: what is newer is drawn by itself
        self.query_one("#identity", Lines).show(identity_lines(dossier, now, verbs.zone, width))
        self.query_one(RowsView).show([LogLine(number, text) for number, text in enumerate(lines)])
        if dossier.history.listed is not None:  # nothing of it was entered here, so nothing of it is signed
            self.query_one(KeyLine).offer([Key("a", "note", "note"), Key("Esc", "back", "dismiss(None)")])
            return
        sign = [] if dossier.history.is_signed else [Key("s", "sign", "sign")]
        word = "addendum" if dossier.history.is_signed else "note"
        late = [] if dossier.history.is_signed else [Key("d", "why late", "coded('delay')")]
        keys = [*sign, Key("a", word, "note"), *late, Key("c", "complication", "coded('complication')")]
        self.query_one(KeyLine).offer([*keys, Key("R", "replay", "replay"), Key("Esc", "back", "dismiss(None)")])

    def action_sign(self) -> None:
        """Sign, after saying what is still open."""
        start_work(self, self._sign, only=True, group="question")

    async def _sign(self) -> None:
        from ortool.services.signatures import STATEMENT

        if self.dossier is None or not await self._somebody():
            return
        left = unfinished(self.dossier, self.app.now())
        words = [STATEMENT, *(f"Still open: {line}" for line in left[:8])]
        answers = await self.app.push_screen_wait(Form("Sign this case log", [Question("word", "Write `sign`")], words))
        if answers is None or answers["word"].strip().casefold() != "sign":
            return
        try:
            await carry_out(self.app, lambda actor: self.app.verbs.sign(actor, self.case_id), self.case_id)
        except OrtoolError as error:
            self.app.tell(str(error), severe=True)
            return
        await self.reload()
        newest = self.dossier.history.signatures[-1:] if self.dossier else ()
        self.app.tell("".join(f"Signed. SHA-256 {one.sha256}" for one in newest) or "Signed.")

    def action_note(self) -> None:
        """Add words to the log."""
        start_work(self, self._note, only=True, group="question")

    async def _note(self) -> None:
        from ortool.tui.case_questions import add_words

        is_signed = self.dossier is not None and self.dossier.history.is_signed
        if await add_words(self.app, "Add to the case log", self.case_id, is_addendum=is_signed):
            await self.reload()
            self.app.tell("Added.")

    def action_coded(self, what: str) -> None:
        """Ask why something was late, or what went wrong."""
        start_work(self, partial(self._coded, what), only=True, group="question")

    async def _coded(self, what: str) -> None:
        from ortool.tui.coded_questions import ask_complication, ask_delay

        if self.dossier is None or not await self._somebody():
            return
        ask = ask_delay if what == "delay" else ask_complication
        if (command := await ask(self.app, self.dossier)) is None:
            return
        case_id, command_id = self.case_id, uuid.uuid4().hex
        try:
            await carry_out(self.app, lambda actor: self.app.verbs.act(actor, case_id, command, command_id), case_id)
        except OrtoolError as error:
            self.app.tell(str(error), severe=True)
            return
        await self.reload()
        self.app.tell("Entered.")

    def action_replay(self) -> None:
        """Step through the case as it stood."""
        from ortool.tui.replay import ReplayScreen

        self.app.push_screen(ReplayScreen(self.case_id))

    async def _somebody(self) -> bool:
        return self.app.actor is not None or await self.app.choose_actor()
