"""What is not as it should be with a construct, in sentences: differences, readings, and what is still open."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ortool.checklist.construct import Cell, CellState, Construct
from ortool.checklist.implant_definition import Reading
from ortool.checklist.records import Action, Implant


class FindingKind(StrEnum):
    """How much a finding weighs: a hard stop that was overridden, a difference, or something still to be done."""

    OVERRIDDEN = "overridden"
    DIFFERENCE = "difference"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about the construct, and the places it is about."""

    kind: FindingKind
    sentence: str
    keys: tuple[tuple[str, str], ...] = ()


def findings(construct: Construct) -> tuple[Finding, ...]:
    """Return everything worth telling about a construct, the heaviest first."""
    found = [*_overridden(construct), *_sides(construct)]
    for cell in construct.cells.values():
        found += _of_cell(construct, cell)
    found += _manual(construct)
    order = list(FindingKind)
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def _overridden(construct: Construct) -> Iterator[Finding]:
    for record in construct.records:
        for stop in record.stops:
            yield Finding(FindingKind.OVERRIDDEN, f"{_where(construct, record)}: {stop} Overridden: {record.reason}.")


def _sides(construct: Construct) -> Iterator[Finding]:
    """Left and right of one level differ in size: it may be meant so, and is told all the same."""
    for (part, tag), left in construct.cells.items():
        right = construct.cells.get((part, tag.removesuffix("-left") + "-right")) if tag.endswith("-left") else None
        if right is None or not (left.implanted and right.implanted):
            continue
        if any(left.values.get(size.id) != right.values.get(size.id) for size in left.part.sizes):
            meant = left.size == left.planned_size and right.size == right.planned_size
            words = f"{left.part.title} {left.place.level}: left {left.size}, right {right.size}"
            tail = ", as planned." if meant else "; the sides differ."
            yield Finding(FindingKind.DIFFERENCE, words + tail, (left.key, right.key))


def _of_cell(construct: Construct, cell: Cell) -> Iterator[Finding]:
    different, still = FindingKind.DIFFERENCE, FindingKind.OPEN
    if cell.state is CellState.PLANNED:
        yield Finding(still, f"{cell.title}: planned {cell.planned_size}, none implanted.", (cell.key,))
    if cell.state is not CellState.IMPLANTED:
        return
    if cell.doubled:
        yield Finding(different, f"{cell.title}: two implants are recorded in one place.", (cell.key,))
    if not cell.within:
        yield Finding(different, f"{cell.title}: outside the planned levels.", (cell.key,))
    if cell.planned is None:
        if construct.of(Action.PLANNED):
            yield Finding(different, f"{cell.title}: implanted {cell.size} without a planned size.", (cell.key,))
    elif any(cell.values.get(name) != value for name, value in cell.planned.values.items()):
        sentence = f"{cell.title}: planned {cell.planned_size}, implanted {cell.size or 'without a size'}."
        yield Finding(different, sentence, (cell.key,))
    for reading in construct.readings_of(cell.part):
        yield from _of_reading(cell, reading)


def _of_reading(cell: Cell, reading: Reading) -> Iterator[Finding]:
    value = cell.values.get(reading.id, "")
    told = f"{cell.title}: {reading.title.lower()} {value} {reading.unit}".rstrip()
    if reading.size:
        return
    if not value and reading.site:
        yield Finding(FindingKind.OPEN, f"{cell.title}: {reading.title.lower()}: site value missing.", (cell.key,))
    elif not value:
        wording = "final tightening is not recorded" if reading.final else f"{reading.title.lower()} not recorded"
        yield Finding(FindingKind.OPEN, f"{cell.title}: {wording}.", (cell.key,))
    elif reading.final and not _is_full(value):
        yield Finding(FindingKind.DIFFERENCE, f"{told}: not every one is final.", (cell.key,))
    elif reading.wanted and value != reading.wanted:
        yield Finding(FindingKind.DIFFERENCE, f"{told}, should be {reading.wanted}.", (cell.key,))
    elif reading.least is not None and Decimal(value) < Decimal(str(reading.least)):
        yield Finding(FindingKind.DIFFERENCE, f"{told}, below {reading.least:g}.", (cell.key,))


def _is_full(ratio: str) -> bool:
    done, _, of = ratio.partition("/")
    return done == of


def _manual(construct: Construct) -> Iterator[Finding]:
    for record in construct.of(Action.PLACED) + construct.of(Action.WASTED):
        if record.entry != "manual":
            continue
        where = _where(construct, record)
        if record.second:
            yield Finding(FindingKind.OPEN, f"{where}: typed by hand by two people, not scanned.")
        else:
            yield Finding(FindingKind.DIFFERENCE, f"{where}: typed by hand by one person; it needs two.")


def _where(construct: Construct, record: Implant) -> str:
    cell = construct.cells.get((record.part, record.place))
    return cell.title if cell else record.part
