"""The construct screen: levels and sides, planned against implanted, and what differs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.checklist.construct import Cell, Construct
from ortool.checklist.construct_findings import findings
from ortool.presentation.construct import cell_detail, construct_rows, finding_lines, record_lines
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.pieces import Piece
from ortool.tui import construct_questions as questions
from ortool.tui.bars import Lines
from ortool.tui.forms import Form
from ortool.tui.identifying import read_or_leave
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.people.person import Person
    from ortool.tui.app import OrtoolApp

FINDINGS = 6
ASKED = ("plan", "by_hand", "check", "waste", "take_out", "take_back")


class ConstructScreen(SteppedScreen[None]):
    """The construct of a case. No key here writes by itself; each asks first.

    | key | what it does |
    |---|---|
    | b | scan a barcode and place the implant; a scan without b is taken too |
    | arrows, j k h | move: up and down the levels, h changes the side |
    | Enter | the next thing this place needs: plan, size by hand, or readings |
    | p | plan the size of this place |
    | m | implanted without a barcode, entered by hand by two people |
    | f | readings: walls, EMG, purchase, set screws final |
    | s | opened and not used (wasted) |
    | r | taken out again (or earlier hardware taken out) |
    | u | undo the last record about this place, asked first |
    | i | everything about this place, all differences, what was wasted |
    | Esc | back where you were |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "side(0)", "Left", show=False),
        Binding("right", "side(1)", "Right", show=False),
        Binding("h", "other_side", "Other side", show=False),
        Binding("enter", "next", "Next", show=False),
        Binding("p", "ask('plan')", "Plan", show=False),
        Binding("m", "ask('by_hand')", "By hand", show=False),
        Binding("f", "ask('check')", "Readings", show=False),
        Binding("s", "ask('waste')", "Wasted", show=False),
        Binding("r", "ask('take_out')", "Taken out", show=False),
        Binding("u,backspace", "ask('take_back')", "Undo", show=False),
        Binding("i", "info", "About this place", show=False),
        Binding("escape", "dismiss", "Back", show=False),
    ]
    AUTO_FOCUS = "#checklist"

    app: OrtoolApp

    def __init__(self, dossier: Dossier, people: dict[str, Person]) -> None:
        super().__init__()
        self.case_id = dossier.case.id
        self.dossier: Dossier | None = dossier
        self.people = people
        self.side = 0
        self.message: list[Piece] = []

    def compose(self) -> ComposeResult:
        """Identity, grid, what differs, keys."""
        yield Lines(id="identity")
        yield RowsView(id="checklist")
        yield Lines(id="findings")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Draw, and keep the clock going."""
        self.draw()
        self.set_interval(1.0, self.draw_identity)

    def on_resize(self) -> None:
        """Lay everything out for the new width."""
        self.call_after_refresh(self.draw)

    def on_ortool_app_changed(self) -> None:
        """Something was written, here or elsewhere: read again."""
        if not self.app.asked:
            start_work(self, self._reload, only=True, group="reload")

    async def _reload(self) -> None:
        dossier = await read_or_leave(self.app, lambda: self.app.verbs.case(self.case_id), self.case_id)
        if dossier is not None:
            self.take(dossier)

    def take(self, dossier: Dossier) -> None:
        """Show a newer state of the case."""
        if self.dossier is None or dossier.version >= self.dossier.version:
            self.dossier = dossier
        self.draw()

    @property
    def construct(self) -> Construct | None:
        """The construct as it stands."""
        run = self.dossier.run if self.dossier else None
        return Construct(run) if run else None

    @property
    def rows(self) -> RowsView:
        """The grid."""
        return self.query_one("#checklist", RowsView)

    @property
    def cell(self) -> Cell | None:
        """The place that the keys are about."""
        row = self.rows.row
        found: Cell | None = row.cell if row else None
        return found

    def draw(self) -> None:
        """Draw everything that may have changed."""
        construct = self.construct
        if construct is None:
            return
        rows = self.rows
        rows.show(construct_rows(construct, self.side, self.app.ascii_only))
        if rows.row is not None and not rows.row.can_rest:
            rows.action_edge(-1)
        self.draw_identity()
        self.draw_findings()

    def draw_identity(self) -> None:
        """Draw who is on the table."""
        if self.dossier:
            lines = identity_lines(self.dossier, self.app.now(), self.app.verbs.zone, self.size.width)
            self.query_one("#identity", Lines).show(lines)

    def draw_findings(self) -> None:
        """Draw the last message and what is not as it should be."""
        construct = self.construct
        if construct is None:
            return
        lines: list[list[Piece]] = [self.message] if self.message else []
        lines += finding_lines(findings(construct), self.size.width, FINDINGS - len(lines))
        self.query_one("#findings", Lines).show(lines)
        self.query_one(KeyLine).offer(self._keys())

    def _keys(self) -> list[Key]:
        return [
            Key("b", "scan", "scan_help"), Key("Enter", "next", "next"), Key("p", "plan", "ask('plan')"),
            Key("m", "by hand", "ask('by_hand')"), Key("f", "readings", "ask('check')"),
            Key("s", "wasted", "ask('waste')"), Key("r", "out", "ask('take_out')"), Key("Esc", "case", "dismiss"),
            Key("h", "side", "other_side"), Key("i", "info", "info"),
        ]  # fmt: skip

    def say(self, sentence: str, role: str = "alarm") -> None:
        """Show a sentence above the findings until the cursor moves."""
        self.message = [Piece(f" {sentence} ", role)]
        self.draw_findings()

    def scanning(self, text: str | None) -> None:
        """Show the scan line."""
        self.message = [Piece(f" {text} ", "warn")] if text else []
        self.draw_findings()

    def scanned(self, raw: str, _on_purpose: bool) -> None:
        """Place what was scanned."""
        self.start(lambda: questions.scanned(self, raw, self.cell))

    def on_rows_view_moved(self) -> None:
        """The message has been read when the cursor moves on."""
        self.message = []
        self.draw_findings()

    def start(self, question: Callable[[], Awaitable[None]]) -> None:
        """Ask something in the background of the screen; one question at a time."""
        start_work(self, question, only=True, group="question")

    def action_ask(self, question: str) -> None:
        """Ask about the place under the cursor."""
        asked = {name: getattr(questions, name) for name in ASKED}
        cell = self.cell
        if cell is None:
            return
        if question == "by_hand" and cell.implanted:
            self.say(f"{cell.title}: an implant is recorded there already.")
        elif question == "check" and not cell.implanted:
            self.say(f"{cell.title}: nothing is implanted there yet.")
        else:
            self.start(lambda: asked[question](self, cell))

    def action_next(self) -> None:
        """Ask the next thing that this place needs."""
        if cell := self.cell:
            self.action_ask("check" if cell.implanted else "by_hand" if cell.planned else "plan")

    def action_side(self, side: int) -> None:
        """Go to the left or the right side."""
        self.side = side
        self.message = []
        self.draw()

    def action_other_side(self) -> None:
        """Go to the other side."""
        self.action_side(1 - self.side)

    def action_scan_help(self) -> None:
        """Say how to scan, for those who click."""
        self.say("Press b and scan, or simply scan.", "warn")

    def action_info(self) -> None:
        """Show everything about this place and the whole construct."""
        construct, dossier = self.construct, self.dossier
        if construct is None or dossier is None or self.cell is None:
            return
        words = cell_detail(self.cell, dossier.names)
        words += [finding.sentence for finding in findings(construct)] + record_lines(construct, dossier.names)
        self.app.push_screen(Form(self.cell.title, [], words))
