"""IHTC-2024 instances (JSON, ihtc2024.github.io), their surgical part: who is operated on which day in which theatre.

Kept: a theatre's minutes and a surgeon's minutes of each day, release days, due days of the mandatory. Costs, with the
instance's weights: open theatres (S5), further theatres of a surgeon on a day (S6), days of delay (S7), optional
patients that are not scheduled (S8). All of them are terms of the planner itself. Wards, age groups and nurses (S1-S4,
H1-H2 and the rooms of the wards) are not looked at, so a cost is not that of the competition.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from math import inf

from ortool.errors import BadInput
from ortool.schedule.placing import Member, Wanted
from ortool.schedule.planner.problem import Draw, Waiter, WeekPlan, WeekProblem
from tests.benchmarks.instance import Clock, Places, free, week_of

WEIGHTS = ("open_operating_theater", "surgeon_transfer", "patient_delay", "unscheduled_optional")


@dataclass(frozen=True)
class Patient:
    """Days are counted from 0, minutes are whole. `due` is the last day of a mandatory patient, None for an optional one."""

    id: str
    release: int
    due: int | None
    minutes: int
    surgeon: str


@dataclass(frozen=True)
class Ihtc:
    """The surgical part of one instance. `open`, `transfer`, `delay`, `optional` are its weights S5 to S8."""

    days: int
    theatres: dict[str, list[int]]
    surgeons: dict[str, list[int]]
    patients: list[Patient]
    open: int
    transfer: int
    delay: int
    optional: int
    form: str = "IHTC-2024 surgical part"
    limits: str = "wards and nurses (S1-S4) are not looked at"

    @property
    def clock(self) -> Clock:
        """Theatre minutes as steps."""
        sessions = [minutes for many in self.theatres.values() for minutes in many]
        return Clock.of([*sessions, *(one.minutes for one in self.patients)])

    @property
    def must(self) -> int:
        """Points that a mandatory patient is worth: more than one can ever cost or keep others from."""
        return 2 * self.optional + self.open + self.transfer + self.delay * self.days

    def problem(self) -> WeekProblem:
        """Return it as a week of the planner: priority 1 is mandatory, 2 optional."""
        clock = self.clock
        weights = free(
            priority=(self.must, self.optional), room_change=self.transfer, opening=self.open,
            later=self.delay / clock.stride,
        )  # fmt: skip
        quotas = {(name, clock.day(day)): most for name, many in self.surgeons.items() for day, most in enumerate(many)}
        sessions = [(room, day, minutes) for room, many in self.theatres.items() for day, minutes in enumerate(many)]
        waiting = [self._waiter(clock, number, one) for number, one in enumerate(self.patients, 1)]
        return week_of(clock, (0, self.days - 1), sessions, waiting, weights, quotas=quotas)

    def _waiter(self, clock: Clock, number: int, one: Patient) -> Waiter:
        wanted = Wanted(one.id, number, one.id, (Member(one.surgeon, one.surgeon),))
        due = None if one.due is None else clock.day(min(one.due, self.days - 1))
        draws = (Draw(one.surgeon, one.minutes),)
        must = due is not None
        return Waiter(
            wanted, clock.duration(one.minutes), 1 if must else 2, 0, due, must, clock.day(one.release), draws
        )

    def places(self, plan: WeekPlan) -> Places:
        """Return theatre and day of each patient."""
        return {one.case_id: (one.room, self.clock.number(one.span.start.date())) for one in plan.placed}

    def loss(self, places: Places) -> int:
        """Return S5 to S8 of a plan."""
        known = {one.id: one for one in self.patients}
        rooms: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        for patient, (room, day) in places.items():
            rooms[known[patient].surgeon, day].add(room)
        opened = len(set(places.values()))
        transfers = sum(len(some) - 1 for some in rooms.values())
        delays = sum(day - known[patient].release for patient, (_, day) in places.items())
        left = sum(one.due is None and one.id not in places for one in self.patients)
        return self.open * opened + self.transfer * transfers + self.delay * delays + self.optional * left

    def lost(self, points: float) -> float:
        """Return the cost of a plan that places all mandatory patients; each that it misses adds `must`."""
        mandatory = sum(one.due is not None for one in self.patients)
        return self.must * mandatory + self.optional * (len(self.patients) - mandatory) - points

    def violations(self, places: Places) -> list[str]:
        """Return which hard rules of the surgical part a plan breaks."""
        known = {one.id: one for one in self.patients}
        theatres: Counter[tuple[str, int]] = Counter()
        surgeons: Counter[tuple[str, int]] = Counter()
        found = [
            f"mandatory {one.id} is not scheduled"
            for one in self.patients
            if one.due is not None and one.id not in places
        ]
        for patient, (room, day) in places.items():
            one = known[patient]
            theatres[room, day] += one.minutes
            surgeons[one.surgeon, day] += one.minutes
            last = self.days - 1 if one.due is None else one.due
            if not one.release <= day <= last:
                found.append(f"{patient} is operated on day {day}, not on one of {one.release} to {last}")
        for (room, day), minutes in theatres.items():
            if minutes > self.theatres[room][day]:
                found.append(f"theatre {room} has {minutes} min on day {day}")
        for (surgeon, day), minutes in surgeons.items():
            if minutes > self.surgeons[surgeon][day]:
                found.append(f"surgeon {surgeon} has {minutes} min on day {day}")
        return found

    def words(self, loss: float) -> str:
        """Return the cost; what a missed mandatory patient adds is told apart."""
        return f"{loss:.0f}"

    def gap(self, loss: float, least: float) -> str:
        """Return the gap in percent of the least possible."""
        share = 100 * (loss - least) / least if least > 0 else (0.0 if loss <= least else inf)
        return f"{max(0.0, share):.1f} %"


def read(text: str) -> Ihtc:
    """Return the surgical part of an instance. Raises BadInput, saying what is wrong where."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise BadInput(f"This is no JSON: {error}.") from None
    days = _whole(raw, "days", "the instance", 1)
    weights = [_whole(_part(raw, "weights", dict, "the instance"), name, "weights") for name in WEIGHTS]
    theatres = {
        _name(one): _by_day(one, "availability", days) for one in _part(raw, "operating_theaters", list, "the instance")
    }
    surgeons = {
        _name(one): _by_day(one, "max_surgery_time", days) for one in _part(raw, "surgeons", list, "the instance")
    }
    patients = [_patient(one, surgeons) for one in _part(raw, "patients", list, "the instance")]
    if len({one.id for one in patients}) < len(patients):
        raise BadInput("Two patients of the instance have the same id.")
    return Ihtc(days, theatres, surgeons, patients, *weights)


def _part(raw: object, name: str, kind: type, where: str):  # type: ignore[no-untyped-def]
    found = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise BadInput(f"{where[:40]} has no {name}, or not as it should be.", "See the specification of IHTC-2024.")
    return found


def _whole(raw: object, name: str, where: str, least: int = 0) -> int:
    found: int = _part(raw, name, int, where)
    if found < least:
        raise BadInput(f"{name} of {where[:40]} is {found}, below {least}.")
    return found


def _name(raw: object) -> str:
    found: str = _part(raw, "id", str, "something in a list")
    return found


def _by_day(raw: object, name: str, days: int) -> list[int]:
    found = _part(raw, name, list, _name(raw))
    if len(found) < days or not all(type(one) is int and one >= 0 for one in found):
        raise BadInput(f"{name} of {_name(raw)[:40]} are not whole minutes for {days} days.")
    return found[:days]


def _patient(raw: object, surgeons: dict[str, list[int]]) -> Patient:
    name = _name(raw)
    mandatory = _part(raw, "mandatory", bool, name)
    due = _whole(raw, "surgery_due_day", name) if mandatory else None
    surgeon = _part(raw, "surgeon_id", str, name)
    if surgeon not in surgeons:
        raise BadInput(f"{name[:40]} has a surgeon {surgeon[:40]!r} who is not in the instance.")
    release, minutes = _whole(raw, "surgery_release_day", name), _whole(raw, "surgery_duration", name, 1)
    return Patient(name, release, due, minutes, surgeon)
