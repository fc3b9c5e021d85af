"""Who entered something, and when: what every line of a case report begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.checklist.records import Record

Seqs = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Who entered something, when it happened, when it was typed, and whether that was beyond the site's limit.

    `transcribed` is the number of the form from which it was entered, empty where it was entered directly, and
    `written_by` who had written it there, `verified_by` who compared the two.
    """

    seq: int
    occurred_at: datetime
    recorded_at: datetime
    by: str
    auth: str
    late: bool
    transcribed: str = ""
    written_by: str = ""
    verified_by: str = ""

    @property
    def lag(self) -> timedelta:
        """How much later it was typed than it happened."""
        return self.recorded_at - self.occurred_at


@dataclass(frozen=True)
class Marker:
    """Turns records into marks: people by name, and late beyond `limit`."""

    names: Mapping[str, str]
    limit: timedelta

    def name(self, person: str) -> str:
        """Return a person's name, the id where nobody is known by it."""
        return self.names.get(person, person)

    def is_late(self, record: Record) -> bool:
        """Whether a record was typed later than the site's limit allows (fact base §6: 5 minutes)."""
        return record.recorded_at - record.occurred_at > self.limit

    def mark(self, record: Record) -> Mark:
        """Return who entered `record` and when."""
        return Mark(
            record.seq,
            record.occurred_at,
            record.recorded_at,
            self.name(record.actor),
            record.auth,
            self.is_late(record),
            getattr(record, "transcribed", ""),
            self.name(getattr(record, "written_by", "")),
            self.name(getattr(record, "verified_by", "")),
        )
