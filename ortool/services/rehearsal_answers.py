"""Invented but plausible answers for a rehearsal. None of them is advice; site values are marked DEMO."""

from collections.abc import Iterable

from ortool.caselog.case import Case
from ortool.checklist.commands import AnswerItem
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.records import State

BY_ITEM = {
    "IR.6": "6.4 x 45 mm at each pedicle",
    "P4.3": "5, counted from C2",
    "P5.5": "300",
    "P7.1": "canal and both roots free",
    "P8.3": "6.4 x 45",
    "P9.2": "10",
    "P9.6": "DEMO: driver clicked on every set screw",
    "P11.6": "subfascial, suction",
    "P12.1": "as planned",
    "P12.8": "none; ward protocol",
    "P12.9": "instruments complete, no equipment faults",
    "P13.3": "eyes, face and skin without marks",
    "P13.4": "0.95",
    "P14.8": "power 5/5 both legs; call the spine surgeon on duty",
    "P15.1": "9",
    "P15.3": "2",
    "FLUORO.dose": "3.1 Gy cm2",
    "LAYERS": "fascia watertight; skin monofilament",
    "VOLUME.fluids": "1800",
    "VOLUME.urine": "320",
    "VOLUME.transfusion": "0",
}
BY_UNIT = {
    "cm": "22", "cmH2O": "18", "mmHg": "75", "of 3": "1", "of 5": "5", "of 10": "9", "mA": "14",
    "ml": "250", "ml/h": "20", "s": "48", "C": "36.6", "ratio": "0.95",
}  # fmt: skip
DEMO_LABEL = "010501234567890010DEMO"
ABSENT = {
    "CT.grade": "no CT was made in theatre",
    "P10.7": "no cage or interlaminar device is used",
}
COUNTED = {"sponges": 20, "laps": 5, "patties": 10, "needles": 6, "blades": 3, "wires-bits": 4, "instruments": 84}


def answer_to(item: Item, case: Case, images: int) -> AnswerItem:
    """Return what a careful team would say to an item; `images` is how many images were saved before."""
    if item.id in ABSENT and item.not_applicable:
        return AnswerItem(item.id, State.NOT_APPLICABLE, reason=ABSENT[item.id])
    return AnswerItem(item.id, State.DONE, _value(item, case, images))


def _value(item: Item, case: Case, images: int) -> str:
    known = BY_ITEM.get(item.id.partition("@")[0], "")
    match item.type:
        case ItemType.CHOICE:
            return known if known in item.choices else _choice(item, case)
        case ItemType.NUMBER:
            return _number(item, known or BY_UNIT.get(item.unit, ""))
        case ItemType.TIME:
            return "now"
        case ItemType.SCAN:
            return f"DEMO-LABEL-{case.number}" if item.code == "any" else DEMO_LABEL
        case ItemType.IMAGE:
            return f"DEMO-{images + 1:04d}"
        case ItemType.TEXT:
            return known or _words(item, case)
        case _:
            return ""


def _choice(item: Item, case: Case) -> str:
    if case.neuromonitoring is False:
        return next((choice for choice in item.choices if "not used" in choice.lower()), item.choices[0])
    return item.choices[0]


def _number(item: Item, wanted: str) -> str:
    low = item.min if item.min is not None else 0.0
    high = item.max if item.max is not None else 1_000_000.0
    fits = bool(wanted) and low <= float(wanted) <= high
    return wanted if fits else f"{low:g}"


def _words(item: Item, case: Case) -> str:
    if "level" in item.prompt.lower():
        return " ".join(filter(None, (case.levels or "no level", case.side)))
    return "DEMO value, not for patients" if item.id.startswith("SITE.") else "as planned"


def baseline(categories: Iterable[str]) -> dict[str, int]:
    """Return what a first count finds of each category."""
    return {category: COUNTED.get(category, 5) for category in categories}
