"""A list as rows whose cells are read one by one, with a sentence for every cell that cannot be trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ortool.errors import BadInput
from ortool.exchange.columns import Columns, Layout, label, match_columns
from ortool.exchange.listed import Fault
from ortool.exchange.records import Record, Records, header_key, split
from ortool.exchange.repeats import repeated_rows
from ortool.text import clean

T = TypeVar("T")
_KEPT_FROM_RUNNING = ("=", "+", "-", "@")


@dataclass(slots=True)
class Row:
    """One row of a list: its cells by field, and the faults found in them."""

    record: Record
    columns: Columns
    layout: Layout
    faults: list[tuple[str, str]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether the list has a column for field `name`."""
        return name in self.columns.index

    def cell(self, name: str) -> str:
        """Return the cell of field `name`, empty if the list has no such column."""
        place = self.columns.index.get(name)
        text = "" if place is None else self.record.cells[place].strip()
        # An apostrophe that keeps a spreadsheet from running a cell is none of its text.
        return text[1:] if text.startswith("'") and text[1:].lstrip().startswith(_KEPT_FROM_RUNNING) else text

    def read(self, name: str, parse: Callable[[str], T], empty: T) -> T:
        """Return the parsed cell of field `name`; `empty` for an empty cell or one with a fault."""
        cell = self.cell(name)
        if not cell:
            # What another column may stand for is judged there.
            if name in self.layout.required and name not in self.layout.instead:
                self.fault(name, f"The cell is empty. Every {self.layout.each} needs it.")
            return empty
        try:
            return parse(cell)
        except BadInput as wrong:
            self.fault(name, str(wrong))
            return empty

    def fault(self, name: str, sentence: str) -> None:
        """Note a fault in the column of field `name`."""
        self.faults.append((self.columns.header.get(name, label(name)), sentence))


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A read list: sound rows, faults in file order, field → header used, and headers that were ignored."""

    rows: tuple[T, ...]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]


def read_table(
    text: str,
    layout: Layout,
    parse: Callable[[Row], T | None],
    columns: Mapping[str, str] | None = None,
    file: str = "",
) -> Table[T]:
    """Read a list; `parse` returns what a row says, or None after it noted a fault. `columns` maps fields to headers.

    Raises BadInput where the file as a whole cannot be read.
    """
    chosen = {header_key(header) for header in (columns or {}).values()}
    records = split(text, layout.field_of.keys() | chosen)
    if not records.rows and not records.broken:
        raise BadInput(
            f"The {layout.name} is empty.", f"Give a CSV file with a header and one row for each {layout.each}."
        )
    faults: list[Fault] = []
    found: list[T] = []
    matched = Columns({}, {}, (), ())
    if records.rows:
        matched = match_columns(records.rows[0].cells, columns, layout)
        faults = [Fault(records.rows[0].line, *fault) for fault in matched.faults]
    if records.rows and not faults:
        _read_rows(records, matched, layout, parse, found, faults)
    if records.broken:
        faults.append(Fault(records.broken_line, "", records.broken))
    named = tuple(Fault(fault.line, fault.column, fault.sentence, clean(file)) for fault in faults)
    return Table(tuple(found), named, matched.header, matched.ignored)


def _read_rows(
    records: Records,
    columns: Columns,
    layout: Layout,
    parse: Callable[[Row], T | None],
    found: list[T],
    faults: list[Fault],
) -> None:
    header, *rows = records.rows
    if not rows and not records.broken:
        faults.append(Fault(header.line, "", f"There is no {layout.each} below the header."))
    earlier = repeated_rows()
    for record in rows:
        row = Row(record, columns, layout)
        if len(record.cells) != len(header.cells):
            # A shifted row would put right values under wrong headers: not one cell of it is trusted.
            words = f"The row has {len(record.cells)} cells and the header {len(header.cells)}."
            row.faults.append(("", f"{words} Put quotation marks around a cell that contains the delimiter."))
        elif line := earlier(record.line, record.cells):
            row.faults.append(("", f"The row is the same as line {line}. Delete one of them."))
        else:
            one = parse(row)
            if one is not None and not row.faults:
                found.append(one)
        faults.extend(Fault(record.line, *fault) for fault in row.faults)
