"""Lists of one line a row: what is needed least is shortened, cut or left out first; only a column that may folds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from ortool.presentation.pieces import fit

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and its cells, in ever shorter words.

    Where that is not enough, a column that `may_go` does, and then others are cut to `least` cells (0: never), each
    cell but for its end in `ends`. Of several columns the one with the lowest `rank` gives way first. A column that
    `folds` is not cut down to its `least`: its cells go on in lines of their own, broken between words.
    """

    title: str
    forms: tuple[tuple[str, ...], ...]
    rank: int = 0
    least: int = 0
    may_go: bool = False
    ends: tuple[str, ...] = ()
    folds: bool = False

    @property
    def width(self) -> int:
        """The cells that the first form needs."""
        return max(map(cell_len, (self.title, *self.forms[0])))

    @property
    def shorter(self) -> "Column":
        """The same column without its first form."""
        return replace(self, forms=self.forms[1:])


def column(
    title: str,
    *forms: Sequence[object],
    rank: int = 0,
    least: int = 0,
    may_go: bool = False,
    ends: Sequence[str] = (),
    folds: bool = False,
) -> Column:
    """Return a column of values, the widest words for them first."""
    texts = tuple(tuple("" if cell is None else str(cell) for cell in cells) for cells in forms)
    return Column(title, texts, rank, least, may_go, tuple(ends), folds)


def lay_out(columns: Sequence[Column], width: int) -> list[str]:
    """Return a header, a rule and a line for each row, or several where one folds; none is wider than `width` cells."""
    shown = _shortened([one for one in columns if any(one.forms[0])], width)
    while _total([one.width for one in shown]) > width and any(one.may_go for one in shown):
        goes = min((one for one in shown if one.may_go), key=lambda one: one.rank)
        shown = [one for one in shown if one is not goes]
    widths = _cut(shown, width)
    drawn = [_drawn(one, wide) for one, wide in zip(shown, widths, strict=True)]
    lines = [line for row in zip(*drawn, strict=True) for line in _lines(row, widths)]
    lines.insert(1, "─" * min(width, _total(widths)))
    return [fit(line.rstrip(), width).rstrip() for line in lines]


def _drawn(one: Column, width: int) -> list[list[str]]:
    """Return the lines of the title and of each cell."""
    if one.folds:
        return [[fit(one.title, width)], *(_folded(cell, width) for cell in one.forms[0])]
    ends = one.ends or ("",) * len(one.forms[0])
    cells = (_fitted(cell, end, width) for cell, end in zip(one.forms[0], ends, strict=True))
    return [[fit(one.title, width)], *([cell] for cell in cells)]


def _folded(cell: str, width: int) -> list[str]:
    if cell_len(cell) <= width:
        return [cell]
    from rich.console import Console
    from rich.text import Text

    return [line.plain.rstrip() for line in Text(cell).wrap(Console(), width, overflow="fold")]


def _lines(row: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Return a row's lines: as many as its highest cell has, blank where another has no more."""
    high = max(map(len, row))
    cells = [
        [fit(part, wide) for part in (*parts, *[""] * (high - len(parts)))]
        for parts, wide in zip(row, widths, strict=True)
    ]
    return [(" " * GAP).join(parts) for parts in zip(*cells, strict=True)]


def _fitted(cell: str, end: str, width: int) -> str:
    room = width - cell_len(end) - 1
    if cell_len(cell) <= width or not end or room < 2:
        return fit(cell, width)
    return fit(f"{fit(cell.removesuffix(end), room).rstrip()} {end}", width)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _shortened(columns: list[Column], width: int) -> list[Column]:
    shown = list(columns)
    while _total([one.width for one in shown]) > width:
        can = [place for place, one in enumerate(shown) if len(one.forms) > 1]
        if not can:
            break
        place = min(can, key=lambda at: shown[at].rank)
        shown[place] = shown[place].shorter
    return shown


def _cut(columns: Sequence[Column], width: int) -> list[int]:
    widths = [one.width for one in columns]
    for place in sorted(range(len(columns)), key=lambda at: columns[at].rank):
        over = _total(widths) - width
        if over > 0 and columns[place].least:
            widths[place] = max(min(columns[place].least, widths[place]), widths[place] - over)
    return widths
