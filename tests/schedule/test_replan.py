"""A re-planned day: legal by a checker of its own, never worse than right shift, the same every time."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.errors import Refused
from ortool.schedule.gaps import Picture
from ortool.schedule.hours import read_hours
from ortool.schedule.placing import About, Firmness, Member, Rules, Wanted
from ortool.schedule.proposals import DayCase, Delay, Emergency, Kind, Place, Proposal, Standing
from ortool.schedule.replan import propose
from ortool.schedule.resources import House, Room
from ortool.schedule.slots import Span
from tests.schedule.days import DAWN, Day, emergency, faults, made, minutes

WORK = 1_500


def at(hour: float) -> datetime:
    return DAWN + timedelta(hours=hour - 7)


def day_of(*cases: tuple[int, str, str, float, int], now: float = 9, rules: Rules | None = None) -> Day:
    """Return a day of (number, room, surgeon, start, minutes) in two rooms that close at 16:00; what has begun runs."""
    hours = read_hours("mon-fri 07:00-16:00")
    house = House({name: Room(name, name, hours=hours) for name in ("OR1", "OR2")})
    day = Day(
        at(now),
        Picture.of(house, rules or Rules(ZoneInfo("UTC")), (), ()),
        [],
        dict.fromkeys(house.rooms, at(16)),
        {},
        0,
    )
    for number, room, surgeon, start, length in cases:
        wanted = Wanted(f"id{number}", number, f"P{number}", (Member(surgeon, surgeon),))
        place = Place(room, Span(at(start), at(start) + minutes(length)))
        day.picture.take(wanted, room, place.span)
        begun = place.span.start <= day.now
        standing = Standing.BEGUN if begun else Standing.MOVABLE
        day.cases.append(DayCase(wanted, place, standing, place.span.end if begun else None))
        day.holds[number] = ((surgeon,), ())
    return day


def late(room: str, by: int, day: Day) -> Delay:
    return Delay(f"room:{room}", minutes(by), day.now)


def moved(proposal: Proposal) -> dict[int, tuple[str, int] | None]:
    """Return each case that moves: its room, and by how many minutes."""
    return {one.number: (one.after.room, one.minutes) if one.after else None for one in proposal.moves}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), what=st.sampled_from(["room", "person", "emergency"]))
def test_every_proposal_is_legal_and_none_is_worse_than_right_shift(seed: int, what: str) -> None:
    draw = Random(seed)
    day = made(draw, 3, 3, draw.choice((1.0, 2.5)), 0.15)
    if what == "emergency":
        situation = day.situation(emergency=emergency(day, draw, draw.choice((30, 120))))
    else:
        one = draw.choice([case for case in day.cases if case.standing is not Standing.BEGUN or case.ends])
        of = f"room:{one.place.room}" if what == "room" else f"person:{one.wanted.people[0].id}"
        situation = day.situation(Delay(of, minutes(draw.choice((10, 40, 95))), day.now))
    proposals = propose(situation, WORK)
    assert propose(situation, WORK) == proposals
    assert len(proposals) <= 3
    assert len({one.kind for one in proposals}) == len(proposals)
    for one in proposals:
        assert faults(day, situation, one) == []
        assert one.moves
        assert one.kind in (Kind.SHIFT, Kind.OTHER) or one.cost.total < proposals[0].cost.total
        assert (999 in {move.number for move in one.moves}) == (what == "emergency")


def test_the_checker_sees_what_is_planted() -> None:
    day = day_of((1, "OR1", "s1", 8, 120), (2, "OR1", "s1", 10, 60), (3, "OR2", "s2", 10, 60))
    situation = day.situation(late("OR1", 40, day))
    [*_, one] = propose(situation)
    move = one.steps[0]
    assert faults(day, situation, one) == []
    place = day.cases[2].place

    def told(*steps: object) -> str:
        return " ".join(faults(day, situation, replace(one, steps=steps)))  # type: ignore[arg-type]

    assert "begins in the past" in told(replace(move, after=Place("OR1", Span(at(7), at(8)))))
    assert "OR2 at 10:00: [2, 3]" in told(replace(move, after=place))
    assert "another length" in told(replace(move, after=Place("OR2", Span(at(14), at(14.5)))))
    assert "1 may not move" in told(replace(move, number=1))
    assert "s1 at 10:00: [1, 2]" in told()


def test_a_late_room_shifts_right_and_another_room_moves_fewer() -> None:
    day = day_of(
        (1, "OR1", "s1", 8, 120), (2, "OR1", "s2", 10, 120), (3, "OR1", "s2", 12, 120), (4, "OR1", "s2", 14, 120),
        (5, "OR2", "s3", 8, 105),
    )  # fmt: skip
    shift, fewest = propose(day.situation(late("OR1", 40, day)))
    assert shift.kind is Kind.SHIFT
    assert moved(shift) == {2: ("OR1", 40), 3: ("OR1", 40), 4: ("OR1", 40)}
    assert [(one.room, one.before, one.after) for one in shift.overtime] == [("OR1", 0, 40)]
    assert shift.cost.total == 3 * (40 + 10) + 1.75 * 40
    assert fewest.kind is Kind.FEWEST
    assert moved(fewest) == {2: ("OR2", 0)}
    assert fewest.cost.total == 10 + 20


def test_what_has_room_to_spare_moves_nobody() -> None:
    day = day_of((1, "OR1", "s1", 8, 120), (2, "OR1", "s2", 11, 60))
    assert propose(day.situation(late("OR1", 60, day))) == ()


def test_a_frozen_case_stays_and_is_said_to_wait() -> None:
    day = day_of((1, "OR1", "s1", 8, 120), (2, "OR1", "s2", 10, 60), (3, "OR1", "s2", 11, 60))
    day.cases[1] = replace(day.cases[1], standing=Standing.FROZEN)
    situation = day.situation(late("OR1", 70, day))
    [shift, *_] = propose(situation)
    assert moved(shift) == {3: ("OR1", 70)}
    assert [(one.number, one.minutes) for one in shift.kept] == [(2, 70)]


def test_a_person_who_comes_late_moves_her_cases_alone() -> None:
    day = day_of((1, "OR1", "s1", 10, 60), (2, "OR2", "s2", 10, 60), (3, "OR2", "s1", 11, 60))
    [first, *_] = propose(day.situation(Delay("person:s1", minutes(30), day.now)))
    assert moved(first) == {1: ("OR1", 30), 3: ("OR2", 30)}


def an_emergency(within: int, surgeon: str = "s9") -> Emergency:
    wanted = Wanted("id9", 9, "P9", (Member(surgeon, surgeon),), is_emergency=True)
    return Emergency(wanted, minutes(90), at(9) + minutes(within))


def test_an_emergency_begins_in_time_and_pushes_the_others_back() -> None:
    day = day_of(
        (1, "OR1", "s1", 8, 120), (2, "OR1", "s1", 10, 180), (3, "OR1", "s1", 13, 180),
        (4, "OR2", "s2", 8, 180), (5, "OR2", "s2", 11, 120),
    )  # fmt: skip
    situation = day.situation(emergency=an_emergency(120))
    proposals = propose(situation)
    for one in proposals:
        [placed] = [move for move in one.moves if move.number == 9]
        assert placed.after is not None
        assert placed.after.span.start <= at(11)
    assert moved(proposals[0]) == {9: ("OR2", 0), 5: ("OR2", 90)}
    assert (proposals[0].cost.waits, proposals[0].cost.late) == (120, 0)


def test_an_emergency_waits_for_its_surgeon_and_the_delay_beyond_its_due_time_is_counted() -> None:
    day = day_of((1, "OR1", "s9", 8, 240))
    first, other = propose(day.situation(emergency=an_emergency(60)))
    assert moved(first) == {9: ("OR1", 0)}
    assert (first.cost.waits, first.cost.late) == (180, 120)
    assert moved(other) == {9: ("OR2", 0)}
    assert other.kind is Kind.OTHER


def test_what_finds_no_place_where_hours_are_kept_waits_again() -> None:
    rules = Rules(ZoneInfo("UTC"), firmness={About.HOURS: Firmness.REFUSE})
    day = day_of(
        (1, "OR1", "s1", 8, 120), (2, "OR1", "s2", 10, 240), (3, "OR1", "s2", 14, 120), (4, "OR2", "s3", 8, 480),
        rules=rules,
    )  # fmt: skip
    shift, other = propose(day.situation(late("OR1", 30, day)))
    assert moved(shift) == {2: ("OR1", 30), 3: None}
    assert moved(other) == {2: None}


@pytest.mark.parametrize(("of", "by"), [("room:OR2", 20), ("person:nobody", 20), ("room:OR1", 0), ("room:OR1", -5)])
def test_a_delay_of_nothing_is_refused(of: str, by: int) -> None:
    day = day_of((1, "OR1", "s1", 8, 120))
    with pytest.raises(Refused):
        day.situation(Delay(of, minutes(by), day.now))


@pytest.mark.parametrize("micros", [1, 499_999, 500_000, 999_999])
def test_a_proposed_start_is_a_whole_five_minutes_however_odd_the_moment_is(micros: int) -> None:
    day = day_of((1, "OR1", "s1", 8, 120), (2, "OR1", "s2", 10, 120), (5, "OR2", "s3", 8, 240))
    situation = replace(day.situation(late("OR1", 18, day)), now=day.now + timedelta(seconds=59, microseconds=micros))
    shift = propose(situation)[0]
    (move,) = [one for one in shift.moves if one.number == 2]
    assert move.after is not None
    assert (move.after.span.start, move.minutes) == (at(10) + minutes(20), 20)
