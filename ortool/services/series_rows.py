"""The rows of blocks, closures and leave, and the one indexed read of those that can touch some days."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, select

from ortool.schedule.recurrence import Series, windows_of
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind
from ortool.storage.tables_calendar import SeriesChangeRow, SeriesRow


def windows_in(session: Session, span: Span, today: date, zone: ZoneInfo) -> list[Window]:
    """Return every window that touches `span`, as `windows` does, in a transaction that is open already."""
    first, last = span.start.astimezone(zone).date(), span.end.astimezone(zone).date()
    found = [
        window
        for series in read_series(session, first, last)
        for window in windows_of(series, first, last, zone, today)
        if window.span.overlaps(span)
    ]
    return sorted(found, key=lambda window: (window.span.start, window.resource, window.series))


def read_series(
    session: Session, first: date | None = None, last: date | None = None, *also: ColumnElement[bool]
) -> list[Series]:
    """Return the series that may touch the local days from `first` to `last`; without days, all that stand."""
    conditions = [col(SeriesRow.active).is_(True), *also]
    if first is None:
        return sorted(_found(session, *conditions), key=lambda one: one.id)
    # Asked in two halves, each of which the index by days answers: those that end, and those that never do.
    conditions.append(col(SeriesRow.first_day) <= (last or first))
    ending = _found(session, col(SeriesRow.last_day) >= first, *conditions)
    endless = _found(session, col(SeriesRow.last_day).is_(None), *conditions)
    return sorted([*ending, *endless], key=lambda one: one.id)


def _found(session: Session, *conditions: ColumnElement[bool]) -> list[Series]:
    rows = session.exec(select(SeriesRow).where(and_(*conditions))).all()
    if not rows:
        return []
    changed = select(SeriesChangeRow).join(SeriesRow, col(SeriesRow.id) == col(SeriesChangeRow.series_id))
    changes: dict[str, list[SeriesChangeRow]] = {}
    for change in session.exec(changed.where(and_(*conditions))).all():
        changes.setdefault(change.series_id, []).append(change)
    return [series_of(row, changes.get(row.id, ())) for row in rows]


def series_of(row: SeriesRow, changes: Iterable[SeriesChangeRow] = ()) -> Series:
    """Return a stored series as a value. The title that older leave may have is shown to nobody."""
    days = {one.day: None if one.cancelled else (one.starts, one.days, one.ends) for one in changes}
    return Series(
        row.id, WindowKind(row.kind), row.resource, row.first_day, row.starts, row.ends, row.days, row.owner,
        row.title if row.kind != WindowKind.LEAVE.value else "", row.rule, row.last_day, row.release_days, days,
    )  # fmt: skip


def changes_of(session: Session, series_id: str) -> Sequence[SeriesChangeRow]:
    """Return the days of a series that are otherwise."""
    return session.exec(select(SeriesChangeRow).where(SeriesChangeRow.series_id == series_id)).all()


def row_of(series: Series, source: str, revision: int, changed_at: datetime) -> SeriesRow:
    """Return the row of a series."""
    return SeriesRow(
        id=series.id, kind=series.kind.value, resource=series.resource, owner=series.owner, title=series.title,
        first_day=series.first_day, starts=series.starts, days=series.days, ends=series.ends, rule=series.rule,
        last_day=series.last_day, release_days=series.release_days, source=source,
        active=True, revision=revision, changed_at=changed_at,
    )  # fmt: skip


def body_of(row: SeriesRow) -> dict[str, Any]:
    """Return a series as its entries say it."""
    said = row.model_dump(exclude={"changed_at"})
    release = "" if row.release_days is None else row.release_days
    return said | {"first_day": iso(row.first_day), "last_day": iso(row.last_day), "release_days": release}


def iso(day: date | None) -> str:
    """Return a day as entries say it, empty for none."""
    return day.isoformat() if day else ""
