"""What changed from one version of a checklist to the next, as sentences for the people who approve it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ortool.checklist.definition import Checklist, Item, Pause, Step
from ortool.checklist.loading import items_with_paths

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
    others = [name for name, value in old if _is_group(value) or _is_group(getattr(new, name))]
    return [
        *_changes("the checklist", old, new),
        *_group("pause", old.pauses, new.pauses),
        *_items(old, new),
        *_order(old, new),
        *(
            sentence
            for name in others
            if name != "pauses"
            for sentence in _group(GROUPS.get(name, name.removesuffix("s")), getattr(old, name), getattr(new, name))
        ),
    ]


def _is_group(value: object) -> bool:
    """Whether a value is a list of parts with ids, which are told of one by one."""
    return isinstance(value, tuple) and any(isinstance(part, BaseModel) for part in value)


def _group(what: str, old: Iterable[BaseModel], new: Iterable[BaseModel]) -> Iterator[str]:
    yield from _told(what, {_id(one): one for one in old}, {_id(one): one for one in new})


def _items(old: Checklist, new: Checklist) -> Iterator[str]:
    before, after = ({item.id: item for _, item in items_with_paths(one)} for one in (old, new))
    yield from _told("item", before, after)


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
        if was != now and not _is_group(was) and not _is_group(now):
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
