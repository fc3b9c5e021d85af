"""The construct sheet of a case: what goes where, planned against implanted, folded from the run's records."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ortool.checklist.implant_definition import ImplantPart, Reading
from ortool.checklist.places import Place, places, read_place
from ortool.checklist.records import Action, Implant
from ortool.checklist.run import Run
from ortool.errors import BadInput


class CellState(StrEnum):
    """How far a position is."""

    EMPTY = "empty"
    PLANNED = "planned"
    IMPLANTED = "implanted"


@dataclass(frozen=True)
class Cell:
    """One position of one part. `within` says whether it lies in the planned levels."""

    part: ImplantPart
    place: Place
    within: bool = True
    planned: Implant | None = None
    implanted: Implant | None = None
    checks: tuple[Implant, ...] = ()
    doubled: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Part and place."""
        return self.part.id, self.place.tag

    @property
    def title(self) -> str:
        """The position in words, such as `Pedicle screw L4 left`."""
        return f"{self.part.title} {self.place.words}"

    @property
    def state(self) -> CellState:
        """How far the position is."""
        if self.implanted:
            return CellState.IMPLANTED
        return CellState.PLANNED if self.planned else CellState.EMPTY

    @cached_property
    def values(self) -> dict[str, str]:
        """What was written down of the implant in place: as it was placed, and every later check on top."""
        found = dict(self.implanted.values) if self.implanted else {}
        for check in self.checks:
            found |= check.values
        return found

    @property
    def planned_size(self) -> str:
        """The planned size in words, such as `6.4 × 45 mm`."""
        return size_words(self.part, dict(self.planned.values) if self.planned else {})

    @property
    def size(self) -> str:
        """The implanted size in words."""
        return size_words(self.part, self.values)


@dataclass(frozen=True)
class Construct:
    """Every position of a case in order: part by part, cranial first, left before right."""

    run: Run

    @property
    def parts(self) -> tuple[ImplantPart, ...]:
        """The kinds of implants that the checklist knows."""
        return self.run.plan.checklist.implants

    @cached_property
    def records(self) -> tuple[Implant, ...]:
        """Every record about implants that stands, in order."""
        return tuple(record for record in self.run.live if isinstance(record, Implant))

    @cached_property
    def cells(self) -> dict[tuple[str, str], Cell]:
        """Each position by part and place: the planned levels' own, and any other that a record names."""
        return {cell.key: cell for cell in self._cells()}

    def _cells(self) -> Iterator[Cell]:
        for part in self.parts:
            own = places(part, self.run.plan.levels)
            tags = {place.tag for place in own}
            named = {record.place for record in self.records if record.part == part.id and record.place} - tags
            for place in (*own, *_read_all(part, sorted(named))):
                yield self._cell(part, place, place.tag in tags)

    def _cell(self, part: ImplantPart, place: Place, within: bool) -> Cell:
        here = [record for record in self.records if (record.part, record.place) == (part.id, place.tag)]
        gone = {record.ref for record in here if record.action is Action.EXPLANTED and record.ref}
        placed = [r for r in here if r.action is Action.PLACED and r.seq not in gone]
        last = placed[-1] if placed else None
        return Cell(
            part,
            place,
            within,
            next((r for r in reversed(here) if r.action is Action.PLANNED), None),
            last,
            tuple(r for r in here if last and r.action is Action.CHECKED and r.seq > last.seq),
            len(placed) > 1,
        )

    def of(self, action: Action) -> tuple[Implant, ...]:
        """Return the records of one action, such as the wasted or the explanted implants."""
        return tuple(record for record in self.records if record.action is action)

    @property
    def is_begun(self) -> bool:
        """Whether anything was implanted, wasted or taken out."""
        return any(record.action not in (Action.PLANNED, Action.CHECKED) for record in self.records)

    def readings_of(self, part: ImplantPart) -> tuple[Reading, ...]:
        """Return the readings that are asked for in this case."""
        without = self.run.plan.facts.get("neuromonitoring") == "no"
        return tuple(reading for reading in part.readings if not (reading.neuromonitoring and without))


def _read_all(part: ImplantPart, tags: list[str]) -> Iterator[Place]:
    for tag in tags:
        try:
            yield read_place(part, tag)
        except BadInput:
            yield Place(tag)


def size_words(part: ImplantPart, values: dict[str, str]) -> str:
    """Return a size in words, such as `6.4 × 45 mm`; empty where no size is known, `?` for a missing one."""
    sizes = [reading for reading in part.sizes if not reading.site]
    if not any(reading.id in values for reading in sizes):
        return ""
    unit = sizes[-1].unit
    return f"{' × '.join(values.get(reading.id, '?') for reading in sizes)} {unit}".strip()
