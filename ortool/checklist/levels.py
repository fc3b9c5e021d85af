"""Spinal levels as people write them, and the vertebrae they mean."""

import re
from dataclasses import dataclass

from ortool.errors import BadInput

_ORDER = tuple(f"T{n}" for n in range(1, 13)) + tuple(f"L{n}" for n in range(1, 7)) + ("S1",)
VERTEBRAE = _ORDER
"""Every vertebra that a level may name, cranial first."""

EXTRA = "L6"
"""The vertebra that few people have: it is meant only where it is named, so that L5-S1 is one segment."""

_RANGE = re.compile(r"([TLS])(\d{1,2})\s*[-/\u2013]\s*([TLS]?)(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Levels:
    """The operated motion segments, cranial first: `L3-5` is the vertebrae L3, L4, L5 and two segments."""

    vertebrae: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many motion segments."""
        return max(0, len(self.vertebrae) - 1)

    def __str__(self) -> str:
        if not self.vertebrae:
            return ""
        first, last = self.vertebrae[0], self.vertebrae[-1]
        if EXTRA in self.vertebrae[1:-1]:
            at = self.vertebrae.index(EXTRA)
            return f"{Levels(self.vertebrae[: at + 1])}, {Levels(self.vertebrae[at:])}"
        return f"{first}-{last[1:] if last[0] == first[0] else last}"


def parse_levels(text: str) -> Levels:
    """Return the levels in `text` ("L4-5", "L4/L5", "L3-4, L4-5"). Empty text gives no levels.

    Raises BadInput when a level cannot be read or the segments do not touch each other.
    """
    found: set[int] = set()
    rest = text.upper().replace("AND", ",").replace("+", ",").replace("&", ",")
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", rest))):
        match = _RANGE.fullmatch(part)
        names = (f"{match[1]}{match[2]}", f"{match[3] or _next_letter(match)}{match[4]}") if match else ()
        if not match or any(name not in _ORDER for name in names):
            raise BadInput(f"{text[:40]!r} is not a level.", "Write for example L4-5, or L3-5 for two levels.")
        first, last = (_ORDER.index(name) for name in names)
        if first >= last:
            raise BadInput(f"{text[:40]!r} runs upwards.", "Write the upper vertebra first, for example L4-5.")
        found.update(range(first, last + 1))
    if EXTRA not in rest and f"-{EXTRA[1:]}" not in rest:
        found.discard(_ORDER.index(EXTRA))
    if found and set(range(min(found), max(found) + 1)) - found - {_ORDER.index(EXTRA)}:
        raise BadInput(f"The levels {text[:40]!r} do not touch each other.", "Book them as two procedures.")
    return Levels(tuple(name for index, name in enumerate(_ORDER) if index in found))


def _next_letter(match: re.Match[str]) -> str:
    """Return the region of the lower vertebra when it is not written: L5-1 means L5-S1."""
    return "S" if match[1] == "L" and match[4] == "1" else str(match[1])
