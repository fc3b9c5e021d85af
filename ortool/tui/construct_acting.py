"""Carrying out what was asked about implants, and what came of it: stored, refused, or stopped hard."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from ortool.checklist.commands import Command, PlaceImplant, Voice
from ortool.checklist.construct import Cell, Construct
from ortool.checklist.construct_findings import FindingKind, findings
from ortool.checklist.implant_rules import ImplantStop
from ortool.errors import OrtoolError
from ortool.tui.choosing import match, person_question
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.people.person import Person
    from ortool.tui.app import OrtoolApp

STOP_REASONS = ("no other in the house", "label is wrong, checked", "surgeon's decision")


class Asker(Protocol):
    """The screen that asks: the case screen, or the construct's own."""

    app: OrtoolApp
    case_id: str
    dossier: Dossier | None
    people: dict[str, Person]

    def take(self, dossier: Dossier) -> None:
        """Show a newer state of the case."""

    def say(self, sentence: str, role: str = "alarm") -> None:
        """Show a sentence."""


def construct_of(screen: Asker) -> Construct | None:
    """Return the construct of the screen's case; says so where its checklist has none."""
    run = screen.dossier.run if screen.dossier else None
    if run is None or not run.plan.checklist.implants:
        screen.say("This case's checklist has no implants.", "warn")
        return None
    return Construct(run)


def second_of(screen: Asker, text: str) -> Voice | None:
    """Return the second person that was typed, and remember them for the next question."""
    person = match(list(screen.people.values()), text) if text else None
    if person is None:
        return None
    return Voice(person.id, person.name, person.roles)


def tell_cell(screen: Asker, cell: Cell) -> None:
    """Say what stands at a place now, and the heaviest thing that is not as it should be there."""
    construct = construct_of(screen)
    if construct is None:
        return
    now = construct.cells[cell.key]
    heavy = [f for f in findings(construct) if cell.key in f.keys and f.kind is not FindingKind.OPEN]
    if heavy:
        screen.say(heavy[0].sentence)
    else:
        screen.say(f"{now.title}: {now.size}, stored.", "done")


async def perform(screen: Asker, command: Command) -> bool:
    """Carry a command out; a hard stop is told, and passed only with a reason and a second person."""
    app = screen.app
    command_id = uuid.uuid4().hex
    try:
        screen.take(
            await carry_out(
                app, lambda actor: app.verbs.act(actor, screen.case_id, command, command_id), screen.case_id
            )
        )
    except ImplantStop as stop:
        return await _override(screen, command, stop)
    except OrtoolError as error:
        screen.say(str(error))
        return False
    return True


async def _override(screen: Asker, command: Command, stop: ImplantStop) -> bool:
    assert isinstance(command, PlaceImplant)
    questions = [
        Question("reason", "Reason to implant it", presets=STOP_REASONS),
        person_question("second", "Second person", list(screen.people.values())),
    ]
    words = [*stop.stops, stop.hint, "Esc: it is not implanted."]
    answers = await screen.app.push_screen_wait(Form("HARD STOP", questions, words, alarm=True))
    if answers is None:
        screen.say("Not implanted: nothing was entered.", "warn")
        return False
    second = second_of(screen, answers["second"])
    return await perform(screen, replace(command, reason=answers["reason"], second=second))
