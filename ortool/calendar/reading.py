"""Foreign calendars read: bytes to the stretches of time that they say somebody is away or a room is closed.

Nothing is guessed. What an iCalendar library would pass over in silence (a cut file, an unknown zone, a time without
one, an event without a UID) is refused in one sentence, and all work is bounded in bytes, days and seconds.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ortool.calendar.content import Property, RawEvent, read_content
from ortool.calendar.zones import Zones
from ortool.errors import BadInput
from ortool.schedule.rules import days_of, read_rule
from ortool.text import clean

SECONDS = 4.0
MOST_FOUND = 5_000
LONGEST = timedelta(days=1_097)
_DAY = timedelta(days=1)
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"([0-9]{8})T([0-9]{2})([0-9]{2})([0-9]{2})(Z?)")
_LENGTH = re.compile(
    r"\+?P(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})S)?)?"
)
_UNTIL = re.compile(r"(?<=UNTIL=)[0-9]{8}T[0-9]{6}Z?", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\;,nN])")

When = date | datetime
"""A whole day, or an instant in the zone that the calendar names."""


@dataclass(frozen=True, slots=True)
class Busy:
    """One stretch of a calendar, in the theatre's wall clock. `occurrence` tells it from others of its event."""

    uid: str
    occurrence: str
    title: str
    first_day: date
    starts: str
    days: int
    ends: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: the stretches inside the window, and how many were left out because they are marked as free."""

    busy: tuple[Busy, ...]
    free: int = 0


@dataclass(frozen=True, slots=True)
class _Event:
    raw: RawEvent
    uid: str
    start: When
    length: timedelta
    sequence: int


def read_calendar(
    data: bytes,
    zone: ZoneInfo,
    first: date,
    last: date,
    floating: ZoneInfo | None = None,
    with_free: bool = True,
    clock: Callable[[], float] = time.monotonic,
) -> Read:
    """Return what a calendar says of the local days from `first` to `last` in the theatre's `zone`.

    `floating` is the zone of times that name none or an unknown one; without it they are refused. Without `with_free`
    events that are marked as free (TRANSPARENT) are left out. Raises BadInput.
    """
    until = clock() + SECONDS

    def late() -> None:
        if clock() > until:
            raise BadInput(f"The calendar takes longer than {SECONDS:.0f} seconds to read.", "Ask for a smaller one.")

    raw = read_content(data, late)
    reader = _Reader(Zones(floating, raw.zone), zone, first, last, late)
    masters, overrides = reader.sorted_out(raw.events)
    found: list[Busy] = []
    free = 0
    for uid in [*masters, *(overrides.keys() - masters.keys())]:
        for event, key, start in reader.occurrences(masters.get(uid), overrides.get(uid, {})):
            if not with_free and event.raw.text("TRANSP").upper() == "TRANSPARENT":
                free += 1
                continue
            found.append(reader.busy(event, key, start))
            if len(found) > MOST_FOUND:
                raise BadInput(
                    f"The calendar has more than {MOST_FOUND} stretches in this time.", "Take a smaller one."
                )
    return Read(tuple(sorted(found, key=lambda one: (one.first_day, one.starts, one.uid, one.occurrence))), free)


class _Reader:
    def __init__(self, zones: Zones, zone: ZoneInfo, first: date, last: date, late: Callable[[], None]) -> None:
        self._zones, self._zone, self._late = zones, zone, late
        self._first, self._last = first, last

    def sorted_out(self, raw: list[RawEvent]) -> tuple[dict[str, _Event], dict[str, dict[str, _Event]]]:
        """Return the events by UID, and what replaces single occurrences of them; the highest SEQUENCE counts."""
        masters: dict[str, _Event] = {}
        overrides: dict[str, dict[str, _Event]] = {}
        for one in raw:
            self._late()
            event = self._event(one)
            recurrence = one.one("RECURRENCE-ID")
            if recurrence is None:
                before = masters.get(event.uid)
                if before is None or before.sequence <= event.sequence:
                    masters[event.uid] = event
                continue
            if "RANGE" in recurrence.parameters:
                raise _fault(one, "changes all that follow (RANGE), which cannot be read")
            key = _key(self._when(one, recurrence))
            standing = overrides.setdefault(event.uid, {}).get(key)
            if standing is None or standing.sequence <= event.sequence:
                overrides[event.uid][key] = event
        return masters, overrides

    def occurrences(self, master: _Event | None, overrides: dict[str, _Event]) -> Iterator[tuple[_Event, str, When]]:
        """Yield every occurrence inside the window: the event that says it, its key, and when it starts."""
        self._late()
        is_off = master is not None and _is_cancelled(master)
        for key, override in {} if is_off else overrides.items():
            if not _is_cancelled(override) and self._is_inside(override.start, override.length):
                yield override, key, override.start
        if master is None or is_off:
            return
        left_out = set(overrides) | self._exceptions(master)
        for start in self._starts(master):
            key = _key(start)
            if key not in left_out and _day_key(start) not in left_out and self._is_inside(start, master.length):
                left_out.add(key)
                yield master, key, start

    def busy(self, event: _Event, key: str, start: When) -> Busy:
        """Return an occurrence in the theatre's wall clock, never shorter than it is."""
        title = clean(_ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], event.raw.text("SUMMARY")), 80)
        if not isinstance(start, datetime):
            return Busy(event.uid, key, title, start, "00:00", max(event.length // _DAY, 1) - 1, "24:00")
        begins = start.astimezone(self._zone)
        ends = (start.astimezone(UTC) + event.length).astimezone(self._zone)
        if ends.second or ends.microsecond:
            ends += timedelta(minutes=1)
        while ends.fold:  # the wall clock would name the first of the two hours, and end too early
            ends = (ends.astimezone(UTC) + timedelta(minutes=1)).astimezone(self._zone)
        last, clock = ends.date(), f"{ends:%H:%M}"
        if clock == "00:00":
            last, clock = last - _DAY, "24:00"
        return Busy(event.uid, key, title, begins.date(), f"{begins:%H:%M}", (last - begins.date()).days, clock)

    def _event(self, raw: RawEvent) -> _Event:
        uid, start, sequence = raw.text("UID").strip(), raw.one("DTSTART"), raw.text("SEQUENCE")
        if not uid or len(uid) > 1_000:
            raise _fault(raw, "has no UID, so that it could not be told from another one")
        if start is None:
            raise _fault(raw, "says no start")
        begins = self._when(raw, start)
        length = self._length(raw, begins)
        if not timedelta() <= length <= LONGEST:
            raise _fault(raw, "ends before it starts" if length < timedelta() else "lasts longer than three years")
        return _Event(raw, uid, begins, length, int(sequence) if sequence.isdecimal() and len(sequence) < 10 else 0)

    def _length(self, raw: RawEvent, begins: When) -> timedelta:
        if ends := raw.one("DTEND"):
            until = self._when(raw, ends)
            if isinstance(until, datetime) != isinstance(begins, datetime):
                raise _fault(raw, "starts on a day and ends at a time, or the other way round")
            return _instant(until) - _instant(begins)
        if said := raw.text("DURATION"):
            match = _LENGTH.fullmatch(said)
            if match is None or not any(match.groups()):
                raise _fault(raw, "has a DURATION that is none")
            weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
            return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return timedelta() if isinstance(begins, datetime) else _DAY

    def _when(self, raw: RawEvent, said: Property) -> When:
        return self._read_when(raw, said.value, said.parameters.get("TZID", ""))

    def _read_when(self, raw: RawEvent, said: str, zone: str) -> When:
        match = _TIME.fullmatch(said)
        day = _day(match[1] if match else said)
        if day is None or (match and (int(match[2]) > 23 or int(match[3]) > 59 or int(match[4]) > 60)):
            raise _fault(raw, f"has a time that is none ({clean(said, 20)})")
        if match is None:
            return day
        where = UTC if match[5] else self._zones.find(zone)
        return datetime(
            day.year, day.month, day.day, int(match[2]), int(match[3]), min(int(match[4]), 59), tzinfo=where
        )

    def _exceptions(self, event: _Event) -> set[str]:
        return {_key(self._read_when(event.raw, said, zone)) for said, zone in _listed(event.raw, "EXDATE")}

    def _starts(self, event: _Event) -> Iterator[When]:
        """Yield when an event starts: its own start, what its rules name around the window, and its further dates."""
        yield event.start
        if event.raw.one("EXRULE"):
            raise _fault(event.raw, "has an EXRULE, which cannot be read")
        for said, zone in _listed(event.raw, "RDATE"):
            if "/" in said:
                raise _fault(event.raw, "has an RDATE with a length of its own, which cannot be read")
            yield self._read_when(event.raw, said, zone)
        first = event.start.date() if isinstance(event.start, datetime) else event.start
        since = self._first - event.length - 2 * _DAY
        for line in event.raw.lines.get("RRULE", ()):
            try:
                rule = read_rule(_UNTIL.sub(lambda found: _last_day(found[0], event.start), line.value))
            except BadInput as error:
                raise _fault(event.raw, f"returns by a rule that is refused: {error.message}") from None
            for day in days_of(rule, first, since, self._last + 2 * _DAY):
                yield datetime.combine(day, event.start.timetz()) if isinstance(event.start, datetime) else day

    def _is_inside(self, start: When, length: timedelta) -> bool:
        if not isinstance(start, datetime):
            return start <= self._last and start + max(length, _DAY) > self._first
        begins, ends = start.astimezone(self._zone), (start.astimezone(UTC) + length).astimezone(self._zone)
        midnight = datetime.combine(self._first, datetime.min.time(), self._zone)
        return length > timedelta() and begins.date() <= self._last and ends > midnight


def _fault(raw: RawEvent, words: str) -> BadInput:
    return BadInput(
        f"Event {raw.number} of the calendar {words.rstrip('.')}.", "Mend it there; nothing was taken from it."
    )


def _is_cancelled(event: _Event) -> bool:
    return event.raw.text("STATUS").upper() == "CANCELLED"


def _listed(raw: RawEvent, name: str) -> Iterator[tuple[str, str]]:
    for line in raw.lines.get(name, ()):
        for said in line.value.split(","):
            yield said, line.parameters.get("TZID", "")


def _key(when: When) -> str:
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}" if isinstance(when, datetime) else f"{when:%Y%m%d}"


def _day_key(when: When) -> str:
    return f"{when:%Y%m%d}"


def _instant(when: When) -> datetime:
    if isinstance(when, datetime):
        return when.astimezone(UTC)
    return datetime(when.year, when.month, when.day, tzinfo=UTC)


def _day(said: str) -> date | None:
    match = _DATE.fullmatch(said)
    if match is None or not 1900 <= int(match[1]) < 2200:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _last_day(until: str, start: When) -> str:
    """Return the last local day that an UNTIL with a time lets start, in the words of a rule."""
    day, match = _day(until[:8]), _TIME.fullmatch(until)
    if day is None or match is None or not isinstance(start, datetime):
        return until[:8]
    if int(match[2]) > 23 or int(match[3]) > 59:
        return "x"
    zone = UTC if match[5] else start.tzinfo
    at = datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), min(int(match[4]), 59), tzinfo=zone)
    local = at.astimezone(start.tzinfo)
    return f"{local.date() if local.time() >= start.time() else local.date() - _DAY:%Y%m%d}"
