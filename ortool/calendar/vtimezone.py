"""A time zone as a VTIMEZONE: yearly rules, made of the POSIX rule at the end of its file in the tz database.

`icalendar.add_missing_timezones` writes lists of dates instead, which clients read differently. A zone whose changes no
yearly rule says (Casablanca leaves summer time for Ramadan) has none, and what needs it is written in UTC.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

YEARS_BEFORE, YEARS_AFTER = 1, 3
_NAME = r"(<[^>]+>|[A-Za-z]{3,})"
_OFFSET = r"([+-]?\d{1,3}(?::\d{2}){0,2})"
_POSIX = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?,([^,]+),([^,]+))?")
_ONSET = re.compile(rf"M(\d{{1,2}})\.([1-5])\.([0-6])(?:/{_OFFSET})?")
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY, _LAST_WEEK = 2, 5
_ANCHOR = 1970
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Onset:
    """The yearly moment at which one offset gives way to another: a weekday among some days of a month.

    `weekday` counts from Sunday. `at` is the local time of day by the clock that ends then; offsets are east of UTC.
    """

    month: int
    days: tuple[int, ...]
    weekday: int
    at: timedelta
    before: timedelta
    after: timedelta
    name: str

    def in_year(self, year: int) -> datetime | None:
        """Return the local moment in a year, by the clock that ends then; None where no such day is in it."""
        for day in self.days:
            if (found := date(year, self.month, day)).isoweekday() % 7 == self.weekday:
                return datetime.combine(found, time()) + self.at
        return None

    def lines(self) -> Iterator[str]:
        """Yield the content lines of this half of a zone."""
        kind = "DAYLIGHT" if self.after > self.before else "STANDARD"
        first = next(found for year in range(_ANCHOR, _ANCHOR + 40) if (found := self.in_year(year)))
        yield f"BEGIN:{kind}"
        yield f"DTSTART:{first:%Y%m%dT%H%M%S}"
        yield f"RRULE:FREQ=YEARLY;BYMONTH={self.month};{self._by_day()}"
        yield from (f"TZOFFSETFROM:{_signed(self.before)}", f"TZOFFSETTO:{_signed(self.after)}", f"TZNAME:{self.name}")
        yield f"END:{kind}"

    def _by_day(self) -> str:
        day, length = _DAYS[self.weekday], _LENGTHS[self.month - 1]
        if len(self.days) == 7 and self.days[0] % 7 == 1:
            return f"BYDAY={self.days[0] // 7 + 1}{day}"
        if len(self.days) == 7 and self.days[-1] == length and self.month != _FEBRUARY:
            return f"BYDAY=-1{day}"
        return f"BYDAY={day};BYMONTHDAY={','.join(map(str, self.days))}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a zone does every year: its offset outside summer time, and the onsets; none where it never changes."""

    standard: timedelta
    name: str
    onsets: tuple[Onset, ...]

    def changes(self, first: int, last: int) -> list[tuple[datetime, timedelta]]:
        """Return when the offset changes in some years (UTC), and to what, by time."""
        found = [
            ((local - onset.before).replace(tzinfo=UTC), onset.after)
            for year in range(first, last + 1)
            for onset in self.onsets
            if (local := onset.in_year(year))
        ]
        return sorted(found)


@lru_cache(maxsize=64)
def vtimezone(key: str, year: int) -> bytes | None:
    """Return the VTIMEZONE of an IANA zone, or None where no yearly rule is right from a year before to three after.

    Every change of the rule and every day of those years is compared with `zoneinfo`.
    """
    rule = rule_of(key)
    if rule is None or not _agrees(rule, ZoneInfo(key), year - YEARS_BEFORE, year + YEARS_AFTER):
        return None
    lines = ["BEGIN:VTIMEZONE", f"TZID:{key}"]
    if rule.onsets:
        lines += [line for onset in rule.onsets for line in onset.lines()]
    else:
        offset = _signed(rule.standard)
        lines += ["BEGIN:STANDARD", f"DTSTART:{_ANCHOR}0101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"]
        lines += [f"TZNAME:{rule.name}", "END:STANDARD"]
    lines.append("END:VTIMEZONE")
    return "".join(f"{line}\r\n" for line in lines).encode()


def rule_of(key: str) -> Rule | None:
    """Return the yearly rule of an IANA zone, None where its file ends with none that can be said."""
    found = _POSIX.fullmatch(_footer(key))
    if found is None:
        return None
    name, offset, summer, summer_offset, start, end = found.groups()
    standard = -_span(offset)
    if summer is None:
        return Rule(standard, name.strip("<>"), ())
    ahead = -_span(summer_offset) if summer_offset else standard + _HOUR
    begins = _onsets(start, standard, ahead, summer.strip("<>"))
    ends = _onsets(end, ahead, standard, name.strip("<>"))
    return Rule(standard, name.strip("<>"), (*begins, *ends)) if begins and ends else None


def _onsets(text: str, before: timedelta, after: timedelta, name: str) -> tuple[Onset, ...]:
    """Return the yearly onsets that a POSIX rule says: two where its days reach over the end of a month."""
    found = _ONSET.fullmatch(text)
    if found is None:
        return ()
    month, week, weekday = (int(part) for part in found.groups()[:3])
    days, at = divmod(_span(found[4]) if found[4] else 2 * _HOUR, _DAY)
    if month == _FEBRUARY and (week == _LAST_WEEK or days):
        return ()
    length = _LENGTHS[month - 1]
    first = length - 6 if week == _LAST_WEEK else week * 7 - 6
    split: dict[int, list[int]] = {}
    for day in range(first + days, first + days + 7):
        place = (month, day) if 1 <= day <= length else (month + 1, day - length)
        if day < 1 or place[0] > len(_LENGTHS):
            return ()
        split.setdefault(place[0], []).append(place[1])
    turned = (weekday + days) % 7
    return tuple(Onset(one, tuple(among), turned, at, before, after, name) for one, among in split.items())


def _agrees(rule: Rule, zone: ZoneInfo, first: int, last: int) -> bool:
    changes = rule.changes(first - 1, last + 1)
    offset = changes[0][1] if changes else rule.standard
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    moments = {day + n * _DAY for n in range((end - day).days)}
    moments |= {moment + step for moment, _ in changes for step in (timedelta(), timedelta(seconds=-1))}
    waiting = iter(changes)
    following = next(waiting, None)
    for moment in sorted(moments):
        while following is not None and following[0] <= moment:
            offset, following = following[1], next(waiting, None)
        if day <= moment < end and moment.astimezone(zone).utcoffset() != offset:
            return False
    return True


def _footer(key: str) -> str:
    """Return the last line of a zone's file: where `zoneinfo` finds it first, else in the tzdata package."""
    for folder in TZPATH:
        path = Path(folder) / key
        if path.is_file():
            return _last_line(path.read_bytes())
    try:
        return _last_line(files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes())
    except OSError:
        return ""


def _last_line(data: bytes) -> str:
    lines = data.rsplit(b"\n", 2)
    return lines[1].decode("ascii", "replace") if len(lines) == 3 and not lines[2] else ""


def _span(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _signed(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours:02}{minutes:02}" + (f"{left:02}" if left else "")
