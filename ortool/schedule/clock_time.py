"""A time of day as it is said at the table: `08:12`, `0812`, `now`, `-5` for five minutes ago."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ortool.schedule.wall_time import read_date, read_instant
from ortool.text import clean

SOON = timedelta(minutes=1)
_AGO = re.compile(r"-\s?([0-9]{1,4})(?:\s?min)?")
_DIGITS = re.compile(r"[0-9]{3,4}")


def read_clock_time(text: str, said_at: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant that `text` names when it is said at `said_at`: the last such time, never a later one.

    `YYYY-MM-DD HH:MM` names any day. A time of day still to come is yesterday's. Raises BadInput for what is no time,
    for a time that the clock skips, and for one that happens twice and is written without its offset.
    """
    shown = clean(text, 40)
    if shown.casefold() == "now":
        return said_at.astimezone(UTC)
    if ago := _AGO.fullmatch(shown):
        return (said_at - timedelta(minutes=int(ago[1]))).astimezone(UTC)
    day, _, of_day = shown.replace("T", " ", 1).rpartition(" ")
    if _DIGITS.fullmatch(of_day):
        of_day = f"{of_day[:-2]}:{of_day[-2:]}"
    today = said_at.astimezone(zone).date()
    moment = _instant(of_day, read_date(day) if day else today, zone)
    if not day and moment > said_at + SOON:
        return _instant(of_day, today - timedelta(days=1), zone)
    return moment


def _instant(of_day: str, day: date, zone: ZoneInfo) -> datetime:
    moment = read_instant(of_day, day, zone)
    assert moment is not None
    return moment
