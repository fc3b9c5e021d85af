"""All case logs as a list: find one, open it, or look at what they say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.errors import OrtoolError
from ortool.presentation.found import columns
from ortool.presentation.listing import lay_out
from ortool.presentation.pieces import Piece
from ortool.presentation.words import plural
from ortool.tui.bars import Lines
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import read
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.caselog.found import FoundList
    from ortool.tui.app import OrtoolApp

HELP = (
    "surgeon: procedure: room: level: event: lot: day: days: unsigned:",
    "What stands without a field is searched in notes. Nothing: all.",
)


@dataclass(frozen=True)
class FoundLine:
    """One case of the list, as it is laid out; its key is the case."""

    key: str
    text: str

    can_rest = True
    is_open = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the line."""
        return [Piece(self.text, "title")]


class LogsScreen(SteppedScreen[None]):
    """All case logs, newest first.

    | key | what it does |
    |---|---|
    | up, down, j k | move from case to case |
    | Enter | open the case log |
    | / | search: `surgeon:su1 level:L4-5 lot:A213 words of notes` |
    | s | statistics of what is searched for |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", show=False),
        Binding("slash", "search", "Search", show=False),
        Binding("s", "statistics", "Statistics", show=False),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#cases"

    app: OrtoolApp

    def __init__(self, ids: tuple[str, ...] = (), title: str = "", figure: str = "") -> None:
        """With `ids` the cases behind a `figure` (its id), called `title`; else all."""
        super().__init__()
        self.ids, self.words, self.figure, self.search = ids, title, figure, ""
        self.found: FoundList | None = None

    def compose(self) -> ComposeResult:
        """What is shown, its header, the cases, keys."""
        yield Lines(id="title")
        yield Lines(id="timeline")
        yield RowsView(id="cases")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Read the list."""
        start_work(self, self.reload, only=True, group="reload")

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self.draw)

    async def reload(self) -> None:
        """Read the list anew."""
        verbs, ids, figure, search = self.app.verbs, self.ids, self.figure, self.search
        try:
            question = (lambda: verbs.behind(ids, figure)) if ids else (lambda: verbs.find(search))
            self.found = await read(self.app, question, "")
        except OrtoolError as error:
            self.app.tell(str(error), severe=True)
            if self.found is None:
                self.dismiss(None)
            return
        self.draw()

    def draw(self) -> None:
        """Draw the list as it stands."""
        if self.found is None:
            return
        cases, more = self.found.cases, "; there are more" if self.found.more else ""
        about = self.words or (f"search: {self.search}" if self.search else "newest first")
        self.query_one("#title", Lines).show(
            [[Piece(f" Case logs · {plural(len(cases), 'case')}{more} · {about}", "name")]]
        )
        head, *lines = (
            lay_out(columns(cases, self.app.verbs.zone), self.size.width - 2) if cases else ["There is none."]
        )
        self.query_one("#timeline", Lines).show([[Piece(head, "dim")]])
        lines = lines[-len(cases) :] if cases else []
        rows = [FoundLine(one.case.id, line) for one, line in zip(cases, lines, strict=True)]
        self.query_one(RowsView).show(rows)
        keys = [Key("Enter", "open", "open")] if rows else []
        searching = [] if self.ids else [Key("/", "search", "search"), Key("s", "statistics", "statistics")]
        self.query_one(KeyLine).offer([*keys, *searching, Key("Esc", "back", "dismiss(None)")])

    def action_open(self) -> None:
        """Open the case log under the cursor."""
        if (row := self.query_one(RowsView).row) is not None:
            from ortool.tui.log import LogScreen

            self.app.push_screen(LogScreen(row.key))

    def action_search(self) -> None:
        """Ask what to search for."""
        if not self.ids:
            start_work(self, self._ask, only=True, group="question")

    async def _ask(self) -> None:
        question = Question("search", "Search", self.search, required=False)
        answers = await self.app.push_screen_wait(Form("Find case logs", [question], HELP))
        if answers is not None:
            before, self.search = self.search, answers["search"]
            kept = self.found
            await self.reload()
            if self.found is kept:  # what was typed asks for nothing: what is shown stays what is said
                self.search = before

    def action_statistics(self) -> None:
        """Show what the cases searched for say together."""
        if not self.ids:
            from ortool.tui.statistics import StatisticsScreen

            self.app.push_screen(StatisticsScreen(self.search))
