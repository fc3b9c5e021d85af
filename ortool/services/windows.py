"""The blocks, closures and leave that touch a stretch of time, for whoever has a transaction open."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from ortool.schedule.slots import Span
from ortool.schedule.windows import Window
from ortool.services.series_rows import windows_in


def windows(session: Session, within: Span, zone: ZoneInfo, now: datetime) -> list[Window]:
    """Return every window that touches a span, by start. Series that ended before it are not read."""
    return windows_in(session, within, now.astimezone(zone).date(), zone)
