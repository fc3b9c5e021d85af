"""ASL1 Liguria instances (ASP facts, MarcoMochi/JLC2023ASL1): a week of one hospital, after its published encoding.

    registration(Number, Priority, Specialty, "Ordinario", Minutes, IntensiveCare, DaysBefore, DaysAfter).
    mss("ROOM", Specialty, Day).    beds(Count, Specialty, Day).    givenSchedule(Number, Day, "ROOM").
    #const timeDisp = 330.

Kept: the minutes of a room-day (timeDisp), the beds of a specialty on each day that has a `beds` fact (an ordinary
patient without intensive care lies there from DaysBefore before to DaysAfter after the operation), a given schedule,
and that every patient of priority 1 is planned. As in the encoding, a room-day is open to every specialty. Then the
fewest unplanned of priority 2, among those plans the fewest of priority 3, and so on. All of it is in the planner:
priorities are weights of which no number of the lower ones reaches one of the higher.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from math import ceil

from ortool.errors import BadInput
from ortool.schedule.placing import Wanted
from ortool.schedule.planner.problem import Draw, Tie, Waiter, WeekPlan, WeekProblem
from tests.benchmarks.instance import Clock, Places, free, week_of

FACT = re.compile(
    r"\s*(?:([a-z]\w*)\(([^()]*(?:\([^()\"]*\)[^()]*)*)\)\s*\.|#const\s+(\w+)\s*=\s*(-?\d+)\s*\.|%[^\n]*)"
)
PART = re.compile(r'\s*(?:(-?\d+)|"([^"]*)")\s*(?:,|$)')
FACTS = {"registration": "iiisiiii", "mss": "sii", "beds": "iii", "givenSchedule": "iis"}


@dataclass(frozen=True)
class Registration:
    """One patient. `before` and `after` are days in a bed of the specialty, 0 and 0 where none is needed."""

    number: int
    priority: int
    specialty: int
    minutes: int
    before: int
    after: int

    @property
    def days_in_bed(self) -> range:
        """From the day of the operation, the days on which a bed is taken."""
        return range(-self.before, self.after + 1) if self.before + self.after > 0 else range(0)


@dataclass(frozen=True)
class Asl1:
    """One hospital's week. Days have numbers; `beds` are by specialty and day, `given` by patient."""

    minutes: int
    sessions: list[tuple[str, int]]
    patients: list[Registration]
    beds: dict[tuple[int, int], int]
    given: dict[int, tuple[str, int]]
    form: str = "ASL1 Liguria, unplanned P1/P2/…"
    limits: str = "nothing of the published encoding is left out"

    @property
    def clock(self) -> Clock:
        """Minutes as steps."""
        return Clock.of([self.minutes, *(one.minutes for one in self.patients)])

    @property
    def counts(self) -> list[int]:
        """How many patients there are of priority 1, 2, …"""
        count = Counter(one.priority for one in self.patients)
        return [count[priority] for priority in range(1, max(count, default=1) + 1)]

    @property
    def weights(self) -> list[int]:
        """What a patient of priority 1, 2, … weighs: more than all of the lower ones together."""
        found = [1]
        for count in reversed(self.counts[1:]):
            found.insert(0, found[0] * (count + 1))
        return found

    def problem(self) -> WeekProblem:
        """Return it as a week of the planner."""
        clock, days = self.clock, [day for _, day in self.sessions]
        last = clock.day(max(days))
        waiting = []
        for one in self.patients:
            must = one.priority == 1 or one.number in self.given
            stay, far = one.days_in_bed, clock.stride
            draws = (Draw(f"bed {one.specialty}", 1, stay[0] * far, stay[-1] * far),) if stay else ()
            wanted = Wanted(str(one.number), one.number, str(one.number), ())
            due = last if must else None
            waiting.append(Waiter(wanted, clock.duration(one.minutes), one.priority, 0, due, must, None, draws))
        quotas = {(f"bed {specialty}", clock.day(day)): count for (specialty, day), count in self.beds.items()}
        pins = tuple(Tie(number, room, clock.day(day)) for number, (room, day) in self.given.items())
        sessions = [(room, day, self.minutes) for room, day in self.sessions]
        weights = free(priority=tuple(self.weights))
        return week_of(clock, (min(days), max(days)), sessions, waiting, weights, quotas=quotas, pins=pins)

    def places(self, plan: WeekPlan) -> Places:
        """Return room and day of each patient."""
        return {one.case_id: (one.room, self.clock.number(one.span.start.date())) for one in plan.placed}

    def loss(self, places: Places) -> int:
        """Return the weighted number of unplanned patients."""
        return sum(self.weights[one.priority - 1] for one in self.patients if str(one.number) not in places)

    def lost(self, points: float) -> float:
        """Return the weighted number of unplanned patients of a plan of so many points."""
        return sum(self.weights[one.priority - 1] for one in self.patients) - points

    def violations(self, places: Places) -> list[str]:
        """Return which constraints of the encoding a plan breaks."""
        found = []
        minutes: Counter[tuple[str, int]] = Counter()
        lying: Counter[tuple[int, int]] = Counter()
        for one in self.patients:
            place = places.get(str(one.number))
            if self.given.get(one.number, place) != place:
                found.append(f"{one.number} is not where it is given")
            if place is None:
                found += [f"{one.number} has priority 1 and is not planned"] * (one.priority == 1)
                continue
            minutes[place] += one.minutes
            lying.update((one.specialty, place[1] + day) for day in one.days_in_bed)
        for (room, day), used in minutes.items():
            if used > self.minutes or (room, day) not in self.sessions:
                found.append(f"{room} has {used} min on day {day}")
        for (specialty, day), used in lying.items():
            if used > self.beds.get((specialty, day), used):
                found.append(f"specialty {specialty} has {used} patients in bed on day {day}")
        return found

    def tiers(self, loss: float) -> list[int]:
        """Return how many of priority 1, 2, … a loss leaves unplanned; of a bound, at least."""
        left, found = max(0, ceil(loss - 1e-3)), []
        for weight in self.weights:
            found.append(left // weight)
            left %= weight
        return found

    def words(self, loss: float) -> str:
        """Return the unplanned by priority."""
        return "/".join(map(str, self.tiers(loss)))

    def gap(self, loss: float, least: float) -> str:
        """Return by how many patients of which priority a plan may be worse than the best."""
        mine, best = self.tiers(loss), self.tiers(least)
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(mine, best, strict=True))))
        return "none: proven best" if same == len(mine) else f"at most {mine[same] - best[same]} of P{same + 1}"


def read(text: str) -> Asl1:
    """Return the facts as an instance. Raises BadInput, naming the line."""
    facts: dict[str, list[list[int | str]]] = {name: [] for name in FACTS}
    constants: dict[str, int] = {}
    at = 0
    while text[at:].strip():
        match = FACT.match(text, at)
        line = text.count("\n", 0, len(text) - len(text[at:].lstrip())) + 1
        if match is None:
            raise BadInput(f"Line {line} is no fact: {text[at:].split(chr(10) * 2, maxsplit=1)[0].strip()[:40]!r}.")
        if match[1] in FACTS:
            facts[match[1]].append(_parts(match[1], match[2], line))
        elif match[3]:
            constants[match[3]] = int(match[4])
        at = match.end()
    if constants.get("timeDisp", 0) <= 0:
        raise BadInput("There is no #const timeDisp: the minutes of a room-day.")
    if not facts["mss"] or not facts["registration"]:
        raise BadInput("There is no registration or no mss fact, so there is nothing to plan.")
    patients = [_registration(one) for one in facts["registration"]]
    if len({one.number for one in patients}) < len(patients):
        raise BadInput("Two registrations have the same number.")
    sessions = sorted({(str(room), int(day)) for room, _, day in facts["mss"]})
    beds = {(int(specialty), int(day)): int(count) for count, specialty, day in facts["beds"]}
    given = {int(number): (str(room), int(day)) for number, day, room in facts["givenSchedule"]}
    return Asl1(constants["timeDisp"], sessions, patients, beds, given)


def _parts(name: str, inside: str, line: int) -> list[int | str]:
    found: list[int | str] = []
    at = 0
    while at < len(inside) and (match := PART.match(inside, at)):
        found.append(match[2] if match[1] is None else int(match[1]))
        at = match.end()
    kinds = "".join("i" if isinstance(one, int) else "s" for one in found)
    if at < len(inside) or kinds != FACTS[name]:
        raise BadInput(f"Line {line}: {name}({inside[:40]}) does not have the parts that it should.")
    return found


def _registration(parts: list[int | str]) -> Registration:
    number, priority, specialty, stay, minutes, intensive, before, after = parts
    assert not isinstance(stay, int)
    if int(minutes) <= 0 or not 1 <= int(priority) <= 9 or int(before) < 0 or int(after) < 0:
        raise BadInput(f"Registration {number} has a priority, minutes or days that cannot be.")
    lies = stay == "Ordinario" and intensive == 0
    days = (int(before), int(after)) if lies else (0, 0)
    return Registration(int(number), int(priority), int(specialty), int(minutes), *days)
