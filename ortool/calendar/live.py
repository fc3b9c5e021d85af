"""Live calendars: when an event moves with the day, and when it rather stays than flickers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

THRESHOLD = timedelta(minutes=10)
"""A forecast that moved by less than this changes no calendar."""
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Expected:
    """When a slot's case is expected to begin and to end, or did (UTC)."""

    slot_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What calendars last said of a slot: its times (UTC), how late that is, and how often it has moved."""

    start: datetime
    end: datetime
    late_minutes: int = 0
    moves: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A slot as it is booked, with what has happened of its case (UTC)."""

    slot_id: str
    room_id: str
    start: datetime
    end: datetime
    in_room: datetime | None = None
    out_of_room: datetime | None = None


def said_next(start: datetime, end: datetime, last: Said | None, expected: Expected) -> Said | None:
    """Return what calendars say from now on of a slot planned from `start` to `end`; None where that is what they said.

    `last` holds for the slot as it is planned now; None where nothing was said of it. Late is what its end is late.
    """
    standing = last or Said(start, end)
    begins, ends = expected.start, max(expected.end, expected.start + SHORTEST)
    if abs(begins - standing.start) < THRESHOLD and abs(ends - standing.end) < THRESHOLD:
        return None
    late = (ends - end) // timedelta(minutes=1)
    return Said(begins, ends, late if ends - end >= THRESHOLD else 0, standing.moves + 1)


def by_the_plan(slots: Iterable[Planned], now: datetime, turnover: timedelta) -> list[Expected]:
    """Return when each slot of a day is expected, from what has happened and the planned lengths alone.

    In each room one case waits for the one before it and its turnover; a case that has begun lasts as long as planned,
    or until now. Nothing that is still to come begins before `now` (UTC).
    """
    free: dict[str, datetime] = {}
    found = []
    for slot in sorted(slots, key=lambda one: (one.in_room or one.start, one.slot_id)):
        length = slot.end - slot.start
        if slot.in_room is None:
            start = max(slot.start, free.get(slot.room_id, slot.start), now)
            end = start + length
        else:
            start = slot.in_room
            end = slot.out_of_room or max(start + length, now)
        free[slot.room_id] = max(end + turnover, free.get(slot.room_id, end))
        found.append(Expected(slot.slot_id, start, end))
    return found
