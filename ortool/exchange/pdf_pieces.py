"""The pieces of a printed sheet, each with its height and how it is drawn: headings, items, stamps, counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ortool.caselog.sheet import Sheet, SheetBlock, SheetCounts, SheetLine
from ortool.exchange.paging import Unit, whole
from ortool.exchange.pdf_words import BODY, BOLD, HEADING, PLAIN, SMALL, STRONG, put

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 42.0, WIDTH - 36, HEIGHT - 32, 34.0
HEAD = 104.0
ROOM = TOP - HEAD - BOTTOM - 16
BOX, WORDS, TIME, INITIALS = LEFT, LEFT + 84, RIGHT - 152, RIGHT - 92

Draw = Callable[[Canvas, float], None]
"""Draws something whose upper edge is at a height of the page."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to draw, and its height in points."""

    height: float
    draw: Draw


def units_of(sheet: Sheet) -> Iterator[Unit[Piece]]:
    """Yield the pieces of a sheet in order, with what keeps them together."""
    for block in sheet.blocks:
        # A pause is read aloud from one page, wherever it fits on one.
        units = list(_block(block))
        yield from whole(units, ROOM) if block.is_pause else units
    if sheet.counts:
        piece = _counts(sheet.counts)
        yield Unit(piece, piece.height)


def _block(block: SheetBlock) -> Iterator[Unit[Piece]]:
    again = None
    if block.heading:
        more = _heading(f"{block.heading} (continued)", (), block.is_pause)
        again = Unit(more, more.height)
        piece = _heading(block.heading, block.notes, block.is_pause)
        yield Unit(piece, piece.height, with_next=True)
    for index, line in enumerate(block.lines):
        piece = _stamp(line) if line.is_stamp else _item(line)
        is_last = index == len(block.lines) - 1
        yield Unit(piece, piece.height, is_last and bool(block.closing), again)
    if block.closing:
        lines = BODY.lines(block.closing, RIGHT - WORDS)
        height = len(lines) * BODY.leading + 4
        yield Unit(Piece(height, partial(_closing, lines)), height)


def _closing(lines: list[str], canvas: Canvas, y: float) -> None:
    put(canvas, BODY, WORDS, y - 2, lines)


def _heading(text: str, notes: tuple[str, ...], is_pause: bool) -> Piece:
    title = HEADING.lines(text, RIGHT - LEFT - 8)
    told = [line for note in notes for line in SMALL.lines(note, RIGHT - LEFT - 8)]
    band = len(title) * HEADING.leading + 5
    height = 8 + band + len(told) * SMALL.leading + 5

    def draw(canvas: Canvas, y: float) -> None:
        y -= 8
        canvas.setFillGray(0.86 if is_pause else 1.0)
        canvas.rect(LEFT, y - band, RIGHT - LEFT, band, stroke=0 if is_pause else 1, fill=1)
        canvas.setFillGray(0)
        put(canvas, HEADING, LEFT + 4, y - 2, title)
        put(canvas, SMALL, LEFT + 4, y - band - 2, told)

    return Piece(height, draw)


def _item(line: SheetLine) -> Piece:
    width = TIME - WORDS - 8
    challenge = STRONG.lines(line.challenge, width)
    response = BODY.lines(line.response, width)
    said = STRONG.lines(f"= {line.said}", width) if line.said else []
    write = BODY.lines(line.write, width) if line.write and not line.time and not line.said else []
    who = SMALL.lines(line.who + ("   HARD STOP" if line.hard else ""), width)
    height = (
        6 + (len(challenge) + len(said)) * STRONG.leading + (len(response) + len(write)) * BODY.leading
        + (4 if write else 0) + len(who) * SMALL.leading
    )  # fmt: skip

    def draw(canvas: Canvas, y: float) -> None:
        _rule(canvas, y)
        _box(canvas, y, line)
        put(canvas, SMALL, BOX + 16, y - 4, SMALL.lines(line.id, WORDS - BOX - 18))
        below = put(canvas, STRONG, WORDS, y - 3, challenge)
        below = put(canvas, BODY, WORDS, below, response)
        below = put(canvas, BODY, WORDS, below - (4 if write else 0), write)
        below = put(canvas, STRONG, WORDS, below, said)
        put(canvas, SMALL, WORDS, below, who)
        _signed(canvas, y, line)

    return Piece(height, draw)


def _stamp(line: SheetLine) -> Piece:
    told = STRONG.lines(line.challenge, TIME - WORDS - 8)
    who = SMALL.lines(line.who, TIME - WORDS - 8)
    height = 6 + len(told) * STRONG.leading + len(who) * SMALL.leading

    def draw(canvas: Canvas, y: float) -> None:
        _rule(canvas, y)
        put(canvas, SMALL, BOX, y - 4, SMALL.lines(line.id, WORDS - BOX - 4))
        put(canvas, SMALL, WORDS, put(canvas, STRONG, WORDS, y - 3, told), who)
        _signed(canvas, y, line)

    return Piece(height, draw)


def _rule(canvas: Canvas, y: float) -> None:
    canvas.setLineWidth(0.3)
    canvas.line(LEFT, y, RIGHT, y)


def _box(canvas: Canvas, y: float, line: SheetLine) -> None:
    canvas.setLineWidth(1.4 if line.hard else 0.8)
    canvas.rect(BOX + 1, y - 15, 10.5, 10.5)
    canvas.setFont(BOLD, 9)
    canvas.drawCentredString(BOX + 6.2, y - 13, line.box)


def _signed(canvas: Canvas, y: float, line: SheetLine) -> None:
    """Write the time and the initials, or draw the lines to write them on."""
    canvas.setLineWidth(0.6)
    if line.time:
        put(canvas, BODY, TIME, y - 4, [line.time])
    else:
        canvas.line(TIME, y - 16, TIME + 44, y - 16)
        canvas.setFont(PLAIN, 8)
        canvas.drawCentredString(TIME + 22, y - 14, ":")
    if line.initials:
        put(canvas, BODY, INITIALS, y - 4, BODY.lines(line.initials, RIGHT - INITIALS))
    elif line.two:
        canvas.line(INITIALS, y - 16, INITIALS + 42, y - 16)
        canvas.line(INITIALS + 48, y - 16, RIGHT, y - 16)
    elif not line.time:
        canvas.line(INITIALS, y - 16, RIGHT, y - 16)


def _counts(counts: SheetCounts) -> Piece:
    name_width = 170.0
    column = (RIGHT - LEFT - name_width) / (len(counts.moments) + 1)
    titles = ["Added (+)", *counts.moments]
    heads = [SMALL.lines(title, column - 6) for title in titles]
    head = max(len(lines) for lines in heads) * SMALL.leading + 6
    rows = [(BODY.lines(title, name_width - 6), ("", *cells)) for title, cells in _rows(counts)]
    heights = [max(24.0, len(lines) * BODY.leading + 8) for lines, _ in rows]

    def draw(canvas: Canvas, y: float) -> None:
        put(canvas, HEADING, LEFT, y - 10, ["Count table"])
        told = "Two people, aloud; write what is found; one too many is also a wrong count."
        y = put(canvas, SMALL, LEFT, y - 24, [told]) - 4
        for index, lines in enumerate(heads):
            put(canvas, SMALL, LEFT + name_width + index * column + 3, y - 2, lines)
        _grid(canvas, y, [head, *heights], name_width, column, len(titles))
        y -= head
        for (lines, cells), height in zip(rows, heights, strict=True):
            put(canvas, BODY, LEFT + 3, y - 3, lines)
            for index, cell in enumerate(cells):
                x = LEFT + name_width + index * column + 4
                put(canvas, BODY, x, y - 5, BODY.lines(cell, column - 6))
            y -= height

    return Piece(40 + head + sum(heights), draw)


def _rows(counts: SheetCounts) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from zip(counts.categories, counts.cells, strict=True)
    yield "Time and two initials", counts.signed


def _grid(canvas: Canvas, y: float, heights: list[float], name_width: float, column: float, columns: int) -> None:
    canvas.setLineWidth(0.5)
    xs = [LEFT, *(LEFT + name_width + index * column for index in range(columns + 1))]
    ys = [y]
    for height in heights:
        ys.append(ys[-1] - height)
    canvas.grid(xs, ys)
