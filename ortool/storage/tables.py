"""The tables beside the journal: what must be queried and constrained. Times are microseconds UTC."""

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


class SeriesRow(SQLModel, table=True):
    """Time that returns by a rule: a block, a closure or somebody's leave, in the theatre's wall clock.

    It lasts from `starts` on a day to `ends`, `days` days later. `rule` is an RRULE value, empty for once. `last_day`
    is the last day that it can touch, None without end. `owner` of a block is `person:ID` or `service:NAME`.
    """

    __tablename__: ClassVar[Any] = "series"
    id: str = Field(primary_key=True)
    kind: str
    resource: str
    owner: str = ""
    title: str = ""
    first_day: date
    starts: str
    days: int = 0
    ends: str
    rule: str = ""
    last_day: date | None = None
    release_days: int | None = None
    source: str = ""
    active: bool = True
    revision: int = 0
    changed_at: datetime = Field(sa_type=UTCMicros)


class SeriesChangeRow(SQLModel, table=True):
    """One day of a series that is otherwise: cancelled, or at other times."""

    __tablename__: ClassVar[Any] = "series_change"
    series_id: str = Field(primary_key=True, foreign_key="series.id")
    day: date = Field(primary_key=True)
    cancelled: bool = False
    starts: str = ""
    days: int = 0
    ends: str = ""


class SourceRow(SQLModel, table=True):
    """A calendar that leave or closures are read from. `origin` is a file or an address, which may hold a password.

    `feeds` is leave, closures or rooms; `zone` is that of times without one, empty: they are refused. `with_free`: what
    is marked as free is taken too.
    """

    __tablename__: ClassVar[Any] = "calendar_source"
    id: str = Field(primary_key=True)
    name: str
    feeds: str
    resource: str
    origin: str = Field(repr=False)
    zone: str = ""
    with_free: int = 0
    active: bool = True
    revision: int = 0
    read_at: datetime = Field(sa_type=UTCMicros)


class CaseTimeRow(SQLModel, table=True):
    """When a milestone of a case occurred, as it stands now: undone and corrected ones are replaced."""

    __tablename__: ClassVar[Any] = "case_time"
    case_id: str = Field(primary_key=True, foreign_key="op_case.id")
    stamp: str = Field(primary_key=True)
    occurred_at: datetime = Field(sa_type=UTCMicros)
    recorded_at: datetime = Field(sa_type=UTCMicros)
    seq: int


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


class FeedRow(SQLModel, table=True):
    """A calendar feed: of a room, a person or a service, at a level that names no patient. Its token is kept hashed."""

    __tablename__: ClassVar[Any] = "feed"
    id: str = Field(primary_key=True)
    token_sha256: str = Field(unique=True, repr=False)
    kind: str
    subject: str
    audience: str
    expires_at: datetime = Field(sa_type=UTCMicros)
    revoked_at: datetime | None = Field(default=None, sa_type=UTCMicros)


class RenderedRow(SQLModel, table=True):
    """A slot's event as bytes for one audience. A copy that may be dropped: `facts` says of what it was made."""

    __tablename__: ClassVar[Any] = "rendered"
    slot_id: str = Field(primary_key=True, foreign_key="slot.id")
    audience: str = Field(primary_key=True)
    facts: str
    event: bytes


class PublishedRow(SQLModel, table=True):
    """When live calendars last said that a slot begins and ends. No entry stands behind it: it is a forecast.

    It holds for one `revision` of the slot; `moves` counts on through all of them.
    """

    __tablename__: ClassVar[Any] = "published"
    slot_id: str = Field(primary_key=True, foreign_key="slot.id")
    revision: int
    start_at: datetime = Field(sa_type=UTCMicros)
    end_at: datetime = Field(sa_type=UTCMicros)
    late_minutes: int = 0
    moves: int = 0
    changed_at: datetime = Field(sa_type=UTCMicros)


class PushedRow(SQLModel, table=True):
    """What was last put into a calendar on a CalDAV server, and the tag that the server gave it.

    `scope` is what the push was of, such as `room:OR1`. It may be dropped: what stands there is then looked at again.
    """

    __tablename__: ClassVar[Any] = "pushed"
    collection: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    slot_id: str = Field(primary_key=True, foreign_key="slot.id")
    etag: str
    sha256: str


class FeedSeenRow(SQLModel, table=True):
    """Since when a feed is as its tag says: what is told as Last-Modified, by every server and after a restart."""

    __tablename__: ClassVar[Any] = "feed_seen"
    feed_id: str = Field(primary_key=True, foreign_key="feed.id")
    etag: str
    changed_at: datetime = Field(sa_type=UTCMicros)
