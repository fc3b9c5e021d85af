"""Rows that are sound alone but not together: repeated rows, and one patient in two places or under two names."""

from bisect import bisect
from collections.abc import Callable, Sequence
from datetime import datetime

from ortool.exchange.listed import ListedCase, ListedWaiting


def repeated_rows() -> Callable[[int, Sequence[str]], int]:
    """Return what says the earlier line that holds exactly these cells, or 0, and remembers them."""
    rows: dict[tuple[str, ...], int] = {}

    def earlier(line: int, cells: Sequence[str]) -> int:
        found = rows.setdefault(tuple(cell.strip() for cell in cells), line)
        return found if found != line else 0

    return earlier


class Repeats:
    """Remembers the patients of a theatre list read so far."""

    def __init__(self) -> None:
        self._patients: dict[str, list[ListedCase]] = {}

    def conflict(self, case: ListedCase) -> tuple[str, str] | None:
        """Return (field, sentence) if `case` cannot stand beside the earlier ones; otherwise remember it."""
        cases = self._patients.setdefault(case.hospital_number.casefold(), [])
        found = _other_person(cases, case) or _overlap(cases, case)
        if found is None:
            cases.insert(bisect(cases, case.start, key=_start), case)
        return found


class WaitingRepeats:
    """Remembers the patients of a waiting list read so far."""

    def __init__(self) -> None:
        self._patients: dict[str, list[ListedWaiting]] = {}

    def conflict(self, case: ListedWaiting) -> tuple[str, str] | None:
        """Return (field, sentence) if `case` cannot stand beside the earlier ones; otherwise remember it."""
        cases = self._patients.setdefault(case.hospital_number.casefold(), [])
        if found := _other_person(cases, case):
            return found
        twice = next((one for one in cases if is_same_wish(one.procedure, one.side, case.procedure, case.side)), None)
        if twice:
            words = f"{case.hospital_number} waits for this operation in line {twice.line}."
            return "procedure", f"{words} Delete one of them."
        cases.append(case)
        return None


def is_same_wish(procedure: str, side: str, other: str, other_side: str) -> bool:
    """Whether a patient would wait twice for one operation: only two sides, both named, make it two operations."""
    return procedure == other and (side == other_side or not side or not other_side)


def _start(case: ListedCase) -> datetime:
    return case.start


def _other_person(
    cases: Sequence[ListedCase | ListedWaiting], case: ListedCase | ListedWaiting
) -> tuple[str, str] | None:
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
