"""The pieces of a printed sheet, each with its height and how it is drawn: headings, items and stamps."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ortool.caselog.sheet import SheetBlock, SheetLine
from ortool.exchange.paging import Unit, whole
from ortool.exchange.pdf_words import BODY, BOLD, HEADING, PLAIN, SMALL, STRONG, Style, put

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


class Fonts(NamedTuple):
    """The letters of one item, and the room above and below them."""

    strong: Style
    body: Style
    small: Style
    gap: float


NORMAL = Fonts(STRONG, BODY, SMALL, 6)
LARGE = Fonts(Style(BOLD, 13), Style(PLAIN, 11.5), Style(PLAIN, 9), 12)
"""For what is read while something happens, at arm's length and by poor light."""


def block_units(blocks: Iterable[SheetBlock]) -> Iterator[Unit[Piece]]:
    """Yield the pieces of blocks in order. A pause is read aloud from one page, wherever it fits on one."""
    for block in blocks:
        units = list(_block(block))
        yield from whole(units, ROOM) if block.is_pause else units


def _block(block: SheetBlock) -> Iterator[Unit[Piece]]:
    again = None
    if block.heading:
        more = heading(f"{block.heading} (continued)", (), block.is_pause)
        again = Unit(more, more.height)
        piece = heading(block.heading, block.notes, block.is_pause)
        yield Unit(piece, piece.height, with_next=bool(block.lines))
    for index, line in enumerate(block.lines):
        fonts = LARGE if block.is_large else NORMAL
        piece = _stamp(line, fonts) if line.is_stamp else _item(line, fonts)
        is_last = index == len(block.lines) - 1
        yield Unit(piece, piece.height, is_last and bool(block.closing), again)
    if block.closing:
        lines = BODY.lines(block.closing, RIGHT - WORDS)
        height = len(lines) * BODY.leading + 4
        yield Unit(Piece(height, partial(_closing, lines)), height)


def _closing(lines: list[str], canvas: Canvas, y: float) -> None:
    put(canvas, BODY, WORDS, y - 2, lines)


def heading(text: str, notes: tuple[str, ...], is_pause: bool) -> Piece:
    """Return a heading in a grey band for what is read aloud, in a frame for anything else, with notes beneath."""
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


def _item(line: SheetLine, fonts: Fonts = NORMAL) -> Piece:
    width = TIME - WORDS - 8
    challenge = fonts.strong.lines(line.challenge, width)
    response = fonts.body.lines(line.response, width)
    said = fonts.strong.lines(f"= {line.said}", width) if line.said else []
    write = fonts.body.lines(line.write, width) if line.write and not line.time and not line.said else []
    who = fonts.small.lines(line.who + ("   HARD STOP" if line.hard else ""), width)
    detail = fonts.small.lines(line.detail, width)
    height = (
        fonts.gap
        + (len(challenge) + len(said)) * fonts.strong.leading
        + (len(response) + len(write)) * fonts.body.leading
        + (4 if write else 0) + (len(who) + len(detail)) * fonts.small.leading
    )  # fmt: skip

    def draw(canvas: Canvas, y: float) -> None:
        _rule(canvas, y)
        _box(canvas, y, line)
        put(canvas, SMALL, BOX + 16, y - 4, SMALL.lines(line.id, WORDS - BOX - 18))
        below = put(canvas, fonts.strong, WORDS, y - 3, challenge)
        below = put(canvas, fonts.body, WORDS, below, response)
        below = put(canvas, fonts.small, WORDS, below, detail)
        below = put(canvas, fonts.body, WORDS, below - (4 if write else 0), write)
        below = put(canvas, fonts.strong, WORDS, below, said)
        put(canvas, fonts.small, WORDS, below, who)
        _signed(canvas, y, line)

    return Piece(height, draw)


def _stamp(line: SheetLine, fonts: Fonts = NORMAL) -> Piece:
    told = fonts.strong.lines(line.challenge, TIME - WORDS - 8)
    who = fonts.small.lines(line.who, TIME - WORDS - 8)
    height = fonts.gap + len(told) * fonts.strong.leading + len(who) * fonts.small.leading

    def draw(canvas: Canvas, y: float) -> None:
        _rule(canvas, y)
        put(canvas, SMALL, BOX, y - 4, SMALL.lines(line.id, WORDS - BOX - 4))
        put(canvas, fonts.small, WORDS, put(canvas, fonts.strong, WORDS, y - 3, told), who)
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
