"""A case stepped through, entry by entry: the checklist as it stood on the screen then. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.caselog.replay import Frame, Replay, nearest
from ortool.errors import Refused
from ortool.presentation.identity_bar import identity_lines
from ortool.presentation.rail import rail
from ortool.presentation.replay_line import replay_lines
from ortool.presentation.run_rows import RowKind, View, run_rows
from ortool.tui.bars import Lines
from ortool.tui.identifying import read
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.tui.app import OrtoolApp

TEN = 10


class ReplayScreen(SteppedScreen[None]):
    """A case as it stood.

    | key | what it does |
    |---|---|
    | left, right | one entry back, on |
    | `[` `]` | back, on to where a phase begins |
    | `,` `.` | ten entries back, on |
    | Home, End | before the first entry, after the last |
    | up, down, PgUp, PgDn | read |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "entry(-1)", "Entry before", show=False, priority=True),
        Binding("right", "entry(1)", "Next entry", show=False, priority=True),
        Binding("comma", "entry(-10)", "Ten back", show=False),
        Binding("full_stop", "entry(10)", "Ten on", show=False),
        Binding("left_square_bracket", "phase(-1)", "Phase before", show=False),
        Binding("right_square_bracket", "phase(1)", "Next phase", show=False),
        Binding("home", "edge(0)", "First", show=False, priority=True),
        Binding("end", "edge(1)", "Last", show=False, priority=True),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#checklist"

    app: OrtoolApp

    def __init__(self, case_id: str) -> None:
        super().__init__()
        self.case_id = case_id
        self.replay: Replay | None = None
        self.frame: Frame | None = None

    def compose(self) -> ComposeResult:
        """Identity, time line, phases, checklist, keys."""
        yield Lines(id="identity")
        yield Lines(id="clocks")
        yield Lines(id="rail")
        yield RowsView(id="checklist")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Read the case, once."""
        start_work(self, self._load)

    async def _load(self) -> None:
        try:
            self.replay = await read(self.app, lambda: self.app.verbs.replay(self.case_id), self.case_id)
        except Refused as refused:
            self.app.tell(str(refused), severe=True)
            self.dismiss(None)
            return
        self.go(len(self.replay))

    def on_resize(self) -> None:
        """Lay out for the new width."""
        if self.frame is not None:
            self.call_after_refresh(self.draw)

    def go(self, index: int) -> None:
        """Show the case after so many of its entries."""
        if self.replay is not None:
            self.frame = self.replay.frame(index)
            self.draw()

    def draw(self) -> None:
        """Draw the moment that is shown, its clocks too."""
        replay, frame, verbs = self.replay, self.frame, self.app.verbs
        if replay is None or frame is None:
            return
        width, run = self.size.width, frame.dossier.run
        self.query_one("#identity", Lines).show(identity_lines(frame.dossier, frame.at, verbs.zone, width))
        bar = self.query_one("#clocks", Lines)
        bar.display = True
        bar.show(replay_lines(replay, frame, verbs.zone, width, self.app.ascii_only))
        rows = self.query_one(RowsView)
        if run is not None:
            view = View(frame.at, verbs.zone, verbs.settings.late_minutes, ascii_only=self.app.ascii_only)
            self.query_one("#rail", Lines).show([rail(run, frame.at, width)])
            rows.show(run_rows(run, view))
            body = frame.entry.body if frame.entry else {}
            for kind, name in ((RowKind.ITEM, body.get("item")), (RowKind.STAMP, body.get("stamp"))):
                rows.go_to((kind.value, name))
        keys = [Key("← →", "entry", "entry(1)"), Key("[ ]", "phase", "phase(1)"), Key(", .", "ten", f"entry({TEN})")]
        keys += [Key("Home End", "edges", "edge(1)"), Key("Esc", "back", "dismiss(None)")]
        self.query_one(KeyLine).offer(keys)

    def action_entry(self, by: int) -> None:
        """Go so many entries on, or back."""
        if self.frame is not None:
            self.go(self.frame.index + by)

    def action_phase(self, by: int) -> None:
        """Go to where the next phase begins, or the one before."""
        if self.replay is not None and self.frame is not None:
            self.go(nearest(self.replay.phase_starts(), self.frame.index, by))

    def action_edge(self, side: int) -> None:
        """Go before the first entry, or after the last."""
        if self.replay is not None:
            self.go(len(self.replay) if side else 0)
