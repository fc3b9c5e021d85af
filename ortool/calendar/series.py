"""Blocks, closures and leave as recurring events: in the theatre's zone with a rule, or as single instants in UTC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Event, vRecur

from ortool.calendar.disclosure import one_line
from ortool.calendar.event import Audience, whole_second
from ortool.calendar.export import event_uid
from ortool.calendar.value import Text
from ortool.calendar.vtimezone import vtimezone

MOST_OCCURRENCES = 2_000
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?")


class SeriesKind(StrEnum):
    """What stands in the series: time that somebody owns, time that nobody may book, or a person's leave."""

    BLOCK = "block"
    CLOSURE = "closure"
    LEAVE = "leave"

    @property
    def takes_time(self) -> bool:
        """Whether its room or person is taken then. Owned time is free until something is booked in it."""
        return self is not SeriesKind.BLOCK


_WORDS = {SeriesKind.BLOCK: "reserved", SeriesKind.CLOSURE: "closed", SeriesKind.LEAVE: "away"}


@dataclass(frozen=True, slots=True)
class SeriesOverride:
    """One day of a series that is otherwise: `original` is the local start that the rule gives it."""

    original: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEvent:
    """A block, closure or leave as an export may know it. Times are naive, local in `zone`; `changed_at` is UTC.

    `rule` is an RRULE without its name, empty for a single one. `excluded` are local starts that do not take place.
    `service` is read from `slot` on, `title` (free text) and `owner` (a person's name) from `team` on.
    """

    series_id: str
    revision: int
    changed_at: datetime
    kind: SeriesKind
    zone: ZoneInfo
    start: datetime
    end: datetime
    rule: str = ""
    excluded: tuple[datetime, ...] = ()
    overrides: tuple[SeriesOverride, ...] = ()
    room_id: str = ""
    room_name: str = ""
    service: str = ""
    owner: str = field(default="", repr=False)
    title: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what no calendar could say. Raises ValueError."""
        UUID(self.series_id)
        times = [self.start, self.end, *self.excluded]
        times += [one for change in self.overrides for one in (change.original, change.start, change.end)]
        if any(moment.tzinfo is not None for moment in times):
            raise ValueError("the times of a series are local and naive")
        if self.changed_at.utcoffset() != timedelta(0):
            raise ValueError("changed_at must be a timezone-aware UTC time")
        if self.end <= self.start:
            raise ValueError("a series must end after it starts")
        if self.revision < 0 or "\n" in self.rule or "\r" in self.rule:
            raise ValueError("a series needs a revision from 0 and a rule on one line")


def render_series(event: SeriesEvent, audience: Audience, site: str, first: datetime, last: datetime) -> bytes:
    """Return the VEVENTs of a series. A zone that no rule says gives one for each time between two UTC instants.

    `zone_of` says whether the calendar needs a VTIMEZONE for it.
    """
    uid = event_uid(site, event.series_id)
    if not event.rule and not event.overrides:
        return _single(event, audience, uid, event.start, event.end)
    if zone_of(event, first) is None:
        return b"".join(
            _single(event, audience, f"{original:%Y%m%dT%H%M%S}-{uid}", start, end)
            for original, start, end in instances(event, first, last)
        )
    vevent = _begun(event, audience, uid)
    _local(vevent, "dtstart", event.start, event.zone.key)
    _local(vevent, "dtend", event.end, event.zone.key)
    if event.rule:
        vevent.add("rrule", vRecur.from_ical(_with_utc_end(event)))
    for moment in sorted(set(event.excluded)):
        _local(vevent, "exdate", moment, event.zone.key)
    parts = [vevent]
    for change in sorted(event.overrides, key=lambda one: one.original):
        part = _begun(event, audience, uid)
        _local(part, "recurrence-id", change.original, event.zone.key)
        _local(part, "dtstart", change.start, event.zone.key)
        _local(part, "dtend", change.end, event.zone.key)
        parts.append(part)
    return b"".join(bytes(part.to_ical()) for part in parts)


def zone_of(event: SeriesEvent, now: datetime) -> bytes | None:
    """Return the VTIMEZONE that a series needs in its calendar, None where it is written in UTC."""
    if not event.rule and not event.overrides:
        return None
    return vtimezone(event.zone.key, now.year)


def instances(event: SeriesEvent, first: datetime, last: datetime) -> list[tuple[datetime, datetime, datetime]]:
    """Return (original, start, end) of each time that touches two UTC instants, in local time and in order.

    At most `MOST_OCCURRENCES` are looked at; the rest of a longer series is left out.
    """
    length, changed = event.end - event.start, {one.original: one for one in event.overrides}
    begins, ends = (moment.astimezone(event.zone).replace(tzinfo=None) for moment in (first, last))
    found = []
    for original in _starts(event, begins - length, ends):
        if original in event.excluded:
            continue
        change = changed.get(original) or SeriesOverride(original, original, original + length)
        if change.start < ends and change.end > begins:
            found.append((original, change.start, change.end))
    return sorted(found)


def _starts(event: SeriesEvent, since: datetime, until: datetime) -> Iterator[datetime]:
    if not event.rule:
        yield event.start
        return
    rule = _UNTIL.sub(lambda found: f"UNTIL={_local_end(event, found):%Y%m%dT%H%M%S}", event.rule)
    for start in islice(rrulestr(rule, dtstart=event.start), MOST_OCCURRENCES):
        if start >= until:
            return
        if start >= since - timedelta(days=366):  # a change may bring it in from elsewhere
            yield start


def _with_utc_end(event: SeriesEvent) -> str:
    """Return the rule with its end in UTC, as RFC 5545 demands where the start has a zone."""

    def in_utc(found: re.Match[str]) -> str:
        return f"UNTIL={_local_end(event, found).replace(tzinfo=event.zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"

    return _UNTIL.sub(in_utc, event.rule)


def _local_end(event: SeriesEvent, found: re.Match[str]) -> datetime:
    day, clock, zulu = found.groups()
    # A day without a time is meant whole.
    moment = datetime.strptime(day + (clock or "T235959"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 local on purpose
    return moment.replace(tzinfo=UTC).astimezone(event.zone).replace(tzinfo=None) if zulu else moment


def _single(event: SeriesEvent, audience: Audience, uid: str, start: datetime, end: datetime) -> bytes:
    vevent = _begun(event, audience, uid)
    begins, ends = (moment.replace(tzinfo=event.zone).astimezone(UTC) for moment in (start, end))
    vevent.add("dtstart", begins)
    vevent.add("dtend", max(ends, begins + timedelta(minutes=1)))  # a night may swallow a short one
    return bytes(vevent.to_ical())


def _local(vevent: Event, name: str, moment: datetime, key: str) -> None:
    vevent.add(name, moment.replace(microsecond=0), parameters={"TZID": key})


def _begun(event: SeriesEvent, audience: Audience, uid: str) -> Event:
    """Return an event with everything but its times."""
    summary, description, category = _disclosed(event, Audience(audience))
    changed = whole_second(event.changed_at).astimezone(UTC)
    vevent = Event()
    vevent.add("summary", Text(summary))
    vevent.add("dtstamp", changed)
    vevent.add("last-modified", changed)
    vevent.add("uid", uid)
    vevent.add("sequence", event.revision)
    vevent.add("status", "CONFIRMED")
    taken = event.kind.takes_time
    vevent.add("transp", "OPAQUE" if taken else "TRANSPARENT")
    busy = "OOF" if event.kind is SeriesKind.LEAVE else "BUSY" if taken else "FREE"
    vevent.add("x-microsoft-cdo-busystatus", Text(busy))
    if place := one_line(event.room_name) or one_line(event.room_id):
        vevent.add("location", Text(place))
    vevent.add("categories", Text(category))
    if description:
        vevent.add("description", Text(description))
    return vevent


def _disclosed(event: SeriesEvent, audience: Audience) -> tuple[str, str, str]:
    """Return what an audience may read: summary, description, category. Free text is for the team."""
    where = one_line(event.room_id) or one_line(event.room_name)
    word, service = _WORDS[event.kind], one_line(event.service)
    begun = f"{where}: {word}" if where else word.capitalize()
    category = str(event.kind)
    if audience is Audience.BUSY:
        return begun, "", category
    summary = f"{begun}, {service}" if service else begun
    if audience is Audience.SLOT:
        return summary, "", category
    # Why somebody is away is nobody's business.
    title = "" if event.kind is SeriesKind.LEAVE else one_line(event.title)
    return summary, "\n".join(filter(None, (one_line(event.owner), title))), category
