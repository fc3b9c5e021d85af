"""The blocks, closures and leave that touch a stretch of time, read from their series."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from ortool.schedule.recurrence import Series, Times, windows_of
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind
from ortool.storage.tables import SeriesChangeRow, SeriesRow


def windows(session: Session, within: Span, zone: ZoneInfo, now: datetime) -> list[Window]:
    """Return every window that touches a span, by start. Series that ended before it are not read."""
    first, last = (moment.astimezone(zone).date() for moment in (within.start, within.end))
    today = now.astimezone(zone).date()
    found = [w for series in series_in(session, within, zone) for w in windows_of(series, first, last, zone, today)]
    return sorted((w for w in found if w.span.overlaps(within)), key=lambda w: (w.span.start, w.resource, w.series))


def series_in(session: Session, within: Span, zone: ZoneInfo) -> list[Series]:
    """Return the series that can touch a span, by id."""
    first, last = (moment.astimezone(zone).date() for moment in (within.start, within.end))
    query = (
        select(SeriesRow)
        .where(col(SeriesRow.active).is_(True), col(SeriesRow.first_day) <= last)
        .where(or_(col(SeriesRow.last_day).is_(None), col(SeriesRow.last_day) >= first))
        .order_by(col(SeriesRow.id))
    )
    rows = session.exec(query).all()
    changes: dict[str, dict[date, Times | None]] = {}
    if rows:
        asked = select(SeriesChangeRow).where(col(SeriesChangeRow.series_id).in_([row.id for row in rows]))
        for change in session.exec(asked).all():
            times = None if change.cancelled else (change.starts, change.days, change.ends)
            changes.setdefault(change.series_id, {})[change.day] = times
    return [series_of(row, changes.get(row.id, {})) for row in rows]


def series_of(row: SeriesRow, changes: dict[date, Times | None]) -> Series:
    """Return a stored series as a value."""
    return Series(
        row.id, WindowKind(row.kind), row.resource, row.first_day, row.starts, row.ends, row.days, row.owner, row.title,
        row.rule, row.last_day, row.release_days, changes,
    )  # fmt: skip
