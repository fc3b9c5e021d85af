"""Rehearsals: a case, or a morning of cases, played by the same verbs as the screens on a clock that can be set."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.caselog.case import Case, Slot
from ortool.checklist.plan import Plan
from ortool.errors import Refused
from ortool.people.permissions import Verb
from ortool.people.person import Person
from ortool.services import running
from ortool.services.boards import day_board
from ortool.services.people import list_people
from ortool.services.rehearsal_player import Player
from ortool.services.rehearsal_story import Storyline, story_for
from ortool.services.rehearsal_times import Stop, timetable
from ortool.services.sample import clock_at
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre

__all__ = ["Storyline", "rehearse", "rehearse_morning", "story_for"]

TURNOVER = timedelta(minutes=20)
PLAIN = Storyline()


def rehearse(
    theatre: Theatre,
    case_id: str,
    people: Sequence[Person],
    start: datetime,
    until: datetime | None = None,
    seed: int = 1,
    storyline: Storyline | None = None,
) -> list[str]:
    """Play a case through its checklist; the patient is in the room at `start` (UTC). Return what was done.

    With `until` the play stops in mid-case. It is one transaction. Raises Refused for a case without a checklist.
    """
    case = running.open_case(theatre, case_id).case
    plan = _plan(theatre, case)
    if plan is None:
        raise Refused(f"{case.procedure} has no checklist here.")
    story = storyline or PLAIN
    player = Player(theatre, case, plan, people, timetable(plan, start, seed, story.overrun), story)
    _drive(theatre, [player], until)
    return player.said


def rehearse_morning(theatre: Theatre, now: datetime) -> str:
    """Play today's cases as far as they have come at `now` (UTC), each room after its own clock.

    The first case of the longest checklist gets a storyline. Return its id, empty where nothing has begun.
    """
    with clock_at(theatre, now):
        board = day_board(theatre)
    people = list_people(theatre)
    stories = _stories(theatre, [one.case for one in board.all_cases if one.slot.start <= now])
    cast: list[_Cast] = []
    for position, cases in enumerate(board.cases.values()):
        team = _rotated(people, position)
        cast += _room(theatre, [(one.case, one.slot) for one in cases], team, stories, now)
    _drive(theatre, [one.player(theatre) for one in cast], now)
    return next((one.case.id for one in cast if one.story is not PLAIN), "")


def _stories(theatre: Theatre, cases: Sequence[Case]) -> dict[str, Storyline]:
    """Return the storyline by case id: for the first case of the longest checklist."""
    plans = [(case, plan) for case in cases if (plan := _plan(theatre, case))]
    if not plans:
        return {}
    told, plan = max(plans, key=lambda one: len(one[1].checklist.pauses))
    return {told.id: story_for(plan)}


@dataclass(frozen=True)
class _Cast:
    case: Case
    plan: Plan
    team: Sequence[Person]
    start: datetime
    booked: timedelta
    story: Storyline

    def stops(self) -> tuple[Stop, ...]:
        """Return the timetable of this case."""
        return timetable(self.plan, self.start, self.case.number, self.story.overrun, self.booked)

    def player(self, theatre: Theatre) -> Player:
        """Return the player of this case."""
        return Player(theatre, self.case, self.plan, self.team, self.stops(), self.story)


def _room(
    theatre: Theatre,
    cases: Sequence[tuple[Case, Slot]],
    team: Sequence[Person],
    stories: Mapping[str, Storyline],
    now: datetime,
) -> Iterator[_Cast]:
    """Yield the cases of one room that have begun by `now`; each waits for the room to be free and cleaned."""
    free_at: datetime | None = None
    for case, slot in cases:
        plan = None if case.state.has_started else _plan(theatre, case)
        if plan is None:
            continue
        # A case number gives each case its own few minutes of delay, the same on every day.
        story = stories.get(case.id, PLAIN)
        on_time = slot.start + timedelta(minutes=case.number % 7 - 1)
        cast = _Cast(case, plan, team, max(on_time, free_at) if free_at else on_time, slot.length, story)
        stops = cast.stops()
        if stops[0].ends > now:
            return
        yield cast
        free_at = next((stop.ends for stop in stops if stop.step.id == "POR"), stops[-1].ends) + TURNOVER


def _rotated(people: Sequence[Person], by: int) -> list[Person]:
    """Return the people in another order for each room, so that the rooms do not share one nurse."""
    shift = by * 5 % len(people) if people else 0
    return [*people[shift:], *people[:shift]]


def _plan(theatre: Theatre, case: Case) -> Plan | None:
    return running.open_case(theatre, case.id).plan


def _drive(theatre: Theatre, players: Sequence[Player], until: datetime | None) -> None:
    """Let the players act in order of time, in one transaction, until the clock reaches `until`."""
    with clock_at(theatre, theatre.now()) as clock, theatre.writing(SYSTEM, Verb.KEEP):
        waiting = [(next(acts), number, acts) for number, acts in enumerate(player.play() for player in players)]
        heapq.heapify(waiting)
        while waiting:
            due, number, acts = heapq.heappop(waiting)
            if until is not None and due > until:
                return
            clock.at = due
            if (following := next(acts, None)) is not None:
                heapq.heappush(waiting, (following, number, acts))
