"""Re-planning a day that a delay or an emergency has broken: at most three proposals, different in kind.

Right shift is what practice does: each case keeps its room and begins as soon after its planned start as it can. It is
the baseline and can always be said, because a case that finds no place any more on this day waits again. The two others
are searched for: cases are taken out a few at a time and put back where they cost least, in any room, and what costs
less is kept. The search draws from a fixed seed and ends at a limit of work, so the same day gets the same proposals
on every machine; it begins at right shift and so never returns worse.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, exp, sqrt
from random import Random

from ortool.errors import Refused
from ortool.schedule.proposals import (
    FEW,
    WEIGHTS,
    Bend,
    Cost,
    Kind,
    Move,
    Proposal,
    RoomOvertime,
    Situation,
    Weights,
)
from ortool.schedule.workday import Snapshot, Spot, Workday

MINUTE = timedelta(minutes=1)
WORK = 2_000
"""Rooms that the search for the least cost may look at, for each room to the power of one and a half: in a larger day
there is more to try."""
FEWER = 6
"""The search for the fewest changes has so much less to do."""
PATIENCE = 4_000
"""Rounds without anything better after which a search gives up."""
LEAST_TO_CHOOSE = 2
"""With fewer proposals another way is looked for too, though it costs more."""
HEAT, COLD = 0.05, 0.001
"""About how much of the best cost a step may be worse in the beginning and in the end."""
MOST_OUT = 6
"""Cases that are taken out at once."""
SKIPPED = 0.15
"""How often a case passes over a spot that is better than those before."""


def propose(situation: Situation, work: int = 0) -> tuple[Proposal, ...]:
    """Return the proposals, right shift first; none where nothing has to move. No two of them are the same.

    Fewest changes and least overtime stand there only where they cost less than right shift. Where neither does, there
    may be another way, which costs more.

    `work` bounds the search for the least cost, in rooms looked at; the other has less. Raises Refused where an
    emergency fits into no room.
    """
    work = work or usual_work(len(situation.picture.house.rooms))
    shifted = _right_shift(situation)
    baseline = _proposal(situation, shifted, Kind.SHIFT)
    if baseline is not None and not baseline.moves:
        return ()
    found = [baseline] if baseline is not None else []
    days = [shifted]
    for kind, weights, share in ((Kind.FEWEST, FEW, FEWER), (Kind.LEAST, WEIGHTS, 1)):
        days.append(day := _searched(situation, weights, days, work // share))
        other = _proposal(situation, day, kind)
        if other is not None and all(set(other.moves) != set(one.moves) for one in found) and _helps(other, baseline):
            found.append(other)
    if len(found) < LEAST_TO_CHOOSE and (other := _another_way(situation, shifted, work)) is not None:
        found.append(replace(other, kind=Kind.LEAST) if _helps(other, baseline) else other)
    if not found:
        raise Refused("No room of this day can take it.", "Look at what it needs, or at another day.")
    return tuple(found)


def usual_work(rooms: int) -> int:
    """Return how much work a day of so many rooms is worth."""
    return round(WORK * rooms * sqrt(rooms))


def _another_way(situation: Situation, shifted: Workday, work: int) -> Proposal | None:
    """Return the best day in which the first case that right shift moves leaves its room, whatever that costs.

    So there is a choice even where nothing costs less; the cost that is shown says that it is dearer.
    """
    moved = [number for number, spot in shifted.spots.items() if spot is not None and spot != shifted.home.get(number)]
    if not moved:
        return None
    first = min(moved, key=lambda number: (number != shifted.emergency, shifted.release(number), number))
    spot = shifted.spots[first]
    assert spot is not None
    day = Workday(situation, WEIGHTS, [(first, spot[0])])
    _repair(day, None)
    _search(day, day.work + work)
    other = _proposal(situation, day, Kind.OTHER)
    at = day.spots[first]
    return other if at is None or at[0] != spot[0] else None


def _helps(other: Proposal, baseline: Proposal | None) -> bool:
    """Whether a proposal costs less than right shift does. What does not is no proposal, however few it moves."""
    return baseline is None or other.cost.total < baseline.cost.total


def _right_shift(situation: Situation) -> Workday:
    """Return the day with every case in its room, as soon as it can from its planned start on; the emergency first."""
    day = Workday(situation, WEIGHTS)
    if not day.emergency:
        _shift(day)
        return day
    best: Snapshot | None = None
    least = float("inf")
    for room in day.rooms:
        if (spot := day.earliest(day.emergency, room, 0)) is None:
            continue
        day.put(day.emergency, spot)
        _shift(day)
        if (cost := day.cost()) < least:
            best, least = day.snapshot(day.spots), cost
        _clear(day)
    if best is None:
        raise Refused("No room of this day can take the emergency.", "Look at what it needs, or at another day.")
    day.restore(best)
    return day


def _shift(day: Workday) -> None:
    for number in day.cases:
        if (spot := day.earliest(number, day.home[number][0], day.release(number))) is not None:
            day.put(number, spot)


def _searched(situation: Situation, weights: Weights, known: list[Workday], work: int) -> Workday:
    """Return the best day found, from the known ones on and from days in which only what is broken moves."""
    day = Workday(situation, weights)
    starts: list[tuple[float, Snapshot]] = []
    for one in known:
        day.restore(one.snapshot(one.spots))
        starts.append((day.cost(), day.snapshot(day.spots)))
    for spot in _for_the_emergency(day):
        _repair(day, spot)
        starts.append((day.cost(), day.snapshot(day.spots)))
    day.restore(min(starts, key=lambda start: start[0])[1])
    _search(day, day.work + work)
    return day


def _for_the_emergency(day: Workday) -> list[Spot | None]:
    """Return where an emergency could begin, whoever is planned there; None leaves it until the others have places."""
    _clear(day)
    found: list[Spot | None] = [None]
    if day.emergency:
        found += [spot for room in day.rooms if (spot := day.earliest(day.emergency, room, 0)) is not None]
    return found


def _clear(day: Workday) -> None:
    for number in day.spots:
        day.drop(number)


def _repair(day: Workday, emergency: Spot | None) -> None:
    """Keep every case that can stay where it is; the others go where they cost least."""
    _clear(day)
    if emergency is not None:
        day.put(day.emergency, emergency)
    broken = [] if emergency is not None or not day.emergency else [day.emergency]
    for number, home in day.home.items():
        if day.fits(number, home):
            day.put(number, home)
        else:
            broken.append(number)
    for number in broken:
        day.place_best(number)


def _search(day: Workday, limit: int) -> None:
    """Improve the day until the work is done or nothing better was found for long. It ends at the best day found."""
    draw = Random("re-plan")
    rivals = day.rivals()
    best, least = day.snapshot(day.spots), day.cost()
    current, idle, begun = least, 0, day.work
    while day.work < limit and idle < PATIENCE and least > 0:
        out = _chosen(day, rivals, draw)
        before = day.snapshot(out)
        for number in out:
            day.drop(number)
        for number in _order(day, out, draw):
            day.place_best(number, lambda: draw.random() < SKIPPED)
        cost = day.cost()
        # Something worse is gone on with at times, ever less of it: some ways to the better lead through it.
        heat = HEAT * least * (COLD / HEAT) ** ((day.work - begun) / (limit - begun))
        if cost <= current or draw.random() < exp((current - cost) / heat):
            current = cost
        else:
            day.restore(before)
        idle += 1
        if cost < least - 1e-9:
            best, least, idle = day.snapshot(day.spots), cost, 0
    day.restore(best)


def _chosen(day: Workday, rivals: Mapping[int, list[list[int]]], draw: Random) -> list[int]:
    """Return a few cases that have to do with one another: one that costs something, and what is near it."""
    costly = [number for number in day.spots if day.cost_now(number) > 0]
    every = list(day.spots)
    first = draw.choice(costly if costly and draw.random() < 0.8 else every)
    spot = day.spots[first] or day.home.get(first)
    size = draw.randint(1, MOST_OUT) - 1
    if draw.random() < 0.5:
        room = spot[0] if draw.random() < 0.6 and spot else draw.choice(day.rooms)
        people = day.people[first]
        near = [
            number
            for number in every
            if number != first and (_room(day, number) == room or not people.isdisjoint(day.people[number]))
        ]
        return [first, *draw.sample(near, min(size, len(near)))]
    at = spot[1] if spot else 0
    in_room = [number for number in every if number != first and _room(day, number) == (spot[0] if spot else "")]
    near = draw.choice([*rivals[first], in_room])
    near = sorted(near, key=lambda number: abs((day.spots[number] or day.home.get(number, ("", 0)))[1] - at))
    near = near[: 2 * size]
    return [first, *draw.sample(near, min(size, len(near)))]


def _room(day: Workday, number: int) -> str:
    spot = day.spots[number]
    return spot[0] if spot else ""


def _order(day: Workday, out: list[int], draw: Random) -> list[int]:
    way = draw.random()
    if way < 0.4:
        return sorted(out, key=lambda number: (day.release(number), number))
    if way < 0.6:
        return sorted(out, key=lambda number: (-day.length[number], number))
    return draw.sample(out, len(out))


def _proposal(situation: Situation, day: Workday, kind: Kind) -> Proposal | None:
    """Return a day as a proposal, None where it cannot be carried out as it is."""
    if day.emergency and day.spots[day.emergency] is None:
        return None
    moves = [_move(day, number) for number, spot in day.spots.items() if spot is None or spot != day.home.get(number)]
    steps = _in_order(situation, day, moves)
    if steps is None:
        return None
    bends = [
        Bend(one.number, concern)
        for one in moves
        if (spot := day.spots[one.number]) is not None
        for concern in day.new_bends(one.number, spot)
    ]
    overtime = _overtime(situation, day)
    return Proposal(kind, steps, tuple(bends), overtime, situation.kept, _cost(day, moves, bends, overtime))


def _move(day: Workday, number: int) -> Move:
    case = day.cases.get(number)
    wanted = day.wanted[number]
    before = case.place if case else None
    return Move(wanted.case_id, number, before, day.place_of(number), case.held if case else False)


def _in_order(situation: Situation, day: Workday, moves: list[Move]) -> tuple[Move, ...] | None:
    """Return the moves in an order in which each finds its lanes as a booking takes them; None where none is found.

    Where the cases that stay leave no unit free for long enough, though there are enough in all, those in the way take
    theirs anew, and after them everybody's: the earliest first, which needs the fewest.
    """
    again = [_move(day, number) for number in day.taken_otherwise()]
    every = [
        _move(day, number) for number, spot in day.spots.items() if spot is not None and spot == day.home.get(number)
    ]
    for steps in (moves, [*moves, *again], [*moves, *every]):
        by_start = sorted(steps, key=lambda one: (one.after.span.start if one.after else situation.now, one.number))
        for order in (by_start, by_start[::-1]):
            if _can_be_taken(situation, day, order):
                return tuple(order)
    return None


def _can_be_taken(situation: Situation, day: Workday, order: list[Move]) -> bool:
    picture = situation.picture.without([one.number for one in order])
    try:
        for move in order:
            if move.after is not None:
                picture.take(day.wanted[move.number], move.after.room, move.after.span)
    except Refused:
        return False
    return True


def _overtime(situation: Situation, day: Workday) -> tuple[RoomOvertime, ...]:
    """Return the rooms that are used after closing, as it was planned or as it would be."""
    planned: dict[str, datetime] = {}
    for one in situation.cases:
        planned[one.place.room] = max(one.place.span.end, planned.get(one.place.room, one.place.span.end))
    after, found = day.overtime(), []
    for room, closes in situation.closing.items():
        before = max(0, ceil((planned.get(room, closes) - closes) / MINUTE))
        if before or after.get(room, 0):
            found.append(RoomOvertime(room, closes, before, after.get(room, 0)))
    return tuple(found)


def _cost(day: Workday, moves: list[Move], bends: list[Bend], overtime: tuple[RoomOvertime, ...]) -> Cost:
    """Return what a day costs, by the same weights whatever it was searched with."""
    day.judge(WEIGHTS)
    spot = day.spots.get(day.emergency)
    moved = [one for one in moves if one.before is not None]
    return Cost(
        overtime=sum(one.after for one in overtime),
        moved=sum(abs(one.minutes) for one in moved),
        changes=sum(one.after is not None for one in moved),
        rooms=sum(one.changes_room for one in moved),
        put_back=sum(one.after is None for one in moved),
        bends=len(bends),
        waits=ceil(spot[1] / 60) if spot else 0,
        late=ceil(max(0, spot[1] - day.due) / 60) if spot else 0,
        total=round(day.cost(), 1),
    )
