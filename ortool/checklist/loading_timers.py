"""What only shows when the timers of a checklist are held against its stamps and items."""

from collections.abc import Iterator, Mapping

from ortool.checklist.definition import Checklist
from ortool.checklist.document import Document, Fault, Path, shown
from ortool.checklist.timers import BY_HAND, BY_READING


def timer_references(checklist: Checklist) -> Iterator[tuple[Path, str, tuple[str, ...], str]]:
    """Yield each stamp and item that a timer names: place, id, kinds it may be of, and what it is called."""
    for index, timer in enumerate(checklist.timers):
        if timer.starts not in (BY_HAND, BY_READING):
            yield ("timers", index, "starts"), timer.starts, ("stamp", "item"), "the stamp or item"
        for name in timer.stops:
            yield ("timers", index, "stops"), name, ("stamp", "pause"), "the stamp or pause"


def unasked_drugs(checklist: Checklist, choices: Mapping[str, tuple[str, ...]], document: Document) -> Iterator[Fault]:
    """Yield each choice of a timer that nobody can choose: its clock would be missing in silence."""
    for index, timer in enumerate(checklist.timers):
        for drug in timer.by_choice:
            if drug not in choices.get(timer.starts, ()):
                sentence = f"`{shown(drug)}` is no choice of `{timer.starts}`; write one of its choices"
                yield document.fault(("timers", index, "by_choice", drug), sentence)
