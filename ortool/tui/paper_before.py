"""A line that was entered from this very sheet before: said before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortool.checklist.earlier import has_changed
from ortool.checklist.once import EnteredBefore
from ortool.checklist.records import Answer, State
from ortool.presentation.paper_words import before_words

if TYPE_CHECKING:
    from ortool.tui.case import CaseScreen


def is_entered(screen: CaseScreen, target: str) -> bool:
    """Whether an item or a stamp stands here from this very sheet, and say since when; it is undone to be corrected."""
    run = screen.dossier.run if screen.dossier else None
    record = (run.answers.get(target) or run.stamps.get(target)) if run and screen.paper else None
    if screen.dossier is None or run is None or record is None or screen.paper is None:
        return False
    gives_way = isinstance(record, Answer) and (record.state is State.DEFERRED or has_changed(run, record))
    if gives_way or record.transcribed != screen.paper.form:
        return False
    before = EnteredBefore(target, screen.paper.form, record, record.occurred_at, same=True)
    screen.say(before_words(before, screen.dossier.names, screen.app.verbs.zone, screen.app.now()), "warn")
    return True
