"""The downtime sheet as plain text: pages of 80 columns and 64 lines, parted by form feeds."""

import textwrap
from collections.abc import Iterator

from ortool.caselog.sheet import Sheet, SheetBlock, SheetCounts, SheetLine
from ortool.exchange.paging import Unit, paginate, whole

WIDTH = 80
LINES = 64
LABEL = "Case label, or: name ________________________________  born ______________"
NUMBER = "                hospital number ______________________  case ______________"
LEGEND = "! hard stop: passing it needs two people and a reason.  Write times as HH:MM."

_Lines = list[str]


def sheet_text(sheet: Sheet) -> str:
    """Return a sheet as plain text, every line at most 80 columns wide. No item is split over two pages."""
    head = _head(sheet)
    foot = _wrapped(sheet.based_on)
    room = LINES - len(head) - len(foot) - 3
    pages = paginate(_units(sheet, room), room)
    printed = []
    for number, page in enumerate(pages, 1):
        body = [line for unit in page for line in unit]
        body += [""] * (room - len(body))
        last = f"page {number} of {len(pages)}"
        printed.append("\n".join([*head, "", *body, "", *foot, f"{sheet.form:<{WIDTH - len(last)}}{last}"]))
    return "\n\f".join(printed) + "\n"


def _head(sheet: Sheet) -> _Lines:
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
    return [*(piece for line in lines for piece in _wrapped(line)), "=" * WIDTH]


def _units(sheet: Sheet, room: int) -> Iterator[Unit[_Lines]]:
    for block in sheet.blocks:
        # A pause is read aloud from one page, wherever it fits on one.
        units = list(_block(block))
        yield from whole(units, room) if block.is_pause else units
    if sheet.counts:
        lines = _counts(sheet.counts)
        yield Unit(lines, len(lines))


def _block(block: SheetBlock) -> Iterator[Unit[_Lines]]:
    again = None
    if block.heading:
        name = block.heading.upper() if not block.is_pause else block.heading
        heading = ["", *_wrapped(name), *(piece for note in block.notes for piece in _wrapped(note, 2)), "-" * WIDTH]
        more = ["", *_wrapped(f"{name} (continued)"), "-" * WIDTH]
        again = Unit(more, len(more))
        yield Unit(heading, len(heading), with_next=True)
    for index, line in enumerate(block.lines):
        lines = _line(line)
        is_last = index == len(block.lines) - 1
        yield Unit(lines, len(lines), with_next=is_last and bool(block.closing), again=again)
    if block.closing:
        yield Unit([f"  {block.closing}"], 1)


def _line(line: SheetLine) -> _Lines:
    if line.is_stamp:
        return _stamp(line)
    mark = f"[{line.box or ' '}]"
    hard = " !" if line.hard else ""
    head = f"{mark} {line.id:<8} "
    lines = _wrapped(f"{line.challenge}{hard}", len(head), head)
    if line.response:
        lines += _wrapped(line.response, 13)
    if line.said:
        lines += _wrapped(f"= {line.said}", 13)
    elif line.write and not line.time:
        lines += _wrapped(line.write, 13)
    return [*lines, f"{'':13}{_signed(line.who[:29], 29, line)}"]


def _stamp(line: SheetLine) -> _Lines:
    head = f"    {line.id:<8} "
    if len(head) + len(line.challenge) <= 42:
        return [_signed(f"{head}{line.challenge}", 42, line)]
    return [*_wrapped(line.challenge, len(head), head), _signed("", 42, line)]


def _signed(text: str, width: int, line: SheetLine) -> str:
    initials = line.initials or ("______ / ______" if line.two else "______")
    return f"{text:<{width}}  time {line.time or '__:__'}  initials {initials}"


def _counts(counts: SheetCounts) -> _Lines:
    wide = 34
    column = (WIDTH - wide) // len(counts.moments)
    heads = [textwrap.wrap(moment, column - 2) for moment in counts.moments]
    tall = max(len(head) for head in heads)
    lines = ["", "COUNT TABLE  (two people, aloud; one too many is also a wrong count)"]
    for row in range(tall):
        lines.append(" " * wide + "".join(f"{head[row] if row < len(head) else '':<{column}}" for head in heads))
    lines.append("-" * WIDTH)
    for title, cells in zip(counts.categories, counts.cells, strict=True):
        name = textwrap.wrap(title, wide - 2)
        lines.append(f"{name[0]:<{wide}}" + "".join(f"{cell or '______':<{column}}" for cell in cells))
        lines += name[1:]
        lines.append(f"{'  added: ____ ____ ____':<{wide}}")
    lines.append(
        f"{'Time and two initials':<{wide}}" + "".join(f"{one or '__:__ ___/___':<{column}}" for one in counts.signed)
    )
    return [line.rstrip() for line in lines]


def _wrapped(text: str, indent: int = 0, head: str = "") -> _Lines:
    """Return `text` in lines of the width, indented; the first begins with `head`."""
    blank = " " * indent
    lines = textwrap.wrap(text, WIDTH, initial_indent=head or blank, subsequent_indent=blank, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
