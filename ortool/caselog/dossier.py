"""Everything that is known of one case at one moment."""

from dataclasses import dataclass
from datetime import datetime

from ortool.caselog.case import Case, Slot
from ortool.caselog.history import History
from ortool.checklist.plan import Plan
from ortool.checklist.run import Run


@dataclass(frozen=True)
class Dossier:
    """Everything that is known of one case at one moment. `run` is a preview until the first entry pins it.

    `list_id` names the review or follow-up whose run this is; empty for the operation itself.
    `beside` are the reviews and follow-ups that have begun, where they were asked for.
    """

    case: Case
    slot: Slot | None
    run: Run | None
    started: bool
    sha256: str
    history: History
    names: dict[str, str]
    version: int
    list_id: str = ""
    beside: tuple["Dossier", ...] = ()

    @property
    def plan(self) -> Plan | None:
        """The plan of the run, None for a procedure without a checklist."""
        return self.run.plan if self.run else None

    @property
    def is_approved(self) -> bool:
        """Whether a local clinical lead has approved the checklist in use."""
        return bool(self.run and self.run.plan.checklist.approved_by)


def unfinished(dossier: Dossier, now: datetime) -> list[str]:
    """Return what still stands open before a signature, as sentences. An open list does not forbid to sign."""
    run = dossier.run
    if run is None:
        return ["There is no checklist run to sign."]
    missing = [
        f"{stamp.title} ({stamp.id}) was not stamped."
        for stamp in run.plan.stamps.values()
        if stamp.required and stamp.id not in run.stamps
    ]
    for pause in run.plan.pauses.values():
        if (left := run.missing(pause, now)) and pause.id not in run.passes:
            missing.append(f"{pause.id} {pause.title} has {len(left)} open item{'s' * (len(left) > 1)}.")
    return missing
