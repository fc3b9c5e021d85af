"""The tables of a plain sheet: counts, the construct by level and side, and clocks kept by hand."""

import textwrap
from collections.abc import Iterable, Iterator

from ortool.caselog.sheet import SheetClock, SheetCounts, SheetPlace, SheetTable
from ortool.exchange.paging import Unit

WIDTH = 80
Lines = list[str]
FREE = 10


def table_units(table: SheetTable) -> Iterator[Unit[Lines]]:
    """Yield the construct grid of one kind of implant: a few lines for each level and side."""
    head = ["", *wrapped(table.title.upper()), "-" * WIDTH]
    more = ["", *wrapped(f"{table.title} (continued)"), "-" * WIDTH]
    yield Unit(head, len(head), with_next=True)
    for place in table.rows:
        lines = _place(place, table)
        yield Unit(lines, len(lines), again=Unit(more, len(more)))


def _place(place: SheetPlace, table: SheetTable) -> Lines:
    parts = [f"planned {place.planned or '____________'}"] if table.has_plan else []
    for (title, hint), value in zip(table.columns, place.values, strict=True):
        parts.append(f"{title}: {value or hint or '_' * 30}")
    device = place.device or "lot ____________ serial ____________ until ________, or sticker"
    name = f"{place.place or '____________':<13}"
    lines = wrapped(";  ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts), 13, name)
    time, _, who = place.signed.partition(" ")
    return [*lines, *wrapped(device, 13), f"{'':13}time {time or '__:__'}  initials {who or '______'}", ""]


def clock_units(clocks: Iterable[SheetClock]) -> Iterator[Unit[Lines]]:
    """Yield the clocks that are kept by hand: what, from when, how often, and room for each time."""
    told = "CLOCKS KEPT BY HAND  (write the time each time; say aloud what is due)"
    head, more = ["", told, "-" * WIDTH], ["", "Clocks kept by hand (continued)", "-" * WIDTH]
    yield Unit(head, len(head), with_next=True)
    for clock in clocks:
        lines = _clock(clock)
        yield Unit(lines, len(lines), again=Unit(more, len(more)))


def _clock(clock: SheetClock) -> Lines:
    free = FREE if clock.again else max(0, 1 - len(clock.done))
    hour = "__________" if clock.is_dated else "__:__"
    room = f"____ {clock.reads} {hour}" if clock.reads else hour
    begun = [] if clock.reads else [f"from {clock.started or hour}"]
    cells = [*begun, *clock.done, *[room] * (free // 2 if clock.reads else free)]
    row = "   ".join(cell.replace(" ", "\N{NO-BREAK SPACE}") for cell in cells)
    return [*wrapped(clock.title), *wrapped(clock.rule, 2), *wrapped(clock.task, 2), *wrapped(row, 4), ""]


def count_lines(counts: SheetCounts) -> Lines:
    """Return the count table: two people fill a column at each moment."""
    wide = 34
    column = (WIDTH - wide) // len(counts.moments)
    heads = [textwrap.wrap(moment, column - 2) for moment in counts.moments]
    tall = max(len(head) for head in heads)
    lines = ["", "COUNT TABLE  (two people, aloud; one too many is also a wrong count: list CD)"]
    for row in range(tall):
        lines.append(" " * wide + "".join(f"{head[row] if row < len(head) else '':<{column}}" for head in heads))
    lines.append("-" * WIDTH)
    for title, cells, added in zip(counts.categories, counts.cells, counts.added, strict=True):
        name = textwrap.wrap(title, wide - 2)
        lines.append(f"{name[0]:<{wide}}" + "".join(f"{cell or '______':<{column}}" for cell in cells))
        lines += name[1:]
        lines.append(f"  added: {f'{added} ' if added else ''}____ ____ ____")
    lines.append(
        f"{'Time and two initials':<{wide}}" + "".join(f"{one or '__:__ ___/___':<{column}}" for one in counts.signed)
    )
    return [line.rstrip() for line in lines]


def wrapped(text: str, indent: int = 0, head: str = "") -> Lines:
    """Return `text` in lines of the width, indented; the first begins with `head`."""
    blank = " " * indent
    lines = textwrap.wrap(text, WIDTH, initial_indent=head or blank, subsequent_indent=blank, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
