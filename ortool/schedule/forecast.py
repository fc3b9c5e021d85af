"""The rest of a day: when each running and later case will start and end, and what will clash before it does.

Every case is played through the same few hundred scenarios: evenly spread chances, shuffled once and for ever by the
case's id (common random numbers). So a forecast is the same wherever it is made, and moves only when the day does. A
running case is forecast from its running phase, cut off at what has passed, and its other phases; all phases of one
case share a factor (correlation 0.3, fact base §7.2, EST) that the finished phases have told something about. A later
case begins when its planned time has come and its room (after turnover), people and equipment are free, in the planned
order; it never begins early, because its patient is not there.

Times are timezone-aware UTC, minutes are floats. Nothing here reads a clock.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from ortool.schedule.durations import Duration, beyond, lognormal
from ortool.schedule.expected import (
    POSSIBLE,
    CaseForecast,
    Clash,
    DayForecast,
    Expected,
    Need,
    Overtime,
    Range,
    Stage,
    Why,
)
from ortool.schedule.scenarios import SCENARIOS, Vector, chances, deviates

CORRELATION = 0.3
"""Between the phases of one case (§7.2, assumed, EST)."""
GRACE = 5.0
"""Minutes by which a start may slip before anybody is told."""
ROOM_GRACE = 15.0
"""The same for a room: turnover times scatter so much that less is no news."""
TURNOVER = lognormal(30, 50)
"""Patient out of room to the next patient in room (§7.2, EST)."""
_MINUTE = timedelta(minutes=1)
_WILD = 3.0
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class _Hold:
    """Who holds a resource until when, in every scenario."""

    case: Expected
    until: Vector
    ordered: Vector

    @property
    def middle(self) -> float:
        """The median."""
        return self.ordered[SCENARIOS // 2]

    def chance_after(self, minutes: float) -> float:
        """Return in what share of the scenarios it is held beyond `minutes`."""
        return 1 - bisect_right(self.ordered, minutes) / SCENARIOS


class _Lanes:
    """One resource: when its lanes are free, in every scenario the earliest first."""

    def __init__(self, lanes: int) -> None:
        self.lanes = max(1, lanes)
        self.free: list[Vector] = []
        self.holds: list[_Hold] = []

    def next_free(self, count: int = 1) -> _Hold | None:
        """Return when `count` lanes may be had and who holds them until then; None where so many were never taken."""
        if (place := count - 1 - (self.lanes - len(self.free))) < 0:
            return None
        place = min(place, len(self.free) - 1)
        latest = self.holds[-self.lanes :]
        first = min(latest, key=lambda hold: hold.middle)
        return first if self.lanes == 1 else _Hold(first.case, self.free[place], sorted(self.free[place]))

    def take(self, case: Expected, until: Vector) -> None:
        """Hold the lane that is free first. Running cases may share it, whatever was planned: the later end counts."""
        if before := self.next_free():
            until = list(map(max, before.until, until))
        hold = _Hold(case, until, sorted(until))
        self.holds.append(replace(hold, case=before.case) if before and before.middle >= hold.middle else hold)
        ordered = self.free[1:] if before else list(self.free)
        rising = until
        for place, lane in enumerate(ordered):
            ordered[place], rising = list(map(min, lane, rising)), list(map(max, lane, rising))
        self.free = [*ordered, rising]


class _Day:
    """The day while it is played: what is free when, and what was found."""

    def __init__(self, now: datetime, base: datetime) -> None:
        self.base = base
        self.now = (now - base) / _MINUTE
        self.lanes: dict[str, _Lanes] = {}
        self.starts: dict[str, Vector] = {}
        self.ends: dict[str, Vector] = {}
        self.waits: dict[str, tuple[Need, _Hold]] = {}
        self.silent: set[str] = set()
        self.own_delays: dict[str, tuple[Why, ...]] = {}

    def minutes(self, moment: datetime) -> float:
        """Return a moment as minutes of this day."""
        return (moment - self.base) / _MINUTE

    def moment(self, minutes: float) -> datetime:
        """Return minutes of this day as a moment, to the whole minute."""
        return self.base + timedelta(minutes=round(minutes))

    def range(self, vector: Vector) -> Range:
        """Return P10, P50 and P90 of a vector. One that is in order already costs little to sort."""
        ordered = sorted(vector)
        p10, p50, p90 = (self.moment(ordered[int(SCENARIOS * p)]) for p in (0.1, 0.5, 0.9))
        return Range(p10, p50, p90)

    def place(self, case: Expected, start: Vector, end: Vector) -> None:
        """Let a case hold what it needs."""
        self.starts[case.id], self.ends[case.id] = start, end
        for need in case.needs:
            after = _drawn(need.after, f"{case.number} after {need.resource}") if need.after else None
            until = [one + more for one, more in zip(end, after, strict=True)] if after else end
            lanes = self.lanes.setdefault(need.resource, _Lanes(need.lanes))
            for _ in range(need.count):
                lanes.take(case, until)


def forecast(cases: Iterable[Expected], now: datetime, closing: dict[str, datetime] | None = None) -> DayForecast:
    """Return the forecast of a day as it stands at `now`; `closing` says when each room closes.

    A finished case is exact. As long as nothing else is stamped, a later `now` never gives an earlier end, unless a
    case falls silent and is no longer waited for.
    """
    every = sorted(cases, key=lambda case: (case.planned.start, case.number))
    day = _Day(now, min((case.planned.start for case in every), default=now))
    clashes: list[Clash] = []
    begun = sorted((case for case in every if case.began), key=lambda case: case.began or now)
    for case in begun:
        _play_begun(day, case)
    for case in every:
        if case.began is None:
            clashes += _play_later(day, case)
    by_id = {case.id: case for case in every}
    found = [_case_forecast(day, case, by_id) for case in every]
    told = sorted((replace(one, why=_chain(day, _of(every, one.holder), by_id)) for one in clashes), key=_urgency)
    return DayForecast(now, tuple(found), tuple(told), tuple(_overtime(day, every, closing or {})))


def _of(cases: Sequence[Expected], number: int) -> Expected:
    return next(case for case in cases if case.number == number)


def _urgency(clash: Clash) -> tuple[bool, datetime, float, int]:
    return not clash.is_likely, clash.planned, -clash.chance, clash.number


def _play_begun(day: _Day, case: Expected) -> None:
    assert case.began is not None
    start = day.minutes(case.began)
    if case.ended:
        end = [day.minutes(case.ended)] * SCENARIOS
    elif stages := [stage for stage in case.stages if stage.ended is None or stage.started]:
        end = _end_of_stages(day, case, stages)
    else:
        elapsed = day.now - start
        end = [start + max(elapsed + 1, case.stay.whole(elapsed, p)) for p in chances(f"{case.number} stay")]
    day.place(case, [start] * SCENARIOS, end)


def _end_of_stages(day: _Day, case: Expected, stages: Sequence[Stage]) -> Vector:
    """Return when a running case ends: its running phase cut off at what has passed, then its other phases."""
    assert case.began is not None
    done = [stage for stage in stages if stage.ended]
    rest = [stage for stage in stages if not stage.ended]
    if not rest:
        return [day.now + 1] * SCENARIOS
    running = next((stage for stage in reversed(rest) if stage.started), rest[0])
    later = [stage for stage in rest if stage is not running and stage.started is None]
    since = running.started or max([case.began, *(stage.ended for stage in done if stage.ended)])
    begun = day.minutes(since)
    elapsed = max(0.0, day.now - begun)
    shared, own = math.sqrt(CORRELATION), math.sqrt(1 - CORRELATION)
    middle, spread = _factor(done)
    factors = [shared * (middle + spread * z) for z in deviates(f"{case.number} factor")]
    at = running.planned.deviate(elapsed) if elapsed > 0 else -math.inf
    ends = []
    for factor, p in zip(factors, chances(f"{case.number} {running.title}"), strict=True):
        whole = running.planned.at(factor + own * beyond((at - factor) / own, p))
        ends.append(begun + max(elapsed + 1, whole))
    for stage in later:
        drawn = deviates(f"{case.number} {stage.title}")
        ends = [end + stage.planned.at(factor + own * z) for end, factor, z in zip(ends, factors, drawn, strict=True)]
    return ends


def _factor(done: Sequence[Stage]) -> tuple[float, float]:
    """Return mean and spread of what a case's phases share, after the phases that are over.

    Their deviates are cut at ±3: a stamp typed much too late says nothing about the team's pace.
    """
    seen = [
        max(-_WILD, min(_WILD, stage.planned.deviate(max(0.1, (stage.ended - stage.started) / _MINUTE))))
        for stage in done
        if stage.started and stage.ended
    ]
    weight = CORRELATION / (1 - CORRELATION)
    precision = 1 + len(seen) * weight
    return weight * math.fsum(seen) / math.sqrt(CORRELATION) / precision, 1 / math.sqrt(precision)


@lru_cache(maxsize=1024)
def _drawn(duration: Duration, key: str) -> Vector:
    # The same at every moment of the day: drawn once, and never changed in place.
    return [duration.at(z) for z in deviates(key)]


def _play_later(day: _Day, case: Expected) -> list[Clash]:
    planned = day.minutes(case.planned.start)
    holds = [(need, hold) for need in case.needs if (hold := _held(day, need)) is not None]
    free = [planned] * SCENARIOS
    for _, hold in holds:
        free = list(map(max, free, hold.until))
    if day.minutes(case.planned.end) < day.now and _median(free) <= day.now:
        day.silent.add(case.id)
        return []
    start = [max(one, day.now) for one in free]
    day.place(
        case, start, [one + stay for one, stay in zip(start, _drawn(case.stay, f"{case.number} stay"), strict=True)]
    )
    if holds:
        need, hold = max(holds, key=lambda held: held[1].middle)
        if hold.middle > planned + GRACE:
            day.waits[case.id] = need, hold
    # The team that stays in the room is free before the room is: one sentence says both.
    latest: dict[str, tuple[Need, _Hold]] = {}
    for need, hold in sorted(holds, key=lambda held: held[1].middle):
        latest[hold.case.id] = need, hold
    return [clash for need, hold in latest.values() if (clash := _clash(day, case, need, hold))]


def _held(day: _Day, need: Need) -> _Hold | None:
    lanes = day.lanes.get(need.resource)
    return lanes.next_free(need.count) if lanes else None


def _clash(day: _Day, case: Expected, need: Need, hold: _Hold) -> Clash | None:
    limit = day.minutes(case.planned.start) + (ROOM_GRACE if need.is_room else GRACE)
    chance = hold.chance_after(limit)
    if chance < POSSIBLE or hold.ordered[-1] <= day.now:
        return None
    until = day.range(hold.ordered)
    return Clash(case.number, case.room, case.planned.start, need, hold.case.number, hold.case.room, until, chance)


def _case_forecast(day: _Day, case: Expected, by_id: dict[str, Expected]) -> CaseForecast:
    if case.id in day.silent:
        start, end = (Range(one, one, one) for one in (case.planned.start, case.planned.end))
        return CaseForecast(case.id, case.number, case.room, case.planned, start, end, 0.0, is_silent=True)
    limit = day.minutes(case.planned.end)
    ends = day.ends[case.id]
    start = Range(case.began, case.began, case.began) if case.began else day.range(day.starts[case.id])
    end = Range(case.ended, case.ended, case.ended) if case.ended else day.range(ends)
    inside = sum([one <= limit for one in ends]) / SCENARIOS
    running = case.began is not None and case.ended is None
    over = case.ended is not None
    is_late = end.p50 > case.planned.end + timedelta(minutes=GRACE) or case.id in day.waits
    why = _chain(day, case, by_id) if is_late and not over else ()
    return CaseForecast(case.id, case.number, case.room, case.planned, start, end, inside, running, over, why=why)


def _chain(day: _Day, case: Expected, by_id: dict[str, Expected]) -> tuple[Why, ...]:
    """Return why a case is late: what it waits for, why that is late, and so on to the first cause."""
    links: list[Why] = []
    while case.id in day.waits and len(links) < _DEPTH:
        need, hold = day.waits[case.id]
        until = hold.middle
        slip = round(until - day.minutes(case.planned.start))
        moment = day.moment(until)
        links.append(Why("waits", case.number, case.room, slip, need.label, hold.case.number, moment))
        case = by_id[hold.case.id]
    if case.id not in day.own_delays:
        day.own_delays[case.id] = _own_delay(day, case)
    return (*links, *day.own_delays[case.id])


def _own_delay(day: _Day, case: Expected) -> tuple[Why, ...]:
    """Return what a case adds by itself: it came late, a phase runs long, or it needs more than its slot."""
    found: list[Why] = []
    if case.began and (slip := day.minutes(case.began) - day.minutes(case.planned.start)) > GRACE:
        found.append(Why("late start", case.number, case.room, round(slip)))
    if running := _running(case):
        assert running.started is not None
        over = day.now - day.minutes(running.started) - running.planned.p50
        if over > 0:
            found.append(Why("phase", case.number, case.room, math.ceil(over), running.title))
    if case.id in day.ends and not found:
        took = _median([end - start for start, end in zip(day.starts[case.id], day.ends[case.id], strict=True)])
        if (over := took - case.planned.length / _MINUTE) > GRACE:
            found.append(Why("long", case.number, case.room, round(over)))
    return tuple(found)


def _running(case: Expected) -> Stage | None:
    if case.ended:
        return None
    running = [stage for stage in case.stages if stage.started and not stage.ended]
    return running[-1] if running else None


def _overtime(day: _Day, cases: Sequence[Expected], closing: dict[str, datetime]) -> Iterable[Overtime]:
    for room, closes in sorted(closing.items()):
        mine = [day.ends[case.id] for case in cases if case.room == room and case.id in day.ends]
        if not mine:
            continue
        last = mine[0]
        for more in mine[1:]:
            last = list(map(max, last, more))
        limit = day.minutes(closes)
        over = [max(0.0, one - limit) for one in last]
        chance = sum(one > 0 for one in over) / SCENARIOS
        yield Overtime(room, closes, day.range(last), chance, round(math.fsum(over) / SCENARIOS))


def _median(vector: Vector) -> float:
    return sorted(vector)[SCENARIOS // 2]
