"""A room's list of the day as plain text and as PDF: what stays readable when nothing else does."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ortool.caselog.day_list import DayList, ListedCase
from ortool.exchange.paging import Unit, paginate
from ortool.exchange.pdf_pieces import BOTTOM, LEFT, RIGHT, TOP
from ortool.exchange.pdf_words import BOLD, PLAIN, SMALL, TITLE, Style, put, register
from ortool.exchange.sheet_tables import WIDTH, wrapped

FIRST, OTHER = Style(BOLD, 11), Style(PLAIN, 10)
HEAD, FOOT, GAP = 60.0, 20.0, 10.0
NO_CASE = "No case is planned here."


def list_text(one: DayList) -> str:
    """Return the list as plain text, at most 80 columns wide."""
    lines = [*wrapped(f"{one.room}  {one.day}  -  {one.site}"), *wrapped(_printed(one)), "=" * WIDTH]
    for case in one.cases:
        first, *rest = _lines(case)
        lines += ["", *wrapped(first), *(piece for line in rest for piece in wrapped(line, 4))]
    return "\n".join([*lines, *(() if one.cases else ("", NO_CASE))]) + "\n"


def list_pdf(one: DayList) -> bytes:
    """Return the list as a PDF on A4; no case is split over two pages."""
    register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en")
    canvas.setTitle(f"List of {one.room}, {one.day}")
    canvas.setAuthor("ortool")
    width = RIGHT - LEFT
    cases = [_lines(case) for case in one.cases] or [[NO_CASE]]
    drawn = [[(FIRST if n == 0 else OTHER, FIRST.lines(line, width)) for n, line in enumerate(one)] for one in cases]
    units = [Unit(lines, sum(style.leading * len(text) for style, text in lines) + GAP) for lines in drawn]
    pages = paginate(units, TOP - HEAD - BOTTOM - FOOT)
    for number, page in enumerate(pages, 1):
        y = put(canvas, TITLE, LEFT, TOP, TITLE.lines(f"{one.room}  {one.day}", width)[:2])
        put(canvas, SMALL, LEFT, y, SMALL.lines(f"{one.site}. {_printed(one)}", width)[:2])
        y = TOP - HEAD
        for lines in page:
            for style, text in lines:
                y = put(canvas, style, LEFT, y, text)
            y -= GAP
        put(canvas, SMALL, LEFT, BOTTOM, [f"page {number} of {len(pages)}"])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _printed(one: DayList) -> str:
    return f"Printed {one.printed_at}. Journal head {one.witness}."


def _lines(case: ListedCase) -> list[str]:
    lines = [f"{case.planned}  case {case.number}  {case.what}", f"{case.people}; {case.state}"]
    lines += [f"Allergies: {case.allergies}", case.whose or "Label, or name: ______________________________"]
    return lines
