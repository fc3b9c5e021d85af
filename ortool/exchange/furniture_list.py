"""Rooms and equipment read from a list (CSV), with a sentence for every cell that cannot be trusted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ortool.errors import BadInput
from ortool.exchange.columns import EQUIPMENT_LIST, ROOM_LIST, Layout
from ortool.exchange.table import Row, Table, read_table
from ortool.exchange.values import folded, read_text, read_yes_no, shown
from ortool.schedule.hours import read_hours
from ortool.schedule.resources import MOST_UNITS, Kind, read_words
from ortool.text import identifier

_KINDS = {
    "equipment": Kind.EQUIPMENT, "device": Kind.EQUIPMENT, "set": Kind.SET, "implant set": Kind.SET, "tray": Kind.SET,
    "recovery": Kind.RECOVERY, "recovery bed": Kind.RECOVERY, "bed": Kind.RECOVERY,
}  # fmt: skip
DAY = 24 * 60
AS_THE_SITE = -1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """One room of a list. None: the list says nothing of it. `turnover` is in minutes, -1 as the site sets it."""

    line: int
    id: str
    name: str
    hours: str | None
    can: str | None
    turnover: int | None
    in_use: bool | None


@dataclass(frozen=True, slots=True)
class ListedEquipment:
    """One equipment of a list. None: the list says nothing of it. `ready` is in minutes."""

    line: int
    id: str
    name: str
    kind: Kind | None
    units: int | None
    ready: int | None
    in_use: bool | None


def read_rooms(text: str, file: str = "") -> Table[ListedRoom]:
    """Read a list of rooms. A column that is missing leaves what it is about as it stands."""

    def parse(row: Row) -> ListedRoom:
        return ListedRoom(
            row.record.line,
            row.read("id", lambda cell: _id(cell, 12), ""),
            row.read("name", lambda cell: read_text(cell, 80), ""),
            _if_there(row, "hours", lambda cell: read_hours(cell).written, ""),
            _if_there(row, "can", lambda cell: ", ".join(sorted(read_words(cell))), ""),
            _if_there(row, "turnover", lambda cell: _number(cell, "minutes", 60), AS_THE_SITE),
            row.read("in_use", read_yes_no, None),
        )

    return _read(text, ROOM_LIST, parse, file)


def read_equipment(text: str, file: str = "") -> Table[ListedEquipment]:
    """Read a list of equipment. A column that is missing leaves what it is about as it stands."""

    def parse(row: Row) -> ListedEquipment:
        return ListedEquipment(
            row.record.line,
            row.read("id", lambda cell: _id(cell, 40).casefold(), ""),
            row.read("name", lambda cell: read_text(cell, 80), ""),
            row.read("kind", _kind, None),
            row.read("units", lambda cell: _number(cell, "units", MOST_UNITS), None),
            _if_there(row, "ready", lambda cell: _number(cell, "minutes", DAY), 0),
            row.read("in_use", read_yes_no, None),
        )

    return _read(text, EQUIPMENT_LIST, parse, file)


_One = TypeVar("_One", ListedRoom, ListedEquipment)


def _read(text: str, layout: Layout, parse: Callable[[Row], _One], file: str) -> Table[_One]:
    lines: dict[str, int] = {}

    def once(row: Row) -> _One | None:
        one = parse(row)
        earlier = lines.setdefault(one.id, one.line)
        if one.id and earlier != one.line:
            row.fault("id", f"{one.id} is in line {earlier} too. Delete one of them.")
        return one

    return read_table(text, layout, once, None, file)


def _if_there(row: Row, name: str, parse: Callable[[str], T], empty: T) -> T | None:
    return row.read(name, parse, empty) if row.has(name) else None


def _id(cell: str, longest: int) -> str:
    name = identifier(cell, longest + 1)
    if not name or len(name) > longest or " " in name:
        raise BadInput(f"{shown(cell)} is no id.", f"Write at most {longest} signs without spaces.")
    return name


def _kind(cell: str) -> Kind:
    kind = _KINDS.get(folded(cell))
    if kind is None:
        raise BadInput(f"{shown(cell)} is no kind of equipment.", "Write equipment, set or recovery.")
    return kind


def _number(cell: str, what: str, most: int) -> int:
    word = folded(cell).removesuffix("min").strip()
    if not (word.isascii() and word.isdigit() and len(word) < 6 and int(word) <= most):
        raise BadInput(f"{shown(cell)} is no number of {what}.", f"Write 0 to {most}.")
    return int(word)
