"""Statistics on the screen: every figure on its line, its definition below, its chapter as a plot."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.caselog.statistics import Chapter, Figure
from ortool.errors import OrtoolError
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.statistics import bounds_words, chart_lines, late_words, summary, value_words
from ortool.tui.bars import Lines
from ortool.tui.identifying import read
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.caselog.statistics import Statistics
    from ortool.tui.app import OrtoolApp

_LABEL, _DETAIL = 34, 5


@dataclass(frozen=True)
class ChapterLine:
    """The title of a chapter, and what was left out of it."""

    chapter: Chapter

    can_rest = False
    is_open = False

    @property
    def key(self) -> str:
        """The chapter."""
        return self.chapter.id

    def pieces(self, width: int) -> list[Piece]:
        """Return the line."""
        note = f"  {self.chapter.note}" if self.chapter.note else ""
        return [Piece(f"{self.chapter.title}{note}", "heading")]


@dataclass(frozen=True)
class FigureLine:
    """One figure."""

    figure: Figure
    chapter: Chapter

    can_rest = True
    is_open = False

    @property
    def key(self) -> str:
        """The figure."""
        return self.figure.id

    def pieces(self, width: int) -> list[Piece]:
        """Return the line."""
        one = self.figure
        more = ", ".join(filter(None, (bounds_words(one), one.note)))
        return [
            Piece(f"  {fit(one.label, _LABEL)}", "title"),
            Piece(f"{value_words(one):>10}", "name"),
            Piece(f"  n {one.n:<6}", "middle"),
            Piece(more, "middle"),
        ]


class StatisticsScreen(SteppedScreen[None]):
    """What case logs say together.

    | key | what it does |
    |---|---|
    | up, down, j k | move from figure to figure |
    | Enter | the cases behind the figure |
    | p | the plot: show or hide it |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Cases", show=False),
        Binding("p", "plot", "Plot", show=False),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#figures"

    app: OrtoolApp

    def __init__(self, search: str = "") -> None:
        super().__init__()
        self.search = search
        self.statistics: Statistics | None = None

    def compose(self) -> ComposeResult:
        """What it is about, the figures, the definition, the plot, keys."""
        yield Lines(id="title")
        yield RowsView(id="figures")
        yield Lines(id="detail")
        yield Lines(id="plot")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Count."""
        self.query_one("#title", Lines).show([[Piece(" Statistics · counting …", "name")]])
        self.query_one("#plot", Lines).display = False
        start_work(self, self.reload, only=True, group="reload")

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self.draw)

    async def reload(self) -> None:
        """Count anew."""
        verbs, search = self.app.verbs, self.search
        try:
            self.statistics = await read(self.app, lambda: verbs.statistics(search), "")
        except OrtoolError as error:
            self.app.tell(str(error), severe=True)
            self.dismiss(None)
            return
        self.draw()

    def draw(self) -> None:
        """Draw all figures."""
        if self.statistics is None:
            return
        about = f"{self.search} · " if self.search else ""
        words = summary(self.statistics, self.app.verbs.zone)
        self.query_one("#title", Lines).show([[Piece(f" Statistics · {about}{words}", "name")]])
        rows: list[ChapterLine | FigureLine] = []
        for chapter in self.statistics.chapters:
            rows.append(ChapterLine(chapter))
            rows += [FigureLine(figure, chapter) for figure in chapter.figures]
        self.query_one(RowsView).show(rows)
        keys = [Key("Enter", "cases behind", "open"), Key("p", "plot", "plot"), Key("Esc", "back", "dismiss(None)")]
        self.query_one(KeyLine).offer(keys)
        self._explain()

    def on_rows_view_moved(self) -> None:
        """Explain the figure that the cursor rests on."""
        self._explain()

    def _explain(self) -> None:
        row = self.query_one(RowsView).row
        if not isinstance(row, FigureLine):
            return
        said, width = row.figure.definition, max(20, self.size.width - 2)
        words = f"{said.words} ({said.source})"
        folded = textwrap.wrap(words, width)[:_DETAIL]
        late = late_words(row.figure) or "of no times"
        self.query_one("#detail", Lines).show([[Piece(f" {line}", "plain")] for line in (f"Times: {late}", *folded)])
        self._plot(row)

    def action_plot(self) -> None:
        """Show the plot of the chapter, or hide it."""
        plot = self.query_one("#plot", Lines)
        plot.display = not plot.display
        self._explain()

    def _plot(self, row: FigureLine) -> None:
        plot = self.query_one("#plot", Lines)
        if not plot.display:
            return
        drawn = chart_lines(row.chapter, row.figure, self.size.width - 3, max(4, self.size.height * 2 // 5))
        plot.show([[Piece(f" {line}", "plain")] for line in drawn or ["There is nothing to draw."]])

    def action_open(self) -> None:
        """Open the cases behind the figure."""
        row = self.query_one(RowsView).row
        if isinstance(row, FigureLine) and row.figure.cases:
            from ortool.tui.logs import LogsScreen

            self.app.push_screen(LogsScreen(row.figure.cases, f"behind: {row.figure.label}", row.figure.id))
