"""A case and its slot as values: what boards, calendars and logs show of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ortool.caselog.milestones import CaseState


@dataclass(frozen=True, slots=True)
class Case:
    """One patient's planned operation. `number` is internal; `hospital_number` is the patient's."""

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

    def __repr__(self) -> str:
        """Name the case without its patient, so that no traceback shows one."""
        return f"Case(number={self.number}, state={self.state.value!r})"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where and when a case is planned (UTC). `revision` counts the changes since it was booked."""

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

    @property
    def length(self) -> timedelta:
        """The planned length."""
        return self.end - self.start
