"""Data to stdout, talk to stderr. No markup is ever read from data."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ortool.text import clean, harmless, steers

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from ortool.presentation.listing import Column

WIDTH = 100
LONGEST_WORD = 32


def say(sentence: str) -> None:
    """Say something to the person at the terminal; it is no data."""
    sys.stderr.write(clean(sentence, 4_000, multiline=True) + "\n")


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    plain = json.dumps(value, ensure_ascii=False, indent=2)
    # Whatever reads it gets the value as it is; a terminal gets nothing that steers it.
    show("".join(json.dumps(char)[1:-1] if char != "\n" and steers(char) else char for char in plain))


def show(line: str = "") -> None:
    """Print one line of data as it is."""
    sys.stdout.write(harmless(line) + "\n")


def width() -> int:
    """Return the columns of the terminal; COLUMNS or 100 where there is none."""
    if os.environ.get("COLUMNS", "").isdigit() or sys.stdout.isatty():
        return max(40, shutil.get_terminal_size((WIDTH, 24)).columns)
    return WIDTH


def console() -> Console:
    """Return a console for stdout that takes text as it stands; NO_COLOR is heeded."""
    from rich.console import Console

    return Console(file=sys.stdout, width=width(), markup=False, highlight=False, emoji=False, soft_wrap=False)


def show_rich(*renderables: RenderableType) -> None:
    """Print ready-made renderables."""
    out = console()
    if sys.stdout.isatty():
        for renderable in renderables:
            out.print(_Harmless(renderable))
        return
    with out.capture() as printed:
        for renderable in renderables:
            out.print(_Harmless(renderable))
    # Rich pads its lines; what goes into files and pipes needs no blanks at the end.
    for line in printed.get().splitlines():
        show(line.rstrip())


class _Harmless:
    """What is printed, with nothing in it that steers the terminal but its own styles."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.segment import Segment

        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


def show_table(header: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows as a table; with none, say `empty` instead."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, column in zip(header, zip(*cells, strict=True), strict=False):
        # A column is never narrower than its longest word: names are not broken in the middle.
        longest = max(len(word) for cell in (name, *column) for word in cell.split() or [""])
        table.add_column(Text(name), overflow="fold", min_width=min(longest, LONGEST_WORD))
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    if table.row_count:
        show_rich(table)
    else:
        say(empty)


def show_list(columns: Sequence[Column], empty: str) -> None:
    """Print columns as a list of one line a row, as wide as there is room for; without a row say `empty` instead."""
    from rich.text import Text

    from ortool.presentation.listing import lay_out

    if not columns[0].forms[0]:
        say(empty)
        return
    head, *lines = lay_out(columns, width())
    show_rich(Text(head, style="bold"), Text("\n".join(lines)))


def show_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print named values, one a line, without the empty ones."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, value in fields:
        if value not in (None, ""):
            table.add_row(Text(name, style="bold"), Text(str(value)))
    show_rich(table)


def save(path: Path, text: str) -> None:
    """Write a file completely or not at all, and say so. Raises BadInput."""
    from ortool.cli.calendars import write_whole

    write_whole(path, text.encode("utf-8"))
    say(f"Written to {path}.")
