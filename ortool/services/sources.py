"""Calendars that leave and closures are read from: taken in, read again, withdrawn as a whole."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from ortool.calendar.reading import Busy, read_calendar
from ortool.calendar.zones import resolve
from ortool.errors import BadInput
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.recurrence import Series
from ortool.schedule.windows import WindowKind
from ortool.services.again import repeatable
from ortool.services.fetching import fetch, is_address
from ortool.services.series import Lying, lying_in, permit, put, take_away, verb_of
from ortool.services.series_checks import checked
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables_calendar import SeriesRow, SourceRow
from ortool.text import clean

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
"""How far around today a calendar is read. What lies further away comes with a later refresh."""


class Feeds(StrEnum):
    """What a calendar feeds. Its own titles are kept for closures only: others may name patients or private matters."""

    LEAVE = "leave"
    CLOSURES = "closures"
    ROOMS = "rooms"


@dataclass(frozen=True, slots=True)
class Source:
    """A calendar: where it is read from and what it feeds. `resource` is `person:ID`, `room:ID` or `all`.

    `zone` is that of times without one. `with_free`: what is marked as free is taken too.
    """

    id: str
    name: str
    feeds: Feeds
    resource: str
    origin: str = field(repr=False)
    zone: str = ""
    with_free: bool = False
    read_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    @property
    def kind(self) -> WindowKind:
        """What its stretches are."""
        return WindowKind.LEAVE if self.feeds is Feeds.LEAVE else WindowKind.CLOSURE

    @property
    def verb(self) -> Verb:
        """The verb by which it is written."""
        return verb_of(self.kind)


@dataclass(frozen=True, slots=True)
class Taken:
    """What reading a calendar made, or would make: how many stretches are new, changed, gone and the same.

    `free` were left out because they are marked as free; `cases` are booked and lie in what is new or changed.
    """

    source: Source
    new: int = 0
    changed: int = 0
    gone: int = 0
    same: int = 0
    free: int = 0
    cases: tuple[Lying, ...] = ()


def list_sources(theatre: Theatre) -> list[Source]:
    """Return the calendars that stand, by name."""
    with theatre.reading() as session:
        rows = session.exec(select(SourceRow).where(SourceRow.active).order_by(SourceRow.name, SourceRow.id)).all()
        return [_source(row) for row in rows]


def find_source(theatre: Theatre, text: str) -> Source:
    """Return a calendar by its id or name. Raises BadInput where none or several fit."""
    wanted = clean(text, 80).casefold()
    found = [one for one in list_sources(theatre) if wanted in (one.id.casefold(), one.name.casefold())]
    if len(found) != 1:
        hint = "`ortool calendar source list` names them." if not found else "Write the id."
        raise BadInput(f"{'No calendar' if not found else 'More than one calendar'} is called {wanted[:40]!r}.", hint)
    return found[0]


def read_source(theatre: Theatre, source: Source) -> bytes:
    """Return the bytes of a calendar, as it stands now at its origin. Raises BadInput."""
    return fetch(source.origin, theatre.settings.private_calendars)


@repeatable
def take_in(theatre: Theatre, actor: Actor, source: Source, data: bytes) -> Taken:
    """Take in a calendar (empty id: it is new). Of its stretches in the window exactly those of `data` stand then.

    One transaction. Raises BadInput for what cannot be read, Refused for somebody who may not.
    """
    zone = theatre.settings.zone
    today = theatre.now().astimezone(zone).date()
    floating = _zone(source.zone)
    read = read_calendar(data, zone, today - BACK, today + AHEAD, floating, source.with_free)
    with theatre.writing(actor, source.verb) as desk:
        source = _set_source(desk, source)
        done: Counter[str] = Counter()
        fresh: list[Series] = []
        seen: set[str] = set()
        for busy in read.busy:
            series = _series(source, busy)
            seen.add(series.id)
            kept, how = put(desk, series, source.id, look=False)
            done[how] += 1
            if how != "same":
                fresh.append(kept.series)
        for row in _rows(desk, source.id):
            if row.id not in seen and (row.last_day or date.max) >= today - BACK:
                take_away(desk, row)
                done["gone"] += 1
        cases = lying_in(desk, *fresh) if fresh else ()
        return Taken(source, done["new"], done["changed"], done["gone"], done["same"], read.free, cases)


def refresh(theatre: Theatre, actor: Actor, source: Source) -> Taken:
    """Read a calendar again from its origin, and take it in. Raises BadInput or Refused; then nothing is changed."""
    return take_in(theatre, actor, source, read_source(theatre, source))


@repeatable
def withdraw(theatre: Theatre, actor: Actor, source: Source) -> int:
    """Take a calendar away with everything that it fed; return how many stretches those were."""
    with theatre.writing(actor, source.verb) as desk:
        permit(desk, _probe(source))
        row = desk.session.get(SourceRow, source.id)
        if row is None or not row.active:
            raise BadInput(
                f"There is no calendar {clean(source.id, 20)!r}.", "`ortool calendar source list` names them."
            )
        standing = _rows(desk, source.id)
        for one in standing:
            take_away(desk, one)
        row.active, row.revision = False, row.revision + 1
        desk.session.add(row)
        desk.session.flush()
        desk.append(f"calendar:{row.id}", "source.withdrawn", {"revision": row.revision})
        return len(standing)


def _set_source(desk: Desk, source: Source) -> Source:
    permit(desk, _probe(source))
    name = clean(source.name, 60)
    if not name or not source.origin or (not is_address(source.origin) and not source.origin.startswith("/")):
        raise BadInput("A calendar needs a name, and a file or an address that it is read from.", "Name both.")
    checked(desk.session, _probe(source))
    source = replace(source, id=source.id or _next_id(desk), name=name, read_at=desk.theatre.now())
    row = SourceRow(
        id=source.id, name=name, feeds=source.feeds.value, resource=source.resource, origin=source.origin,
        zone=source.zone, with_free=int(source.with_free), read_at=source.read_at,
    )  # fmt: skip
    standing = desk.session.get(SourceRow, source.id)
    row.revision = standing.revision if standing is not None else 0
    is_same = standing is not None and standing.model_dump(exclude={"read_at"}) == row.model_dump(exclude={"read_at"})
    if standing is not None and not is_same:
        row.revision += 1
    desk.session.merge(row)
    desk.session.flush()
    if not is_same:
        body = row.model_dump(exclude={"read_at", "origin", "active"})
        desk.append(f"calendar:{row.id}", "source.set", body | {"text": row.origin})
    return source


def _probe(source: Source) -> Series:
    """Return a series of the kind that the calendar feeds, to ask whether it may be."""
    return Series(source.id or "new", source.kind, source.resource, date(2026, 1, 1), "00:00", "24:00")


def _series(source: Source, busy: Busy) -> Series:
    key = hashlib.sha256(f"{busy.uid}\0{busy.occurrence}".encode()).hexdigest()[:16]
    title = busy.title if source.feeds is Feeds.CLOSURES and busy.title else source.name
    return Series(
        f"{source.id}-{key}", source.kind, source.resource, busy.first_day, busy.starts, busy.ends, busy.days, "", title
    )  # fmt: skip


def _rows(desk: Desk, source_id: str) -> list[SeriesRow]:
    query = select(SeriesRow).where(SeriesRow.source == source_id, SeriesRow.active)
    return list(desk.session.exec(query.order_by(col(SeriesRow.id))).all())


def _source(row: SourceRow) -> Source:
    return Source(
        row.id, row.name, Feeds(row.feeds), row.resource, row.origin, row.zone, bool(row.with_free), row.read_at
    )  # fmt: skip


def _next_id(desk: Desk) -> str:
    return next(one for one in (f"cal{number}" for number in count(1)) if desk.session.get(SourceRow, one) is None)


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    zone = resolve(name)
    if zone is None:
        raise BadInput(f"{clean(name, 40)!r} is no time zone.", "Write for example Europe/Amsterdam.")
    return zone
