"""What a block, a closure or leave must be before it is written: real times, a real owner, nobody else's room."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ortool.errors import BadInput, Refused
from ortool.schedule.recurrence import Series, check_rule, check_times, windows_of
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind
from ortool.services.series_rows import read_series
from ortool.services.theatre import Desk
from ortool.storage.tables import PersonRow, RoomRow
from ortool.storage.tables_calendar import SeriesRow
from ortool.text import clean, identifier

LOOKED_AHEAD = timedelta(days=731)
"""How far ahead two blocks of one room are compared, and how far booked slots are looked for in a closure."""
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


def checked(session: Session, series: Series) -> Series:
    """Return a series in its normal form. Raises BadInput for what is none.

    Leave keeps no title: why somebody is away is private, and the journal would say it forever.
    """
    starts, days, ends = check_times(series.times)
    if not _FIRST <= series.first_day <= _LAST:
        raise BadInput(f"{series.first_day} is no day to begin on.", f"{_FIRST.year} to {_LAST.year}.")
    if series.kind is WindowKind.BLOCK and days * 24 * 60 + _minutes(ends) - _minutes(starts) > 24 * 60:
        raise BadInput("A block is at most a day long.", "Let it return each day by a rule.")
    if series.release_days is not None and not 0 <= series.release_days <= 365:
        raise BadInput("A block is released 0 to 365 days before.", "Leave it out for never.")
    rule = check_rule(series.rule, series.first_day) if series.rule.strip() else ""
    _check_resource(session, series)
    return replace(
        series, id=identifier(series.id, 80), starts=starts, days=days, ends=ends, rule=rule,
        title="" if series.kind is WindowKind.LEAVE else clean(series.title, 80), owner=_owner(session, series),
        release_days=series.release_days if series.kind is WindowKind.BLOCK else None,
    )  # fmt: skip


def _check_resource(session: Session, series: Series) -> None:
    what, _, which = series.resource.partition(":")
    if series.kind is WindowKind.LEAVE:
        _person(session, which if what == "person" else "")
    elif series.resource != EVERYWHERE or series.kind is WindowKind.BLOCK:
        room = session.get(RoomRow, which) if what == "room" else None
        if room is None:
            known = ", ".join(session.exec(select(RoomRow.id).order_by(col(RoomRow.position))).all())
            raise BadInput(f"There is no room {clean(which, 20)!r}.", f"Known rooms: {known}.")


def _owner(session: Session, series: Series) -> str:
    if series.kind is not WindowKind.BLOCK:
        return ""
    what, _, which = series.owner.partition(":")
    if what == "person":
        return f"person:{_person(session, which)}"
    if what == "service" and clean(which, 40):
        return f"service:{clean(which, 40)}"
    raise BadInput("A block belongs to a person or to a service.", "Name one of them.")


def _person(session: Session, person_id: str) -> str:
    row = session.get(PersonRow, person_id)
    if row is None or not row.active:
        raise BadInput(f"Nobody here has the id {clean(person_id, 20)!r}.", "`ortool person list` names everybody.")
    return row.id


def check_overlap(desk: Desk, series: Series) -> None:
    """Raise Refused where a block overlaps another one of its room, or itself, within the next two years."""
    zone = desk.theatre.settings.zone
    today = desk.theatre.now().astimezone(zone).date()
    first = max(today, series.first_day - timedelta(days=1))
    last = min(first + LOOKED_AHEAD, series.last_day or date.max)
    own = windows_of(series, first, last, zone, today)
    others = read_series(
        desk.session, first, last,
        col(SeriesRow.kind) == WindowKind.BLOCK.value,
        col(SeriesRow.resource) == series.resource,
        col(SeriesRow.id) != series.id,
    )  # fmt: skip
    every = [window for other in others for window in windows_of(other, first, last, zone, today)]
    ordered = sorted([*own, *every], key=lambda window: window.span.start)
    for before, after in pairwise(ordered):
        if before.span.overlaps(after.span) and series.id in (before.series, after.series):
            other = before if after.series == series.id else after
            raise Refused(_taken(desk.session, other, zone), "Change or remove that block first, or take other hours.")


def _taken(session: Session, window: Window, zone: ZoneInfo) -> str:
    begins, ends = window.span.start.astimezone(zone), window.span.end.astimezone(zone)
    room = session.get(RoomRow, window.resource.partition(":")[2])
    what, _, which = window.owner.partition(":")
    person = session.get(PersonRow, which) if what == "person" else None
    return (
        f"{room.name if room else window.resource} belongs to {person.name if person else which} on"
        f" {begins:%a %d %b %Y} from {begins:%H:%M} to {ends:%H:%M} (block {window.series})."
    )


def _minutes(of_day: str) -> int:
    return int(of_day[:2]) * 60 + int(of_day[3:])
