"""The downtime sheet as plain text: pages of 80 columns and 64 lines, parted by form feeds."""

from collections.abc import Iterable, Iterator

from ortool.caselog.sheet import Sheet, SheetBlock, SheetLine
from ortool.exchange.paging import Unit, bound, index_words, whole
from ortool.exchange.sheet_tables import WIDTH, Lines, clock_units, count_lines, table_units, wrapped

LINES = 64
LABEL = "Case label, or: name ________________________________  born ______________"
NUMBER = "                hospital number ______________________  case ______________"
LEGEND = "! hard stop: passing it needs two people and a reason.  Write times as HH:MM."


def sheet_text(sheet: Sheet) -> str:
    """Return a sheet as plain text, every line at most 80 columns wide. No item is split over two pages."""
    head = _head(sheet)
    foot = [*wrapped(sheet.based_on), *([f"Journal head {sheet.witness}"] if sheet.witness else [])]
    room = LINES - len(head) - len(foot) - 4
    pages, first = bound(_sections(sheet, room), room)
    index = index_words(first)
    printed = []
    for number, page in enumerate(pages, 1):
        body = [line for unit in page for line in unit]
        body += [""] * (room - len(body))
        last = f"page {number} of {len(pages)}"
        printed.append("\n".join([*head, "", *body, "", *foot, index, f"{sheet.form:<{WIDTH - len(last)}}{last}"]))
    return "\n\f".join(printed) + "\n"


def _head(sheet: Sheet) -> Lines:
    approval = sheet.approval if sheet.is_approved else f"*** {sheet.approval} ***"
    who = [*sheet.identity] if sheet.identity else [LABEL, NUMBER]
    lines = [
        f"{sheet.title.upper()}  -  {sheet.site}",
        sheet.edition,
        approval,
        f"Form {sheet.form}, printed {sheet.printed_at}, {sheet.state}",
        *who,
        LEGEND,
    ]
    return [*(piece for line in lines for piece in wrapped(line)), "=" * WIDTH]


def _sections(sheet: Sheet, room: int) -> Iterator[tuple[str, Iterable[Unit[Lines]]]]:
    """Yield what begins a page of its own: the way through the day, the tables, and each event's list."""
    yield "", _blocks((sheet.opening, *sheet.blocks), room)
    if sheet.counts:
        lines = count_lines(sheet.counts)
        yield "counts", [Unit(lines, len(lines))]
    if sheet.construct:
        yield "implants", (unit for table in sheet.construct for unit in whole(list(table_units(table)), room))
    if sheet.clocks:
        yield "clocks", clock_units(sheet.clocks)
    for event in sheet.events:
        yield "events", _blocks([event], room)


def _blocks(blocks: Iterable[SheetBlock], room: int) -> Iterator[Unit[Lines]]:
    for block in blocks:
        # A pause is read aloud from one page, wherever it fits on one.
        units = list(_block(block))
        yield from whole(units, room) if block.is_pause else units


def _block(block: SheetBlock) -> Iterator[Unit[Lines]]:
    again = None
    if block.heading:
        name = block.heading.upper() if not block.is_pause else block.heading
        heading = ["", *wrapped(name), *(piece for note in block.notes for piece in wrapped(note, 2)), "-" * WIDTH]
        more = ["", *wrapped(f"{name} (continued)"), "-" * WIDTH]
        again = Unit(more, len(more))
        yield Unit(heading, len(heading), with_next=bool(block.lines))
    for index, line in enumerate(block.lines):
        lines = _line(line)
        is_last = index == len(block.lines) - 1
        yield Unit(lines, len(lines), with_next=is_last and bool(block.closing), again=again)
    if block.closing:
        yield Unit([f"  {block.closing}"], 1)


def _line(line: SheetLine) -> Lines:
    if line.is_stamp:
        return _stamp(line)
    mark = f"[{line.box or ' '}]"
    hard = " !" if line.hard else ""
    head = f"{mark} {line.id:<8} "
    lines = wrapped(f"{line.challenge}{hard}", len(head), head)
    if line.response:
        lines += wrapped(line.response, 13)
    if line.detail:
        lines += wrapped(line.detail, 13)
    if line.said:
        lines += wrapped(f"= {line.said}", 13)
    elif line.write and not line.time:
        lines += wrapped(line.write, 13)
    return [*lines, f"{'':13}{_signed(line.who[:29], 29, line)}"]


def _stamp(line: SheetLine) -> Lines:
    head = f"    {line.id:<8} "
    if len(head) + len(line.challenge) <= 42:
        return [_signed(f"{head}{line.challenge}", 42, line)]
    return [*wrapped(line.challenge, len(head), head), _signed("", 42, line)]


def _signed(text: str, width: int, line: SheetLine) -> str:
    initials = line.initials or ("______ / ______" if line.two else "______")
    return f"{text:<{width}}  time {line.time or '__:__'}  initials {initials}"
