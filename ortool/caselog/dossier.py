"""Everything that is known of one case at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.caselog.case import Case, Slot
from ortool.caselog.history import History
from ortool.caselog.milestones import CaseState
from ortool.checklist.plan import Plan
from ortool.checklist.records import Stamp
from ortool.checklist.run import Run
from ortool.people.permissions import Bond

# A patient may be in the room this long before the slot begins, and before anybody has stamped it.
EARLY = timedelta(hours=2)
# And its team may come this much later than the slot ends; what did not begin by then is no case under way.
LATE = timedelta(hours=12)


@dataclass(frozen=True)
class Dossier:
    """Everything that is known of one case at one moment. `run` is a preview until the first entry pins it.

    `list_id` names the review or follow-up whose run this is; empty for the operation itself.
    `beside` are the reviews and follow-ups that have begun, where they were asked for; `operation` is what such a list
    runs beside. `altered` says of a signed case what does not match any more what was signed, where that was checked.
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
    operation: "Dossier | None" = None
    altered: tuple[str, ...] | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan of the run, None for a procedure without a checklist."""
        return self.run.plan if self.run else None

    @property
    def stamps(self) -> Mapping[str, Stamp]:
        """The milestones that stand: those of the run, or those of the list that the case came from."""
        if self.history.listed is not None:
            return self.history.listed.stamps
        return self.run.stamps if self.run else {}

    def bond_of(self, person: str) -> Bond:
        """Return how somebody stands to this case: booked on it or ever of its team, let in by a reason, or neither."""
        team = self.run.team if self.run else ()
        if person in (self.case.surgeon_id, self.case.anaesthetist_id) or any(one.person == person for one in team):
            return Bond.OWN
        if any(one.actor == person for one in self.history.opened):
            return Bond.OPENED
        return self.operation.bond_of(person) if self.operation else Bond.OTHER

    def is_under_way(self, now: datetime) -> bool:
        """Whether the patient is in the theatre's care, or may be: then no tick is refused for want of a PIN."""
        if self.case.state in (CaseState.RECOVERED, CaseState.SIGNED, CaseState.CANCELLED):
            return False
        if self.case.state.has_started or self.slot is None:
            return self.case.state.has_started
        return self.slot.start - EARLY <= now < self.slot.end + LATE

    @property
    def is_approved(self) -> bool:
        """Whether a local clinical lead has approved the checklist in use."""
        return bool(self.run and self.run.plan.checklist.approved_by)


def relief_of(person: str, before: Dossier, after: Dossier) -> str:
    """Return who relieved somebody between two states of a case, so that they hold no role there now; or nothing."""
    if before.run is None or after.run is None or any(stint.person == person for stint in after.run.present):
        return ""
    known = {stint.joined.seq for stint in before.run.team}
    new = (stint for stint in after.run.team if stint.joined.seq not in known)
    return next((stint.person for stint in new if stint.relieved == person), "")
