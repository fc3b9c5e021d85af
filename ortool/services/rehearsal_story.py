"""What goes otherwise than planned in a rehearsed case: one of each thing that a case log must be able to tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ortool.checklist.definition import Item, ItemType
from ortool.checklist.plan import Plan, PlannedPause

Told = tuple[str, str]
NOTHING: Told = ("", "")


@dataclass(frozen=True, slots=True)
class Storyline:
    """Where a rehearsed case leaves the straight way. Pairs are (id, words); an empty id leaves the thing out."""

    no: Told = NOTHING
    not_applicable: Told = NOTHING
    undone: str = ""
    overridden: Told = NOTHING
    left_open: str = ""
    gate: Told = NOTHING
    late_stamp: str = ""
    recount: str = ""
    overrun: str = ""
    note: str = ""


def story_for(plan: Plan) -> Storyline:
    """Return the storyline of the demonstration for a plan; where its known items are missing, others stand in."""
    taken: set[str] = set()

    def item(preferred: str, fits: Callable[[Item], bool], reason: str, otherwise: str) -> Told:
        found = _pick(preferred, [one.id for one in _paused(plan) if fits(one) and one.id not in taken])
        taken.add(found)
        return (found, reason if found == preferred else otherwise) if found else NOTHING

    gate, left_open = _gate(plan)
    taken.add(left_open)
    return Storyline(
        no=item("P1.9", _soft, "Back-up set is still in sterilisation; comes before incision", "Not here yet; coming"),
        not_applicable=item("P10.7", _may_not_apply, "no cage or interlaminar device is used", "not part of this case"),
        undone=item("P3.8", _soft, "", "")[0],
        overridden=item("P2.6", _hard, "Helper called away; surgeon takes the legs", "Agreed aloud by both"),
        left_open=left_open,
        gate=(gate, "Still drowsy; asked again in the recovery room") if gate else NOTHING,
        late_stamp=_pick("DEC_START", [phase.starts for phase in plan.checklist.phases[1:] if phase.starts != "PIR"]),
        recount=_pick("closing-1", [moment.id for moment in plan.checklist.counts[1:]]),
        overrun=_pick("decompression", [phase.id for phase in plan.checklist.phases[1:]]),
        note="Took longer than planned: tight adhesions, freed step by step. No tear seen.",
    )


def _pick(preferred: str, known: Iterable[str | None]) -> str:
    found = [one for one in known if one]
    return preferred if preferred in found else (found[0] if found else "")


def _paused(plan: Plan) -> list[Item]:
    return [item for pause in plan.pauses.values() for item in pause.items]


def _soft(item: Item) -> bool:
    return item.type in (ItemType.CONFIRM, ItemType.TIME) and not item.hard_stop and not item.second_reader


def _hard(item: Item) -> bool:
    return item.hard_stop and item.type is ItemType.CONFIRM and not item.second_reader


def _may_not_apply(item: Item) -> bool:
    return item.not_applicable and item.type not in (ItemType.AUTO, ItemType.COUNT)


def _gate(plan: Plan) -> tuple[str, str]:
    """Return the pause that is passed although incomplete, and the item that stays open in it."""
    fits = [
        (pause, item)
        for pause in plan.pauses.values()
        for item in pause.items
        if _soft(item) and _holds_a_stamp(plan, pause) and not pause.definition.never_whole
    ]
    if not fits:
        return NOTHING
    pause, item = next(((p, i) for p, i in fits if i.id == "P13.6"), fits[-1])
    return pause.id, item.id


def _holds_a_stamp(plan: Plan, pause: PlannedPause) -> bool:
    return any(target in plan.stamps for target in pause.definition.gates)
