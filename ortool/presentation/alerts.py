"""What must not be forgotten about a case: an emergency, events whose lists are open, reasons that are owed."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ortool.caselog.delays import Delay
from ortool.checklist.records import EmergencyMark
from ortool.checklist.run import Run
from ortool.presentation.answers import raised_words
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.plain import whole_minutes
from ortool.presentation.run_rows import View
from ortool.presentation.words import clock, plural


def alert_lines(run: Run, view: View, width: int, unclaimed: int = 0, late: Sequence[Delay] = ()) -> list[list[Piece]]:
    """Return a line for an emergency, one for open events, one for what is owed, one for each answer to ask again.

    `unclaimed` are the entries that nobody known has made and nobody has claimed; `late` the delays without a reason.
    """
    found = [(_emergency(run, view.zone), "alarm"), (_events(run, view), "alarm"), (_owed(run), "warn")]
    found.append((late_words(late), "warn"))
    found.append((f"{unclaimed_words(unclaimed)} (key m)" if unclaimed else "", "warn"))
    found += [(f"ASK AGAIN {words}", "warn") for words in raised_words(run, view.zone, view.now)]
    return [[Piece(fit(f" {words}", width), role)] for words, role in found if words]


def kept_lines(waiting: int, refused: int, width: int) -> list[list[Piece]]:
    """Return a line for what is saved at this terminal alone, and one for what the rules refused when it was sent."""
    found = [
        (f"SAVED HERE, {waiting} waiting: the database does not answer; they are sent when it does", waiting),
        (f"{refused} saved here NEED{'S' * (refused == 1)} A PERSON: `ortool doctor` names them", refused),
    ]
    return [[Piece(fit(f" {words}", width), "alarm")] for words, number in found if number]


def unclaimed_words(number: int) -> str:
    """Return that entries still have nobody."""
    return f"{'1 entry' if number == 1 else f'{number} entries'} of nobody known: whoever made them claims them"


def late_words(late: Sequence[Delay]) -> str:
    """Return what was late and has no reason yet; empty where nothing is owed."""
    if not late:
        return ""
    named = ", ".join(f"{one.title} {whole_minutes(one.value)} min" for one in late)
    return f"WHY LATE? {named} (key e)"


def _emergency(run: Run, zone: ZoneInfo) -> str:
    if not run.is_emergency:
        return ""
    marks = [record for record in run.live if isinstance(record, EmergencyMark)]
    return (
        f"EMERGENCY since {clock(marks[-1].occurred_at, zone)}: nothing is held back; reasons are asked for afterwards"
    )


def _events(run: Run, view: View) -> str:
    words: list[str] = []
    for extra in run.extras:
        pause = run.plan.pauses.get(extra.instance)
        if pause and (left := len(run.missing(pause, view.now))):
            words.append(f"{pause.title.upper()}: {left} open")
    return " · ".join(words)


def _owed(run: Run) -> str:
    return f"{plural(len(run.owed), 'reason')} owed from the emergency (key e)" if run.owed else ""
