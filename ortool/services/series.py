"""Blocks, closures and leave: set, changed on one day, ended, removed. Each is one entry, and a table row beside it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import TypeVar

from sqlmodel import Session, col, func, select

from ortool.errors import BadInput, Refused
from ortool.people.permissions import Bond, Verb
from ortool.people.person import Actor
from ortool.schedule.recurrence import Series, Times, check_rule, check_times, last_day, occurs_on, windows_of
from ortool.schedule.rules import read_rule
from ortool.schedule.slots import LONGEST, Span
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind
from ortool.services.again import repeatable
from ortool.services.series_checks import LOOKED_AHEAD, check_overlap, checked
from ortool.services.series_rows import body_of, changes_of, iso, read_series, row_of, series_of, windows_in
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import CaseRow, SlotRow
from ortool.storage.tables_calendar import SeriesChangeRow, SeriesRow
from ortool.text import clean

_LETTER = {WindowKind.BLOCK: "b", WindowKind.CLOSURE: "c", WindowKind.LEAVE: "l"}
_NOUN = {WindowKind.BLOCK: "block", WindowKind.CLOSURE: "closure", WindowKind.LEAVE: "leave"}
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Lying:
    """A booked slot that lies in a closure or in somebody's leave."""

    number: int
    room_id: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A series as it stands now, and the booked cases that lie where nothing should."""

    series: Series
    cases: tuple[Lying, ...] = ()


def windows(theatre: Theatre, span: Span) -> list[Window]:
    """Return every window that touches `span` (UTC), by start. Releases are judged on the theatre's own today."""
    zone = theatre.settings.zone
    with theatre.reading() as session:
        return windows_in(session, span, theatre.now().astimezone(zone).date(), theatre.settings.zone)


def list_series(theatre: Theatre, *kinds: WindowKind, ended: bool = False) -> list[Series]:
    """Return the series that stand, of some kinds or all, by resource and first day; ended ones only if asked for."""
    today = theatre.now().astimezone(theatre.settings.zone).date()
    of_kind = [col(SeriesRow.kind).in_([kind.value for kind in kinds])] if kinds else []
    with theatre.reading() as session:
        found = read_series(session, None if ended else today, date.max, *of_kind)
    return sorted(found, key=lambda one: (one.kind, one.resource, one.first_day, one.starts, one.id))


def find_series(theatre: Theatre, series_id: str, *kinds: WindowKind) -> Series:
    """Return a series by its id. Raises BadInput where there is none of these kinds."""
    with theatre.reading() as session:
        row = session.get(SeriesRow, clean(series_id, 80))
        if row is None or not row.active or (kinds and WindowKind(row.kind) not in kinds):
            noun = " or ".join(_NOUN[kind] for kind in kinds or WindowKind)
            raise BadInput(f"There is no {noun} {clean(series_id, 20)!r}.", "List them to see their ids.")
        return series_of(row, changes_of(session, row.id))


@repeatable
def set_series(theatre: Theatre, actor: Actor, series: Series, source: str = "") -> Kept:
    """Add a series (empty id: it gets one), or give a standing one other words, times or rule.

    Raises BadInput for what is no series, Refused for a block that overlaps another one of its room.
    """
    with theatre.writing(actor, verb_of(series.kind)) as desk:
        permit(desk, series)
        return put(desk, series, source)[0]


def put(desk: Desk, series: Series, source: str = "", look: bool = True) -> tuple[Kept, str]:
    """Write a series in an open transaction; say also whether it is `new`, `changed` or the `same`.

    Without `look` nobody asks which cases lie in it.
    """
    standing = desk.session.get(SeriesRow, series.id) if series.id else None
    if standing is not None:
        _check_same_thing(standing, series, source)
    changes = changes_of(desk.session, standing.id) if standing is not None else []
    now = desk.theatre.now()
    series = checked(desk.session, replace(series, id=series.id or _next_id(desk.session, series.kind)))
    whole = series_of(row_of(series, source, 0, now), changes)
    whole = replace(whole, last_day=last_day(whole))
    row = row_of(whole, source, standing.revision + 1 if standing is not None else 0, now)
    if standing is not None and body_of(standing) == body_of(row) | {"revision": standing.revision}:
        return Kept(whole), "same"
    if whole.kind is WindowKind.BLOCK:
        check_overlap(desk, whole)
    desk.session.merge(row)
    desk.session.flush()
    desk.append(_stream(row), "series.set", body_of(row))
    return Kept(whole, lying_in(desk, whole) if look else ()), "new" if standing is None else "changed"


@repeatable
def change_day(theatre: Theatre, actor: Actor, series_id: str, day: date, times: Times | None) -> Kept:
    """Let one day of a series be otherwise: None cancels it. Raises BadInput, or Refused where nothing would change."""
    with theatre.writing(actor, verb_of(find_series(theatre, series_id).kind)) as desk:
        row, series = _standing(desk, series_id)
        if not occurs_on(series, day):
            raise BadInput(f"{_noun(series)} has nothing on {day:%a %d %b %Y}.", "Name one of its days.")
        wanted = None if times is None else check_times(times)
        if series.changes.get(day, series.times) == wanted:
            raise Refused(f"{_noun(series)} stands so on {day:%a %d %b %Y} already; nothing would change.")
        whole = replace(series, changes={**series.changes, day: wanted})
        whole = replace(whole, last_day=last_day(whole))
        if whole.kind is WindowKind.BLOCK and wanted is not None:
            check_overlap(desk, whole)
        starts, days, ends = wanted or ("", 0, "")
        change = SeriesChangeRow(
            series_id=row.id, day=day, cancelled=wanted is None, starts=starts, days=days, ends=ends
        )
        desk.session.merge(change)
        row.last_day = whole.last_day
        _write(desk, row)
        body = change.model_dump(exclude={"series_id", "day"}) | {"day": day.isoformat(), "revision": row.revision}
        desk.append(_stream(row), "series.day_changed", body | {"last_day": iso(row.last_day)})
        return Kept(whole, lying_in(desk, whole) if wanted is not None else ())


def end_series(theatre: Theatre, actor: Actor, series_id: str, last: date) -> Kept:
    """Let a series name no day after `last`. Raises Refused where that leaves it none; then it is to be removed."""
    series = find_series(theatre, series_id)
    if not series.rule or last < series.first_day:
        raise Refused(f"{_noun(series)} would have no day left or no other.", "Remove it instead.")
    rule = str(replace(read_rule(series.rule), until=last, count=None))
    return set_series(theatre, actor, replace(series, rule=check_rule(rule, series.first_day)))


@repeatable
def remove_series(theatre: Theatre, actor: Actor, series_id: str) -> Series:
    """Take a series away, its past days too. Raises BadInput or Refused."""
    with theatre.writing(actor, verb_of(find_series(theatre, series_id).kind)) as desk:
        row, series = _standing(desk, series_id)
        take_away(desk, row)
        return series


def take_away(desk: Desk, row: SeriesRow) -> None:
    """Take a series away in an open transaction."""
    row.active = False
    _write(desk, row)
    desk.append(_stream(row), "series.removed", {"revision": row.revision})


class _OnlyAsked(Exception):
    """Leaves the transaction without writing."""


def tried(theatre: Theatre, actor: Actor, verb: Verb, act: Callable[[], Result]) -> Result:
    """Return what `act` would return, and write nothing of it. Raises as it does."""
    try:
        with theatre.writing(actor, verb):
            result = act()
            raise _OnlyAsked
    except _OnlyAsked:
        return result


def verb_of(kind: WindowKind) -> Verb:
    """Return the verb by which a kind of series is written."""
    return Verb.LEAVE if kind is WindowKind.LEAVE else Verb.SCHEDULE


def permit(desk: Desk, series: Series) -> None:
    """Ask the table whether this person may write this series: everybody their own leave. Raises as it does."""
    own = series.kind is WindowKind.LEAVE and series.resource == f"person:{desk.actor.person.id}"
    desk.permit(verb_of(series.kind), Bond.OWN if own else Bond.OTHER)


def lying_in(desk: Desk, *found: Series) -> tuple[Lying, ...]:
    """Return the slots from now on, held ones too, that lie in closures or leave, all of one resource."""
    now, zone = desk.theatre.now(), desk.theatre.settings.zone
    today = now.astimezone(zone).date()
    spans = [
        window.span
        for series in found
        if series.kind is not WindowKind.BLOCK
        for window in windows_of(series, today, today + LOOKED_AHEAD, zone, today)
        if window.span.end > now
    ]
    if not spans:
        return ()
    query = (
        select(SlotRow, CaseRow)
        .join(CaseRow, col(CaseRow.id) == col(SlotRow.case_id))
        .where(
            col(SlotRow.state).in_(("booked", "held")),
            col(SlotRow.start_at) > min(span.start for span in spans) - LONGEST,
            col(SlotRow.start_at) < max(span.end for span in spans),
            col(SlotRow.end_at) > now,
        )
        .order_by(col(SlotRow.start_at), col(CaseRow.number))
    )
    return tuple(
        Lying(case.number, slot.room_id, slot.start_at)
        for slot, case in desk.session.exec(query).all()
        if _is_of(found[0].resource, slot, case)
        and any(span.overlaps(Span(slot.start_at, slot.end_at)) for span in spans)
    )


def _is_of(resource: str, slot: SlotRow, case: CaseRow) -> bool:
    people = (f"person:{case.surgeon_id}", f"person:{case.anaesthetist_id}")
    return resource in (EVERYWHERE, f"room:{slot.room_id}", *people)


def _standing(desk: Desk, series_id: str) -> tuple[SeriesRow, Series]:
    series = find_series(desk.theatre, series_id)
    row = desk.session.get(SeriesRow, series.id)
    assert row is not None
    permit(desk, series)
    _check_by_hand(row, "")
    return row, series


def _check_same_thing(standing: SeriesRow, series: Series, source: str) -> None:
    _check_by_hand(standing, source)
    if (standing.kind, standing.resource) != (series.kind.value, series.resource):
        raise Refused(f"{series.id} is a {standing.kind} of {standing.resource}.", "Add another one instead.")


def _check_by_hand(row: SeriesRow, source: str) -> None:
    if row.source != source:
        raise Refused(f"{row.id} comes from the calendar {row.source}.", "Change it there, or withdraw that source.")


def _next_id(session: Session, kind: WindowKind) -> str:
    known = session.exec(select(func.count()).select_from(SeriesRow)).one()
    ids = (f"{_LETTER[kind]}{number}" for number in count(known + 1))
    return next(one for one in ids if session.get(SeriesRow, one) is None)


def _write(desk: Desk, row: SeriesRow) -> None:
    row.revision += 1
    row.changed_at = desk.theatre.now()
    desk.session.add(row)
    desk.session.flush()


def _stream(row: SeriesRow) -> str:
    return f"series:{row.id}"


def _noun(series: Series) -> str:
    return f"The {_NOUN[series.kind]} {series.id}"
