"""What was first written on a downtime sheet: entered later, with the form's number and the time that stands on it."""

import re
from datetime import datetime

from ortool.errors import Refused

_FORM = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}")


def transcription(paper: str, occurred_at: datetime | None) -> dict[str, str]:
    """Return what an entry's body holds of the form `paper` that it was transcribed from; nothing without a form.

    Raises Refused for what is no form number, and where the time that stands on the paper is not given.
    """
    if not paper:
        return {}
    form = paper.strip().upper()
    if not _FORM.fullmatch(form):
        raise Refused(f"{paper[:40]!r} is no form number.", "It stands at the top of each page and begins with DT-.")
    if occurred_at is None:
        raise Refused(f"What stands on form {form} has its own time.", "Give the time that was written on the paper.")
    return {"transcribed": form}
