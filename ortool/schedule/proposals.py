"""The values of a day that is re-planned: what stands, what happened to it, and the proposals that answer it.

Times are timezone-aware UTC, costs are minutes. Nothing here reads a clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, count

from ortool.errors import Refused
from ortool.schedule.gaps import Picture
from ortool.schedule.placing import Concern, Wanted, claims_of
from ortool.schedule.slots import Held, Span, nearest_start

GRACE = timedelta(minutes=5)
"""A running case that ends so little later than planned moves nobody."""
NOTICE = timedelta(minutes=60)
"""A case is called earlier than it is planned only this long ahead: its patient has to be there (EST)."""


class Standing(StrEnum):
    """Whether a case may move: a frozen one and one that has begun never do."""

    MOVABLE = "movable"
    FROZEN = "frozen"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Place:
    """A room and a span in it (UTC)."""

    room: str
    span: Span


@dataclass(frozen=True, slots=True)
class DayCase:
    """A case of the day as it is planned. `ends` is when a running one is expected to end, None for every other.

    `priority` is 1 (first) to 5; `is_urgent` is more than that. `held`: its slot is not confirmed.
    """

    wanted: Wanted
    place: Place
    standing: Standing = Standing.MOVABLE
    ends: datetime | None = None
    priority: int = 3
    is_urgent: bool = False
    held: bool = False

    @property
    def number(self) -> int:
        """The case's number."""
        return self.wanted.number


@dataclass(frozen=True, slots=True)
class Delay:
    """A room or a person (`room:OR2`, `person:p3`) runs so late, against the plan, from a moment on."""

    resource: str
    by: timedelta
    since: datetime


@dataclass(frozen=True, slots=True)
class Emergency:
    """A case that has no slot and must begin by `due`. It is never refused for a block, hours, leave or closure."""

    wanted: Wanted
    length: timedelta
    due: datetime


@dataclass(frozen=True, slots=True)
class Weights:
    """What a proposal costs, in minutes that a hospital understands. Own values (EST), to be kept local by a site.

    `overtime`: a minute after closing, against a minute inside (Dexter's 1.75). `moved`: a minute by which a case
    begins otherwise than planned. `change`: each case that moves at all, for the calls it takes. `room`: each case in
    another room. `bend`: each rule bent that was not before. `put_back`: a case of priority 3 that waits again; each
    step of priority is `priority` more or less. `waiting`: a minute that an emergency waits, `late` one beyond its due
    time.
    """

    overtime: float = 1.75
    moved: float = 1.0
    change: float = 10.0
    room: float = 20.0
    bend: float = 15.0
    put_back: float = 600.0
    priority: float = 100.0
    waiting: float = 1.0
    late: float = 30.0


WEIGHTS = Weights()
FEW = Weights(change=240.0, put_back=1200.0)
"""The same hospital where a change costs more than anything but a case put back."""


class Kind(StrEnum):
    """In which way a proposal answers."""

    SHIFT = "right shift"
    FEWEST = "fewest changes"
    LEAST = "least overtime and lateness"
    OTHER = "another way"


@dataclass(frozen=True, slots=True)
class Move:
    """One case that goes elsewhere. Without `after` it waits again; without `before` it had no slot."""

    case_id: str
    number: int
    before: Place | None
    after: Place | None
    held: bool = False

    @property
    def minutes(self) -> int:
        """By how much it begins later; negative is earlier, 0 where it has only one place."""
        if self.before is None or self.after is None:
            return 0
        return round((self.after.span.start - self.before.span.start) / timedelta(minutes=1))

    @property
    def changes_room(self) -> bool:
        """Whether it goes to another room."""
        return self.before is not None and self.after is not None and self.before.room != self.after.room


@dataclass(frozen=True, slots=True)
class Bend:
    """A rule of the site that a move bends and that its old place did not."""

    number: int
    concern: Concern


@dataclass(frozen=True, slots=True)
class RoomOvertime:
    """Minutes after closing of one room: as it stood planned, and as it would be."""

    room: str
    closes: datetime
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A frozen case that keeps its slot though what it needs is expected to be free so many minutes too late."""

    number: int
    room: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a proposal comes to: minutes and numbers, and their weighted sum in minutes.

    `waits` is how long an emergency waits from now on, `late` how much of it is beyond its due time.
    """

    overtime: int
    moved: int
    changes: int
    rooms: int
    put_back: int
    bends: int
    waits: int
    late: int
    total: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """One answer. `steps` stand in an order in which they can be carried out after all have given up their places.

    A step may leave its case where it is: then only which of several units it takes has changed.
    """

    kind: Kind
    steps: tuple[Move, ...]
    bends: tuple[Bend, ...]
    overtime: tuple[RoomOvertime, ...]
    kept: tuple[Kept, ...]
    cost: Cost

    @property
    def moves(self) -> tuple[Move, ...]:
        """The cases that go elsewhere, by where they begin then; those that wait again come last."""
        found = (one for one in self.steps if one.before != one.after)
        return tuple(sorted(found, key=lambda one: (one.after is None, one.after and one.after.span.start, one.number)))

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms that a case leaves or comes to."""
        places = (place for move in self.moves for place in (move.before, move.after))
        return frozenset(place.room for place in places if place)


@dataclass(frozen=True, slots=True)
class Situation:
    """A day and what happened to it. Cases of the day that may move do so between `now` and `until`.

    `picture` holds what stands, running cases for as long as they are expected to run. `closing` says when each room
    closes; a room that is not named never does.
    """

    now: datetime
    until: datetime
    picture: Picture
    cases: tuple[DayCase, ...]
    closing: Mapping[str, datetime]
    emergency: Emergency | None = None
    kept: tuple[Kept, ...] = ()

    @property
    def movable(self) -> tuple[DayCase, ...]:
        """The cases that may move, by planned start."""
        found = (one for one in self.cases if one.standing is Standing.MOVABLE)
        return tuple(sorted(found, key=lambda one: (one.place.span.start, one.number)))


def situation_of(
    now: datetime,
    until: datetime,
    picture: Picture,
    cases: Sequence[DayCase],
    closing: Mapping[str, datetime],
    delay: Delay | None = None,
    emergency: Emergency | None = None,
) -> Situation:
    """Return the situation that a delay or an emergency makes of a day. Raises Refused for a delay of nobody.

    A delay is the running case's that holds the resource: it ends so much later than planned. Where none runs, the
    resource comes so late to its first case. A frozen case that has to wait keeps its slot and ends as much later.
    """
    known = list(cases)
    if delay is not None:
        picture = _delayed(picture, known, delay, now)
    for one in known:
        if one.standing is Standing.BEGUN and one.ends is not None:
            by = one.ends - one.place.span.end
            picture = _longer(picture, one, by) if by > GRACE else picture
    kept: list[Kept] = []
    for one in sorted(known, key=lambda each: (each.place.span.start, each.number)):
        if one.standing is Standing.FROZEN and (by := _waits(picture, one, known)) > timedelta():
            picture = _longer(picture, one, by)
            kept.append(Kept(one.number, one.place.room, -(-by // timedelta(minutes=1))))
    return Situation(now, until, picture, tuple(known), closing, emergency, tuple(kept))


def _waits(picture: Picture, case: DayCase, cases: Sequence[DayCase]) -> timedelta:
    """Return how long a frozen case will wait in its slot for what others hold longer than was planned."""
    room = picture.house.rooms.get(case.place.room)
    if room is None:
        return timedelta()
    others = picture.without([case.number, *(one.number for one in cases if one.standing is Standing.MOVABLE)])
    try:
        claims = claims_of(case.wanted, room, case.place.span, picture.house, picture.rules)
    except Refused:
        return timedelta()
    start = case.place.span.start
    return nearest_start(claims, others.of_claims(claims), start) - start


def _delayed(picture: Picture, cases: list[DayCase], delay: Delay, now: datetime) -> Picture:
    if delay.by <= timedelta():
        raise Refused("A delay has minutes.", "Write by how many minutes it runs late.")
    held = picture.held.get(delay.resource, ())
    mine = {one.case for one in held}
    for place, one in enumerate(cases):
        if str(one.number) in mine and one.standing is Standing.BEGUN and one.ends is not None:
            cases[place] = replace(one, ends=max(now, one.place.span.end + delay.by))
            return picture
    later = [one for one in cases if str(one.number) in mine and one.standing is not Standing.BEGUN]
    later = [one for one in later if one.place.span.end > delay.since]
    if not later:
        name = delay.resource.partition(":")[2]
        raise Refused(f"Nothing of {name} is still to come on this day.", "A delay is of a room or person with cases.")
    first = min(later, key=lambda one: (one.place.span.start, one.number))
    start = first.place.span.start
    span = Span(min(delay.since, start), start + delay.by)
    lanes = {one.lane for one in held} | {1}
    blocked = [Held(delay.resource, lane, span, "", first.place.room) for lane in sorted(lanes)]
    return _picture(picture, [one for many in picture.held.values() for one in many] + blocked)


def _longer(picture: Picture, case: DayCase, by: timedelta) -> Picture:
    """Return the picture with everything that a running case holds held so much longer; its bed so much later."""
    every = [one for many in picture.held.values() for one in many]
    found: list[Held] = []
    for one in every:
        if one.case != str(case.number) or one.span.start >= case.place.span.end:
            is_bed = one.case == str(case.number)
            found.append(replace(one, span=one.span.moved(by)) if is_bed else one)
            continue
        # What it holds longer may be another's by then: both need a lane, however many there are.
        longer = Span(one.span.end, one.span.end + by)
        taken = {
            held.lane for held in picture.held[one.resource] if held.case != one.case and held.span.overlaps(longer)
        }
        lane = next(lane for lane in chain((one.lane,), count(1)) if lane not in taken)
        found += [one, replace(one, span=longer, lane=lane)]
    return _picture(picture, found)


def _picture(picture: Picture, held: list[Held]) -> Picture:
    return Picture.of(picture.house, picture.rules, picture.windows, held)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who must be told, in which role, and of which cases (numbers)."""

    name: str
    role: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instead:
    """Another surgeon (id, name) for a case (id, number) instead of the one it has."""

    case_id: str
    number: int
    surgeon: str
    name: str
    former: str
    former_name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal with whom it concerns. `about` says what happened, `code` is its coded reason.

    `mark` is short and the same only for the same moves; `revisions` are those of the day's slots when it was made,
    by case id. `thawed` are the frozen cases that it moves, which needs a reason. `instead` is the emergency's other
    surgeon, None where it keeps its own.
    """

    mark: str
    about: str
    code: str
    proposal: Proposal
    told: tuple[Told, ...]
    revisions: Mapping[str, int]
    thawed: tuple[int, ...] = ()
    instead: Instead | None = None
