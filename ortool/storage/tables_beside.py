"""What stands beside people, rooms and cases: credentials, equipment, claims, milestones, implants."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from ortool.storage.tables import UTCMicros


class CredentialRow(SQLModel, table=True):
    """How a person proves who they are. The pepper of both hashes is kept outside the database.

    `pin` is an argon2id hash with its parameters, `badge` a keyed hash; `failed` counts wrong PINs since the last right
    one, and until `locked_until` none is tried. Twenty wrong ones lock it until somebody unlocks it.
    """

    __tablename__: ClassVar[Any] = "credential"
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    pin: str = ""
    badge: str = ""
    failed: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTCMicros)


class EquipmentRow(SQLModel, table=True):
    """What there is a number of: C-arms, implant sets, recovery beds (`kind`: see `schedule.resources.Kind`).

    `ready_minutes` is how long a unit is away after a slot before it can be used again.
    """

    __tablename__: ClassVar[Any] = "equipment"
    id: str = Field(primary_key=True)
    name: str
    kind: str
    units: int = 1
    ready_minutes: int = 0
    active: bool = True


class CaseTimeRow(SQLModel, table=True):
    """When a milestone of a case occurred, as it stands now: undone and corrected ones are replaced."""

    __tablename__: ClassVar[Any] = "case_time"
    case_id: str = Field(primary_key=True, foreign_key="op_case.id")
    stamp: str = Field(primary_key=True)
    occurred_at: datetime = Field(sa_type=UTCMicros)
    recorded_at: datetime = Field(sa_type=UTCMicros)
    seq: int


class ClaimRow(SQLModel, table=True):
    """What a slot holds of one resource. The database refuses overlapping claims on one resource and lane."""

    __tablename__: ClassVar[Any] = "claim"
    slot_id: str = Field(primary_key=True, foreign_key="slot.id")
    resource: str = Field(primary_key=True)
    lane: int = Field(default=1, primary_key=True)
    start_at: datetime = Field(sa_type=UTCMicros)
    end_at: datetime = Field(sa_type=UTCMicros)


class ImplantRow(SQLModel, table=True):
    """An implant that was placed, wasted or taken out, by the number of its journal entry. `undone` when taken back."""

    __tablename__: ClassVar[Any] = "implant"
    seq: int = Field(primary_key=True)
    case_id: str = Field(foreign_key="op_case.id", index=True)
    action: str
    part: str
    place: str
    device_identifier: str = ""
    lot: str = ""
    serial: str = ""
    expires: date | None = None
    undone: bool = False
