"""A person of the team."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the theatre. `roles` are the case roles they may take."""

    id: str
    name: str
    initials: str
    roles: frozenset[str]

    def can_be(self, role: str) -> bool:
        """Whether the person may take a case role."""
        return role in self.roles


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the terminal, and how that is known. `chosen` means: picked from a list, not proven."""

    person: Person
    auth: str = "chosen"

    @property
    def is_proven(self) -> bool:
        """Whether more than a choice from a list says who this is."""
        return self.auth != "chosen"
