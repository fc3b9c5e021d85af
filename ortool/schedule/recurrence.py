"""Series of blocks, closures and leave, and the windows that they make on real days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ortool.errors import BadInput
from ortool.schedule.rules import Rule, check_rule, days_of, last_day_of, read_rule
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind
from ortool.text import clean

__all__ = ["Series", "Times", "check_rule", "check_times", "last_day", "occurs_on", "windows_of"]

MOST_DAYS = 1098
LONGEST_LOOK = timedelta(days=3_660)
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")

Times = tuple[str, int, str]
"""Wall-clock start "HH:MM", how many days later it ends, and the wall-clock end, "24:00" for the end of that day."""


@dataclass(frozen=True, slots=True)
class Series:
    """Time that returns by a rule, in the theatre's wall clock; `storage.tables.SeriesRow` says the columns.

    `rule` is an RRULE value, empty for once. `changes` says of single days that the series is cancelled (None) or at
    other times. A block is released `release_days` days before each of its days, never where that is None.
    """

    id: str
    kind: WindowKind
    resource: str
    first_day: date
    starts: str
    ends: str
    days: int = 0
    owner: str = ""
    title: str = ""
    rule: str = ""
    last_day: date | None = None
    release_days: int | None = None
    changes: Mapping[date, Times | None] = field(default_factory=dict)

    @property
    def times(self) -> Times:
        """When it starts and ends on a day that nothing changes."""
        return self.starts, self.days, self.ends


def check_times(times: Times) -> Times:
    """Return the times in their normal form. Raises BadInput for what is no time, has no length or never ends."""
    starts, days, ends = _clock(times[0]), times[1], _clock(times[2])
    if starts == "24:00":
        raise BadInput("Nothing starts at 24:00.", "Write 00:00 of the day after.")
    if not 0 <= days <= MOST_DAYS:
        raise BadInput(f"It lasts {days} days.", f"At most {MOST_DAYS} days; three years.")
    if days == 0 and ends <= starts:
        raise BadInput(f"It ends at {ends}, not after {starts} when it starts.", "Say how many days later it ends.")
    return starts, days, ends


def windows_of(series: Series, first_day: date, last_day: date, zone: ZoneInfo, today: date) -> list[Window]:
    """Return the windows of a series that touch the local days from `first_day` to `last_day`, in order of start.

    Spans are UTC and true over the nights when the clock changes: a start that the clock skips is as much later, a time
    that happens twice is its first, a window whose whole time is skipped is none. `today` is the local day on which
    releases are judged. Raises BadInput for more than ten years.
    """
    if last_day - first_day > LONGEST_LOOK:
        raise BadInput("More than ten years of blocks and closures are not looked at at once.", "Ask for fewer days.")
    spill = timedelta(days=max([series.days, *(change[1] for change in series.changes.values() if change)]))
    asked = Span(_instant(first_day, "00:00", zone), _instant(last_day, "24:00", zone))
    latest = min(last_day, series.last_day or last_day)
    found: list[Window] = []
    for day in days_of(_rule(series), series.first_day, _back(first_day, spill), latest):
        times = series.changes.get(day, series.times)
        window = _window(series, day, times, zone, today) if times is not None else None
        if window is not None and window.span.overlaps(asked):
            found.append(window)
    return sorted(found, key=lambda window: window.span.start)


def occurs_on(series: Series, day: date) -> bool:
    """Whether the rule names this day, cancelled or not."""
    in_time = series.last_day is None or day <= series.last_day
    return in_time and any(days_of(_rule(series), series.first_day, day, day))


def last_day(series: Series) -> date | None:
    """Return the last day that a series can touch by its rule and its changes; None without an end."""
    last = last_day_of(_rule(series), series.first_day)
    longest = max([series.days, *(change[1] for change in series.changes.values() if change)])
    return None if last is None else last + timedelta(days=longest)


def _window(series: Series, day: date, times: Times, zone: ZoneInfo, today: date) -> Window | None:
    starts, days, ends = times
    span = Span(_instant(day, starts, zone), _instant(day + timedelta(days=days), ends, zone))
    if span.length <= timedelta():
        return None
    due = series.release_days is not None and (day - today).days <= series.release_days
    released = series.kind is WindowKind.BLOCK and due
    return Window(series.kind, series.resource, span, series.title, series.owner, released, series.id)


def _rule(series: Series) -> Rule | None:
    return read_rule(series.rule) if series.rule else None


def _back(day: date, spill: timedelta) -> date:
    return day - spill if day - date.min > spill else date.min


def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


def _clock(text: str) -> str:
    shown = clean(text, 10)
    padded = shown.zfill(5) if re.fullmatch(r"[0-9]:[0-9]{2}", shown) else shown
    match = _CLOCK.fullmatch(padded)
    if match is None or (match[1] == "24" and match[2] != "00"):
        raise BadInput(f"{shown!r} is not a time of day.", "Write HH:MM.")
    return padded
