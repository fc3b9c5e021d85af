"""A case that is being carried over the week: where it came from, where it is now, whether it fits there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ortool.caselog.case import Case, Slot
    from ortool.schedule.gaps import Gap


@dataclass(frozen=True, slots=True)
class Carried:
    """A picked case over a place. `origin` is its slot, None for one that waits; `fits` None: not known yet."""

    case: Case
    minutes: int
    origin: Slot | None
    room: str
    start: datetime
    words: str = ""
    fits: bool | None = None

    @property
    def is_home(self) -> bool:
        """Whether it is where it came from."""
        return self.origin is not None and (self.origin.room_id, self.origin.start) == (self.room, self.start)

    def at(self, zone: ZoneInfo, room: str = "", day: date | None = None, later: int = 0) -> Carried:
        """Return it over another room, another day at the same time of day, or so many minutes later.

        Steps of time fall on whole steps of the clock: 5 minutes after 10:47 is 10:50.
        """
        local = self.start.astimezone(zone)
        start = self.start
        if day is not None and day != local.date():
            start = datetime.combine(day, local.time(), zone).astimezone(UTC)
        if later:
            over = local.minute % abs(later)
            step = later - over if later > 0 else -(over or abs(later))
            start += timedelta(minutes=step)
        return replace(self, room=room or self.room, start=start, words="", fits=None)

    def found(self, words: str, fits: bool) -> Carried:
        """Return it with what is known of its place now."""
        return replace(self, words=words, fits=fits)

    def day(self, zone: ZoneInfo) -> date:
        """Return the day that it is over."""
        return self.start.astimezone(zone).date()

    def came_from(self, zone: ZoneInfo) -> date:
        """Return the day of its own slot; of one that waits, the day that it is over."""
        return self.origin.start.astimezone(zone).date() if self.origin else self.day(zone)


def following(carried: Carried, gaps: Iterable[Gap], rooms: Sequence[str]) -> tuple[datetime, str] | None:
    """Return the next place that works, by start and then by room: the same start in a later room, or a later start."""
    here = (carried.start, _place(carried.room, rooms))
    places = []
    for gap in gaps:
        room = _place(gap.room, rooms)
        start = max(gap.first, carried.start) if room > here[1] else gap.first
        if start <= gap.last and (start, room) > here:
            places.append((start, room, gap.room))
    return next(((start, room) for start, _, room in sorted(places)), None)


def preceding(carried: Carried, gaps: Iterable[Gap], rooms: Sequence[str]) -> tuple[datetime, str] | None:
    """Return the beginning of the gap before, by start and then by room."""
    here = (carried.start, _place(carried.room, rooms))
    places = [(gap.first, _place(gap.room, rooms), gap.room) for gap in gaps]
    return next(((at, room) for at, place, room in sorted(places, reverse=True) if (at, place) < here), None)


def _place(room: str, rooms: Sequence[str]) -> int:
    return rooms.index(room) if room in rooms else len(rooms)
