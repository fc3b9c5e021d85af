"""What is said of a form: that a line of it was entered before, and which of its lines are entered or missing."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from ortool.checklist.decide import subject
from ortool.checklist.once import EnteredBefore
from ortool.checklist.paper import NO_NUMBER
from ortool.presentation.words import clock_on


def form_words(form: str) -> str:
    """Return a form in words."""
    return "a form without a number" if form == NO_NUMBER else f"form {form}"


def before_words(error: EnteredBefore, names: Mapping[str, str], zone: ZoneInfo, now: datetime) -> str:
    """Return a sentence for whoever enters a line again: who entered it when, and both times where they differ."""
    record = error.record
    who, typed = names.get(record.actor, record.actor), clock_on(record.recorded_at, zone, now)
    what, form = subject(record), form_words(error.form)
    if error.is_repeat and error.same:
        return f"{what}: entered already from this form at {typed} by {who}. Nothing was changed."
    happened, says = clock_on(record.occurred_at, zone, now), clock_on(error.says, zone, now)
    where = "from this form" if error.is_repeat else "on the screen"
    if not error.is_repeat and record.transcribed:
        where = f"from {form_words(record.transcribed)}"
    if error.same:
        return f"{what} at {happened}: entered {where} at {typed} by {who}; {form} says the same. Nothing was changed."
    other = "says otherwise" if says == happened else f"says {says}"
    return (
        f"{what} at {happened}: entered {where} at {typed} by {who}; {form} {other}. Nothing was changed. "
        "Undo it first if the paper is right."
    )
