"""A person of the team."""

from dataclasses import dataclass

from ortool.people.permissions import Grant, grants_of

CHOSEN, UNIDENTIFIED, SYSTEM = "chosen", "unidentified", "system"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the theatre. `roles` are the case roles they may take, `given` grants beyond those."""

    id: str
    name: str
    initials: str
    roles: frozenset[str]
    given: frozenset[str] = frozenset()

    def can_be(self, role: str) -> bool:
        """Whether the person may take a case role."""
        return role in self.roles

    @property
    def grants(self) -> frozenset[Grant]:
        """What the person may be trusted with."""
        return grants_of(self.roles, self.given)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the terminal, and how that is known.

    `auth`: `chosen` from a list and not proven, `pin`, `badge`, `badge+pin`, `unidentified`, or `system` for the
    program itself. `now` says that the PIN was given for this very act, as a signature or an override asks.
    """

    person: Person
    auth: str = CHOSEN
    now: bool = False

    @property
    def is_proven(self) -> bool:
        """Whether more than a choice from a list says who this is."""
        return self.auth not in (CHOSEN, UNIDENTIFIED)


NOBODY = Actor(Person("unidentified", "Nobody known", "?", frozenset()), UNIDENTIFIED)
