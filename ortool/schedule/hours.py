"""When a room is open, week for week: `mon-fri 07:30-18:00, sat 08:00-13:00`, in the theatre's wall clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ortool.errors import BadInput
from ortool.schedule.slots import Span
from ortool.text import clean

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+([0-9]{1,2}:[0-9]{2})-([0-9]{1,2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: minutes from midnight by weekday (Monday is 0). `written` is empty where it is always open."""

    written: str = ""
    by_day: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @property
    def is_always(self) -> bool:
        """Whether the room has no hours."""
        return not self.written

    def spans(self, day: date, zone: ZoneInfo) -> list[Span]:
        """Return the open stretches of a day (UTC); the whole day for a room without hours."""
        stretches = ((0, 24 * 60),) if self.is_always else self.by_day.get(day.weekday(), ())
        return [Span(_instant(day, first, zone), _instant(day, last, zone)) for first, last in stretches]

    def covers(self, span: Span, zone: ZoneInfo) -> bool:
        """Whether the room is open for all of a span. Stretches that touch, as at midnight, are one."""
        if self.is_always:
            return True
        day, last = (moment.astimezone(zone).date() for moment in (span.start, span.end))
        at = span.start
        while day <= last:
            for stretch in self.spans(day, zone):
                if stretch.start <= at < stretch.end:
                    at = stretch.end
            day += timedelta(days=1)
        return at >= span.end


ALWAYS = Hours()


def read_hours(text: str) -> Hours:
    """Return the opening hours that a line says; an empty one means always open. Raises BadInput."""
    shown = " ".join(clean(text, 200).casefold().split())
    if not shown:
        return ALWAYS
    found: dict[int, list[tuple[int, int]]] = {}
    for part in shown.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None or match[1] not in DAYS or (match[2] or match[1]) not in DAYS:
            raise BadInput(
                f"{part.strip()[:40]!r} are no opening hours.", "Write: mon-fri 07:30-18:00, sat 08:00-13:00."
            )
        first, last = _minutes(match[3]), _minutes(match[4])
        if last <= first:
            raise BadInput(f"{part.strip()!r} ends before it begins.", "Hours over midnight are written as two days.")
        begin, end = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
        for day in [*range(begin, 7), *range(end + 1)] if end < begin else range(begin, end + 1):
            found.setdefault(day, []).append((first, last))
    return Hours(shown, {day: tuple(sorted(stretches)) for day, stretches in found.items()})


def _minutes(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes > 59 or hours * 60 + minutes > 24 * 60:
        raise BadInput(f"{text} is not a time of day.", "Write HH:MM, at most 24:00.")
    return hours * 60 + minutes


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    on, of_day = divmod(minutes, 24 * 60)
    return datetime.combine(day + timedelta(days=on), time(*divmod(of_day, 60)), zone).astimezone(UTC)
