"""A case and its slot as values: what boards, calendars and logs show of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ortool.caselog.milestones import CaseState


@dataclass(frozen=True, slots=True)
class Case:
    """One patient's planned operation. `number` is internal; `hospital_number` is the patient's.

    `priority` is 1 (first) to 5; `due` is the last day by which it should be done.
    """

    id: str
    number: int
    hospital_number: str
    patient_name: str
    born: date | None
    procedure_id: str
    procedure: str
    procedure_short: str
    specialty: str
    levels: str
    side: str
    surgeon_id: str
    surgeon: str
    anaesthetist_id: str
    anaesthetist: str
    urgency: str
    allergies: str
    neuromonitoring: bool | None
    notes: str
    state: CaseState
    priority: int = 3
    waiting_since: date | None = None
    due: date | None = None
    needs: str = ""

    def __repr__(self) -> str:
        """Name the case without its patient, so that no traceback shows one."""
        return f"Case(number={self.number}, state={self.state.value!r})"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where and when a case is planned (UTC). `revision` counts the changes since it was booked.

    `cancelled`: it does not stand any more, whether the case was cancelled or waits again. `held`: not confirmed yet.
    `warnings` is what the site wants to be told of a slot that was booked a moment ago.
    """

    id: str
    case_id: str
    room_id: str
    room: str
    start: datetime
    end: datetime
    cancelled: bool
    cancel_reason: str
    revision: int
    changed_at: datetime
    held: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def length(self) -> timedelta:
        """The planned length."""
        return self.end - self.start
