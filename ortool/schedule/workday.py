"""A day under re-planning: cases are taken out and put in again, as fast as the same rules can be asked.

What a case claims in a room and what speaks against a place come from `placing`; they are asked once for each case and
place, and kept. Times inside are whole seconds from `now`, which is taken up to a whole second.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from ortool.errors import Refused
from ortool.schedule.placing import About, Concern, Firmness, Wanted, claims_of, concerns_of, refused_by
from ortool.schedule.proposals import NOTICE, DayCase, Place, Situation, Weights
from ortool.schedule.slots import Span

GRID = 300
"""Seconds: new starts fall on whole five minutes."""
NEVER = 1e6
"""Minutes that an emergency without a place costs: more than anything else."""
_SECOND = timedelta(seconds=1)

Spot = tuple[str, int]
"""A room and a start."""
_Taken = tuple[int, int, int]
"""First and last second, and the lane."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a case claims of one resource, as offsets from its start."""

    resource: str
    first: int
    last: int
    lanes: int
    count: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where some cases were, and in which lanes."""

    spots: dict[int, Spot | None]
    lanes: dict[int, list[tuple[str, _Taken]]]


def _can_be_asked(situation: Situation, case: DayCase) -> bool:
    house = situation.picture.house
    room = house.rooms.get(case.place.room)
    try:
        return room is not None and bool(claims_of(case.wanted, room, case.place.span, house, situation.picture.rules))
    except Refused:
        return False


class Workday:
    """The movable cases of a situation, and its emergency, over what stands. `work` counts the places tried."""

    def __init__(self, situation: Situation, weights: Weights, barred: Collection[tuple[int, str]] = ()) -> None:
        """`barred` are cases and rooms that nothing is looked for in."""
        self.situation, self.weights, self.barred = situation, weights, frozenset(barred)
        now = situation.now
        self.now = now.replace(microsecond=0) + _SECOND * (now.microsecond > 0)
        self.work = 0
        # A case whose own room cannot do any more what it needs is nobody's to move here: it stays in the picture.
        movable = [one for one in situation.movable if _can_be_asked(situation, one)]
        self.cases = {one.number: one for one in movable}
        self.wanted: dict[int, Wanted] = {one.number: one.wanted for one in movable}
        self.length = {one.number: one.place.span.length for one in movable}
        self.home: dict[int, Spot] = {one.number: self._spot(one.place) for one in movable}
        self.emergency = 0
        if (urgent := situation.emergency) is not None:
            self.emergency = urgent.wanted.number
            self.wanted[self.emergency], self.length[self.emergency] = urgent.wanted, urgent.length
            self.due = self._at(urgent.due)
        self.rooms = tuple(situation.picture.house.rooms)
        self.spots: dict[int, Spot | None] = dict.fromkeys(self.wanted)
        self._own_lanes: dict[int, dict[str, tuple[int, ...]]] = {number: {} for number in self.home}
        for held in (held for many in situation.picture.held.values() for held in many):
            if held.case.isdigit() and (lanes := self._own_lanes.get(int(held.case))) is not None:
                lanes[held.resource] = (*lanes.get(held.resource, ()), held.lane)
        self._mine: dict[int, list[tuple[str, _Taken]]] = {}
        self._taken: dict[str, list[_Taken]] = {}
        for one in (one for many in situation.picture.without(self.wanted).held.values() for one in many):
            taken = self._at(one.span.start), self._at(one.span.end, up=True), one.lane
            self._taken.setdefault(one.resource, []).append(taken)
        self._known_parts: dict[tuple[int, str], tuple[_Part, ...] | None] = {}
        self._known_bends: dict[tuple[int, Spot], int | None] = {}
        self.closing = {room: self._at(at) for room, at in situation.closing.items()}
        self.until = self._at(situation.until)
        self._stays = self._ends_of_what_stays()

    def _at(self, moment: datetime, up: bool = False) -> int:
        seconds = (moment - self.now) / _SECOND
        return ceil(seconds) if up else floor(seconds)

    def _spot(self, place: Place) -> Spot:
        return place.room, self._at(place.span.start)

    def _ends_of_what_stays(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.situation.cases:
            if one.number not in self.cases:
                end = self._at(max(one.place.span.end, one.ends or one.place.span.end), up=True)
                found[one.place.room] = max(end, found.get(one.place.room, end))
        return found

    def span_of(self, number: int, spot: Spot) -> Span:
        """Return the span of a case at a spot; at home exactly its own."""
        if spot == self.home.get(number):
            return self.cases[number].place.span
        start = self.now + timedelta(seconds=spot[1])
        return Span(start, start + self.length[number])

    def place_of(self, number: int) -> Place | None:
        """Return where a case lies now, None where it lies nowhere."""
        spot = self.spots[number]
        return Place(spot[0], self.span_of(number, spot)) if spot else None

    def _parts(self, number: int, room: str) -> tuple[_Part, ...] | None:
        key = number, room
        if key not in self._known_parts:
            self._known_parts[key] = self._parts_of(number, room)
        return self._known_parts[key]

    def _parts_of(self, number: int, room: str) -> tuple[_Part, ...] | None:
        picture, now = self.situation.picture, self.now
        span = Span(now, now + self.length[number])
        known = picture.house.rooms.get(room)
        try:
            claims = claims_of(self.wanted[number], known, span, picture.house, picture.rules) if known else None
        except Refused:
            return None
        if claims is None or not all(claim.count <= claim.lanes for claim in claims):
            return None
        return tuple(
            _Part(one.resource, self._at(one.span.start), self._at(one.span.end, up=True), one.lanes, one.count)
            for one in claims
        )

    def concerns(self, number: int, spot: Spot) -> list[Concern] | None:
        """Return what speaks against a place and is only warned of; None where the site refuses it."""
        picture = self.situation.picture
        wanted, room, span = self.wanted[number], picture.house.rooms[spot[0]], self.span_of(number, spot)
        found = concerns_of(wanted, room, span, picture.windows, picture.rules)
        if refused_by(found, wanted, picture.rules) is not None:
            return None
        return [one for one in found if picture.rules.firm(one.about) is not Firmness.ALLOW]

    def new_bends(self, number: int, spot: Spot) -> list[Concern]:
        """Return what a place bends that the case's old place did not."""
        before = self.concerns(number, self.home[number]) if number in self.home else []
        old = {(one.about, one.sentence) for one in before or ()}
        return [one for one in self.concerns(number, spot) or () if (one.about, one.sentence) not in old]

    def _bends(self, number: int, spot: Spot) -> int | None:
        """Return how many rules a place bends anew, None where it is refused. Closing time is counted as overtime."""
        key = number, spot
        if key not in self._known_bends:
            refused = spot != self.home.get(number) and self.concerns(number, spot) is None
            bends = () if refused else self.new_bends(number, spot)
            self._known_bends[key] = None if refused else sum(one.about is not About.HOURS for one in bends)
        return self._known_bends[key]

    # taking out and putting in

    def fits(self, number: int, spot: Spot) -> bool:
        """Whether nothing clashes there and nothing is refused."""
        self.work += 1
        parts = self._parts(number, spot[0])
        if parts is None:
            return False
        start = spot[1]
        for part in parts:
            first, last = start + part.first, start + part.last
            lanes = {lane for begin, end, lane in self._taken.get(part.resource, ()) if begin < last and first < end}
            if len(lanes) + part.count > part.lanes:
                return False
        return self._bends(number, spot) is not None

    def put(self, number: int, spot: Spot) -> None:
        """Place a case; it must fit there."""
        parts = self._parts(number, spot[0])
        assert parts is not None
        held: list[tuple[str, _Taken]] = []
        own = self._own_lanes[number] if spot == self.home.get(number) else {}
        for part in parts:
            first, last = spot[1] + part.first, spot[1] + part.last
            taken = self._taken.setdefault(part.resource, [])
            lanes = {lane for begin, end, lane in taken if begin < last and first < end}
            # What lies at home stays in the lanes that it holds, if it can: nothing of it is to be written.
            mine = own.get(part.resource, ())
            free = [lane for lane in (*mine, *range(1, part.lanes + 1)) if lane not in lanes]
            for lane in list(dict.fromkeys(free))[: part.count]:
                one = first, last, lane
                taken.append(one)
                held.append((part.resource, one))
        self._mine[number], self.spots[number] = held, spot

    def taken_otherwise(self) -> list[int]:
        """Return the cases that lie at home in other lanes than they hold."""
        home = [number for number, spot in self.spots.items() if spot is not None and spot == self.home.get(number)]
        return [number for number in home if any(not self._is_own(number, resource, one)
                                                 for resource, one in self._mine[number])]  # fmt: skip

    def _is_own(self, number: int, resource: str, taken: _Taken) -> bool:
        return taken[2] in self._own_lanes[number].get(resource, ())

    def drop(self, number: int) -> None:
        """Take a case out."""
        for resource, one in self._mine.pop(number, ()):
            self._taken[resource].remove(one)
        self.spots[number] = None

    def snapshot(self, numbers: Iterable[int]) -> Snapshot:
        """Return where some cases are, for `restore`."""
        known = list(numbers)
        return Snapshot({n: self.spots[n] for n in known}, {n: list(self._mine.get(n, ())) for n in known})

    def restore(self, snapshot: Snapshot) -> None:
        """Put the cases back exactly where they were."""
        for number in snapshot.spots:
            self.drop(number)
        for number, spot in snapshot.spots.items():
            self.spots[number] = spot
            if spot is not None:
                self._mine[number] = list(snapshot.lanes[number])
                for resource, one in snapshot.lanes[number]:
                    self._taken.setdefault(resource, []).append(one)

    def starts(self, number: int, room: str, release: int) -> Iterator[int]:
        """Yield the starts from `release` on at which something may become free, in order, on the grid but the first.

        None lies in the past, but where the case is planned already.
        """
        home = self.home.get(number)
        if home is not None and home == (room, release):
            yield release
        earliest = max(release, 0)
        found = {self._on_grid(earliest)}
        for part in self._parts(number, room) or ():
            for _, end, _ in self._taken.get(part.resource, ()):
                if end - part.first > earliest:
                    found.add(self._on_grid(end - part.first))
        length = round(self.length[number] / _SECOND)
        yield from (start for start in sorted(found) if start + length <= self.until)

    def _on_grid(self, seconds: int) -> int:
        phase = round(self.now.timestamp()) % GRID
        return -(-(seconds + phase) // GRID) * GRID - phase

    def earliest(self, number: int, room: str, release: int) -> Spot | None:
        """Return the first spot of a room from `release` on, None where the day is over before."""
        return next(
            ((room, start) for start in self.starts(number, room, release) if self.fits(number, (room, start))), None
        )

    def release(self, number: int) -> int:
        """Return when a case is planned to begin; an emergency now."""
        return self.home[number][1] if number in self.home else 0

    def candidates(self, number: int) -> Iterator[Spot]:
        """Yield the spots worth a look: in each room the first from the planned start on, and the first with notice."""
        release = self.release(number)
        for room in self.rooms:
            if (number, room) in self.barred or self._parts(number, room) is None:
                continue
            if (spot := self.earliest(number, room, release)) is not None:
                yield spot
            ahead = round(NOTICE / _SECOND)
            if number in self.home and ahead < release:
                sooner = self.earliest(number, room, ahead)
                if sooner is not None and sooner[1] < release:
                    yield sooner

    # costs

    def cost_of(self, number: int, spot: Spot | None) -> float:
        """Return what it costs that a case lies there, without overtime."""
        weights = self.weights
        if number not in self.home:
            if spot is None:
                return NEVER
            waits, late = spot[1] / 60, max(0, spot[1] - self.due) / 60
            return waits * weights.waiting + late * weights.late + weights.bend * (self._bends(number, spot) or 0)
        if spot is None:
            case = self.cases[number]
            back = weights.put_back + weights.priority * (3 - case.priority)
            return back * (3 if case.is_urgent else 1)
        home = self.home[number]
        if spot == home:
            return 0.0
        moved = abs(spot[1] - home[1]) / 60 * weights.moved + weights.change
        return moved + (weights.room if spot[0] != home[0] else 0) + weights.bend * (self._bends(number, spot) or 0)

    def last_ends(self) -> dict[str, int]:
        """Return when the last case of each room ends."""
        found = dict(self._stays)
        for number, spot in self.spots.items():
            if spot is not None:
                end = spot[1] + round(self.length[number] / _SECOND)
                found[spot[0]] = max(end, found.get(spot[0], end))
        return found

    def overtime(self) -> dict[str, int]:
        """Return the minutes that each room is used after it closes."""
        found = self.last_ends()
        return {
            room: max(0, ceil((found[room] - closes) / 60)) for room, closes in self.closing.items() if room in found
        }

    def cost(self) -> float:
        """Return what the day costs as it lies."""
        over = sum(self.overtime().values()) * self.weights.overtime
        return over + sum(self.cost_of(number, spot) for number, spot in self.spots.items())

    def place_best(self, number: int) -> None:
        """Put a case where it costs least, its overtime included; nowhere where that costs less."""
        ends = self.last_ends()
        best, least = None, self.cost_of(number, None)
        for spot in self.candidates(number):
            limit = max(self.closing.get(spot[0], self.until), ends.get(spot[0], spot[1]))
            over = max(0, spot[1] + round(self.length[number] / _SECOND) - limit) / 60 * self.weights.overtime
            cost = self.cost_of(number, spot) + over
            if cost < least:
                best, least = spot, cost
        if best is not None:
            self.put(number, best)
