"""What was first written on a downtime sheet: entered later, with the form's number and the time that stands on it."""

import re

from ortool.checklist.commands import AddToCount, AnswerItem, RecordCount, StampMilestone, TakeReading
from ortool.errors import Refused

_FORM = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}")
NO_NUMBER = "PAPER"
"""What stands for the number of a form that carries none."""


def transcription(command: AnswerItem | StampMilestone | RecordCount | AddToCount | TakeReading) -> dict[str, str]:
    """Return what an entry's body holds of the form that it was transcribed from; nothing without a form.

    Raises Refused for what is no form number, and where the time that stands on the paper is not given.
    """
    if not command.paper:
        return {}
    form = form_number_of(command.paper)
    if command.occurred_at is None:
        raise Refused(f"What stands on form {form} has its own time.", "Give the time that was written on the paper.")
    people = {"written_by": command.written_by, "verified_by": command.verified_by}
    return {"transcribed": form} | {name: person for name, person in people.items() if person}


def form_number_of(text: str) -> str:
    """Return a form's number as it is kept. Raises Refused for what is none."""
    form = text.strip().upper()
    if not _FORM.fullmatch(form):
        raise Refused(f"{text[:40]!r} is no form number.", "It stands at the top of each page and begins with DT-.")
    return form
