"""The construct as lines: each position planned against implanted, and every record of an implant."""

from dataclasses import dataclass
from datetime import date

from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.construct import Cell, CellState, Construct
from ortool.checklist.construct_findings import FindingKind, findings
from ortool.checklist.places import words_of
from ortool.checklist.records import Action, Implant


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One size or reading of an implant in place, such as `Length 45 mm`."""

    id: str
    title: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One position that was planned or implanted. Sizes are in words, empty where none is known."""

    part: str
    title: str
    place: str
    state: CellState
    within_plan: bool
    planned_size: str
    implanted_size: str
    readings: tuple[ReadingLine, ...]
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class ImplantLine:
    """One record: planned, placed, checked, wasted or explanted. `stops` are the hard stops that were overridden."""

    action: Action
    part: str
    title: str
    place: str
    device_identifier: str
    lot: str
    serial: str
    expires: date | None
    description: str
    entry: str
    regulatory_context: str
    stops: tuple[str, ...]
    reason: str
    second: str
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A sentence about the construct, and the entries of the places that it is about."""

    kind: FindingKind
    sentence: str
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class ConstructLine:
    """The whole construct."""

    positions: tuple[PositionLine, ...]
    records: tuple[ImplantLine, ...]
    findings: tuple[FindingLine, ...]


def construct_line(construct: Construct, marker: Marker) -> ConstructLine | None:
    """Return the construct of a case, None where nothing was planned or implanted."""
    if not construct.records:
        return None
    cells = [cell for cell in construct.cells.values() if cell.state is not CellState.EMPTY]
    titles = {part.id: part.title for part in construct.parts}
    return ConstructLine(
        tuple(_position(cell) for cell in cells),
        tuple(_implant(record, titles, marker) for record in construct.records),
        tuple(_findings(construct)),
    )


def seqs_of(cell: Cell) -> Seqs:
    """Return the entries that a position was read from."""
    records = (cell.planned, cell.implanted, *cell.checks)
    return tuple(sorted(record.seq for record in records if record))


def _position(cell: Cell) -> PositionLine:
    known = [reading for reading in cell.part.readings if reading.id in cell.values]
    return PositionLine(
        cell.part.id,
        cell.title,
        cell.place.tag,
        cell.state,
        cell.within,
        cell.planned_size,
        cell.size,
        tuple(ReadingLine(one.id, one.title, cell.values[one.id], one.unit) for one in known),
        seqs_of(cell),
    )


def _implant(record: Implant, titles: dict[str, str], marker: Marker) -> ImplantLine:
    return ImplantLine(
        record.action,
        record.part,
        f"{titles.get(record.part, record.part)} {words_of(record.place)}".strip(),
        record.place,
        record.device_identifier,
        record.lot,
        record.serial,
        record.expires,
        record.description,
        record.entry,
        record.regulatory_context,
        record.stops,
        record.reason,
        marker.name(record.second),
        marker.mark(record),
        (record.seq,),
    )


def _findings(construct: Construct) -> list[FindingLine]:
    return [
        FindingLine(
            one.kind,
            one.sentence,
            tuple(sorted({seq for key in one.keys if key in construct.cells for seq in seqs_of(construct.cells[key])})),
        )
        for one in findings(construct)
    ]
