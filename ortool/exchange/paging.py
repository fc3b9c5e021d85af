"""Pages: what is measured is laid on pages of one height, and nothing that belongs together is torn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Unit(Generic[Drawn]):
    """Something to print and its height. `with_next` keeps it on the page of what follows.

    `again` is drawn first where this unit begins a page in the middle of its block.
    """

    drawn: Drawn
    height: float
    with_next: bool = False
    again: "Unit[Drawn] | None" = None


def paginate(units: Iterable[Unit[Drawn]], room: float) -> list[list[Drawn]]:
    """Return the pages of `room` height. A unit is never split; one taller than a page has that page for itself."""
    pages: list[list[Drawn]] = [[]]
    left = room
    for group in _together(units):
        height = sum(unit.height for unit in group)
        if height > left and pages[-1]:
            pages.append([])
            left = room
            if again := group[0].again:
                pages[-1].append(again.drawn)
                left -= again.height
        pages[-1].extend(unit.drawn for unit in group)
        left -= height
    return pages


def bound(
    sections: Iterable[tuple[str, Iterable[Unit[Drawn]]]], room: float
) -> tuple[list[list[Drawn]], dict[str, int]]:
    """Return the pages of all sections, each of which begins a page, and the first page (from 1) of each named one."""
    pages: list[list[Drawn]] = []
    first: dict[str, int] = {}
    for name, units in sections:
        if name:
            first.setdefault(name, len(pages) + 1)
        pages += paginate(units, room)
    return pages, first


def index_words(first: dict[str, int]) -> str:
    """Return where the named sections begin, in words; empty where there is none."""
    return "  ".join(f"{name} p.{page}" for name, page in first.items())


def whole(units: Sequence[Unit[Drawn]], room: float) -> list[Unit[Drawn]]:
    """Return `units` kept on one page, if they fit on one; else as they are."""
    if sum(unit.height for unit in units) > room:
        return list(units)
    return [*(replace(unit, with_next=True) for unit in units[:-1]), *units[-1:]]


def _together(units: Iterable[Unit[Drawn]]) -> Iterable[list[Unit[Drawn]]]:
    group: list[Unit[Drawn]] = []
    for unit in units:
        group.append(unit)
        if not unit.with_next:
            yield group
            group = []
    if group:
        yield group
