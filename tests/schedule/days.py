"""Made-up theatre days, legal as they are planned, and a checker of proposals that shares no rule with the program.

A day is drawn from a `Random`. The checker knows only what the maker wrote down: who and what each case needs, and for
how long each is held.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from ortool.schedule.gaps import Picture
from ortool.schedule.placing import Member, Rules, Wanted
from ortool.schedule.proposals import DayCase, Delay, Emergency, Place, Proposal, Situation, Standing, situation_of
from ortool.schedule.resources import Equipment, House, Kind, Need, Room
from ortool.schedule.slots import Span

DAWN = datetime(2026, 11, 23, 7, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
TURNOVER, REPROCESSING, RECOVERY = 20, 120, 60
UNITS = {"c-arm": 2, "set": 2, "bed": 99}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@dataclass
class Day:
    """What was made: the situation, and in plain words what each case holds: {case: (people, needs)}."""

    now: datetime
    picture: Picture
    cases: list[DayCase]
    closing: dict[str, datetime]
    holds: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    turnover: int = TURNOVER

    def situation(self, delay: Delay | None = None, emergency: Emergency | None = None) -> Situation:
        return situation_of(self.now, MIDNIGHT, self.picture, self.cases, self.closing, delay, emergency)


def made(draw: Random, rooms: int = 4, cases: int = 4, hours: float = 3.5, frozen: float = 0.1) -> Day:
    """Return a day of about `cases` in each room, at so many hours after dawn, with cases begun and some frozen."""
    capabilities = {1: frozenset({"laminar"})}
    names = [f"OR{number}" for number in range(1, rooms + 1)]
    house = House(
        {name: Room(name, name, capabilities.get(place % 2, frozenset())) for place, name in enumerate(names)},
        {
            "c-arm": Equipment("c-arm", "C-arm", Kind.EQUIPMENT, UNITS["c-arm"]),
            "set": Equipment("set", "Screw set", Kind.SET, UNITS["set"], minutes(REPROCESSING)),
            "bed": Equipment("bed", "Recovery beds", Kind.RECOVERY, UNITS["bed"]),
        },
    )
    rules = Rules(ZoneInfo("UTC"), minutes(TURNOVER))
    now = DAWN + minutes(60 * hours)
    day = Day(now, Picture.of(house, rules, (), ()), [], dict.fromkeys(names, DAWN + minutes(9 * 60)))
    number = 100
    for room_at, room in enumerate(names):
        at = DAWN
        for _ in range(cases):
            number += 1
            wanted = _wanted(draw, number, room_at, rooms)
            length = minutes(5 * draw.randint(9, 34))
            for _ in range(40):
                if day.picture.fits(wanted, room, Span(at, at + length)):
                    break
                at += minutes(5)
            else:
                continue
            span = Span(at, at + length)
            day.picture.take(wanted, room, span)
            day.cases.append(_case(draw, day, wanted, Place(room, span), frozen))
            day.holds[number] = _said(wanted)
            at += length + minutes(TURNOVER)
    return day


def _wanted(draw: Random, number: int, room_at: int, rooms: int) -> Wanted:
    surgeon = f"s{draw.choice((room_at, room_at, draw.randrange(rooms)))}"
    people = (Member(surgeon, surgeon), Member(f"a{room_at}", f"a{room_at}", "anaesthetist"))
    needs = [Need(what) for what, share in (("c-arm", 0.3), ("set", 0.15)) if draw.random() < share]
    if room_at % 2 and draw.random() < 0.2:
        needs.append(Need("laminar"))
    return Wanted(f"id{number}", number, f"P{number}", people, "spine", tuple(needs), recovery=minutes(RECOVERY))


def _case(draw: Random, day: Day, wanted: Wanted, place: Place, frozen: float) -> DayCase:
    if place.span.start <= day.now:
        runs = place.span.end > day.now
        ends = place.span.end + minutes(draw.choice((0, 0, 0, 17, 55))) if runs else None
        return DayCase(wanted, place, Standing.BEGUN, ends)
    standing = Standing.FROZEN if draw.random() < frozen else Standing.MOVABLE
    return DayCase(wanted, place, standing, None, draw.randint(1, 5))


def _said(wanted: Wanted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(one.id for one in wanted.people), tuple(need.what for need in wanted.needs)


def emergency(day: Day, draw: Random, within: int = 120) -> Emergency:
    """Return an emergency of a surgeon who is there, with a C-arm."""
    surgeon = draw.choice([people[0] for people, _ in day.holds.values()])
    people = (Member(surgeon, surgeon),)
    wanted = Wanted(
        "id999", 999, "P999", people, "spine", (Need("c-arm"),), recovery=minutes(RECOVERY), is_emergency=True
    )
    day.holds[999] = _said(wanted)
    return Emergency(wanted, minutes(90), day.now + minutes(within))


def faults(day: Day, situation: Situation, proposal: Proposal) -> list[str]:
    """Return what is wrong with a proposal, in words; nothing where it is legal."""
    places = {one.number: (one.place.room, one.place.span.start, one.place.span.end) for one in day.cases}
    fixed = {one.number for one in day.cases if one.standing is not Standing.MOVABLE}
    ends = {one.number: one.ends for one in situation.cases if one.ends and one.ends > one.place.span.end + minutes(5)}
    for kept in proposal.kept:
        ends[kept.number] = places[kept.number][2] + minutes(kept.minutes)
    found = []
    for move in proposal.moves:
        if move.number in fixed:
            found.append(f"{move.number} may not move")
        if move.after is None:
            places.pop(move.number)
            continue
        span = move.after.span
        if move.before is not None and span.end - span.start != move.before.span.end - move.before.span.start:
            found.append(f"{move.number} has another length")
        if span.start < day.now:
            found.append(f"{move.number} begins in the past")
        if "laminar" in day.holds[move.number][1] and int(move.after.room[2:]) % 2:
            found.append(f"{move.number} needs another room")
        places[move.number] = (move.after.room, span.start, span.end)
    held: list[tuple[str, datetime, datetime, int]] = []
    for number, (room, start, planned) in places.items():
        end = max(planned, ends.get(number) or planned)
        people, needs = day.holds[number]
        held.append((room, start, end + minutes(day.turnover), number))
        held += [(person, start, end, number) for person in people]
        ready = {"set": REPROCESSING}
        held += [(what, start, end + minutes(ready.get(what, 0)), number) for what in needs if what in UNITS]
    moved = {move.number for move in proposal.moves}
    for what, start, _, _ in held:
        # The most at one moment is the most at some start.
        others = {one for name, begin, stop, one in held if name == what and begin <= start < stop}
        if len(others) > UNITS.get(what, 1) and not others <= fixed:
            found.append(f"{what} at {start:%H:%M}: {sorted(others)} (moved: {sorted(moved)})")
    return found
