"""The tables beside the journal: what must be queried and constrained. Times are microseconds UTC.

Each table costs milliseconds to define. These are the ones that a board is made of; the others stand in `tables_beside`
and `tables_calendar`, which whoever needs them imports.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Dialect, TypeDecorator
from sqlmodel import Field, SQLModel

from ortool.journal.entry import from_micros, to_micros


class UTCMicros(TypeDecorator[datetime]):
    """A timezone-aware UTC datetime, stored as microseconds. A naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse what has no zone; store the rest exactly."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read back aware UTC."""
        return None if value is None else from_micros(int(value))


class Meta(SQLModel, table=True):
    """A few facts of the database itself, such as the site's id."""

    name: str = Field(primary_key=True)
    value: str


class RoomRow(SQLModel, table=True):
    """An operating room. `capabilities` are words; `hours` as `schedule.hours` reads them, empty: always open.

    `turnover` is the minutes kept free after each slot; None: as the site sets it.
    """

    __tablename__: ClassVar[Any] = "room"
    id: str = Field(primary_key=True)
    name: str
    position: int = 0
    active: bool = True
    capabilities: str = ""
    hours: str = ""
    turnover: int | None = None


class PersonRow(SQLModel, table=True):
    """A person of the team. `roles` are case roles, `given` further grants, each separated by spaces."""

    __tablename__: ClassVar[Any] = "person"
    id: str = Field(primary_key=True)
    name: str
    initials: str
    roles: str
    active: bool = True
    given: str = ""
    email: str = ""


class ProcedureRow(SQLModel, table=True):
    """An operation as it is booked: its words, its planned minutes, what it needs, and the checklist it runs.

    `p90_…` are the 90th percentiles of the minutes in the room, `recovery_…` the minutes in a recovery bed, for one
    level and for more. `needs` is read by `schedule.resources.read_needs`.
    """

    __tablename__: ClassVar[Any] = "procedure"
    id: str = Field(primary_key=True)
    name: str
    short: str
    specialty: str
    aliases: str = ""
    checklist_id: str = ""
    minutes_one: int = 60
    minutes_two: int = 60
    needs: str = ""
    turnover: int | None = None
    p90_one: int | None = None
    p90_two: int | None = None
    recovery_one: int = 0
    recovery_two: int = 0


class ChecklistRow(SQLModel, table=True):
    """The exact text of a checklist that some run began with, by its content hash."""

    __tablename__: ClassVar[Any] = "checklist"
    sha256: str = Field(primary_key=True)
    id: str
    version: str
    text: str


class CaseRow(SQLModel, table=True):
    """One patient's planned operation. `state` follows the journal; `number` is the internal case number.

    `priority` is 1 (first) to 5, `due` the last day by which it should be done, `needs` what it needs beyond
    its procedure. `placed`: a slot of it stands, so that it does not wait.
    """

    __tablename__: ClassVar[Any] = "op_case"
    id: str = Field(primary_key=True)
    number: int = Field(unique=True)
    hospital_number: str = Field(index=True)
    patient_name: str
    born: date | None = None
    procedure_id: str = Field(foreign_key="procedure.id")
    levels: str = ""
    side: str = ""
    surgeon_id: str = Field(foreign_key="person.id")
    anaesthetist_id: str | None = Field(default=None, foreign_key="person.id")
    urgency: str = "elective"
    allergies: str = ""
    neuromonitoring: bool | None = None
    notes: str = ""
    state: str = "booked"
    checklist_sha256: str | None = Field(default=None, foreign_key="checklist.sha256")
    priority: int = 3
    waiting_since: date | None = None
    due: date | None = None
    needs: str = ""
    placed: bool = False


class SlotRow(SQLModel, table=True):
    """Room + start + end on the schedule, holding a case. `revision` counts its changes from 0.

    `state` is `booked`, `held` (not confirmed yet), `released` (the case waits again) or `cancelled`.
    """

    __tablename__: ClassVar[Any] = "slot"
    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="op_case.id", index=True)
    room_id: str = Field(foreign_key="room.id")
    start_at: datetime = Field(sa_type=UTCMicros)
    end_at: datetime = Field(sa_type=UTCMicros)
    state: str = "booked"
    cancel_reason: str = ""
    revision: int = 0
    changed_at: datetime = Field(sa_type=UTCMicros)
