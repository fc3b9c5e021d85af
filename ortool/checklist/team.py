"""Who was in the room in which role, from when to when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ortool.checklist.records import TeamMark


@dataclass(frozen=True, slots=True)
class Stint:
    """One person in one role: from when, until when (UTC; None while still there), and whom they relieved."""

    person: str
    role: str
    since: datetime
    until: datetime | None = None
    relieved: str = ""


def stints(marks: Iterable[TeamMark]) -> tuple[Stint, ...]:
    """Return every stint in order of arrival."""
    found: list[Stint] = []
    for mark in marks:
        if mark.act == "joined":
            if mark.relieves:
                _end(found, mark.relieves, mark.role, mark.occurred_at)
            found.append(Stint(mark.person, mark.role, mark.occurred_at, relieved=mark.relieves))
        else:
            _end(found, mark.person, mark.role, mark.occurred_at)
    return tuple(found)


def _end(found: list[Stint], person: str, role: str, at: datetime) -> None:
    for index in range(len(found) - 1, -1, -1):
        if (found[index].person, found[index].role, found[index].until) == (person, role, None):
            found[index] = replace(found[index], until=at)
            return
