"""A case log as other systems take it: one shape, version 1, that every format is written from.

The JSON Schema beside it (`schemas/case-logs-1.json`) is made from these models. Times are ISO 8601 in UTC.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Literal["ortool-case-logs/1"] = "ortool-case-logs/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Who(_Part):
    """A patient. De-identified ones have a pseudonym for `id` and neither number, name nor birth date."""

    id: str
    hospital_number: str = ""
    name: str = ""
    born: date | None = None
    age: int | None = Field(default=None, description="Years at the planned start; 90 stands for 90 and more.")


class Milestone(_Part):
    """A milestone of the AACD glossary as it stands now. `late`: typed later than the site's limit."""

    stamp: str
    occurred_at: datetime
    recorded_at: datetime | None = Field(default=None, description="None where nobody knows: a list of the past.")
    late: bool | None = None


class Answered(_Part):
    """One item of a pause and what stands as its answer."""

    item: str
    prompt: str
    state: str
    value: str = ""
    reason: str = ""
    by: str
    occurred_at: datetime
    recorded_at: datetime


class PauseLog(_Part):
    """A pause of which at least one item was answered: one that never happened is missing, not blank."""

    id: str
    title: str
    is_whole: bool
    answers: tuple[Answered, ...]


class ImplantLog(_Part):
    """An implant that was placed, wasted or taken out. `entry` is how it was entered: scan or manual."""

    part: str
    place: str
    action: str
    description: str = ""
    device_identifier: str = ""
    lot: str = ""
    serial: str = ""
    expires: date | None = None
    entry: str = ""
    occurred_at: datetime


class RoleLog(_Part):
    """Somebody in a role, from when to when."""

    person: str
    role: str
    since: datetime
    until: datetime | None = None


class SignatureLog(_Part):
    """A signature and the SHA-256 of the entries that it covers."""

    person: str
    at: datetime
    statement: str
    digest: str


class ReadLog(_Part):
    """Somebody has read the case, and where it was not theirs, why."""

    person: str
    at: datetime
    reason: str = ""


class CaseLog(_Part):
    """One case."""

    case: str = Field(description="The case number, or a pseudonym.")
    patient: Who
    procedure_id: str
    procedure: str
    specialty: str
    levels: str
    side: str
    surgeon: str
    anaesthetist: str
    urgency: str
    state: str
    room: str
    planned_start: datetime
    planned_end: datetime
    is_planned: bool = Field(description="False: the planned times are those of what happened.")
    from_list_of_the_past: bool
    cancelled_at: datetime | None = None
    cancel_reason: str = Field(default="", description="De-identified: the reason code alone.")
    milestones: tuple[Milestone, ...] = ()
    events: tuple[str, ...] = ()
    delays: tuple[tuple[str, int], ...] = Field(default=(), description="Reason code and minutes.")
    implants: tuple[ImplantLog, ...] = ()
    pauses: tuple[PauseLog, ...] = ()
    roles: tuple[RoleLog, ...] = ()
    signatures: tuple[SignatureLog, ...] = ()
    notes: tuple[str, ...] = ()
    reads: tuple[ReadLog, ...] = Field(default=(), description="Who read it, as the journal keeps it; identified only.")
    checklist: str = Field(default="", description="Id, version and SHA-256 of the checklist that was run.")

    def time_of(self, stamp: str) -> datetime | None:
        """Return when a milestone happened, None where it is not known."""
        return next((one.occurred_at for one in self.milestones if one.stamp == stamp), None)


class CaseLogs(_Part):
    """A file of case logs."""

    schema_: Literal["ortool-case-logs/1"] = Field(default=SCHEMA, alias="schema")
    site: str
    made_at: datetime
    identified: bool
    cases: tuple[CaseLog, ...]
