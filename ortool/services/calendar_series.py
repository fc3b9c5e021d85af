"""Blocks, closures and leave out of their tables, as a calendar may know them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from sqlmodel import Session, col, or_, select

from ortool.calendar.series import SeriesEvent, SeriesKind, SeriesOverride
from ortool.services.cases import rooms_of
from ortool.services.people import names_of
from ortool.storage.tables_calendar import SeriesChangeRow, SeriesRow

if TYPE_CHECKING:
    from ortool.services.renderings import Selection
    from ortool.services.theatre import Theatre

# Calendars know a series by a UUID that its short id gives.
_SERIES = UUID("5f1a4d5e-2c0b-4d8e-9a53-7f0a3f4c6b21")


def series_of(theatre: Theatre, session: Session, selection: Selection) -> list[SeriesEvent]:
    """Return the series that touch the days of a selection, by id. Somebody's leave is in their own calendar only."""
    if selection.case or not selection.series:
        return []
    zone = theatre.settings.zone
    first, last = (moment.astimezone(zone).date() for moment in (selection.start, selection.end))
    query = select(SeriesRow).where(
        SeriesRow.active,
        col(SeriesRow.first_day) <= last,
        or_(col(SeriesRow.last_day).is_(None), col(SeriesRow.last_day) >= first),
    )
    rows = [row for row in session.exec(query.order_by(col(SeriesRow.id))).all() if _is_wanted(row, selection)]
    changes: dict[str, list[SeriesChangeRow]] = {}
    if rows:
        ids = [row.id for row in rows]
        for change in session.exec(select(SeriesChangeRow).where(col(SeriesChangeRow.series_id).in_(ids))).all():
            changes.setdefault(change.series_id, []).append(change)
    rooms, names = (rooms_of(session), names_of(session)) if rows else ({}, {})
    found = (event_of_series(row, changes.get(row.id, []), zone, rooms, names) for row in rows)
    return [event for event in found if event is not None]


def facts_of(event: SeriesEvent) -> str:
    """Return all that a series' bytes are made of."""
    return repr((
        event.series_id, event.revision, event.changed_at, event.kind, event.zone.key, event.start, event.end,
        event.rule, event.excluded, event.overrides, event.room_id, event.room_name, event.service, event.owner,
        event.title,
    ))  # fmt: skip


def _is_wanted(row: SeriesRow, selection: Selection) -> bool:
    if selection.person:
        return f"person:{selection.person}" in (row.resource, row.owner)
    if row.kind == SeriesKind.LEAVE or row.kind not in set(SeriesKind):
        return False
    if selection.service:
        return row.owner == f"service:{selection.service}"
    return not selection.room or row.resource == f"room:{selection.room}"


def event_of_series(
    row: SeriesRow, changes: list[SeriesChangeRow], zone: ZoneInfo, rooms: Mapping[str, str], names: Mapping[str, str]
) -> SeriesEvent | None:
    """Return a stored series as a value, None where its rule names no day at all."""
    rule = _ended(row)
    # RFC 5545 counts DTSTART as a time of the series, so it has to be a day that the rule names.
    first = rrulestr(rule, dtstart=datetime.combine(row.first_day, time()))[0:1] if rule else [None]
    if not first:
        return None
    day = first[0].date() if first[0] else row.first_day
    start, end = times(day, row.starts, row.days, row.ends)
    of, _, whose = row.owner.partition(":")
    place, _, where = row.resource.partition(":")
    more: dict[str, Any] = {"room_id": where, "room_name": rooms.get(where, where)} if place == "room" else {}
    begun = time.fromisoformat(row.starts)
    return SeriesEvent(
        series_id=str(uuid5(_SERIES, row.id)),
        revision=row.revision,
        changed_at=row.changed_at,
        kind=SeriesKind(row.kind),
        zone=zone,
        start=start,
        end=end,
        rule=rule,
        excluded=tuple(sorted(datetime.combine(one.day, begun) for one in changes if one.cancelled)),
        overrides=tuple(
            SeriesOverride(datetime.combine(one.day, begun), *times(one.day, one.starts, one.days, one.ends))
            for one in sorted(changes, key=lambda one: one.day)
            if not one.cancelled
        ),
        service=whose if of == "service" else "",
        owner=names.get(whose, whose) if of == "person" else "",
        title=row.title,
        **more,
    )


def times(day: date, starts: str, days: int, ends: str) -> tuple[datetime, datetime]:
    """Return the local start and end of one day of a series; "24:00" is the end of a day."""
    last = day + timedelta(days=days)
    if ends == "24:00":
        last, ends = last + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(starts)), datetime.combine(last, time.fromisoformat(ends))


def _ended(row: SeriesRow) -> str:
    """Return the rule with the end that the row knows, where it has none of its own."""
    if not row.rule or row.last_day is None or re.search(r"\b(UNTIL|COUNT)=", row.rule):
        return row.rule
    return f"{row.rule};UNTIL={row.last_day:%Y%m%d}T235959"
