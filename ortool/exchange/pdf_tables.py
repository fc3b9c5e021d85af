"""The tables of a printed sheet: counts, the construct by level and side with room for stickers, clocks by hand."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from reportlab.pdfgen.canvas import Canvas

from ortool.caselog.sheet import Sheet, SheetClock, SheetCounts, SheetPlace, SheetTable
from ortool.exchange.paging import Unit, whole
from ortool.exchange.pdf_pieces import LEFT, RIGHT, ROOM, Piece, block_units, heading
from ortool.exchange.pdf_words import BODY, HEADING, SMALL, STRONG, Style, put

STICKER_HEIGHT = 48.0
"""Room for an implant's sticker, about 17 mm; what is taller is folded."""
CLOCK_WORDS, CLOCK_START, PER_LINE = 212.0, 48.0, 6
CELL = 22.0
Section = tuple[str, Iterable[Unit[Piece]]]


def sections_of(sheet: Sheet) -> Iterator[Section]:
    """Yield what begins a page of its own: the way through the day, the tables, and each event's list."""
    yield "", block_units((sheet.opening, *sheet.blocks))
    if sheet.counts:
        piece = _counts(sheet.counts)
        yield "counts", [Unit(piece, piece.height)]
    if sheet.construct:
        yield "implants", (unit for table in sheet.construct for unit in whole(list(_table(table)), ROOM))
    if sheet.clocks:
        yield "clocks", _clocks(sheet.clocks)
    for event in sheet.events:
        yield "events", block_units([event])


def _table(table: SheetTable) -> Iterator[Unit[Piece]]:
    widths = _widths(table)
    titles = ["Place", "Planned"] if table.has_plan else ["What"]
    titles += [*(title for title, _ in table.columns), "Lot, serial: sticker", "Time, initials"]
    heads = [SMALL.lines(title, width - 6) for title, width in zip(titles, widths, strict=True)]
    head = _row(widths, heads, SMALL, max(map(len, heads)) * SMALL.leading + 5, 0.92)
    for words, again in ((table.title, None), (f"{table.title} (continued)", True)):
        first = heading(words, (), True)
        top = Piece(first.height + head.height, partial(_both, first, head))
        if again:
            more = Unit(top, top.height)
        else:
            yield Unit(top, top.height, with_next=True)
    for place in table.rows:
        piece = _place(place, table, widths)
        yield Unit(piece, piece.height, again=more)


def _both(first: Piece, second: Piece, canvas: Canvas, y: float) -> None:
    first.draw(canvas, y)
    second.draw(canvas, y - first.height)


def _widths(table: SheetTable) -> list[float]:
    fixed = [52.0, 58.0] if table.has_plan else [70.0]
    readings = [66.0, *(50.0 for _ in table.columns[1:])] if table.has_plan else [170.0]
    left = RIGHT - LEFT - sum(fixed) - sum(readings) - 52
    return [*fixed, *readings, left, 52.0]


def _place(place: SheetPlace, table: SheetTable, widths: Sequence[float]) -> Piece:
    """Return a row: what is known in bold, and where nothing is, what to write or to ring, in small print."""
    plan = [(place.planned or "______", bool(place.planned))] if table.has_plan else []
    values = [(value or hint, bool(value)) for value, (_, hint) in zip(place.values, table.columns, strict=True)]
    cells = [(place.place, True), *plan, *values, (place.device, True), (place.signed, True)]
    styles = [STRONG if known else SMALL for _, known in cells]
    lines = [s.lines(text, width - 6) for (text, _), s, width in zip(cells, styles, widths, strict=True)]
    tallest = max(len(one) * style.leading for one, style in zip(lines, styles, strict=True))
    return _row(widths, lines, styles, max(STICKER_HEIGHT, tallest + 6))


def _row(
    widths: Sequence[float],
    cells: Sequence[list[str]],
    styles: Style | Sequence[Style],
    height: float,
    grey: float = 1.0,
) -> Piece:
    chosen = [styles] * len(cells) if isinstance(styles, Style) else styles

    def draw(canvas: Canvas, y: float) -> None:
        canvas.setLineWidth(0.5)
        x = LEFT
        for width, lines, style in zip(widths, cells, chosen, strict=True):
            canvas.setFillGray(grey)
            canvas.rect(x, y - height, width, height, fill=1)
            canvas.setFillGray(0)
            # What is written by hand stands low in its cell, as on a line.
            top = y - 3 if style is not SMALL or grey < 1 else y - height + len(lines) * style.leading + 5
            put(canvas, style, x + 3, top, lines)
            x += width

    return Piece(height, draw)


def _clocks(clocks: Iterable[SheetClock]) -> Iterator[Unit[Piece]]:
    told = ("Write the time each time it is done. The room's clock counts; say a clock that is due aloud.",)
    piece = heading("Clocks kept by hand", told, True)
    more = heading("Clocks kept by hand (continued)", (), True)
    yield Unit(piece, piece.height, with_next=True)
    for clock in clocks:
        row = _clock(clock)
        yield Unit(row, row.height, again=Unit(more, more.height))


def _clock(clock: SheetClock) -> Piece:
    title = STRONG.lines(clock.title, CLOCK_WORDS - 6)
    rule, task = BODY.lines(clock.rule, CLOCK_WORDS - 6), SMALL.lines(clock.task, CLOCK_WORDS - 6)
    words = len(title) * STRONG.leading + len(rule) * BODY.leading + len(task) * SMALL.leading + 8
    cells = max(1, len(clock.done))
    if clock.again:
        # At least two lines, and one that is free: an eye check every 15 min fills one in an hour and a half.
        cells = max(2, -(-len(clock.done) // PER_LINE) + 1) * PER_LINE
    height = max(words, -(-cells // PER_LINE) * (CELL + 4) + 4)
    width = (RIGHT - LEFT - CLOCK_WORDS - CLOCK_START) / PER_LINE

    def draw(canvas: Canvas, y: float) -> None:
        canvas.setLineWidth(0.3)
        canvas.line(LEFT, y, RIGHT, y)
        below = put(canvas, STRONG, LEFT, y - 3, title)
        below = put(canvas, BODY, LEFT, below, rule)
        put(canvas, SMALL, LEFT, below, task)
        x = LEFT + CLOCK_WORDS
        if clock.reads:
            put(canvas, SMALL, x, y - 4, [clock.reads, "hh:mm"])
        else:
            begun = clock.started or ("________" if clock.is_dated else "___:___")
            put(canvas, SMALL, x, y - 4, ["from", *SMALL.lines(begun, CLOCK_START - 4)])
        for number in range(cells):
            left = x + CLOCK_START + number % PER_LINE * width
            top = y - 4 - number // PER_LINE * (CELL + 4)
            canvas.setLineWidth(0.6)
            canvas.rect(left, top - CELL, (width if clock.again else width * 2) - 4, CELL)
            said = clock.done[number] if number < len(clock.done) else ""
            put(canvas, SMALL, left + 3, top - 3, said.split(" ", 1) if clock.reads else [said])
            if not said and not clock.reads and not clock.is_dated:
                put(canvas, SMALL, left + (width - 4) / 2 - 1, top - 8, [":"])

    return Piece(height, draw)


def _counts(counts: SheetCounts) -> Piece:
    name_width = 150.0
    column = (RIGHT - LEFT - name_width) / (len(counts.moments) + 1)
    titles = ["Added (+)", *counts.moments]
    heads = [SMALL.lines(title, column - 6) for title in titles]
    head = max(len(lines) for lines in heads) * SMALL.leading + 6
    rows = [(BODY.lines(title, name_width - 6), cells) for title, cells in _rows(counts)]
    heights = [max(30.0, len(lines) * BODY.leading + 8) for lines, _ in rows]

    def draw(canvas: Canvas, y: float) -> None:
        put(canvas, HEADING, LEFT, y - 10, ["Count table"])
        told = "Two people, aloud; write what is found; one too many is also a wrong count. Then open the list CD."
        y = put(canvas, SMALL, LEFT, y - 24, [told]) - 4
        for index, lines in enumerate(heads):
            put(canvas, SMALL, LEFT + name_width + index * column + 3, y - 2, lines)
        _grid(canvas, y, [head, *heights], name_width, column, len(titles))
        y -= head
        for (lines, cells), height in zip(rows, heights, strict=True):
            put(canvas, BODY, LEFT + 3, y - 3, lines)
            for index, cell in enumerate(cells):
                x = LEFT + name_width + index * column + 4
                put(canvas, STRONG, x, y - 5, STRONG.lines(cell, column - 6))
            y -= height

    return Piece(40 + head + sum(heights), draw)


def _rows(counts: SheetCounts) -> Iterator[tuple[str, tuple[str, ...]]]:
    for title, added, cells in zip(counts.categories, counts.added, counts.cells, strict=True):
        yield title, (added, *cells)
    yield "Time and two initials", ("", *counts.signed)


def _grid(canvas: Canvas, y: float, heights: list[float], name_width: float, column: float, columns: int) -> None:
    canvas.setLineWidth(0.5)
    xs = [LEFT, *(LEFT + name_width + index * column for index in range(columns + 1))]
    ys = [y]
    for height in heights:
        ys.append(ys[-1] - height)
    canvas.grid(xs, ys)
