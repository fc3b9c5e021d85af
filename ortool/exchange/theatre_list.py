"""A theatre list (CSV) read into cases, with a sentence for every cell that cannot be trusted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from ortool.errors import BadInput
from ortool.exchange.columns import KNOWN_KEYS, REQUIRED, Columns, label, match_columns
from ortool.exchange.known import Known
from ortool.exchange.listed import Fault, ListedCase, TheatreList
from ortool.exchange.records import Record, Records, decode, header_key, split
from ortool.exchange.repeats import Repeats
from ortool.exchange.values import (
    check_minutes,
    read_hospital_number,
    read_minutes,
    read_name,
    read_side,
    read_text,
    read_urgency,
    read_yes_no,
)
from ortool.schedule.wall_time import DateOrder, read_date, read_instant
from ortool.text import clean

__all__ = ["Fault", "ListedCase", "TheatreList", "decode", "read_theatre_list"]

OLDEST_YEARS = 130
NOTES = 2_000
ALLERGIES = 500

_NEVER = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Site:
    zone: ZoneInfo
    known: Known
    order: DateOrder


@dataclass(slots=True)
class _Row:
    record: Record
    columns: Columns
    faults: list[tuple[str, str]] = field(default_factory=list)

    def cell(self, name: str) -> str:
        """Return the cell of field `name`, empty if the list has no such column."""
        place = self.columns.index.get(name)
        return "" if place is None else self.record.cells[place].strip()

    def read(self, name: str, parse: Callable[[str], T], empty: T) -> T:
        """Return the parsed cell of field `name`; `empty` for an empty cell or one with a fault."""
        cell = self.cell(name)
        if not cell:
            # An empty number of minutes may be replaced by an end, which is judged there.
            if name in REQUIRED and name != "minutes":
                self.fault(name, "The cell is empty. Every case needs it.")
            return empty
        try:
            return parse(cell)
        except BadInput as wrong:
            self.fault(name, str(wrong))
            return empty

    def fault(self, name: str, sentence: str) -> None:
        """Note a fault in the column of field `name`."""
        self.faults.append((self.columns.header.get(name, label(name)), sentence))


def read_theatre_list(
    text: str,
    *,
    zone: ZoneInfo,
    procedures: Mapping[str, str],
    rooms: Collection[str],
    file: str = "",
    columns: Mapping[str, str] | None = None,
    date_order: DateOrder = "iso",
) -> TheatreList:
    """Read a theatre list; times are the theatre's wall clock in `zone`.

    `procedures` maps lower-cased names, ids and aliases to procedure ids; `columns` maps fields to headers of the file.
    A row with any fault yields no case. Raises BadInput where the file as a whole cannot be read.
    """
    records = split(text, KNOWN_KEYS | {header_key(header) for header in (columns or {}).values()})
    if not records.rows and not records.broken:
        raise BadInput("The theatre list is empty.", "Give a CSV file with a header and one row for each case.")
    site = _Site(zone, Known(rooms, procedures), date_order)
    faults: list[Fault] = []
    cases: list[ListedCase] = []
    matched = Columns({}, {}, (), ())
    if records.rows:
        matched = match_columns(records.rows[0].cells, columns)
        faults = [Fault(records.rows[0].line, *found) for found in matched.faults]
    if records.rows and not faults:
        _read_rows(records, matched, site, cases, faults)
    if records.broken:
        faults.append(Fault(records.broken_line, "", records.broken))
    named = tuple(Fault(fault.line, fault.column, fault.sentence, clean(file)) for fault in faults)
    return TheatreList(tuple(cases), named, matched.header, matched.ignored)


def _read_rows(records: Records, columns: Columns, site: _Site, cases: list[ListedCase], faults: list[Fault]) -> None:
    header, *rows = records.rows
    if not rows and not records.broken:
        faults.append(Fault(header.line, "", "There is no case below the header."))
    repeats = Repeats()
    for record in rows:
        row = _Row(record, columns)
        case = _checked(row, len(header.cells), site, repeats)
        if case is not None:
            cases.append(case)
        faults.extend(Fault(record.line, *found) for found in row.faults)


def _checked(row: _Row, width: int, site: _Site, repeats: Repeats) -> ListedCase | None:
    cells = row.record.cells
    if len(cells) != width:
        # A shifted row would put right values under wrong headers: not one cell of it is trusted.
        words = f"The row has {len(cells)} cells and the header {width}."
        row.faults.append(("", f"{words} Put quotation marks around a cell that contains the delimiter."))
        return None
    if earlier := repeats.repeated_row(row.record.line, cells):
        row.faults.append(("", f"The row is the same as line {earlier}. Delete one of them."))
        return None
    case = _case(row, site)
    if case is not None and (conflict := repeats.conflict(case)):
        row.fault(*conflict)
        return None
    return case


def _case(row: _Row, site: _Site) -> ListedCase | None:
    day = row.read("date", lambda cell: read_date(cell, site.order), None)
    start = row.read("start", lambda cell: read_instant(cell, day, site.zone), None)
    minutes = _minutes(row, day, start, site.zone)
    # What stands in for a faulty cell never leaves this function: a row with a fault is no case.
    case = ListedCase(
        line=row.record.line,
        date=day or date.min,
        room=row.read("room", site.known.room, ""),
        start=start or _NEVER,
        minutes=minutes or 0,
        hospital_number=row.read("hospital_number", read_hospital_number, ""),
        name=row.read("name", read_name, ""),
        born=row.read("born", lambda cell: _born(cell, day, site.order), None),
        procedure=row.read("procedure", site.known.procedure, ""),
        levels=row.read("levels", lambda cell: read_text(cell, 60), ""),
        side=row.read("side", read_side, ""),
        surgeon=row.read("surgeon", read_name, ""),
        anaesthetist=row.read("anaesthetist", read_name, ""),
        urgency=row.read("urgency", read_urgency, "elective"),
        notes=row.read("notes", lambda cell: read_text(cell, NOTES, multiline=True), ""),
        allergies=row.read("allergies", lambda cell: read_text(cell, ALLERGIES), ""),
        neuromonitoring=row.read("neuromonitoring", read_yes_no, None),
    )
    return None if row.faults else case


def _minutes(row: _Row, day: date | None, start: datetime | None, zone: ZoneInfo) -> int | None:
    planned = row.read("minutes", read_minutes, None)
    spanned = row.read("end", lambda cell: _span(cell, day, start, zone), None)
    if not row.cell("minutes") and not row.cell("end"):
        row.fault("minutes", "The cell is empty. Every case needs planned minutes or an end.")
    elif planned is not None and spanned is not None and planned != spanned:
        row.fault("minutes", f"{planned} minutes do not agree with the end, which makes {spanned}. Correct one.")
    return planned if planned is not None else spanned


def _span(cell: str, day: date | None, start: datetime | None, zone: ZoneInfo) -> int | None:
    end = read_instant(cell, day, zone)
    if end is None or start is None:
        return None
    if end <= start:
        raise BadInput(f"The end {clean(cell, 30)} is not after the start.", "Give minutes for a case over midnight.")
    return check_minutes(int((end - start).total_seconds() // 60))


def _born(cell: str, day: date | None, order: DateOrder) -> date:
    born = read_date(cell, order)
    if day is not None and born > day:
        raise BadInput(f"{born} is after the operation on {day}.", "Correct one of the dates.")
    if day is not None and (born.year + OLDEST_YEARS, born.month, born.day) < (day.year, day.month, day.day):
        raise BadInput(f"{born} is more than {OLDEST_YEARS} years before the operation.", "Correct the date of birth.")
    return born
