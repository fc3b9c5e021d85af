"""The counts of a case on one page: counted when, expected now, and what to do when one does not agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.checklist.counts import next_relief
from ortool.checklist.records import State
from ortool.checklist.run import Run
from ortool.presentation.count_table import count_rows, count_title
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.pieces import Piece, wrap
from ortool.tui import case_paper, case_questions, count_questions
from ortool.tui.bars import Lines
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen

if TYPE_CHECKING:
    from ortool.tui.app import OrtoolApp
    from ortool.tui.case import CaseScreen

DETAIL_LINES = 3


class CountsScreen(SteppedScreen[None]):
    """The counts of one case.

    | key | what it does |
    |---|---|
    | arrows, j k | move |
    | c | count at the next moment |
    | r | count at the relief of scrub or circulating nurse, any number of times |
    | + | something came to the field; a negative number: left it for good |
    | Space | a step of what to do is done |
    | n, x | no, not applicable: a step, with a reason |
    | Backspace | undo the last entry at once |
    | u | undo the last entry, asked first |
    | Esc | back to the case |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "count", "Count", show=False),
        Binding("r", "relief", "Relief", show=False),
        Binding("plus", "add", "Add", show=False),
        Binding("space", "step('done')", "Done", show=False),
        Binding("n", "step('no')", "No", show=False),
        Binding("x", "step('not_applicable')", "Not applicable", show=False),
        Binding("backspace", "undo", "Undo", show=False),
        Binding("u", "ask_undo", "Undo", show=False),
        Binding("escape", "back", "Back", show=False),
    ]
    AUTO_FOCUS = "#entries"

    app: OrtoolApp

    def __init__(self, case: CaseScreen) -> None:
        super().__init__()
        self.case = case
        self._place = case.row.key if case.row else None

    def compose(self) -> ComposeResult:
        """Identity, verdict, table, what was said last, keys."""
        yield Lines(id="identity")
        yield Lines(id="title")
        yield RowsView(id="entries")
        yield Lines(id="detail")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Draw, and follow the case: whatever is stored there is shown here."""
        self.case.told = self.draw
        self.draw()

    def on_unmount(self) -> None:
        """Let the case go."""
        self.case.told = None

    def on_resize(self) -> None:
        """Lay the table out for the new width."""
        self.call_after_refresh(self.draw)

    def on_ortool_app_changed(self) -> None:
        """Something was written: let the case read again."""
        self.case.look_again()

    @property
    def run(self) -> Run | None:
        """The run as it stands."""
        return self.case.dossier.run if self.case.dossier else None

    @property
    def rows(self) -> RowsView:
        """The table."""
        return self.query_one("#entries", RowsView)

    def draw(self) -> None:
        """Draw the counts as they stand."""
        dossier, run = self.case.dossier, self.run
        if dossier is None or run is None or not self.query(KeyLine):
            return  # the case may tell of an entry while this screen comes or goes
        width = self.size.width
        paper = case_paper.bar(self.case, width, "g on the case ends it")
        lines = identity_lines(dossier, self.app.now(), self.app.verbs.zone, width)
        self.query_one("#identity", Lines).show([*lines, *paper])
        self.query_one("#title", Lines).show([[Piece(f" {count_title(run)}", "title")]])
        self.rows.show(count_rows(run, max(40, width - 1), self.app.ascii_only))
        self.query_one("#detail", Lines).show(self._said(width))
        self.query_one(KeyLine).offer(self._keys())

    def _said(self, width: int) -> list[list[Piece]]:
        lines = wrap(self.case.message, width) if self.case.message else []
        row, run = self.rows.row, self.run
        item = run.plan.items.get(row.id) if row is not None and run else None
        if item is not None:
            lines += wrap(
                [Piece(f"{item.id} {item.response}. {item.detail} [{', '.join(item.evidence)}]", "dim")], width
            )
        return (lines + [[] for _ in range(DETAIL_LINES)])[:DETAIL_LINES]

    def _keys(self) -> list[Key]:
        keys = [Key("c", "count", "count"), Key("+", "add", "add"), Key("r", "relief count", "relief")]
        if self.rows.row is not None and self.rows.row.kind == "step":
            keys = [Key("Space", "done", "step('done')"), Key("x", "n/a", "step('not_applicable')"), *keys]
        return [*keys, Key("u", "undo", "ask_undo"), Key("Esc", "back", "back")]

    def on_rows_view_moved(self) -> None:
        """What was said has been read when the cursor moves on."""
        self.case.message = []
        self.draw()

    def action_count(self) -> None:
        """Count at the next moment."""
        self._ask(lambda: count_questions.count(self.case, None))

    def action_relief(self) -> None:
        """Count because scrub or circulating nurse are relieved for good."""
        run = self.run
        if run is not None:
            self._ask(lambda: count_questions.count(self.case, None, next_relief(run.ledger)))

    def action_add(self) -> None:
        """Say what came to the field."""
        row = self.rows.row
        category = row.id if row is not None and row.kind == "category" else ""
        self._ask(lambda: count_questions.add(self.case, category))

    def action_step(self, state: str) -> None:
        """Answer a step of what to do."""
        row, run = self.rows.row, self.run
        if row is not None and run is not None and row.kind == "step":
            item = run.plan.items[row.id]
            self._ask(lambda: case_questions.answer(self.case, item, State(state)))

    def action_undo(self) -> None:
        """Take the last entry back."""
        self._ask(lambda: case_questions.undo(self.case, last=True))

    def action_ask_undo(self) -> None:
        """Ask before the last entry is taken back: a letter may come from a scanner."""
        self._ask(lambda: case_questions.undo(self.case, last=True, ask=True))

    def scanning(self, text: str | None) -> None:
        """Show the scan line: what a scanner sends here is swallowed too."""
        self.case.message = [Piece(f" {text} ", "warn")] if text else []
        self.draw()

    def scanned(self, raw: str, _on_purpose: bool) -> None:
        """A barcode has no place among the counts."""
        self.case.message = [Piece(" A barcode was scanned: nothing was entered. Esc, then scan on the case. ", "warn")]
        self.draw()

    def action_back(self) -> None:
        """Back to the case, where it was."""
        if self._place is not None:
            self.case.rows.go_to(self._place)
        self.dismiss()

    def _ask(self, question: Callable[[], object]) -> None:
        self.case.start(question)
