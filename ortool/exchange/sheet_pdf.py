"""The downtime sheet as PDF on A4: read at arm's length, filled in by hand, the same bytes for the same sheet.

reportlab draws it (BSD, no browser and no system library); DejaVu Sans travels with the package and is embedded, so
that Latin, Greek, Cyrillic, Armenian and Georgian names print as they are written. Other scripts are spelled in Latin
letters between ‹ and ›, and the page says so.
"""

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from ortool.caselog.sheet import Sheet
from ortool.exchange.paging import bound, index_words
from ortool.exchange.pdf_pieces import BOTTOM, HEAD, INITIALS, LEFT, RIGHT, ROOM, TIME, TOP
from ortool.exchange.pdf_tables import sections_of
from ortool.exchange.pdf_words import BOLD, PLAIN, SMALL, TITLE, Style, printable, put, register

LABEL_WIDTH, LABEL_HEIGHT = 236.0, 86.0
SPELLED = "‹ › spelled in Latin letters by the program"


def sheet_pdf(sheet: Sheet) -> bytes:
    """Return a sheet as a PDF. No item is split over two pages; each page says which of how many it is."""
    register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en")
    # A title is shown by viewers and print queues: it names the form and never the patient.
    canvas.setTitle(f"Downtime sheet {sheet.form}")
    canvas.setAuthor("ortool")
    pages, first = bound(sections_of(sheet), ROOM)
    for number, page in enumerate(pages, 1):
        _frame(canvas, sheet, f"page {number} of {len(pages)}", index_words(first))
        if number < min(first.values(), default=len(pages) + 1) or number >= first.get("events", len(pages) + 1):
            _column_heads(canvas)
        height = TOP - HEAD
        for piece in page:
            piece.draw(canvas, height)
            height -= piece.height
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _frame(canvas: Canvas, sheet: Sheet, page: str, index: str) -> None:
    """Draw what stands on every page: what it is, whose it is, whether it is approved, and which page."""
    label = RIGHT - LABEL_WIDTH
    width = label - LEFT - 10
    y = put(canvas, TITLE, LEFT, TOP, TITLE.lines(sheet.title, width)[:2])
    y = put(canvas, SMALL, LEFT, y - 1, SMALL.lines(sheet.site, width)[:1])
    y = put(canvas, SMALL, LEFT, y, SMALL.lines(sheet.edition, width)[:2])
    put(canvas, SMALL, LEFT, y, SMALL.lines(f"{sheet.form}, printed {sheet.printed_at}, {sheet.state}", width)[:2])
    _approval(canvas, sheet)
    _label(canvas, sheet, label)
    canvas.setLineWidth(1)
    canvas.line(LEFT, TOP - HEAD + 2, RIGHT, TOP - HEAD + 2)
    _foot(canvas, sheet, page, index)


def _column_heads(canvas: Canvas) -> None:
    """Name the columns of a page of items; a table names its own."""
    canvas.setFont(BOLD, 7.5)
    canvas.drawString(TIME, TOP - HEAD + 6, "hh:mm")
    canvas.drawString(INITIALS, TOP - HEAD + 6, "initials")


def _approval(canvas: Canvas, sheet: Sheet) -> None:
    style = SMALL if sheet.is_approved else Style(BOLD, 9.5)
    lines = style.lines(sheet.approval, RIGHT - LABEL_WIDTH - LEFT - 16)[:2]
    y = TOP - HEAD + 6 + len(lines) * style.leading
    if not sheet.is_approved:
        wide = max(pdfmetrics.stringWidth(line, style.font, style.size) for line in lines)
        canvas.setLineWidth(1.2)
        canvas.rect(LEFT, TOP - HEAD + 6, wide + 10, y - (TOP - HEAD + 6) + 2)
    put(canvas, style, LEFT + (0 if sheet.is_approved else 5), y, lines)


def _label(canvas: Canvas, sheet: Sheet, x: float) -> None:
    canvas.setLineWidth(0.8)
    canvas.rect(x, TOP - LABEL_HEIGHT, LABEL_WIDTH, LABEL_HEIGHT)
    if not sheet.identity:
        put(canvas, SMALL, x + 4, TOP - 3, ["Case label here, or write:"])
        for row, words in enumerate(("name", "born", "hospital number", "case")):
            put(canvas, SMALL, x + 4, TOP - 16 - row * 14.5, [words])
            canvas.line(x + 72, TOP - 25 - row * 14.5, RIGHT - 6, TOP - 25 - row * 14.5)
        return
    y = TOP - 2
    for style, lines in _fitting(sheet.identity):
        y = put(canvas, style, x + 4, y, lines)


def _fitting(identity: tuple[str, ...]) -> list[tuple[Style, list[str]]]:
    """Return the identity as large as the label allows: the letters shrink, nothing that identifies is ever cut."""
    for size in (8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4):
        styles = [Style(BOLD, size + 1.5), *(Style(PLAIN, size) for _ in identity[1:])]
        found = [(style, style.lines(line, LABEL_WIDTH - 8)) for style, line in zip(styles, identity, strict=True)]
        if sum(style.leading * len(lines) for style, lines in found) <= LABEL_HEIGHT - 6:
            break
    return found


def _foot(canvas: Canvas, sheet: Sheet, page: str, index: str) -> None:
    canvas.setFont(PLAIN, 6.5)
    spelled = any(printable(line) != line for line in (*sheet.identity, sheet.title, sheet.site))
    notes = [sheet.based_on, SPELLED if spelled else ""]
    canvas.drawString(LEFT, BOTTOM, printable("   ".join(note for note in notes if note)))
    if sheet.witness:
        canvas.drawString(LEFT, BOTTOM + 8, f"Journal head {sheet.witness}")
    canvas.setFont(BOLD, 8)
    canvas.drawRightString(RIGHT, BOTTOM - 10, page)
    canvas.drawString(LEFT, BOTTOM - 10, sheet.form)
    canvas.drawCentredString((LEFT + RIGHT) / 2, BOTTOM - 10, index)
