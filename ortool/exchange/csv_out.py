"""Rows to CSV that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Sequence

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\0")


def rows_to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV with every cell quoted and CRLF line ends; None is an empty cell. Raises ValueError on a ragged row.

    A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_disarmed(name) for name in header])
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row has {len(row)} cells, the header {len(header)}")
        writer.writerow([_disarmed(cell) for cell in row])
    return out.getvalue()


def _disarmed(cell: object) -> str:
    text = "" if cell is None else str(cell)
    # Spreadsheets skip leading spaces, and some skip every kind of white space, before they look for a formula.
    armed = text.lstrip(" ").startswith(_RUNS) or text.lstrip().startswith(_RUNS)
    return f"'{text}" if armed else text
