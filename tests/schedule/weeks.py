"""Made-up weeks for the planner, from one seed the same for ever: rooms, blocks, surgeons, equipment, a waiting list.

Durations come from data/durations.csv: quantiles of time in the room per operation, fitted from a public set of real
operations (its source stands in data/README.md). Everything else is invented; nobody in it exists.
"""

import csv
import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from ortool.schedule.durations import lognormal
from ortool.schedule.hours import read_hours
from ortool.schedule.placing import Member, Rules, Wanted
from ortool.schedule.planner.problem import Tie, Waiter, WeekProblem
from ortool.schedule.resources import Equipment, House, Kind, Need, Room
from ortool.schedule.slots import Held, Span
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind

MONDAY = date(2026, 11, 30)
ZONE = ZoneInfo("Europe/Amsterdam")
DURATIONS = Path(__file__).parents[2] / "data" / "durations.csv"


@cache
def durations() -> dict[str, list[tuple[float, float, int]]]:
    """Return room P50, P90 and how often it was seen, by department."""
    found: dict[str, list[tuple[float, float, int]]] = {}
    with DURATIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            one = float(row["room_p50"]), float(row["room_p90"]), int(row["n"])
            if one[0] <= 360:
                found.setdefault(row["department"], []).append(one)
    return found


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of the week (UTC)."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), ZONE).astimezone(UTC)


def week(seed: int, rooms: int = 10, days: int = 5, cases: int = 300, rough: bool = False) -> WeekProblem:
    """Return a week. A rough one also has standing cases, closures, leave, odd lengths and ties."""
    chance = random.Random(f"week {seed}")
    services = sorted(durations())
    owners = [services[room % len(services)] for room in range(rooms)]
    carms, beds = max(2, rooms // 5), rooms + 2
    house = House(
        {
            f"OR{n}": Room(f"OR{n}", f"OR{n}", frozenset({"laminar"} if n % 3 == 0 else ()), read_hours("mon-sun 07:00-18:00"))
            for n in range(rooms)
        },
        {
            "c-arm": Equipment("c-arm", "C-arm", Kind.EQUIPMENT, carms),
            "scope-set": Equipment("scope-set", "Scope set", Kind.SET, carms + 1, timedelta(hours=4)),
            "pacu": Equipment("pacu", "Recovery bed", Kind.RECOVERY, beds, timedelta(minutes=10)),
        },
    )  # fmt: skip
    windows = [
        Window(WindowKind.BLOCK, f"room:OR{n}", Span(at(day, 8), at(day, 16)), owner=f"service:{owners[n]}")
        for n in range(rooms)
        for day in range(days)
    ]
    surgeons = {name: [f"{name[:3]}{n}" for n in range(max(2, 2 * owners.count(name)))] for name in set(owners)}
    waiting = [_waiter(chance, number, owners, surgeons) for number in range(1, cases + 1)]
    problem = WeekProblem(house, Rules(ZONE, timedelta(minutes=20)), windows, (), waiting, MONDAY, days, at(0, 0))
    return _rough(problem, chance, days) if rough else problem


def _waiter(chance: random.Random, number: int, owners: list[str], surgeons: dict[str, list[str]]) -> Waiter:
    service = chance.choice(owners)
    kinds = durations()[service]
    p50, p90, _ = chance.choices(kinds, [one[2] for one in kinds])[0]
    needs = [Need("c-arm")] * (chance.random() < 0.2) + [Need("scope-set")] * (chance.random() < 0.15)
    if chance.random() < 0.05:
        needs.append(Need("laminar"))
    who = chance.choice(surgeons[service])
    wanted = Wanted(f"c{number}", number, f"H{number}", (Member(who, f"Dr {who}"),), service, tuple(needs),
                    recovery=timedelta(minutes=chance.choice((30, 60, 90, 120))))  # fmt: skip
    due = MONDAY + timedelta(days=chance.randint(-10, 60)) if chance.random() < 0.3 else None
    priority = chance.choices((1, 2, 3, 4, 5), (5, 20, 40, 25, 10))[0]
    return Waiter(
        wanted,
        lognormal(p50, max(p90, p50 * 1.05)),
        priority,
        chance.randint(0, 90),
        due,
        due is not None and priority == 1,
    )


def _rough(problem: WeekProblem, chance: random.Random, days: int) -> WeekProblem:
    """Return the week with everything that a real one has: each rule that can refuse a booking has something to refuse."""
    house = _rough_house(problem.house, chance)
    rules = Rules(ZONE, timedelta(minutes=chance.choice((0, 17, 20))), chance.choice((1, 1, 2)), chance.choice((1, 2)))
    waiting = [_rough_waiter(one, chance, len(house.rooms)) for one in problem.waiting]
    people = sorted({person.id for one in waiting for person in one.wanted.people})
    windows = [replace(one, released=chance.random() < 0.1) for one in problem.windows]
    start = at(chance.randrange(days), chance.randint(7, 15), 7)
    closed = chance.choice((EVERYWHERE, *(f"room:{room}" for room in house.rooms)))
    windows.append(Window(WindowKind.CLOSURE, closed, Span(start, start + timedelta(hours=chance.randint(1, 30)))))
    for who in chance.sample(people, min(3, len(people))):
        start = at(chance.randrange(days), chance.choice((0, 9)))
        windows.append(
            Window(
                WindowKind.LEAVE,
                f"person:{who}",
                Span(start, start + timedelta(hours=chance.choice((3, 24)), minutes=13)),
            )
        )
    held = [
        one
        for number in range(chance.randint(0, 4))
        for one in _stands(chance, 9000 + number, [*house.rooms], people, days)
    ]
    held = [
        one
        for place, one in enumerate(held)
        if not any(one.resource == other.resource and one.span.overlaps(other.span) for other in held[:place])
    ]
    some = [one.number for one in chance.sample(waiting, min(4, len(waiting)))]
    day = MONDAY + timedelta(days=chance.randrange(days))
    forbidden = (
        *(Tie(one, None, day) for one in some[:1]),
        *(Tie(one, chance.choice([*house.rooms])) for one in some[1:2]),
    )
    pins = tuple(Tie(one, None, day) for one in some[2:])
    return replace(
        problem,
        house=house,
        rules=rules,
        waiting=waiting,
        windows=windows,
        held=held,
        forbidden=forbidden,
        pins=pins,
        not_before=at(0, chance.randint(0, 12), 2),
        standing={int(one.case): lognormal(*_length(one)) for one in held if one.resource.startswith("room:")},
    )


def _length(held: Held) -> tuple[float, float]:
    minutes = held.span.length / timedelta(minutes=1) - 20
    return max(10.0, minutes), max(10.0, minutes) * 1.4


def _rough_house(house: House, chance: random.Random) -> House:
    rooms = {
        one.id: replace(
            one,
            turnover=chance.choice((None, timedelta(minutes=35))),
            hours=read_hours(chance.choice(("mon-sun 07:00-18:00", "mon-sun 09:00-15:00"))),
        )
        for one in house.rooms.values()
    }
    things = {one.id: replace(one, units=chance.randint(1, one.units)) for one in house.equipment.values()}
    return House(rooms, things)


def _rough_waiter(waiter: Waiter, chance: random.Random, rooms: int) -> Waiter:
    people = waiter.wanted.people
    if chance.random() < 0.5:
        who = f"an{chance.randrange(rooms)}"
        people = (*people, Member(who, f"Dr {who}", "anaesthetist"))
    needs = tuple(
        Need(one.what, 2) if chance.random() < 0.1 and one.what != "laminar" else one for one in waiter.wanted.needs
    )
    own = timedelta(minutes=50) if chance.random() < 0.1 else None
    twin = f"H{chance.randint(1, 4)}" if chance.random() < 0.1 else waiter.wanted.patient
    # A slot is as long as its procedure is planned, whatever the distribution says of it.
    listed = round(waiter.duration.p50 * random.Random(f"listed {waiter.number}").choice((0, 0.8, 1, 1, 1.2)))
    wanted = replace(waiter.wanted, people=people, needs=needs, turnover=own, patient=twin)
    return replace(waiter, wanted=wanted, minutes=listed)


def _stands(chance: random.Random, number: int, rooms: list[str], people: list[str], days: int) -> list[Held]:
    """Return what a case that lies there already holds."""
    room, case = chance.choice(rooms), str(number)
    start = at(chance.randrange(days), chance.randint(8, 14), 3)
    span = Span(start, start + timedelta(minutes=chance.randint(30, 200)))
    return [
        Held(f"room:{room}", 1, span, case, room),
        Held(f"person:{chance.choice(people)}", 1, span, case, room),
        Held("equipment:c-arm", 1, span, case, room),
        Held("equipment:scope-set", 1, Span(span.start, span.end + timedelta(hours=4)), case, room),
        Held("equipment:pacu", 1, Span(span.end, span.end + timedelta(hours=1)), case, room),
    ]
