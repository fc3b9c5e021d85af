"""What was written on paper while there was no screen: entered with its form, its writer, and the time on it.

While a sheet is being entered every command asks for the paper's time; the bar says so until `Esc` or the same key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ortool.caselog.sheet import sheet_warning
from ortool.checklist.commands import (
    AddToCount,
    AnswerItem,
    AnswerTimer,
    Command,
    DeclareEmergency,
    GiveReason,
    JoinTeam,
    LeaveTeam,
    PassGate,
    RecordCount,
    StampMilestone,
    StartEvent,
    StartTimer,
)
from ortool.checklist.paper import NO_NUMBER, form_number_of
from ortool.errors import Refused
from ortool.presentation.paper_bar import PaperSheet, paper_lines
from ortool.presentation.pieces import Piece
from ortool.tui.case_questions import time_question
from ortool.tui.choosing import match, person_question
from ortool.tui.forms import Form, Question

if TYPE_CHECKING:
    from ortool.tui.case import CaseScreen
    from ortool.tui.case_display import CaseDisplay

TRANSCRIBED = (AnswerItem, StampMilestone, RecordCount, AddToCount)
"""What keeps the form in its entry."""
TIMED = (*TRANSCRIBED, StartEvent, DeclareEmergency, JoinTeam, LeaveTeam, StartTimer, AnswerTimer)
"""What takes the time that is written on the paper."""
OF_NOW = (PassGate, GiveReason)
"""What is decided while it is typed, also beside a paper."""


def bar(screen: CaseDisplay, width: int, ends: str = "Esc ends") -> list[list[Piece]]:
    """Return the lines that say that paper is being entered."""
    patient = screen.dossier.case.patient_name if screen.dossier else ""
    return paper_lines(screen.paper, patient, screen.app.verbs.zone, width, ends)


async def begin_or_end(screen: CaseScreen) -> None:
    """Ask who wrote the sheet and what it carries; where one is being entered, end it."""
    if screen.paper:
        end(screen)
        return
    if screen.dossier is None or screen.dossier.run is None or not await screen.somebody():
        return
    people = list(screen.people.values())
    questions = [
        person_question("writer", "Written by", people),
        Question("form", "Form number, if any", required=False),
        Question("version", "Version on it, if any", required=False),
        person_question("verifier", "Who compares", people, required=screen.app.verbs.settings.verify_paper),
    ]
    words = ["From now on each entry asks for the time that is written on the paper.", "The number begins with DT-."]
    answers = await screen.app.push_screen_wait(Form("Enter what was written on paper", questions, words, _refusal))
    writer = match(people, answers["writer"]) if answers else None
    if answers is None or writer is None:
        return
    warning = sheet_warning(screen.dossier, answers["form"], answers["version"])
    if warning and not await _goes_on(screen, warning):
        return
    numbered = bool(answers["form"])
    form = form_number_of(answers["form"]) if numbered else NO_NUMBER
    verifier = match(people, answers["verifier"]) if answers["verifier"] else None
    sheet = PaperSheet(writer.id, writer.name, form, numbered, bool(warning))
    screen.paper = replace(sheet, verifier=verifier.id, verifier_name=verifier.name) if verifier else sheet
    screen.message = []
    screen.draw()


def _refusal(answers: dict[str, str]) -> str:
    try:
        form_number_of(answers["form"] or NO_NUMBER)
    except Refused as refusal:
        return str(refusal)
    return ""


async def _goes_on(screen: CaseScreen, warning: str) -> bool:
    words = [warning, "Compare each line with the screen before you enter it. Enter goes on, Esc does not."]
    form = Form("This sheet may be another one", [], words, alarm=True, confirm=True)
    return await screen.app.push_screen_wait(form) is not None


def end(screen: CaseScreen) -> None:
    """Leave the sheet; what was entered stays."""
    sheet = screen.paper
    if sheet is None:
        return
    screen.paper = None
    screen.draw()
    number = "1 entry" if sheet.entered == 1 else f"{sheet.entered} entries"
    screen.say(f"Paper entry ended: {number} from {sheet.named}.", "done")


def is_direct_only(screen: CaseScreen) -> bool:
    """Whether a sheet is being entered, where implants are not: says so."""
    if screen.paper:
        screen.say("Implants are entered directly, not from paper: Esc ends the paper entry first.", "warn")
    return screen.paper is not None


async def as_written(screen: CaseScreen, command: Command) -> Command | None:
    """Return a command as the paper has it, its time asked for where it is not known; None where that was left."""
    sheet = screen.paper
    if sheet is None or isinstance(command, OF_NOW):
        return command
    if not isinstance(command, TIMED):
        words = ["The paper's time is not kept with this."]
        form = Form("This is entered as of now. Go on?", [], words, confirm=True)
        return command if await screen.app.push_screen_wait(form) is not None else None
    if command.occurred_at is None:
        answers = await screen.app.push_screen_wait(Form("The time on the paper", [time_question(screen)]))
        if answers is None:
            return None
        command = replace(command, occurred_at=screen.at(answers["time"]))
    if isinstance(command, TRANSCRIBED):
        command = replace(command, paper=sheet.form, written_by=sheet.writer, verified_by=sheet.verifier)
    return command


def was_entered(screen: CaseScreen, command: Command) -> None:
    """Keep the time of what was taken from the sheet: the next entry offers it."""
    at: datetime | None = getattr(command, "occurred_at", None)
    if screen.paper and at and isinstance(command, TRANSCRIBED):
        screen.paper = replace(screen.paper, last=at, entered=screen.paper.entered + 1)
