"""A calendar feed: of whom or what, for which audience, until when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ortool.calendar.event import Audience

DAYS_BEFORE, DAYS_AFTER = 30, 180
"""The days around today that a feed holds."""


class FeedKind(StrEnum):
    """What a feed is of."""

    ROOM = "room"
    PERSON = "person"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it stands. Times are UTC; `title` is the room's, person's or service's name. Its token is nowhere."""

    id: str
    kind: FeedKind
    subject: str
    audience: Audience
    expires_at: datetime
    revoked_at: datetime | None
    title: str
    subject_is_here: bool = True

    def is_open(self, now: datetime) -> bool:
        """Whether it is served: not revoked, not expired, and its person still works here."""
        return self.revoked_at is None and now < self.expires_at and self.subject_is_here

    def state(self, now: datetime) -> str:
        """Return `open`, `revoked`, `expired`, or `closed` where its person or room is gone."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires_at else "open" if self.subject_is_here else "closed"
