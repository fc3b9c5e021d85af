"""A room's list of a day as values: what is printed for a dead screen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One line of the list. `whose` is empty where the list names nobody."""

    planned: str
    number: str
    what: str
    people: str
    state: str
    allergies: str
    whose: str


@dataclass(frozen=True, slots=True)
class DayList:
    """A room's list of a day, who printed it when, and the newest entry of the journal then."""

    room: str
    day: str
    site: str
    printed_at: str
    witness: str
    cases: tuple[ListedCase, ...]
