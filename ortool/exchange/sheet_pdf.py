"""The downtime sheet as PDF on A4: read at arm's length, filled in by hand, the same bytes for the same sheet.

reportlab draws it (BSD, no browser and no system library); DejaVu Sans travels with the package and is embedded, so
that Latin, Greek, Cyrillic, Armenian and Georgian names print as they are written. Other scripts are spelled in Latin
letters between ‹ and ›, and the page says so.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ortool.caselog.sheet import Sheet, SheetBlock, SheetCounts, SheetLine
from ortool.exchange.paging import Unit, paginate, whole

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "ortool-sans", "ortool-sans-bold"
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 42.0, WIDTH - 36, HEIGHT - 32, 34.0
HEAD = 104.0
BOX, WORDS, TIME, INITIALS = LEFT, LEFT + 84, RIGHT - 152, RIGHT - 92
ROOM = TOP - HEAD - BOTTOM - 16
LABEL_WIDTH, LABEL_HEIGHT = 236.0, 86.0
SPELLED = "‹ › spelled in Latin letters by the program"

Draw = Callable[[Canvas, float], None]
"""Draws something whose upper edge is at a height of the page."""


def sheet_pdf(sheet: Sheet) -> bytes:
    """Return a sheet as a PDF. No item is split over two pages; each page says which of how many it is."""
    _register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en")
    # A title is shown by viewers and print queues: it names the form and never the patient.
    canvas.setTitle(f"Downtime sheet {sheet.form}")
    canvas.setAuthor("ortool")
    pages = paginate(_units(sheet), ROOM)
    for number, page in enumerate(pages, 1):
        _frame(canvas, sheet, f"page {number} of {len(pages)}")
        height = TOP - HEAD
        for piece in page:
            piece.draw(canvas, height)
            height -= piece.height
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@lru_cache(maxsize=1)
def _register() -> dict[str, frozenset[int]]:
    """Make the fonts known, and return which characters each of them has."""
    fonts = {PLAIN: TTFont(PLAIN, FONTS / "DejaVuSans.ttf"), BOLD: TTFont(BOLD, FONTS / "DejaVuSans-Bold.ttf")}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return {name: frozenset(font.face.charToGlyph) for name, font in fonts.items()}


def printable(text: str) -> str:
    """Return `text` with what the fonts cannot show spelled in Latin letters between ‹ and ›."""
    known = _register()[PLAIN] & _register()[BOLD]
    found: list[str] = []
    strange = ""
    for char in f"{text}\0":
        if char != "\0" and ord(char) not in known:
            strange += char
            continue
        if strange:
            found.append(f"‹{_spelled(strange)}›")
            strange = ""
        found.append(char)
    return "".join(found[:-1])


def _spelled(text: str) -> str:
    from anyascii import anyascii

    return "".join(char for char in anyascii(text) if char.isprintable()).strip() or "?"


@dataclass(frozen=True, slots=True)
class _Piece:
    height: float
    draw: Draw


@dataclass(frozen=True, slots=True)
class _Style:
    font: str = PLAIN
    size: float = 8.5

    @property
    def leading(self) -> float:
        return self.size * 1.25

    def lines(self, text: str, width: float) -> list[str]:
        return _broken(printable(text), self.font, self.size, width)


BODY, STRONG, SMALL = _Style(), _Style(BOLD, 9), _Style(PLAIN, 7.5)
HEADING, TITLE = _Style(BOLD, 10.5), _Style(BOLD, 13)


def _broken(text: str, font: str, size: float, width: float) -> list[str]:
    """Return `text` in lines that are no wider than `width`; a word that is too long is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        trial = f"{line} {word}" if line else word
        if pdfmetrics.stringWidth(trial, font, size) <= width:
            line = trial
            continue
        if line:
            lines.append(line)
        *whole_lines, line = _chopped(word, font, size, width)
        lines += whole_lines
    return [*lines, line] if line else lines


def _chopped(word: str, font: str, size: float, width: float) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and pdfmetrics.stringWidth(pieces[-1] + char, font, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _write(canvas: Canvas, style: _Style, x: float, y: float, lines: list[str]) -> float:
    """Write lines from the upper edge `y` downwards and return the lower edge."""
    canvas.setFont(style.font, style.size)
    for line in lines:
        canvas.drawString(x, y - style.size, line)
        y -= style.leading
    return y


def _units(sheet: Sheet) -> Iterator[Unit[_Piece]]:
    for block in sheet.blocks:
        # A pause is read aloud from one page, wherever it fits on one.
        units = list(_block(block))
        yield from whole(units, ROOM) if block.is_pause else units
    if sheet.counts:
        piece = _counts(sheet.counts)
        yield Unit(piece, piece.height)


def _block(block: SheetBlock) -> Iterator[Unit[_Piece]]:
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
        yield Unit(_Piece(height, partial(_closing, lines)), height)


def _closing(lines: list[str], canvas: Canvas, y: float) -> None:
    _write(canvas, BODY, WORDS, y - 2, lines)


def _heading(text: str, notes: tuple[str, ...], is_pause: bool) -> _Piece:
    title = HEADING.lines(text, RIGHT - LEFT - 8)
    told = [line for note in notes for line in SMALL.lines(note, RIGHT - LEFT - 8)]
    band = len(title) * HEADING.leading + 5
    height = 8 + band + len(told) * SMALL.leading + 5

    def draw(canvas: Canvas, y: float) -> None:
        y -= 8
        canvas.setFillGray(0.86 if is_pause else 1.0)
        canvas.rect(LEFT, y - band, RIGHT - LEFT, band, stroke=0 if is_pause else 1, fill=1)
        canvas.setFillGray(0)
        _write(canvas, HEADING, LEFT + 4, y - 2, title)
        _write(canvas, SMALL, LEFT + 4, y - band - 2, told)

    return _Piece(height, draw)


def _item(line: SheetLine) -> _Piece:
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
        _write(canvas, SMALL, BOX + 16, y - 4, SMALL.lines(line.id, WORDS - BOX - 18))
        below = _write(canvas, STRONG, WORDS, y - 3, challenge)
        below = _write(canvas, BODY, WORDS, below, response)
        below = _write(canvas, BODY, WORDS, below - (4 if write else 0), write)
        below = _write(canvas, STRONG, WORDS, below, said)
        _write(canvas, SMALL, WORDS, below, who)
        _signed(canvas, y, line)

    return _Piece(height, draw)


def _stamp(line: SheetLine) -> _Piece:
    told = STRONG.lines(line.challenge, TIME - WORDS - 8)
    who = SMALL.lines(line.who, TIME - WORDS - 8)
    height = 6 + len(told) * STRONG.leading + len(who) * SMALL.leading

    def draw(canvas: Canvas, y: float) -> None:
        _rule(canvas, y)
        _write(canvas, SMALL, BOX, y - 4, SMALL.lines(line.id, WORDS - BOX - 4))
        _write(canvas, SMALL, WORDS, _write(canvas, STRONG, WORDS, y - 3, told), who)
        _signed(canvas, y, line)

    return _Piece(height, draw)


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
        _write(canvas, BODY, TIME, y - 4, [line.time])
    else:
        canvas.line(TIME, y - 16, TIME + 44, y - 16)
        canvas.setFont(PLAIN, 8)
        canvas.drawCentredString(TIME + 22, y - 14, ":")
    if line.initials:
        _write(canvas, BODY, INITIALS, y - 4, BODY.lines(line.initials, RIGHT - INITIALS))
    elif line.two:
        canvas.line(INITIALS, y - 16, INITIALS + 42, y - 16)
        canvas.line(INITIALS + 48, y - 16, RIGHT, y - 16)
    elif not line.time:
        canvas.line(INITIALS, y - 16, RIGHT, y - 16)


def _counts(counts: SheetCounts) -> _Piece:
    name_width = 170.0
    column = (RIGHT - LEFT - name_width) / (len(counts.moments) + 1)
    titles = ["Added (+)", *counts.moments]
    heads = [SMALL.lines(title, column - 6) for title in titles]
    head = max(len(lines) for lines in heads) * SMALL.leading + 6
    rows = [(BODY.lines(title, name_width - 6), ("", *cells)) for title, cells in _rows(counts)]
    heights = [max(24.0, len(lines) * BODY.leading + 8) for lines, _ in rows]

    def draw(canvas: Canvas, y: float) -> None:
        _write(canvas, HEADING, LEFT, y - 10, ["Count table"])
        told = "Two people, aloud; write what is found; one too many is also a wrong count."
        y = _write(canvas, SMALL, LEFT, y - 24, [told]) - 4
        for index, lines in enumerate(heads):
            _write(canvas, SMALL, LEFT + name_width + index * column + 3, y - 2, lines)
        _grid(canvas, y, [head, *heights], name_width, column, len(titles))
        y -= head
        for (lines, cells), height in zip(rows, heights, strict=True):
            _write(canvas, BODY, LEFT + 3, y - 3, lines)
            for index, cell in enumerate(cells):
                x = LEFT + name_width + index * column + 4
                _write(canvas, BODY, x, y - 5, BODY.lines(cell, column - 6))
            y -= height

    return _Piece(40 + head + sum(heights), draw)


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


def _frame(canvas: Canvas, sheet: Sheet, page: str) -> None:
    """Draw what stands on every page: what it is, whose it is, whether it is approved, and which page."""
    label = RIGHT - LABEL_WIDTH
    width = label - LEFT - 10
    y = _write(canvas, TITLE, LEFT, TOP, TITLE.lines(sheet.title, width)[:2])
    y = _write(canvas, SMALL, LEFT, y - 1, SMALL.lines(sheet.site, width)[:1])
    y = _write(canvas, SMALL, LEFT, y, SMALL.lines(sheet.edition, width)[:2])
    _write(canvas, SMALL, LEFT, y, SMALL.lines(f"{sheet.form}, printed {sheet.printed_at}, {sheet.state}", width)[:2])
    _approval(canvas, sheet)
    _label(canvas, sheet, label)
    canvas.setFont(BOLD, 7.5)
    canvas.drawString(TIME, TOP - HEAD + 6, "hh:mm")
    canvas.drawString(INITIALS, TOP - HEAD + 6, "initials")
    canvas.setLineWidth(1)
    canvas.line(LEFT, TOP - HEAD + 2, RIGHT, TOP - HEAD + 2)
    _foot(canvas, sheet, page)


def _approval(canvas: Canvas, sheet: Sheet) -> None:
    style = SMALL if sheet.is_approved else _Style(BOLD, 9.5)
    lines = style.lines(sheet.approval, RIGHT - LABEL_WIDTH - LEFT - 16)[:2]
    y = TOP - HEAD + 6 + len(lines) * style.leading
    if not sheet.is_approved:
        wide = max(pdfmetrics.stringWidth(line, style.font, style.size) for line in lines)
        canvas.setLineWidth(1.2)
        canvas.rect(LEFT, TOP - HEAD + 6, wide + 10, y - (TOP - HEAD + 6) + 2)
    _write(canvas, style, LEFT + (0 if sheet.is_approved else 5), y, lines)


def _label(canvas: Canvas, sheet: Sheet, x: float) -> None:
    canvas.setLineWidth(0.8)
    canvas.rect(x, TOP - LABEL_HEIGHT, LABEL_WIDTH, LABEL_HEIGHT)
    if not sheet.identity:
        _write(canvas, SMALL, x + 4, TOP - 3, ["Case label here, or write:"])
        for row, words in enumerate(("name", "born", "hospital number", "case")):
            _write(canvas, SMALL, x + 4, TOP - 16 - row * 14.5, [words])
            canvas.line(x + 72, TOP - 25 - row * 14.5, RIGHT - 6, TOP - 25 - row * 14.5)
        return
    y = TOP - 2
    for style, lines in _fitting(sheet.identity):
        y = _write(canvas, style, x + 4, y, lines)


def _fitting(identity: tuple[str, ...]) -> list[tuple[_Style, list[str]]]:
    """Return the identity as large as the label allows: the letters shrink, nothing that identifies is ever cut."""
    for size in (8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4):
        styles = [_Style(BOLD, size + 1.5), *(_Style(PLAIN, size) for _ in identity[1:])]
        found = [(style, style.lines(line, LABEL_WIDTH - 8)) for style, line in zip(styles, identity, strict=True)]
        if sum(style.leading * len(lines) for style, lines in found) <= LABEL_HEIGHT - 6:
            break
    return found


def _foot(canvas: Canvas, sheet: Sheet, page: str) -> None:
    canvas.setFont(PLAIN, 6.5)
    spelled = any(printable(line) != line for line in (*sheet.identity, sheet.title, sheet.site))
    notes = [sheet.based_on, SPELLED if spelled else ""]
    canvas.drawString(LEFT, BOTTOM, printable("   ".join(note for note in notes if note)))
    canvas.setFont(BOLD, 8)
    canvas.drawRightString(RIGHT, BOTTOM - 10, page)
    canvas.drawString(LEFT, BOTTOM - 10, sheet.form)
