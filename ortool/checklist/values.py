"""What may be said to an item: the value of an answer, checked for its type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ortool.checklist import moments, ranges
from ortool.checklist.commands import AnswerItem
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import earlier
from ortool.checklist.labels import LabelStop, read_label
from ortool.checklist.records import Answer, State
from ortool.checklist.rules import NeedsReason, OutsideWanted
from ortool.checklist.run import Run
from ortool.errors import Refused

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says. `confirmed` is the earlier answer that it confirms; `stops` are hard stops overridden."""

    value: str = ""
    scan: Mapping[str, str] = field(default_factory=dict)
    stops: tuple[str, ...] = ()
    confirmed: Answer | None = None

    def body(self) -> dict[str, object]:
        """Return what an entry keeps of it."""
        found: dict[str, object] = {"value": self.value} if self.value else {}
        if self.scan:
            found["scan"] = dict(self.scan)
        if self.stops:
            found["stops"] = list(self.stops)
        if self.confirmed:
            found |= {"confirms": self.confirmed.item, "ref": self.confirmed.seq}
        return found


def said(run: Run, item: Item, command: AnswerItem, at: datetime) -> Said:
    """Return what `command` says to `item` at `at` (UTC). Raises Refused, LabelStop and NeedsReason."""
    value = command.value.strip()
    if command.state is not State.DONE:
        is_label = item.type is ItemType.SCAN and command.state is State.OVERRIDDEN and value
        return _label(item, command, at) if is_label else Said(value)
    before = earlier(run, item)
    if command.confirms and (before is None or before.seq != command.confirms):
        raise Refused(f"{item.id} {item.prompt}: the earlier answer has changed meanwhile.", "Look at it again.")
    if before and (command.confirms or not value):
        return Said(before.value, before.scan, confirmed=before)
    found = _label(item, command, at) if item.type is ItemType.SCAN else Said(_value(item, value, at))
    if before and found.value == before.value:
        return Said(found.value, found.scan, confirmed=before)
    _within_reason(item, command, found.value, at, before)
    return found


def _within_reason(item: Item, command: AnswerItem, value: str, at: datetime, before: Answer | None) -> None:
    """Ask for a reason where a value is outside what is wanted, or hardly meant; with one it is taken."""
    if command.reason.strip():
        return
    what = f"{item.id} {item.prompt}"
    if ranges.is_outside(item, value):
        raise OutsideWanted(f"{what}: {value}{_unit(item)} is OUTSIDE what is wanted, {ranges.wanted(item)}.", _TAKEN)
    if item.type is ItemType.TIME and (ago := moments.long_ago(value, at)):
        raise NeedsReason(f"{what}: that time was {ago}. Is it meant?", _TAKEN)
    if before:
        raise NeedsReason(f"{what} is not what {before.item} said earlier.", _TAKEN)


_TAKEN = "It is taken with a reason."


def _label(item: Item, command: AnswerItem, at: datetime) -> Said:
    label = read_label(item, command.value, command.today or at.date())
    if label.stops and command.state is State.DONE:
        raise LabelStop(item, label.stops)
    return Said(label.value, label.parts, label.stops)


def _value(item: Item, value: str, at: datetime) -> str:
    if item.type is ItemType.CHOICE and value not in item.choices:
        raise Refused(f"{item.id} asks for one of: {', '.join(item.choices)}.")
    if item.type is ItemType.NUMBER:
        return _number(item, value)
    if item.type is ItemType.TIME:
        return moments.checked(item, value, at)
    if item.type in (ItemType.TEXT, ItemType.IMAGE) and not value:
        asked = "an image id" if item.type is ItemType.IMAGE else "a few words"
        raise Refused(f"{item.id} {item.prompt} asks for {asked}.")
    return value


def _number(item: Item, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise Refused(f"{item.id} {item.prompt} asks for a number{_unit(item)}, not {text[:20]!r}.")
    number = Decimal(text.replace(",", "."))
    low, high = item.min, item.max
    if (low is not None and number < Decimal(str(low))) or (high is not None and number > Decimal(str(high))):
        limits = f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}{_unit(item)}"
        raise Refused(f"{text[:20]} is outside {limits} at {item.id} {item.prompt}.", "Read it again.")
    return format(number, "f")


def _unit(item: Item) -> str:
    return f" {item.unit}" if item.unit else ""
