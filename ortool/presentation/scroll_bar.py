"""The bar beside rows that do not all fit: which part of them is in sight."""

from collections.abc import Sequence
from functools import lru_cache

from ortool.presentation.pieces import Piece


@lru_cache(256)
def bar(rows: int, height: int, top: int, ascii_only: bool = False) -> Sequence[Piece]:
    """Return the bar's piece of each line for `rows` of which `height` are in sight from `top` on; empty: all are.

    Signs, not colours alone, so that it is there without colours too.
    """
    if not rows > height > 0:
        return ()
    thumb, track = ("#", "|") if ascii_only else ("█", "│")
    size = _size(rows, height)
    way, hidden = height - size, rows - height
    first = round(way * top / hidden)
    if 0 < top < hidden and way > 1:  # it touches an end only where the rows end
        first = max(1, min(way - 1, first))
    return tuple(Piece(thumb if first <= line < first + size else track, "track") for line in range(height))


def top_at(rows: int, height: int, line: int) -> int:
    """Return the first row in sight when the middle of the thumb is drawn to a line of the bar."""
    size = _size(rows, height)
    way, hidden = height - size, rows - height
    part = (line - size // 2) / way if way > 0 else 0.0
    return round(max(0.0, min(1.0, part)) * hidden)


def _size(rows: int, height: int) -> int:
    """How many lines the thumb takes: as much of the bar as is in sight of the rows, one at least."""
    return max(1, height * height // rows)
