"""Choosing a person: type initials, a name or an id."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ortool.tui.forms import Question

if TYPE_CHECKING:
    from ortool.people.person import Person


def person_question(
    name: str, label: str, people: Sequence[Person], value: str = "", required: bool = True
) -> Question:
    """Return a question that is answered with initials, name or id, and says whom it understood."""
    return Question(name, label, value, check=_checker(people), required=required)


def _checker(people: Sequence[Person]) -> Callable[[str], str]:
    def check(text: str) -> str:
        found = candidates(people, text)
        if len(found) == 1 or (found and match(people, text)):
            person = match(people, text) or found[0]
            return f"→ {person.name} · {roles_of(person)}"
        if not found:
            return f"! Nobody here is called {text[:30]}."
        return "! Which one: " + ", ".join(f"{p.initials} {p.name}" for p in found[:4]) + "?"

    return check


def candidates(people: Sequence[Person], text: str) -> list[Person]:
    """Return those whose initials, id or name fit what was typed; accents need not be typed."""
    wanted = plain(text)
    exact = [p for p in people if wanted in (plain(p.initials), plain(p.id), plain(p.name))]
    begins = [p for p in people if wanted and any(word.startswith(wanted) for word in plain(p.name).split())]
    return exact or begins or [p for p in people if wanted and wanted in plain(p.name)]


def plain(text: str) -> str:
    """Return text as it is typed on any keyboard: small letters, no accents."""
    parts = unicodedata.normalize("NFKD", text.strip().casefold())
    kept = "".join(char for char in parts if not unicodedata.combining(char))
    return kept.translate(str.maketrans("øłđı", "oldi"))


def match(people: Sequence[Person], text: str) -> Person | None:
    """Return the one person that fits, None where none or several do."""
    found = candidates(people, text)
    return found[0] if len(found) == 1 else None


def roles_of(person: Person) -> str:
    """Return a person's roles as words."""
    return ", ".join(sorted(role.replace("_", " ") for role in person.roles))
