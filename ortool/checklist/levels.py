"""Spinal levels as people write them, and the vertebrae they mean."""

import re
from dataclasses import dataclass

from ortool.errors import BadInput

_WITH_L6 = tuple(f"T{n}" for n in range(1, 13)) + tuple(f"L{n}" for n in range(1, 7)) + ("S1",)
# Most spines have five lumbar vertebrae: L5-S1 is one segment. A sixth one counts only where it is named.
_USUAL = tuple(name for name in _WITH_L6 if name != "L6")
_SIXTH = re.compile(r"L6|L\d\s*[-/\u2013]\s*6")
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
        # A sixth lumbar vertebra in between must be named, or reading this back would lose it.
        if "L6" in self.vertebrae[1:-1]:
            return f"{_segment(first, 'L6')}, {_segment('L6', last)}"
        return _segment(first, last)


def _segment(first: str, last: str) -> str:
    return f"{first}-{last[1:] if last[0] == first[0] else last}"


def parse_levels(text: str) -> Levels:
    """Return the levels in `text` ("L4-5", "L4/L5", "L3-4, L4-5"). Empty text gives no levels.

    Raises BadInput when a level cannot be read or the segments do not touch each other.
    """
    found: set[int] = set()
    order = _WITH_L6 if _SIXTH.search(text.upper()) else _USUAL
    rest = text.upper().replace("AND", ",").replace("+", ",").replace("&", ",")
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", rest))):
        match = _RANGE.fullmatch(part)
        names = (f"{match[1]}{match[2]}", f"{match[3] or _next_letter(match)}{match[4]}") if match else ()
        if not match or any(name not in order for name in names):
            raise BadInput(f"{text[:40]!r} is not a level.", "Write for example L4-5, or L3-5 for two levels.")
        first, last = (order.index(name) for name in names)
        if first >= last:
            raise BadInput(f"{text[:40]!r} runs upwards.", "Write the upper vertebra first, for example L4-5.")
        found.update(range(first, last + 1))
    if found and len(found) != max(found) - min(found) + 1:
        raise BadInput(f"The levels {text[:40]!r} do not touch each other.", "Book them as two procedures.")
    return Levels(tuple(name for index, name in enumerate(order) if index in found))


def _next_letter(match: re.Match[str]) -> str:
    """Return the region of the lower vertebra when it is not written: L5-1 means L5-S1."""
    return "S" if match[1] == "L" and match[4] == "1" else str(match[1])
