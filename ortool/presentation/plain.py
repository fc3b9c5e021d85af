"""Data as Rich text that can never be markup, and the small words that logs and boards share."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ortool.text import clean

WARN, BAD, GOOD, QUIET = "bold yellow", "bold red", "green", "dim"
_UNLIMITED = 1_000_000


def data(value: str, style: str = "", multiline: bool = False) -> Text:
    """Return foreign text as it stands, cleaned once more: brackets are kept and no escape character passes."""
    return Text(clean(value, _UNLIMITED, multiline), style=style, overflow="fold")


def joined(parts: Sequence[Text | str | None], separator: str = "  ") -> Text:
    """Return the parts that are not empty, one after another; strings are our own words."""
    kept = [Text(part) if isinstance(part, str) else part for part in parts if part]
    return Text(separator, overflow="fold").join(kept)


def indented(text: RenderableType, by: int = 2) -> Padding:
    """Return `text` with a left margin on every line."""
    return Padding(text, (0, 0, 0, by))


def hanging(first: Text, rest: Text, columns: int) -> Table:
    """Return a label of `columns` cells and the text beside it, which wraps beneath itself."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=columns, overflow="fold")
    grid.add_column(overflow="fold")
    grid.add_row(first, rest)
    return grid


def plain_table(width: int, *heads: str) -> Table:
    """Return a table without lines in which everything wraps and nothing is cut off. Titles are our own words."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=width, header_style="bold")
    for head in heads:
        table.add_column(Text(head), overflow="fold")
    return table


def within(width: int, renderable: RenderableType) -> Constrain:
    """Return `renderable` kept to `width` columns."""
    return Constrain(renderable, width)


def wall(moment: datetime | None, zone: ZoneInfo, day: date | None = None) -> str:
    """Return a time of day in the theatre's zone, with the date where it is not `day`, `-` where there is none.

    A time that happens twice in the night when clocks go back carries its offset from UTC.
    """
    if moment is None:
        return "-"
    local = moment.astimezone(zone)
    twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    text = local.strftime("%H:%M") + (local.isoformat()[-6:] if twice else "")
    return text if day is None or local.date() == day else f"{local:%d %b %Y} {text}"


def whole_minutes(length: timedelta) -> int:
    """Return a length in whole minutes, half a minute rounded away from zero."""
    half = 1 if length >= timedelta() else -1
    return half * ((abs(length) + timedelta(seconds=30)) // timedelta(minutes=1))


def whole_seconds(length: timedelta) -> int:
    """Return a length in whole seconds, what is left over dropped."""
    sign = 1 if length >= timedelta() else -1
    return sign * (abs(length) // timedelta(seconds=1))


def length(value: timedelta | None) -> str:
    """Return a length as `41 min` or `95 min (1:35)`, `-` where there is none."""
    if value is None:
        return "-"
    total = whole_minutes(value)
    if abs(total) < 60:
        return f"{total} min"
    return f"{total} min ({'-' if total < 0 else ''}{abs(total) // 60}:{abs(total) % 60:02d})"


def entries(seqs: Sequence[int]) -> str:
    """Return journal numbers as `#3 #12-14`: where a figure was read from."""
    runs: list[list[int]] = []
    for seq in sorted(set(seqs)):
        if runs and seq == runs[-1][-1] + 1:
            runs[-1].append(seq)
        else:
            runs.append([seq])
    return " ".join(f"#{run[0]}" if len(run) == 1 else f"#{run[0]}-{run[-1]}" for run in runs)
