"""What still stands open before a signature, as sentences for whoever is to sign."""

from collections.abc import Iterator
from datetime import datetime

from ortool.caselog.delays import owed_delays
from ortool.caselog.dossier import Dossier
from ortool.checklist.construct import Construct
from ortool.checklist.decide import subject
from ortool.checklist.places import words_of
from ortool.checklist.records import Action
from ortool.checklist.run import Run


def unfinished(dossier: Dossier, now: datetime) -> list[str]:
    """Return what still stands open at `now` (UTC), as sentences. None of it forbids to sign."""
    run = dossier.run
    if run is None and dossier.history.listed is not None:
        return ["This case came from a list of the past: nobody here can say that its record is true."]
    if run is None:
        return ["There is no checklist run to sign."]
    return [
        *_unclaimed(dossier),
        *_stamps(run),
        *_pauses(run, now),
        *_counts(run),
        *(f"A reason is owed for {subject(record)}, passed in the emergency." for record in run.owed),
        *_delays(dossier, now),
        *_implants(run),
    ]


def _unclaimed(dossier: Dossier) -> Iterator[str]:
    if owed := len(dossier.history.owed):
        yield f"{owed} entr{'y' if owed == 1 else 'ies'} of nobody known {'is' if owed == 1 else 'are'} not claimed."


def _stamps(run: Run) -> Iterator[str]:
    for stamp in run.plan.stamps.values():
        if stamp.required and stamp.id not in run.stamps:
            yield f"{stamp.title} ({stamp.id}) was not stamped."


def _pauses(run: Run, now: datetime) -> Iterator[str]:
    for pause in run.plan.pauses.values():
        if (left := run.missing(pause, now)) and pause.id not in run.passes:
            yield f"{pause.id} {pause.title} has {len(left)} open item{'s' * (len(left) > 1)}."


def _counts(run: Run) -> Iterator[str]:
    moments = {count.moment: count for count in run.ledger.counts}
    for count in moments.values():
        if count.differences:
            yield f"The count {count.moment} does not agree."


def _delays(dossier: Dossier, now: datetime) -> Iterator[str]:
    for delay in owed_delays(dossier, now):
        # Whole minutes, rounded down: below a minute nothing of a delay is owed.
        minutes = int(delay.value.total_seconds() // 60)
        yield f"{delay.title}: {minutes} min late, and nobody has said why ({delay.id})."


def _implants(run: Run) -> Iterator[str]:
    for cell in Construct(run).cells.values():
        record = cell.implanted
        if record and record.action is Action.PLACED and not (record.lot or record.serial):
            yield f"{cell.part.title} {words_of(record.place)}: no lot and no serial number."
