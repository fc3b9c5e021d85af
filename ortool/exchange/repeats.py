"""Rows that are sound alone but not together: repeated rows, and one patient in two places or under two names."""

from bisect import bisect
from collections.abc import Sequence
from datetime import datetime

from ortool.exchange.listed import ListedCase


class Repeats:
    """Remembers the rows and patients read so far."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], int] = {}
        self._patients: dict[str, list[ListedCase]] = {}

    def repeated_row(self, line: int, cells: Sequence[str]) -> int:
        """Return the earlier line that holds exactly these cells, or 0, and remember them."""
        earlier = self._rows.setdefault(tuple(cell.strip() for cell in cells), line)
        return earlier if earlier != line else 0

    def conflict(self, case: ListedCase) -> tuple[str, str] | None:
        """Return (field, sentence) if `case` cannot stand beside the earlier ones; otherwise remember it."""
        cases = self._patients.setdefault(case.hospital_number.casefold(), [])
        found = _other_person(cases, case) or _overlap(cases, case)
        if found is None:
            cases.insert(bisect(cases, case.start, key=_start), case)
        return found


def _start(case: ListedCase) -> datetime:
    return case.start


def _other_person(cases: Sequence[ListedCase], case: ListedCase) -> tuple[str, str] | None:
    if not cases:
        return None
    earlier = cases[0]
    number = case.hospital_number
    if _words(earlier.name) != _words(case.name):
        return "name", f"{number} is {earlier.name} in line {earlier.line}. One hospital number is one person."
    born = next((known for known in cases if known.born), None)
    if born and case.born and born.born != case.born:
        return "born", f"{number} is born {born.born} in line {born.line}. One hospital number is one person."
    return None


def _words(name: str) -> list[str]:
    return sorted(name.casefold().replace(",", " ").split())


def _overlap(cases: Sequence[ListedCase], case: ListedCase) -> tuple[str, str] | None:
    # Those kept do not overlap one another, so only the two neighbours in time can.
    place = bisect(cases, case.start, key=_start)
    for other in cases[max(place - 1, 0) : place + 1]:
        if other.start < case.end and case.start < other.end:
            words = f"{case.hospital_number} is already planned at that time in line {other.line} ({other.room})."
            return "hospital_number", f"{words} Correct one of the two times."
    return None
