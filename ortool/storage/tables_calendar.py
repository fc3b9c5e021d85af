"""Owned time that returns, and what calendars elsewhere were told: series, sources, feeds, pushes."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from ortool.storage.tables import UTCMicros


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
