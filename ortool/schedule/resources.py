"""What an operation needs beyond room and people: equipment in numbers, implant sets, recovery beds, abilities."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from ortool.errors import BadInput
from ortool.schedule.hours import ALWAYS, Hours
from ortool.text import clean

MOST_UNITS = 99
_NEED = re.compile(r"(?:([0-9]{1,2})\s*[x*]\s*)?([a-z0-9][a-z0-9._-]{0,39})")


class Kind(StrEnum):
    """How a unit is used: beside the patient for the whole slot, as a set that is made ready again after it, or as a
    bed that the patient goes to when the slot ends.
    """

    EQUIPMENT = "equipment"
    SET = "set"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Equipment:
    """What there are `units` of. `ready` is how long a unit is away after its use: reprocessing, transport."""

    id: str
    name: str
    kind: Kind
    units: int
    ready: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Need:
    """So many units of an equipment, or (always one) an ability that the room must have."""

    what: str
    count: int = 1

    def __str__(self) -> str:
        """As it is written: `c-arm`, `2x drill`."""
        return self.what if self.count == 1 else f"{self.count}x {self.what}"


@dataclass(frozen=True, slots=True)
class Room:
    """A room as the schedule knows it. `turnover` is kept free after each slot; None: as the site sets it."""

    id: str
    name: str
    capabilities: frozenset[str] = frozenset()
    hours: Hours = ALWAYS
    turnover: timedelta | None = None


@dataclass(frozen=True, slots=True)
class House:
    """All rooms and all equipment that there is now, by id, in the order of the board."""

    rooms: Mapping[str, Room]
    equipment: Mapping[str, Equipment] = field(default_factory=dict)

    @property
    def abilities(self) -> frozenset[str]:
        """Everything that some room can do."""
        return frozenset(word for room in self.rooms.values() for word in room.capabilities)

    def recovery(self, needs: Iterable[Need]) -> Equipment | None:
        """Return the beds that a patient goes to: those that the needs name, else the first; None if there are none."""
        beds = [one for one in self.equipment.values() if one.kind is Kind.RECOVERY]
        named = {need.what for need in needs}
        return next((one for one in beds if one.id in named), beds[0] if beds else None)


def read_needs(text: str, known: Collection[str] | None = None) -> tuple[Need, ...]:
    """Return the needs that a line such as `c-arm, 2x drill, laminar-flow` names, each thing once.

    Raises BadInput for what is no such line and, with `known`, for what nobody has here.
    """
    found: list[Need] = []
    for word in _words(text):
        need = _need(word)
        if need is None:
            raise BadInput(f"{word[:40]!r} is no need.", "Write names of equipment or abilities: c-arm, 2x drill.")
        if known is not None and need.what not in known:
            raise BadInput(
                f"Nothing here is called {need.what!r}.", f"Known: {', '.join(sorted(known)) or 'nothing yet'}."
            )
        found.append(need)
    return _each_once(found)


def stored_needs(text: str) -> tuple[Need, ...]:
    """Return the needs in a line that was stored earlier, perhaps by other rules. It raises nothing.

    A word that cannot be read stays as a need that no room has: the case is listed, and is placed nowhere unseen.
    """
    return _each_once([_need(word) or Need(word) for word in _words(text)])


def _words(text: str) -> list[str]:
    parts = re.split(r"[,;\n]+|(?<![x*0-9])\s+(?![x*])", clean(text, 400).casefold())
    return [word for part in parts if (word := part.strip())]


def _need(word: str) -> Need | None:
    match = _NEED.fullmatch(word)
    count = int(match[1] or 1) if match else 0
    return Need(match[2], count) if match and 1 <= count <= MOST_UNITS else None


def _each_once(needs: Iterable[Need]) -> tuple[Need, ...]:
    most: dict[str, int] = {}
    for need in needs:
        most[need.what] = max(need.count, most.get(need.what, 0))
    return tuple(Need(what, count) for what, count in most.items())


def read_words(text: str) -> frozenset[str]:
    """Return the abilities of a room as words. Raises BadInput."""
    return frozenset(need.what for need in read_needs(text))
