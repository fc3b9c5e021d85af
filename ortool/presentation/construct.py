"""The construct as lines: a grid of levels and sides, planned against implanted, and what is not as it should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ortool.checklist.construct import Cell, CellState, Construct
from ortool.checklist.construct_findings import Finding, FindingKind, findings
from ortool.checklist.places import words_of
from ortool.checklist.records import Action, Implant
from ortool.checklist.scan import Scan
from ortool.presentation.pieces import Piece, fit

_ROLES = {FindingKind.OVERRIDDEN: "override", FindingKind.DIFFERENCE: "alarm", FindingKind.OPEN: "dim"}
_WORDS = {FindingKind.OVERRIDDEN: "OVERRIDDEN", FindingKind.DIFFERENCE: "DIFFERS", FindingKind.OPEN: "open"}
LEVEL = 8


@dataclass(frozen=True, slots=True)
class ConstructRow:
    """One line of the grid: a heading of a part, or one level of it with its cells, left before right.

    `chosen` is the number of the cell that the keys are about.
    """

    key: tuple[str, str]
    title: str
    cells: tuple[Cell, ...] = ()
    odd: frozenset[tuple[str, str]] = frozenset()
    chosen: int = 0
    ascii_only: bool = False

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here."""
        return bool(self.cells)

    @property
    def is_open(self) -> bool:
        """Whether something planned is not implanted here."""
        return any(cell.state is CellState.PLANNED for cell in self.cells)

    @property
    def cell(self) -> Cell | None:
        """The chosen cell."""
        return self.cells[min(self.chosen, len(self.cells) - 1)] if self.cells else None

    def pieces(self, width: int) -> list[Piece]:
        """Return the line as pieces of exactly `width` cells."""
        if not self.cells:
            return [Piece(fit(f" {self.title}", width), "heading")]
        each = (width - LEVEL) // len(self.cells)
        pieces = [Piece(fit(f"  {self.title}", LEVEL), "title")]
        for number, cell in enumerate(self.cells):
            room = each if number < len(self.cells) - 1 else width - LEVEL - each * (len(self.cells) - 1)
            pieces += self._cell_pieces(cell, room, number == min(self.chosen, len(self.cells) - 1))
        return pieces

    def _cell_pieces(self, cell: Cell, width: int, chosen: bool) -> list[Piece]:
        mark = (">" if self.ascii_only else "▸") if chosen else " "
        side = f"{mark}{cell.place.side or 'midline'}"
        text, role = cell_words(cell, self.ascii_only, cell.key in self.odd)
        return [Piece(fit(f"{side} ", 8), "name" if chosen else "plain"), Piece(fit(text, width - 8), role)]


def cell_words(cell: Cell, ascii_only: bool = False, odd: bool = False) -> tuple[str, str]:
    """Return what a cell says and its role: planned, implanted, or both where they differ."""
    done, times = ("x", "x") if ascii_only else ("✓", "×")
    planned = cell.planned_size.replace("×", times)
    size = (cell.size or "size ?").replace("×", times)
    if cell.state is CellState.EMPTY:
        return ("-" if ascii_only else "–"), "dim"
    if cell.state is CellState.PLANNED:
        return f"plan {planned}", "open"
    if planned and planned != size:
        unit = f" {cell.part.sizes[-1].unit}"
        return f"! {size.removesuffix(unit)}, plan {planned.removesuffix(unit)}", "no"
    return f"{'!' if odd else done} {size}", "late" if odd else "done"


def construct_rows(construct: Construct, chosen: int = 0, ascii_only: bool = False) -> list[ConstructRow]:
    """Return the grid: each part's heading, then its levels from cranial to caudal."""
    odd = frozenset(key for one in findings(construct) if one.kind is not FindingKind.OPEN for key in one.keys)
    rows: list[ConstructRow] = []
    for part in construct.parts:
        cells = [cell for cell in construct.cells.values() if cell.part.id == part.id]
        placed = sum(cell.state is CellState.IMPLANTED for cell in cells)
        rows.append(ConstructRow((part.id, ""), f"{part.title}: {placed} of {len(cells)} implanted"))
        levels = dict.fromkeys(cell.place.level for cell in cells)
        for level in levels:
            here = tuple(cell for cell in cells if cell.place.level == level)
            rows.append(ConstructRow((part.id, level), level, here, odd, chosen, ascii_only))
    return rows


def finding_lines(found: Sequence[Finding], width: int, height: int) -> list[list[Piece]]:
    """Return what is not as it should be, a line each, the heaviest first; what does not fit is counted."""
    if not found:
        return [[Piece(" Nothing differs and nothing is open.", "done")]]
    shown = found if len(found) <= height else found[: height - 1]
    lines = [[Piece(fit(f" {_WORDS[one.kind]}: {one.sentence}", width), _ROLES[one.kind])] for one in shown]
    if len(shown) < len(found):
        lines.append([Piece(fit(f" … and {len(found) - len(shown)} more: i shows all", width), "dim")])
    return lines


def cell_detail(cell: Cell, names: dict[str, str]) -> list[str]:
    """Return everything that is known of a position, a sentence each."""
    lines = [cell.title, f"Planned: {cell.planned_size or 'no size'}"]
    if cell.planned and cell.planned.regulatory_context:
        lines.append(f"Regulatory context: {cell.planned.regulatory_context}")
    if cell.implanted:
        lines.append(f"Implanted: {cell.size or 'size not known'} · {device_words(cell.implanted)}")
        by = names.get(cell.implanted.actor, cell.implanted.actor)
        second = names.get(cell.implanted.second, cell.implanted.second)
        lines.append(f"Entered by {by}{f' with {second}' if second else ''}, {cell.implanted.entry or 'not scanned'}")
        lines.append(" · ".join(reading_words(cell)))
    return lines


def reading_words(cell: Cell) -> list[str]:
    """Return what was written down of an implant in place, such as `Length 45 mm`."""
    known = [reading for reading in cell.part.readings if reading.id in cell.values]
    return [f"{reading.title} {cell.values[reading.id]} {reading.unit}".strip() for reading in known]


def device_words(record: Implant) -> str:
    """Return lot, serial, expiry and device identifier of a recorded implant."""
    return _device(record.device_identifier, record.lot, record.serial, record.expires, record.description)


def _device(identifier: str, lot: str, serial: str, expires: date | None, description: str = "") -> str:
    facts = (
        description,
        f"lot {lot}" if lot else "no lot",
        f"serial {serial}" if serial else "",
        f"expires {expires.isoformat()}" if expires else "no expiry known",
        f"device {identifier}" if identifier else "",
    )
    return " · ".join(filter(None, facts))


def scan_words(scan: Scan, today: date) -> list[str]:
    """Return what a barcode says as lines to be read against the label; an expired one is said first."""
    expired = [f"EXPIRED on {scan.expires.isoformat()}"] if scan.expires and scan.expires < today else []
    faults = [f"FAULT: {fault}" for fault in scan.faults]
    known = [_device(scan.device_identifier, scan.lot, scan.serial, scan.expires)] if not _is_empty(scan) else []
    return [*expired, *faults, *known, f"{scan.issuer} barcode"]


def _is_empty(scan: Scan) -> bool:
    return not (scan.device_identifier or scan.lot or scan.serial or scan.expires)


def record_lines(construct: Construct, names: dict[str, str]) -> list[str]:
    """Return the wasted and the explanted implants, a line each with the reason."""
    titles = {part.id: part.title for part in construct.parts}
    lines: list[str] = []
    for action, word in ((Action.WASTED, "Wasted"), (Action.EXPLANTED, "Taken out")):
        for record in construct.of(action):
            where = f"{titles.get(record.part, record.part)} {words_of(record.place)}".strip()
            who = names.get(record.actor, record.actor)
            lines.append(f"{word}: {where} · {device_words(record)} · {record.reason} · {who}")
    return lines


def construct_lines(construct: Construct, names: dict[str, str], width: int = 80) -> list[str]:
    """Return the whole construct as plain lines, for the case log and other readers without a screen."""
    lines = ["".join(piece.text for piece in row.pieces(width)).rstrip() for row in construct_rows(construct, -1)]
    lines += [f"{_WORDS[one.kind]}: {one.sentence}" for one in findings(construct)]
    return lines + record_lines(construct, names)
