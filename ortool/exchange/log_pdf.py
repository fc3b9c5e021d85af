"""A case log as PDF on A4 by reportlab: the same bytes for the same page, the patient and the seal on every sheet."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus import Paragraph as Words

from ortool.caselog.page import Bar, Bars, Block, Grid, Line, Page, Paragraph, Section, Span, Tone
from ortool.exchange.log_html import pieces
from ortool.exchange.pdf_words import BOLD, PLAIN, SMALL, TITLE, Style, printable, put, register

WIDTH, HEIGHT = A4
MARGIN, TOP, FOOT = 42.0, 92.0, 46.0
INSIDE = WIDTH - 2 * MARGIN
ALONE = 48.0
LABEL = 84.0
COLOURS = {Tone.QUIET: "#5c5c5c", Tone.GOOD: "#1d6b3a", Tone.WARN: "#8a5200", Tone.BAD: "#b3261e"}
FILLS = {"planned": "#cccccc", "taken": "#2f6f4f", "late": "#c98a1b", "over": "#b3261e"}
GREY = HexColor("#bbbbbb")


def log_pdf(page: Page) -> bytes:
    """Return a page as a PDF. Each sheet says whose it is, which of how many, and what was signed."""
    register()
    buffer = io.BytesIO()
    document = BaseDocTemplate(buffer, pagesize=A4, invariant=1, title=page.title, author="ortool", lang="en")
    inside = Frame(MARGIN, FOOT, INSIDE, HEIGHT - TOP - FOOT, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[inside], onPage=partial(_frame, page)))
    document.build(list(_story(page)), canvasmaker=_Numbered)
    return buffer.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]
    """A canvas that knows at the end how many sheets there are, and writes it on each."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._sheets: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep a sheet until all are known."""
        self._sheets.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Number the sheets and write them."""
        sheets = self._sheets
        for number, sheet in enumerate(sheets, 1):
            self.__dict__.update(sheet)
            self.setFont(BOLD, 8)
            self.drawRightString(WIDTH - MARGIN, FOOT - 20, f"page {number} of {len(sheets)}")
            super().showPage()
        super().save()


def _frame(page: Page, canvas: Canvas, _document: BaseDocTemplate) -> None:
    y = put(canvas, TITLE, MARGIN, HEIGHT - 30, TITLE.lines(page.title, INSIDE)[:1])
    identity = Style(BOLD, 9)
    y = put(canvas, identity, MARGIN, y - 1, identity.lines(page.identity, INSIDE)[:2])
    put(canvas, SMALL, MARGIN, y, SMALL.lines(page.printed, INSIDE)[:1])
    canvas.line(MARGIN, HEIGHT - TOP + 6, WIDTH - MARGIN, HEIGHT - TOP + 6)
    seal = Style(PLAIN if page.is_sound else BOLD, 7)
    canvas.setFillColor(HexColor("#000000" if page.is_sound else COLOURS[Tone.BAD]))
    put(canvas, seal, MARGIN, FOOT - 12, seal.lines(page.seal, INSIDE - 70)[:2])
    canvas.setFillColor(HexColor("#000000"))


def _story(page: Page) -> Iterator[Flowable]:
    for section in page.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[Flowable]:
    style = ParagraphStyle("h", fontName=BOLD, fontSize=10.5, leading=13, spaceAfter=2)
    # A heading alone at the foot of a sheet says nothing.
    yield CondPageBreak(ALONE)
    yield Spacer(0, 7)
    yield Words(_text(section.heading), style)
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[Flowable]:
    match block:
        case Paragraph():
            yield _words(block.line, 12.0 * block.depth)
        case Grid():
            yield from _grid(block)
        case Bars():
            for bar in block.bars:
                title = Span(f"{bar.title}  ", Tone.STRONG)
                yield KeepTogether([_words((title, *bar.words)), _Track(bar)])
            yield _Hours(block)


def _words(line: Line, indent: float = 0.0, size: float = 8.0) -> Words:
    style = ParagraphStyle("p", fontName=PLAIN, fontSize=size, leading=size * 1.25, leftIndent=indent, splitLongWords=1)
    return Words("".join(_span(span.text, span.tone) for span in line) or " ", style)


def _span(text: str, tone: Tone) -> str:
    words = _text(text)
    if tone in (Tone.STRONG, Tone.WARN, Tone.BAD):
        words = f'<font name="{BOLD}">{words}</font>'
    return f'<font color="{COLOURS[tone]}">{words}</font>' if tone in COLOURS else words


def _text(text: str) -> str:
    """Return data as reportlab's own markup reads it back to the letter."""
    kept = escape(printable(text)).replace("  ", "\N{NO-BREAK SPACE} ")
    return kept.replace("\n", "<br/>")


def _grid(grid: Grid) -> Iterator[Flowable]:
    if not grid.rows:
        return
    rows = [[_words(cell, size=7.5) for cell in row] for row in grid.rows]
    heads = [
        [Words(_text(head), ParagraphStyle("th", fontName=BOLD, fontSize=7.5, leading=9.5)) for head in grid.heads]
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, GREY),
    ]
    has_heads = bool(grid.heads)
    yield Table(
        (heads if has_heads else []) + rows,
        colWidths=_widths(grid),
        repeatRows=int(has_heads),
        style=TableStyle(style),
        hAlign="LEFT",
    )


def _widths(grid: Grid) -> list[float]:
    """Return the columns' widths: a label's is fixed, others share by the length of what stands in them."""
    if not grid.heads:
        return [LABEL, INSIDE - LABEL]
    lengths = [
        min(60, max(len(head), *(len("".join(span.text for span in row[index])) for row in grid.rows)))
        for index, head in enumerate(grid.heads)
    ]
    wanted = [max(13, length) for length in lengths]
    return [INSIDE * one / sum(wanted) for one in wanted]


class _Track(Flowable):  # type: ignore[misc]
    """One bar on the axis."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self.bar = bar
        self.width, self.height = INSIDE, 9.0

    def draw(self) -> None:
        """Draw the stretches of the bar, to scale."""
        self.canv.setStrokeColor(GREY)
        self.canv.line(0, 1, INSIDE, 1)
        for css, first, last in pieces(self.bar):
            self.canv.setFillColor(HexColor(FILLS[css]))
            self.canv.rect(INSIDE * first / 1000, 1.5, max(0.7, INSIDE * (last - first) / 1000), 6, stroke=0, fill=1)


class _Hours(Flowable):  # type: ignore[misc]
    """The hours below the bars, and what their colours mean."""

    def __init__(self, bars: Bars) -> None:
        super().__init__()
        self.bars = bars
        self.width, self.height = INSIDE, 22.0

    def draw(self) -> None:
        """Draw the hours and the legend."""
        self.canv.setFont(PLAIN, 6.5)
        for place, words in self.bars.ticks:
            x = INSIDE * place / 1000
            self.canv.setStrokeColor(GREY)
            self.canv.line(x, 14, x, 21)
            self.canv.drawString(min(x + 2, INSIDE - 22), 14.5, words)
        x = 0.0
        for css, words in zip(("planned", "taken", "late"), self.bars.legend, strict=True):
            self.canv.setFillColor(HexColor(FILLS[css]))
            self.canv.rect(x, 2, 14, 6, stroke=0, fill=1)
            self.canv.setFillColor(HexColor("#000000"))
            self.canv.drawString(x + 18, 2.5, words)
            x += 100
