"""The field in which the value of an answer is typed or scanned, by the item's type, and what was understood of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ortool.checklist.definition import Item, ItemType
from ortool.checklist.labels import read_label
from ortool.errors import OrtoolError
from ortool.presentation.answers import earlier_words, label_words
from ortool.schedule.clock_time import read_clock_time
from ortool.tui.forms import Check, Question

if TYPE_CHECKING:
    from ortool.checklist.records import Answer
    from ortool.tui.case import CaseScreen

EMPTY = "Left empty, it stays as it was said earlier."


def value_question(screen: CaseScreen, item: Item, before: Answer | None) -> list[Question]:
    """Return the question for an item's value, none for a plain confirm; left empty it confirms the answer `before`."""
    asked = before is None
    match item.type:
        case ItemType.CHOICE:
            presets = item.choices
            return [Question("value", "Which", presets=presets, check=_one_of(presets), required=asked)]
        case ItemType.NUMBER:
            low, high = ("" if limit is None else f"{limit:g}" for limit in (item.min, item.max))
            span = f" ({low} to {high})" if low or high else ""
            return [Question("value", f"{item.unit or 'Number'}{span}", required=asked)]
        case ItemType.TEXT:
            return [Question("value", "In a few words", required=asked)]
        case ItemType.IMAGE:
            return [Question("value", "Image id", required=asked)]
        case ItemType.TIME:
            shown = "now" if asked else ""
            return [Question("value", "HH:MM, now, -5", shown, check=_time_check(screen), required=asked)]
        case ItemType.SCAN:
            label = "Scan, or type" if item.code is None else "Scan or type the label"
            return [Question("value", label, check=_label_check(screen, item), required=asked, barcode=True)]
        case _:
            return []


def told(screen: CaseScreen, item: Item, scanned: str) -> list[str]:
    """Return what a question says of the earlier answer, and of what was scanned already."""
    run, zone = screen.dossier.run if screen.dossier else None, screen.app.verbs.zone
    names = screen.dossier.names if screen.dossier else {}
    before = earlier_words(run, item, zone, screen.app.now(), names) if run else ""
    read = _label_check(screen, item)(scanned) if scanned else ""
    is_asked = before and not scanned and item.type is not ItemType.CONFIRM
    return [words for words in (before, EMPTY if is_asked else "", read) if words]


def _one_of(choices: tuple[str, ...]) -> Check:
    def check(text: str) -> str:
        return f"→ {text}" if text in choices else f"! One of: {', '.join(choices)}."

    return check


def _time_check(screen: CaseScreen) -> Check:
    def check(text: str) -> str:
        zone = screen.app.verbs.zone
        try:
            return f"→ {read_clock_time(text, screen.app.now(), zone).astimezone(zone):%H:%M on %a %d %b}"
        except OrtoolError as error:
            return f"! {error}"

    return check


def _label_check(screen: CaseScreen, item: Item) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            label = read_label(item, text, screen.app.verbs.today())
        except OrtoolError as error:
            return f"! {error}"
        return " ".join(["→", label_words(label.value, label.parts), *label.stops])

    return check
