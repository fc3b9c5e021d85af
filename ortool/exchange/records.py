"""CSV as rows that know the line they begin on, within fixed caps."""

import csv
import io
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ortool.errors import BadInput

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_LINES = 100_000
MAX_COLUMNS = 200
MAX_CELL = 32_768
DELIMITERS = (",", ";", "\t")

_SNIFFED = 65_536
_SPREADSHEET_HINT = "Save the list as “CSV UTF-8”."
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=([,;\t])\"?(?:\r\n|\r|\n)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the 1-based line on which it begins and its cells as written."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a file, up to the row `broken_line` that could not be split, if there is one."""

    rows: tuple[Record, ...]
    broken_line: int = 0
    broken: str = ""


class _Broken(Exception):
    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


def decode(data: bytes) -> str:
    """Return `data` as text from UTF-8 with or without a byte order mark. Raises BadInput on anything else."""
    if len(data) > MAX_BYTES:
        raise _too_big()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"The file is not UTF-8 text (byte {error.start + 1}).", _SPREADSHEET_HINT) from error


def split(text: str, known: Collection[str]) -> Records:
    """Split `text` at the delimiter under which most of its headers are `known`. Raises BadInput above a cap."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _too_big()
    # Blank lines are no rows, yet millions of them take seconds to skip.
    if max(text.count("\n"), text.count("\r")) > MAX_LINES:
        raise BadInput(f"The file has more than {MAX_LINES} lines.", "Delete the empty lines.")
    # A spreadsheet's "sep=;" line is not the header; it still counts as a line.
    declared = _SEPARATOR_LINE.match(text)
    skipped = 1 if declared else 0
    body = text[declared.end() :] if declared else text.removeprefix("\ufeff")
    with _cell_limit():
        delimiter = declared[1] if declared else _delimiter(body, known)
        return _collect(body, delimiter, skipped)


def header_key(header: str) -> str:
    """Return `header` without case, spaces, underscores and punctuation, for matching."""
    return "".join(char for char in header.casefold() if char.isalnum())


def _too_big() -> BadInput:
    return BadInput(f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB.", "Split the list by week.")


@contextmanager
def _cell_limit() -> Iterator[None]:
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(body: str, delimiter: str) -> Iterator[Record]:
    """Yield rows that hold anything; a row that cannot be split raises _Broken with its line."""
    # strict: an unpaired quotation mark must not swallow the rows after it.
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Record(begins, tuple(cells))
            # line_num is the line on which a row ENDS; a quoted cell may hold line breaks.
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _Broken(begins, _broken_sentence(error)) from error


def _collect(body: str, delimiter: str, skipped: int) -> Records:
    rows: list[Record] = []
    try:
        for record in _records(body, delimiter):
            if len(rows) > MAX_ROWS:
                raise BadInput(f"The file has more than {MAX_ROWS} rows.", "Split the list by week.")
            rows.append(Record(record.line + skipped, record.cells))
    except _Broken as broken:
        return Records(tuple(rows), broken.line + skipped, broken.sentence)
    return Records(tuple(rows))


def _broken_sentence(error: csv.Error) -> str:
    if "limit" in str(error):
        return f"A cell is longer than {MAX_CELL} characters. Look for a quotation mark that is never closed."
    return "The quotation marks of this row do not pair up. Double a quotation mark inside a quoted cell."


def _delimiter(body: str, known: Collection[str]) -> str:
    start = body[:_SNIFFED]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            header = next(_records(start, delimiter), None)
        except _Broken:
            return (0, 0)
        cells = header.cells if header else ()
        return sum(header_key(cell) in known for cell in cells[:MAX_COLUMNS]), len(cells)

    return max(DELIMITERS, key=score)
