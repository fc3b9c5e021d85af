"""What changed from one version of a checklist to the next, as sentences for the people who approve it."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ortool.checklist.definition import Checklist, Item, Pause, Step

WORDS = {
    "from_stamp": "from",
    "to_stamp": "to",
    "by": "stamped by",
    "present": "who must be there",
    "never_whole": "never passed as a whole",
    "for_each": "repeated for each",
    "not_applicable": "may be not applicable",
    "override_by": "may be overridden by",
    "defer_to": "may be deferred to",
    "min": "lowest value",
    "max": "highest value",
    "moment": "count",
    "code": "label that is scanned",
    "confirms": "confirms the earlier answer to",
    "auto": "found out by",
    "when": "asked when",
}
"""How a key is called in a sentence; any other is called as it is written."""
GROUPS = {
    "stamps": "time stamp",
    "counts": "count",
    "count_categories": "count category",
    "durations": "planned minutes of",
    "phases": "phase",
}


def differences(old: Checklist, new: Checklist) -> list[str]:
    """Return every difference from `old` to `new`: the head first, then pauses and items, then all other lists.

    An empty list means that nobody in the room would notice anything.
    """
    others = [name for name, value in old if name != "pauses" and (_parts(value) or _parts(getattr(new, name)))]
    return [
        *_changes("the checklist", old, new),
        *_group("pause", old.pauses, new.pauses),
        *_told("item", _items(old), _items(new)),
        *_order(old, new),
        *(sentence for name in others for sentence in _group(_word(name), getattr(old, name), getattr(new, name))),
    ]


def _parts(value: object) -> tuple[BaseModel, ...]:
    """Return the parts with ids in a value, which are told of one by one; none for any other value."""
    if isinstance(value, tuple):
        return tuple(part for part in value if hasattr(part, "id"))
    return (value,) if isinstance(value, BaseModel) and hasattr(value, "id") else ()


def _group(what: str, old: object, new: object) -> Iterator[str]:
    before, after = ({_id(one): one for one in _parts(value)} for value in (old, new))
    yield from _told(what, before, after)
    for name in before:
        if name in after:
            yield from _within(f"{what} {_named(before[name])}", before[name], after[name])


def _within(what: str, old: BaseModel, new: BaseModel) -> Iterator[str]:
    """Tell of the parts of a part; the items of pauses and the steps of phases are told by themselves."""
    for name in type(old).model_fields:
        if name != "steps" and not (isinstance(old, Pause) and what.startswith("pause ")):
            yield from _group(f"{what}: {_word(name)}", getattr(old, name), getattr(new, name))


def _word(group: str) -> str:
    return GROUPS.get(group, group.removesuffix("s").replace("_", " "))


def _items(checklist: Checklist) -> dict[str, Item]:
    inside = (step.record for phase in checklist.phases for step in phase.steps)
    return {item.id: item for item in (*filter(None, inside), *(one for p in checklist.pauses for one in p.items))}


def _told(what: str, before: Mapping[str, BaseModel], after: Mapping[str, BaseModel]) -> Iterator[str]:
    for name, part in before.items():
        if name not in after:
            yield f"{what} {_named(part)} removed{' (was a hard stop)' if _is_hard(part) else ''}"
    for name, part in after.items():
        if name not in before:
            yield f"{what} {_named(part)} added{' (hard stop)' if _is_hard(part) else ''}"
    for name, part in before.items():
        if name in after:
            yield from _changes(f"{what} {_named(part)}", part, after[name])


def _id(part: BaseModel) -> str:
    return str(getattr(part, "id", part))


def _named(part: BaseModel) -> str:
    """Return an id with what people call it."""
    return f"{_id(part)} {getattr(part, 'prompt', getattr(part, 'title', ''))}".strip()


def _is_hard(part: BaseModel) -> bool:
    return isinstance(part, Item) and part.hard_stop


def _changes(what: str, old: BaseModel, new: BaseModel) -> Iterator[str]:
    for name in type(old).model_fields:
        was, now = getattr(old, name), getattr(new, name)
        if was != now and not _parts(was) and not _parts(now) and name != "steps":
            yield f"{what}: {WORDS.get(name, name.replace('_', ' '))} was {_shown(was)}, is now {_shown(now)}"


def _order(old: Checklist, new: Checklist) -> Iterator[str]:
    """Tell what stands in another order, among what both have: the way through the day, and each pause's items."""
    ways = [[_step(step) for phase in one.phases for step in phase.steps] for one in (old, new)]
    if moved := _moved(*ways):
        yield f"the steps come in another order: {moved}"
    after = {pause.id: pause for pause in new.pauses}
    for pause in old.pauses:
        if pause.id in after and (moved := _moved(_ids(pause), _ids(after[pause.id]))):
            yield f"pause {_named(pause)}: the items come in another order: {moved}"


def _ids(pause: Pause) -> list[str]:
    return [item.id for item in pause.items]


def _step(step: Step) -> str:
    return step.pause or step.stamp or (step.record.id if step.record else "")


def _moved(before: list[str], after: list[str]) -> str:
    both = [name for name in before if name in after], [name for name in after if name in before]
    changed = next(((was, now) for was, now in zip(*both, strict=False) if was != now), None)
    return f"{changed[1]} now stands where {changed[0]} stood" if changed else ""


def _shown(value: Any) -> str:
    """Return a value as a sentence quotes it."""
    if value is None or value in ("", (), {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return (" to " if isinstance(value[0], float) else ", ").join(_shown(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {_shown(part)}" for name, part in value if part)
    words = str(value)
    return words if words.replace("_", "").replace("-", "").isalnum() else f'"{words}"'
