"""An independent judge of a week's plan: it reads the problem's values and shares no rule with the program."""

from collections import defaultdict
from datetime import datetime, timedelta


def violations(problem, plan) -> list[str]:
    """Return what is illegal about a plan, each with its kind first."""
    found: list[str] = []
    waiting = {one.wanted.number: one for one in problem.waiting}
    taken = defaultdict(list)
    lanes = {f"equipment:{one.id}": one.units for one in problem.house.equipment.values()}
    for held in problem.held:
        taken[held.resource].append((held.span.start, held.span.end, f"standing {held.case}"))
    seen: set[int] = set()
    for placed in plan.placed:
        waiter = waiting.get(placed.case)
        if waiter is None:
            found.append(f"unknown: {placed.case}")
            continue
        if placed.case in seen:
            found.append(f"duplicate: {placed.case}")
        seen.add(placed.case)
        found += _alone(problem, placed, waiter)
        _take(problem, placed, waiter, taken, lanes)
    for resource, spans in taken.items():
        if (most := _most(spans)) > lanes.get(resource, 1):
            found.append(
                f"{resource.split(':')[0]}: {resource} is taken {most} times, there are {lanes.get(resource, 1)}"
            )
    found += _silent(problem, plan, seen)
    found += _late(problem, plan, waiting)
    return found


def _late(problem, plan, waiting):
    """Yield the blocks beside standing cases that end late more often than agreed by the plan's own word."""
    for block in plan.rooms:
        stands = [one for one in problem.held if one.resource == f"room:{block.room}" and one.case.isdigit()]
        stands = [one for one in stands if one.span.start < block.span.end and block.span.start < one.span.end]
        new = [waiting[number] for number in block.cases if number in waiting]
        pinned = {tie.case for tie in problem.pins}
        plain = [one for one in new if not (one.urgent and one.due) and one.wanted.number not in pinned]
        if stands and plain and block.late > problem.weights.late:
            yield f"late: {block.room} {block.span.start} {block.late}"


def _alone(problem, placed, waiter):
    start, end, zone = placed.span.start, placed.span.end, problem.rules.zone
    room = problem.house.rooms[placed.room]
    if waiter.minutes and end - start != timedelta(minutes=waiter.minutes):
        yield f"length: {placed.case}"
    if start < problem.not_before:
        yield f"freeze: {placed.case}"
    for need in waiter.wanted.needs:
        if need.what not in problem.house.equipment and need.what not in room.capabilities:
            yield f"ability: {placed.case} needs {need.what}"
    mine = {f"person:{one.id}" for one in waiter.wanted.people if one.role == "surgeon"} | {
        f"service:{waiter.wanted.service}"
    }
    blocks = [w for w in problem.windows if w.kind == "block" and w.resource == f"room:{placed.room}"]
    that_day = [w for w in blocks if w.span.start.astimezone(zone).date() == start.astimezone(zone).date()]
    if any(w.span.start < end and start < w.span.end and not w.released and w.owner not in mine for w in blocks):
        yield f"block: {placed.case} lies in somebody else's"
    if that_day and not any(w.span.start <= start and end <= w.span.end for w in that_day):
        yield f"session: {placed.case} ends after its block"
    local = start.astimezone(zone), end.astimezone(zone)
    minutes = [one.hour * 60 + one.minute for one in local]
    open_hours = room.hours.by_day.get(local[0].weekday(), ()) if room.hours.written else ((0, 1440),)
    if local[0].date() != local[1].date() or not any(a <= minutes[0] and minutes[1] <= b for a, b in open_hours):
        yield f"hours: {placed.case}"
    for window in problem.windows:
        if window.span.start < end and start < window.span.end:
            if window.kind == "closure" and window.resource in ("all", f"room:{placed.room}"):
                yield f"closure: {placed.case}"
            if window.kind == "leave" and window.resource in {f"person:{one.id}" for one in waiter.wanted.people}:
                yield f"leave: {placed.case}"
    for tie in problem.forbidden:
        if tie.case == placed.case and tie.room in (None, placed.room) and tie.day in (None, local[0].date()):
            yield f"forbidden: {placed.case}"
    for tie in problem.pins:
        if tie.case == placed.case and not (tie.room in (None, placed.room) and tie.day in (None, local[0].date())):
            yield f"pin: {placed.case}"
    if waiter.urgent and waiter.due and problem.first <= waiter.due < local[0].date():
        yield f"due: {placed.case} is placed after {waiter.due}"


def _take(problem, placed, waiter, taken, lanes):
    start, end = placed.span.start, placed.span.end
    wanted, room = waiter.wanted, problem.house.rooms[placed.room]
    turn = next(one for one in (wanted.turnover, room.turnover, problem.rules.turnover) if one is not None)
    taken[f"room:{placed.room}"].append((start, end + turn, placed.case))
    for person in wanted.people:
        taken[f"person:{person.id}"].append((start, end, placed.case))
        cover = {"surgeon": problem.rules.rooms_per_surgeon, "anaesthetist": problem.rules.rooms_per_anaesthetist}
        lanes[f"person:{person.id}"] = cover.get(person.role, 1)
    taken[f"patient:{wanted.patient}"].append((start, end, placed.case))
    beds = None
    for need in wanted.needs:
        thing = problem.house.equipment.get(need.what)
        if thing is not None and thing.kind != "recovery":
            for _ in range(need.count):
                taken[f"equipment:{thing.id}"].append((start, end + thing.ready, placed.case))
        elif thing is not None:
            beds = thing
    every = [one for one in problem.house.equipment.values() if one.kind == "recovery"]
    beds = beds or (every[0] if every else None)
    if beds is not None and wanted.recovery > timedelta():
        taken[f"equipment:{beds.id}"].append((end, end + wanted.recovery + beds.ready, placed.case))


def _most(spans):
    edges: list[tuple[datetime, int]] = sorted(
        [(s, 1) for s, e, _ in spans if s < e] + [(e, -1) for s, e, _ in spans if s < e]
    )
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def _silent(problem, plan, seen):
    named = {one.case: one for one in plan.unplaced}
    last = problem.first + timedelta(days=problem.days - 1)
    for waiter in problem.waiting:
        number = waiter.wanted.number
        if number in seen:
            continue
        if any(tie.case == number for tie in problem.pins):
            yield f"pin: {number} is not placed"
        if number not in named:
            yield f"silent: {number} is neither placed nor named"
        elif waiter.urgent and waiter.due and waiter.due <= last and not named[number].missed:
            yield f"due: {number} is missed silently"
        elif not named[number].reason:
            yield f"reason: {number}"
