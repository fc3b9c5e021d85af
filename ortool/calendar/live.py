"""Live calendars: when an event moves with the day, and when it rather stays than flickers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.schedule.expected import CaseForecast, DayForecast

THRESHOLD = timedelta(minutes=10)
"""A forecast that moved by less than this changes no calendar."""
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Expected:
    """When a slot's case is expected to begin and to end, or did (UTC)."""

    slot_id: str
    start: datetime
    end: datetime
    begun: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What calendars last said of a slot: its times (UTC), how late that is, and how often it has moved."""

    start: datetime
    end: datetime
    late_minutes: int = 0
    moves: int = 0


def said_next(start: datetime, end: datetime, last: Said | None, expected: Expected) -> Said | None:
    """Return what calendars say from now on of a slot planned from `start` to `end`; None where that is what they said.

    `last` holds for the slot as it is planned now; None where nothing was said of it. Late is its start, once it has
    begun its end, and nothing of what is over.
    """
    standing = last or Said(start, end)
    begins, ends = expected.start, max(expected.end, expected.start + SHORTEST)
    near = abs(begins - standing.start) < THRESHOLD and abs(ends - standing.end) < THRESHOLD
    if near and not (expected.over and standing.late_minutes):
        return None
    late = timedelta() if expected.over else ends - end if expected.begun else begins - start
    return Said(begins, ends, late // timedelta(minutes=1) if late >= THRESHOLD else 0, standing.moves + 1)


def expected_of(day: DayForecast, slots: Mapping[str, str]) -> list[Expected]:
    """Return when each case of a forecast is expected, for the slot of its case (id of the slot by id of the case).

    What is running or over, and what a delay that has happened keeps waiting, stands at its forecast (P50). All else
    stands as it is planned: that such cases usually take longer than their slot is no news.
    """
    cases = {one.number: one for one in day.cases}
    found = []
    for one in day.cases:
        begun = one.is_running or one.is_over
        start, end = one.planned.start, one.planned.end
        if begun or _is_kept_waiting(one, cases, day.now):
            start, end = one.start.p50, one.end.p50
        found.append(Expected(slots[one.id], start, end, begun, one.is_over))
    return found


def _is_kept_waiting(one: CaseForecast, cases: Mapping[int, CaseForecast], now: datetime) -> bool:
    if one.is_silent or one.start.p50 - one.planned.start < THRESHOLD:
        return False
    cause = one
    if one.why:
        first = one.why[-1]
        cause = cases.get(first.other if first.kind == "waits" else first.number, one)
    if cause.is_running or cause.is_over:
        return timedelta(minutes=cause.late) >= THRESHOLD
    return now - cause.planned.start >= THRESHOLD
