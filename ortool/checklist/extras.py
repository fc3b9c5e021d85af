"""Pauses that a run gets on its way: an event's list, or a pause read again. Inserted where the run stood then."""

from collections.abc import Iterable
from dataclasses import replace

from ortool.checklist.definition import EventList, Item, Pause
from ortool.checklist.plan import Plan, PlannedPause, PlannedStep, applies
from ortool.checklist.records import Extra


def extended(base: Plan, extras: Iterable[Extra]) -> Plan:
    """Return the plan with a pause more for each extra, behind the step at which the run stood."""
    steps = list(base.steps)
    for extra in extras:
        pause = _planned(base, extra)
        if pause is None:
            continue
        place = next((i for i, step in enumerate(steps) if step.id == extra.after), -1)
        phase = steps[max(0, place)].phase
        while place + 1 < len(steps) and "#" in steps[place + 1].id:
            place += 1  # behind what came earlier at the same place
        steps.insert(place + 1, PlannedStep(phase, pause=pause))
    return replace(base, steps=tuple(steps)) if len(steps) != len(base.steps) else base


def _planned(base: Plan, extra: Extra) -> PlannedPause | None:
    definition, target = _definition(base, extra)
    if definition is None:
        return None
    items = tuple(_renamed(item, extra.number) for item in definition.items if applies(item, base.facts))
    return PlannedPause(extra.instance, definition, items, target)


def _definition(base: Plan, extra: Extra) -> tuple[Pause | None, str]:
    if extra.kind == "event":
        found = next((event for event in base.checklist.events if event.id == extra.of), None)
        return (as_pause(found), "") if found else (None, "")
    again = base.pauses.get(extra.of)
    if again is None:
        return None, ""
    words = f"{again.target} again".strip()
    # What it gated has happened: read again, it shows what is open and holds nothing back.
    return again.definition.model_copy(update={"gates": (), "items": again.items}), words


def as_pause(event: EventList) -> Pause:
    """Return an event's list as the pause it is read as."""
    return Pause(
        id=event.id,
        title=event.title,
        mode="read-do",
        reader=event.reader,
        target_seconds=event.target_seconds,
        items=event.items,
        evidence=event.evidence,
    )


def _renamed(item: Item, number: int) -> Item:
    return item.model_copy(update={"id": f"{item.id}#{number}", "defer_to": None})


def place_now(plan: Plan, touched: Iterable[str]) -> str:
    """Return the step at which a run stands: the last one with anything recorded, the first where there is nothing."""
    seen = set(touched)
    place = 0
    for index, step in enumerate(plan.steps):
        items = {item.id for item in step.pause.items} if step.pause else {step.id}
        if items & seen:
            place = index
    return plan.steps[place].id if plan.steps else ""
