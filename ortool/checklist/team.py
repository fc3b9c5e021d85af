"""Who was in the room in which role, from when to when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ortool.checklist.records import TeamMark


@dataclass(frozen=True, slots=True)
class Stint:
    """One person in one role, from the mark that brought them to the one that ended it (None while still there)."""

    joined: TeamMark
    ended: TeamMark | None = None

    @property
    def person(self) -> str:
        """The person's id."""
        return self.joined.person

    @property
    def role(self) -> str:
        """The role."""
        return self.joined.role

    @property
    def relieved(self) -> str:
        """The id of the person whom they relieved, empty where they relieved nobody."""
        return self.joined.relieves

    @property
    def since(self) -> datetime:
        """When they came (UTC)."""
        return self.joined.occurred_at

    @property
    def until(self) -> datetime | None:
        """When they left or were relieved (UTC), None while still there."""
        return self.ended.occurred_at if self.ended else None


def stints(marks: Iterable[TeamMark]) -> tuple[Stint, ...]:
    """Return every stint in order of arrival."""
    found: list[Stint] = []
    for mark in marks:
        if mark.act == "joined":
            if mark.relieves:
                _end(found, mark.relieves, mark)
            found.append(Stint(mark))
        else:
            _end(found, mark.person, mark)
    return tuple(found)


def _end(found: list[Stint], person: str, mark: TeamMark) -> None:
    for index in range(len(found) - 1, -1, -1):
        one = found[index]
        if (one.person, one.role, one.ended) == (person, mark.role, None):
            found[index] = replace(one, ended=mark)
            return
