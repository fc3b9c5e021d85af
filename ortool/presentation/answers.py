"""What was answered, in words: times in the theatre's zone, labels by what they say, and earlier answers."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ortool.checklist import moments
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import earlier, has_changed, raised
from ortool.checklist.records import Answer, State
from ortool.checklist.run import Run
from ortool.presentation.words import STATE_WORDS, clock_on

CHANGED = "earlier answer changed"
LABELS = {None: "scan its barcode (key b)", "any": "scan or type its label (key b)"}
"""What a scan asks for, by the item's `code`."""


def time_words(value: str, zone: ZoneInfo, day: date) -> str:
    """Return a time that is an answer as a time of day, with its date where that is not `day`."""
    moment = moments.read(value)
    if moment is None:
        return value
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == day else f"{local:%d %b %H:%M}"


def with_times(text: str, zone: ZoneInfo, day: date) -> str:
    """Return a text in which every time that is an answer reads as a time of day."""
    return moments.INSTANT.sub(lambda match: time_words(match[0], zone, day), text)


def label_words(value: str, scan: Mapping[str, str], whole: bool = False) -> str:
    """Return a scanned label: lot, serial, expiry and device identifier where it names them, else what it says.

    `whole` adds the code itself, as it was scanned.
    """
    named = (("lot", "lot"), ("serial", "serial"), ("expires", "expires"), ("device_identifier", "device"))
    words = ", ".join(f"{word} {scan[name]}" for name, word in named if scan.get(name))
    return f"{words} · code {value}" if words and whole else words or value


def value_words(item: Item, answer: Answer, zone: ZoneInfo, day: date, whole: bool = False) -> str:
    """Return the value of an answer with its unit; empty where it has none."""
    if item.type is ItemType.SCAN or answer.scan:
        return label_words(answer.value, answer.scan, whole)
    # A confirm keeps what the item before it said, so a time may stand in it too.
    named = item.type is ItemType.TIME or answer.confirms
    value = time_words(answer.value, zone, day) if named else answer.value
    return f"{value} {item.unit}".strip() if value else ""


def earlier_words(run: Run, item: Item, zone: ZoneInfo, now: datetime, names: Mapping[str, str]) -> str:
    """Return the earlier answer that an item confirms, as `earlier: L4-5 left, 08:12 by …`; empty where none stands.

    Where an answer that was confirmed has changed since, that comes first.
    """
    answer, before = run.answers.get(item.id), earlier(run, item)
    changed = f"{CHANGED}: " if answer and has_changed(run, answer) else ""
    if before is None:
        return f"{changed}taken back" if changed else ""
    asked = run.plan.items.get(before.item, item)
    said = value_words(asked, before, zone, now.astimezone(zone).date()) or STATE_WORDS[State.DONE]
    who = names.get(before.actor, "")
    return f"{changed or 'earlier: '}{said}, {clock_on(before.occurred_at, zone, now)}{f' by {who}' if who else ''}"


def raised_words(run: Run, zone: ZoneInfo, now: datetime) -> list[str]:
    """Return a line for each answer behind a passed gate whose earlier answer has changed since."""
    found = []
    for answer in raised(run):
        item = run.plan.items[answer.item]
        said = value_words(item, answer, zone, now.astimezone(zone).date()) or STATE_WORDS[State.DONE]
        found.append(f"{item.id} {item.prompt}, {said}: {earlier_words(run, item, zone, now, {})}")
    return found
