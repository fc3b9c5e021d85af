"""A file of past cases (CSV) read by a map: the rows that can be trusted, and a sentence for every other one."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ortool.caselog.past import UNNAMED
from ortool.checklist.levels import parse_levels
from ortool.errors import BadInput
from ortool.exchange.listed import Fault
from ortool.exchange.past_map import PastMap
from ortool.exchange.past_times import reader
from ortool.exchange.records import MAX_CELL, header_key
from ortool.exchange.values import read_hospital_number, read_minutes, read_side, read_text, read_urgency
from ortool.text import clean

MAX_BYTES = 256 * 1024 * 1024
MAX_ROWS = 1_000_000
LONGEST = timedelta(days=1)
# The order in which milestones happen (AACD glossary, fact base §6); those beside one another may cross.
ORDER = ("PIR", "AI", "AR", "PC", "PST", "PCB", "PF", "POR")
SPANS = (
    ("AS", "AF"),
    ("AS", "PST"),
    ("PF", "AF"),
    ("POR", "APACU"),
    ("APACU", "DPACU"),
    ("PIH", "PIR"),
    ("RCS", "RCF"),
)
_STAMP = re.compile(r"[A-Z]{2,6}")
# Any of these pairs says how long something took; a row without one says nothing of a case.
_NEEDED = (("PIR", "POR"), ("PST", "PF"), ("AS", "AF"))


@dataclass(frozen=True, slots=True)
class PastRow:
    """One past case as its row says it; times are aware UTC. `mark` is the same whenever the same row is read.

    `start` and `end` are the plan where `is_planned`, else the first and the last of what happened.
    """

    line: int
    mark: str
    hospital_number: str
    name: str
    room: str
    procedure: str
    specialty: str
    surgeon: str
    urgency: str
    levels: str
    side: str
    notes: str
    start: datetime
    end: datetime
    is_planned: bool
    cancelled: datetime | None
    cancel_reason: str
    times: Mapping[str, datetime] = field(default_factory=dict)


class _Bad(Exception):
    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


class PastFile:
    """Reads a file row by row. `faults` grows while `rows` is read, and holds what could not be read."""

    def __init__(self, text: str, found: PastMap, zone: ZoneInfo) -> None:
        """Match the header. Raises BadInput where a column that the map names is not there."""
        self.map, self.faults, self.lines = found, list[Fault](), 0
        self._read_time = reader(found, zone)
        self._headers: dict[str, str] = dict(found.columns.items())
        for stamp in found.times:
            if not _STAMP.fullmatch(stamp):
                raise BadInput(f"{stamp[:20]!r} is no milestone.", "Write for example PIR, PST, PF or POR.")
        csv.field_size_limit(MAX_CELL)
        self._rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        header = next(self._rows, [])
        keys = [header_key(cell) or cell.strip() for cell in header]
        self._width, self._places = len(header), dict[str, int]()
        for name, wanted in (*found.columns.items(), *found.times.items()):
            key = header_key(wanted) or wanted
            if keys.count(key) != 1:
                how = "more than one column is" if key in keys else "no column is"
                raise BadInput(f"The map {clean(found.name, 40)} does not fit: {how} headed {clean(wanted, 60)!r}.")
            self._places[name] = keys.index(key)

    def rows(self) -> Iterator[PastRow]:
        """Yield every case that can be trusted."""
        seen: dict[str, int] = {}
        while True:
            line = self._rows.line_num + 1
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                self.faults.append(Fault(line, "", "The quotation marks from here on do not pair up.", ""))
                return
            if not any(cell.strip() for cell in cells):
                continue
            self.lines += 1
            if self.lines > MAX_ROWS:
                raise BadInput(f"The file has more than {MAX_ROWS:,} rows.", "Split it by year.")
            try:
                row = self._row(line, cells)
                if earlier := seen.get(row.mark):
                    raise _Bad("", f"It is the same case as line {earlier}.")
                seen[row.mark] = line
            except _Bad as bad:
                self.faults.append(Fault(line, bad.column, bad.sentence, ""))
            else:
                yield row

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self._places.get(name)
        return "" if place is None else cells[place].strip()

    def _read(self, cells: Sequence[str], name: str) -> str:
        cell = self._cell(cells, name)
        for known, meaning in self.map.values.items():
            if known == name:
                return meaning.get(cell, cell)
        return cell

    def _row(self, line: int, cells: Sequence[str]) -> PastRow:
        if len(cells) != self._width:
            raise _Bad("", f"The row has {len(cells)} cells and the header {self._width}.")
        column = ""
        try:
            column = "procedure"
            procedure = read_text(self._read(cells, "procedure"), 80) or "Not recorded"
            column = "hospital_number"
            number = self._read(cells, "hospital_number") or self._read(cells, "key")
            hospital_number = read_hospital_number(number) if number else UNNAMED
            words = {}
            for column in ("room", "specialty", "surgeon", "name", "cancel_reason"):
                words[column] = read_text(self._read(cells, column), 80)
            column = "notes"
            notes = read_text(self._read(cells, "notes"), 2_000)
            column = "urgency"
            urgency = read_urgency(urgency) if (urgency := self._read(cells, "urgency")) else "elective"
            column = "side"
            side = read_side(side) if (side := self._read(cells, "side")) else ""
            column = "levels"
            levels = str(parse_levels(clean(self._read(cells, "levels"), 40)))
        except BadInput as wrong:
            raise _Bad(self._headers.get(column, column), str(wrong)) from None
        times, cancelled = self._times(cells), self._time(cells, "cancelled", self.map.columns.get("cancelled", ""))
        start, end, is_planned = self._span(cells, times, cancelled is not None)
        return PastRow(
            line, self._mark(cells), hospital_number, words["name"] or UNNAMED, words["room"], procedure,
            words["specialty"], words["surgeon"], urgency, levels, side, notes, start, end, is_planned,
            cancelled, words["cancel_reason"], times,
        )  # fmt: skip

    def _mark(self, cells: Sequence[str]) -> str:
        key = self._cell(cells, "key")
        said = f"{self.map.name}\0{key}" if key else "\0".join((self.map.name, *cells))
        return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest()[:40]

    def _time(self, cells: Sequence[str], name: str, header: str) -> datetime | None:
        cell = self._cell(cells, name)
        if not cell:
            return None
        try:
            return self._read_time(cell, self.lines - 1)
        except BadInput as wrong:
            raise _Bad(header, str(wrong)) from None

    def _times(self, cells: Sequence[str]) -> dict[str, datetime]:
        found = {stamp: self._time(cells, stamp, header) for stamp, header in self.map.times.items()}
        times = {stamp: at for stamp, at in found.items() if at is not None}
        in_order = [stamp for stamp in ORDER if stamp in times]
        for before, after in (*pairwise(in_order), *SPANS):
            if before in times and after in times and times[after] < times[before]:
                raise _Bad(self.map.times[after], f"{after} is before {before}.")
        if times and max(times.values()) - min(times.values()) > 2 * LONGEST:
            raise _Bad("", "Its times are more than two days apart.")
        return times

    def _span(
        self, cells: Sequence[str], times: Mapping[str, datetime], is_cancelled: bool
    ) -> tuple[datetime, datetime, bool]:
        start, end = (self._time(cells, name, self._headers.get(name, "")) for name in ("start", "end"))
        if not is_cancelled and not any(first in times and last in times for first, last in _NEEDED):
            raise _Bad(
                "", "It has neither both ends of the stay in the room, nor of the operation, nor of anaesthesia."
            )
        if start is not None and end is None and (length := self._cell(cells, "minutes")):
            try:
                end = start + timedelta(minutes=read_minutes(length))
            except BadInput as wrong:
                raise _Bad(self.map.columns["minutes"], str(wrong)) from None
        is_planned = start is not None and end is not None
        if start is None or end is None:
            if not times:
                raise _Bad("", "It was cancelled, and nothing says when it was planned.")
            start, end = min(times.values()), max(times.values())
        if not timedelta() < end - start <= LONGEST:
            raise _Bad("", f"It lasts {(end - start) / timedelta(minutes=1):.0f} minutes.")
        return start, end, is_planned
