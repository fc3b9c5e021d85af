"""A theatre in which every name and every word hurts: each string of the corpus in every field that takes free text."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ortool.checklist.commands import AnswerItem, JoinTeam, StampMilestone
from ortool.checklist.records import State
from ortool.errors import OrtoolError
from ortool.people.person import Actor
from ortool.services import booking, cases, people, running, setup
from ortool.services.theatre import Theatre, open_theatre
from tests.hostile.corpus import STRINGS
from tests.services.suite import CHECKLISTS, settings

# In the long form each string stands in every field of a case of its own, otherwise six share the fields of one.
A_CASE = 1 if os.environ.get("ORTOOL_LONG") == "1" else 6
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROLES = ["circulating_nurse", "surgeon", "anaesthetist", "scrub"]


@dataclass(frozen=True)
class Hurt:
    """The theatre and the numbers of its cases by the string that they carry."""

    theatre: Theatre
    path: Path
    cases: dict[str, str]
    refused: list[str]


@contextmanager
def without_the_border() -> Iterator[None]:
    """Let everything in as it is, as an altered database or a careless release would."""

    def kept(text: str, limit: int = 200, _multiline: bool = False, **_: object) -> str:
        return text[:limit]

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith(("ortool.services", "ortool.checklist", "ortool.people", "ortool.caselog")):
                for attribute in ("clean", "identifier"):
                    if hasattr(module, attribute):
                        patch.setattr(module, attribute, kept)
        yield


def storable(text: str) -> bool:
    """Whether a string can be stored at all when nobody cleans it: half a character cannot."""
    return text.isascii() or not any(0xD800 <= ord(char) <= 0xDFFF for char in text)


def furnish(path: Path, strings: Sequence[str] = STRINGS) -> Hurt:
    """Make the theatre: one room, person, procedure and case for each string, the case under way."""
    site = settings(site=strings[0][:80])
    theatre = open_theatre(site, path, lambda: MORNING)
    toml = _file(strings)
    setup.load_theatre(theatre, setup.SYSTEM, toml)
    everybody = {person.id: person for person in people.list_people(theatre)}
    made: dict[str, str] = {}
    refused: list[str] = []
    for number in range(0, len(strings), A_CASE):
        actor = Actor(everybody[f"p{number}"])
        carried = [strings[(number + place % A_CASE) % len(strings)] for place in range(6)]
        with suppress_told(refused, carried[0]):
            made[carried[0]] = _case(theatre, actor, number, carried)
    return Hurt(theatre, path, made, refused)


@contextmanager
def suppress_told(refused: list[str], text: str) -> Iterator[None]:
    """Note what was refused with a sentence; anything else is a crash."""
    try:
        yield
    except OrtoolError as told:
        refused.append(f"{text[:20]!r}: {told}")


def _file(strings: Sequence[str]) -> Any:
    # What comes from TOML is UTF-8, and its lengths are capped.
    named = [(n, s.encode("utf-8", "replace").decode()) for n, s in enumerate(strings)]
    return setup.TheatreFile.model_validate(
        {
            "rooms": [{"id": f"R{n}", "name": s[:60]} for n, s in named],
            "people": [{"id": f"p{n}", "name": s[:60], "initials": f"P{n}", "roles": ROLES} for n, s in named],
            "procedures": [
                {
                    "id": f"o{n}",
                    "name": s[:80],
                    "short": s[:30],
                    "specialty": s[:30],
                    "checklist": "small",
                    "minutes": 60,
                }
                for n, s in named
            ],
        }
    )


def _case(theatre: Theatre, actor: Actor, number: int, texts: Sequence[str]) -> str:
    name, allergies, notes, reason, value, note = texts
    new = cases.NewCase(
        f"H-{number}", name, f"o{number}", f"p{number}", levels="L4-5", allergies=allergies, notes=notes,
    )  # fmt: skip
    case = cases.add_case(theatre, actor, new)
    booking.book(theatre, actor, case.id, f"R{number}", MORNING, 60)
    voice = running.voice_of(actor.person)
    for command in (
        StampMilestone("PIR"),
        JoinTeam(voice, "circulating_nurse"),
        AnswerItem("SI.consent", State.NO, reason=reason),
        AnswerItem("SI.images", State.DONE, value),
        AnswerItem("graft", State.DONE, value),
        AnswerItem("TO.side", State.NO, reason=note),
    ):
        with suppress(OrtoolError):
            running.act(theatre, actor, case.id, command)
    running.add_note(theatre, actor, case.id, note, MORNING - timedelta(minutes=1))
    return str(case.number)


def options_of(hurt: Hurt, folder: Path) -> list[str]:
    """Return the options that name this theatre to the command line."""
    (folder / "settings.toml").write_text(f'checklists = "{CHECKLISTS}"\n')
    return ["--settings", str(folder / "settings.toml"), "--database", str(hurt.path)]
