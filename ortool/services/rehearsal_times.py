"""A plausible timetable for a rehearsed case: when each step of its plan is done."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ortool.checklist.definition import Duration
from ortool.checklist.plan import Plan, PlannedStep
from ortool.checklist.timing import Z90

ANCHOR = "PIR"
ARRIVED = "APACU"
BEFORE_ROOM = ("IRD",)
# Between these a drawn row stays plausible without passing its P90; a row that overruns lies well beyond it.
CALM, SLOW, OVERRUN = -0.9, 0.7, 1.45
TRANSPORT = 5.0
GAP = 1.5


@dataclass(frozen=True, slots=True)
class Stop:
    """One step with the time at which it is begun and done (UTC)."""

    step: PlannedStep
    begins: datetime
    ends: datetime


def timetable(
    plan: Plan, start: datetime, seed: int, overrun: str = "", booked: timedelta | None = None
) -> tuple[Stop, ...]:
    """Return the steps of `plan` with times; the patient is in the room at `start`. Same seed, same times.

    The phase `overrun` takes longer than its P90. Where a time is `booked`, the longest row in the room takes up the
    difference to it: a checklist for any operation cannot know how long this one is.
    """
    steps = plan.steps
    anchor = next((i for i, step in enumerate(steps) if step.stamp and step.id == ANCHOR), 0)
    draws = _drawn(plan, seed, overrun)
    if booked is not None:
        _fit(plan, draws, booked.total_seconds() / 60, overrun)
    ends = _before(steps[: anchor + 1], draws) + _after(steps[anchor:], draws)[1:]
    stops: list[Stop] = []
    earlier = ends[0] - _length(steps[0])
    for step, end in zip(steps, ends, strict=True):
        begin = max(earlier, end - _length(step))
        stops.append(Stop(step, start + timedelta(minutes=begin), start + timedelta(minutes=end)))
        earlier = end
    return tuple(stops)


def _drawn(plan: Plan, seed: int, overrun: str) -> dict[str, tuple[str, float]]:
    """Return for each stamp that ends a row: the stamp it is counted from, and the drawn minutes."""
    generator = random.Random(seed)
    late = next((set(phase.durations) for phase in plan.checklist.phases if phase.id == overrun), set())
    return {
        row.to_stamp: (row.from_stamp, _minutes(plan, row, generator.uniform(CALM, SLOW), row.id in late))
        for row in plan.checklist.durations
    }


def _fit(plan: Plan, draws: dict[str, tuple[str, float]], booked: float, overrun: str) -> None:
    in_room = [row for row in plan.checklist.durations if row.from_stamp != ARRIVED and row.to_stamp not in BEFORE_ROOM]
    expected = sum(plan.minutes(row)[0] for row in in_room)
    longest = max(in_room, key=lambda row: plan.minutes(row)[0], default=None)
    if longest is not None:
        origin, minutes = draws[longest.to_stamp]
        # A phase that is to overrun is never shortened again.
        late = any(phase.id == overrun and longest.id in phase.durations for phase in plan.checklist.phases)
        draws[longest.to_stamp] = (origin, max(minutes * (1 if late else 0.3), minutes + booked - expected))


def _minutes(plan: Plan, row: Duration, z: float, late: bool) -> float:
    p50, p90 = plan.minutes(row)
    return p50 * math.exp(math.log(p90 / p50) / Z90 * (OVERRUN if late else z))


def _before(steps: tuple[PlannedStep, ...], draws: dict[str, tuple[str, float]]) -> list[float]:
    """Return minutes before the anchor, counted backwards from it; the anchor itself is the last, at 0."""
    at, due, ends = 0.0, dict[str, float](), [0.0]
    for step in reversed(steps[:-1]):
        at = min(at - GAP, due.get(step.id, 0.0))
        ends.append(at)
        if step.stamp and step.id in draws:
            origin, minutes = draws[step.id]
            due[origin] = at - minutes
        at -= _length(step)
    return ends[::-1]


def _after(steps: tuple[PlannedStep, ...], draws: dict[str, tuple[str, float]]) -> list[float]:
    """Return minutes after the anchor. What has no row of its own lies between its neighbours, by weight."""
    counted_from = {origin for origin, _ in draws.values()}
    known = {0: 0.0}
    by_stamp = {steps[0].id: 0.0}
    for index, step in enumerate(steps[1:], 1):
        last = max(known.values())
        if step.stamp and step.id in draws and draws[step.id][0] in by_stamp:
            origin, minutes = draws[step.id]
            known[index] = max(last + 0.2, by_stamp[origin] + minutes)
        elif step.stamp and step.id in counted_from:
            known[index] = last + TRANSPORT
        if index in known:
            by_stamp[step.id] = known[index]
    return _interpolated(steps, known)


def _interpolated(steps: tuple[PlannedStep, ...], known: dict[int, float]) -> list[float]:
    ends = [0.0] * len(steps)
    marks = sorted(known)
    for left, right in pairwise(marks):
        weights = [_length(step) + 0.1 for step in steps[left + 1 : right + 1]]
        total, passed = sum(weights), 0.0
        for index, weight in enumerate(weights, left + 1):
            passed += weight
            ends[index] = known[left] + (known[right] - known[left]) * passed / total
    for index in range(marks[-1] + 1, len(steps)):
        ends[index] = ends[index - 1] + GAP + _length(steps[index])
    return ends


def _length(step: PlannedStep) -> float:
    """Return the minutes that a step is worked on."""
    if step.pause:
        return step.pause.definition.target_seconds / 60
    return 0.3 if step.record else 0.0
