"""Spinal levels as people write them, and the vertebrae they mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ortool.errors import BadInput

SIXTH = "L6"  # a transitional vertebra that few people have: it is there only where it is written
_ORDER = tuple(f"T{n}" for n in range(1, 13)) + tuple(f"L{n}" for n in range(1, 6)) + ("S1",)
_ORDER_OF_SIX = (*_ORDER[:-1], SIXTH, "S1")
VERTEBRAE = _ORDER_OF_SIX
"""Every vertebra that a level may name, cranial first."""
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
        if SIXTH in self.vertebrae[1:-1]:
            return f"{_span(self.vertebrae[0], SIXTH)}, {_span(SIXTH, self.vertebrae[-1])}"
        return _span(self.vertebrae[0], self.vertebrae[-1])


def parse_levels(text: str) -> Levels:
    """Return the levels in `text` ("L4-5", "L4/L5", "L3-4, L4-5"). Empty text gives no levels.

    Raises BadInput when a level cannot be read or the segments do not touch each other.
    """
    segments = list(_segments(text))
    order = _ORDER_OF_SIX if any(SIXTH in segment for segment in segments) else _ORDER
    discs: set[int] = set()
    for segment in segments:
        if any(name not in order for name in segment):
            raise _unreadable(text)
        first, last = (order.index(name) for name in segment)
        if first >= last:
            raise BadInput(f"{text[:40]!r} runs upwards.", "Write the upper vertebra first, for example L4-5.")
        discs.update(range(first, last))
    if not discs:
        return Levels(())
    top, bottom = min(discs), max(discs)
    if len(discs) != bottom - top + 1:
        raise BadInput(f"The levels {text[:40]!r} do not touch each other.", "Book them as two procedures.")
    return Levels(order[top : bottom + 2])


def _segments(text: str) -> Iterator[tuple[str, str]]:
    rest = text.upper().replace("AND", ",").replace("+", ",").replace("&", ",")
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", rest))):
        match = _RANGE.fullmatch(part)
        if not match:
            raise _unreadable(text)
        yield f"{match[1]}{match[2]}", f"{match[3] or _next_letter(match)}{match[4]}"


def _unreadable(text: str) -> BadInput:
    return BadInput(f"{text[:40]!r} is not a level.", "Write for example L4-5, or L3-5 for two levels.")


def _span(first: str, last: str) -> str:
    return f"{first}-{last[1:] if last[0] == first[0] else last}"


def _next_letter(match: re.Match[str]) -> str:
    """Return the region of the lower vertebra when it is not written: L5-1 means L5-S1."""
    return "S" if match[1] == "L" and match[4] == "1" else str(match[1])
