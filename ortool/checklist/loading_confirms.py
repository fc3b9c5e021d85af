"""What `confirms:` may name: an item that was asked before, once, and whose answer fits."""

from collections.abc import Iterator

from ortool.checklist.definition import Checklist, Item, ItemType
from ortool.checklist.document import Document, Fault, Path

Place = tuple[int, int]


def misplaced_confirms(checklist: Checklist, items: list[tuple[Path, Item]], document: Document) -> Iterator[Fault]:
    """Yield each `confirms:` that names an item which is not asked before, or whose answer would not fit."""
    known = {item.id: item for _, item in items}
    places = _places(checklist)
    end = (sum(len(phase.steps) for phase in checklist.phases), 0)
    for path, item in items:
        asked = known.get(item.confirms or "")
        if asked is None:
            continue
        if asked.id not in places or places[asked.id] >= places.get(item.id, end):
            sentence = f"`{asked.id}` is not asked once before `{item.id}`, so there is no answer to confirm"
            yield document.fault((*path, "confirms"), sentence)
        elif not _fits(asked, item):
            sentence = f"an answer to `{asked.id}` does not fit `{item.id}`: give both the same type, unit and choices"
            yield document.fault((*path, "confirms"), f"{sentence}, or make this one a confirm")


def _places(checklist: Checklist) -> dict[str, Place]:
    """Return where each item stands that every run asks once; those of repeated pauses and events have no one place."""
    pauses = {pause.id: pause for pause in checklist.pauses if pause.for_each is None}
    found: dict[str, Place] = {}
    for number, step in enumerate(step for phase in checklist.phases for step in phase.steps):
        items = pauses[step.pause].items if step.pause in pauses else (step.record,) if step.record else ()
        found |= {item.id: (number, place) for place, item in enumerate(items)}
    return found


def _fits(asked: Item, item: Item) -> bool:
    if asked.type in (ItemType.AUTO, ItemType.COUNT):
        return False
    same = (asked.type, asked.unit, asked.code) == (item.type, item.unit, item.code)
    return item.type is ItemType.CONFIRM or (same and set(asked.choices) <= set(item.choices))
