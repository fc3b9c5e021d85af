"""Dates and times of day as a theatre list writes them, read strictly in the theatre's zone."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ortool.errors import BadInput
from ortool.text import clean

DateOrder = Literal["iso", "dmy", "mdy"]

_FORMS: dict[DateOrder, str] = {"iso": "YYYY-MM-DD", "dmy": "DD-MM-YYYY", "mdy": "MM/DD/YYYY"}
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?(?:\s*(Z|[+-][0-9]{2}:?[0-9]{2}))?")
_YEARS = range(1850, 2200)


def read_date(text: str, order: DateOrder = "iso") -> date:
    """Return the date that `text` writes in `order` (ISO is always understood). Raises BadInput."""
    shown = clean(text, 30)
    year, month, day = _parts(shown, order)
    if year not in _YEARS or not 1 <= month <= 12:
        raise BadInput(f"{shown} is not a date.", f"Write {_FORMS[order]}.")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise BadInput(f"{shown} does not exist.", f"{calendar.month_name[month]} {year} has {days} days.")
    return date(year, month, day)


def read_instant(text: str, day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return the UTC instant of time of day `text` on `day` in `zone`; None if `day` is None. Raises BadInput.

    A time that the clock skips is refused; a time that happens twice needs its offset (`02:30+01:00`).
    """
    clock, offset = _time_of_day(clean(text, 30))
    if day is None:
        return None
    local = datetime.combine(day, clock, tzinfo=zone)
    first, second = _offset(local), _offset(local.replace(fold=1))
    if first < second:
        raise BadInput(_skipped(local, first, second), "Write a time that exists.")
    if offset is None and first != second:
        stamps = f"{clock:%H:%M}{_sign(first)} or {clock:%H:%M}{_sign(second)}"
        raise BadInput(f"{clock:%H:%M} on {day} happens twice in {zone}.", f"Write {stamps}.")
    if offset is not None and offset not in (first, second):
        raise BadInput(f"{zone} is at {_sign(first)} then, not at {_sign(offset)}.", "Leave the offset out.")
    shift = first if offset is None else offset
    return (local.replace(tzinfo=None) - shift).replace(tzinfo=UTC)


def _parts(shown: str, order: DateOrder) -> tuple[int, int, int]:
    if iso := _ISO.fullmatch(shown):
        return int(iso[1]), int(iso[2]), int(iso[3])
    numbers = _NUMBERS.fullmatch(shown) if order != "iso" else None
    if numbers is None:
        raise BadInput(f"{shown} is not a date.", f"Write {_FORMS[order]}.")
    one, two, year = int(numbers[1]), int(numbers[3]), int(numbers[4])
    return (year, two, one) if order == "dmy" else (year, one, two)


def _time_of_day(shown: str) -> tuple[time, timedelta | None]:
    match = _TIME.fullmatch(shown)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadInput(f"{shown} is not a time of day.", "Write HH:MM.")
    return time(int(match[1]), int(match[2])), _written_offset(match[3])


def _written_offset(written: str | None) -> timedelta | None:
    if written is None:
        return None
    if written == "Z":
        return timedelta()
    digits = written[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if written[0] == "-" else size


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _sign(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _skipped(local: datetime, before: timedelta, after: timedelta) -> str:
    zone = local.tzinfo
    bare = local.replace(tzinfo=None)
    low, high = bare - after, bare - before
    # The jump lies within these two UTC instants: halve down to the minute.
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if _offset(middle.replace(tzinfo=UTC).astimezone(zone)) < after:
            low = middle
        else:
            high = middle
    jump = high.replace(second=0, microsecond=0)
    clocks = f"from {jump + before:%H:%M} to {jump + after:%H:%M}"
    return f"{local:%H:%M} on {local:%Y-%m-%d} does not exist in {zone}: the clock jumps {clocks}."
