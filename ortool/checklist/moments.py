"""Clock times that are answers: when something happened, kept as an instant."""

import re
from datetime import UTC, datetime, timedelta

from ortool.checklist.definition import Item
from ortool.checklist.rules import AHEAD, BEHIND
from ortool.errors import Refused

PLAUSIBLE = timedelta(hours=12)
"""What lies further back than this is asked again: a slip of the hour reads as yesterday's."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
"""What `written` writes."""


def written(moment: datetime) -> str:
    """Return an instant as an answer keeps it, to the second, in UTC: `2026-11-23T07:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(value: str) -> datetime | None:
    """Return the instant (UTC) that `written` wrote, None for anything else."""
    if not INSTANT.fullmatch(value):
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def checked(item: Item, value: str, said_at: datetime) -> str:
    """Return the instant answered to `item` at `said_at` (UTC). Refuses what is none, the future and the far past."""
    moment = read(value)
    if moment is None:
        raise Refused(
            f"{item.id} {item.prompt} asks for a time of day, not {value[:20]!r}.",
            "Write HH:MM, `now`, or -5 for five minutes ago.",
        )
    if moment > said_at + AHEAD:
        raise Refused(f"{item.id} {item.prompt}: that time has not come yet.", "Check the clock and the day.")
    if moment < said_at - BEHIND:
        raise Refused(f"{item.id} {item.prompt}: that time is more than 30 days ago.", "Check the date.")
    return written(moment)


def long_ago(value: str, said_at: datetime) -> str:
    """Return how long ago a time is, in words, where that is hardly meant; empty where it is plausible."""
    moment = read(value)
    if moment is None or said_at - moment <= PLAUSIBLE:
        return ""
    minutes = int((said_at - moment).total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min before"
