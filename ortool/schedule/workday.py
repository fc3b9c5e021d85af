"""A day under re-planning: cases are taken out and put in again, as fast as the same rules can be asked.

What a case claims in a room and what speaks against a place come from `placing`; they are asked once for each case and
place, and kept. Times inside are whole seconds from `now`, which is taken up to a whole second.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from math import ceil, floor

from ortool.errors import Refused
from ortool.schedule.placing import About, Concern, Firmness, Wanted, claims_of, concerns_of, refused_by
from ortool.schedule.proposals import NOTICE, DayCase, Place, Situation, Weights
from ortool.schedule.slots import Span
from ortool.schedule.taken import GRID, Part, Stretch, Taken

NEVER = 1e6
"""Minutes that an emergency without a place costs: more than anything else."""
_SECOND = timedelta(seconds=1)

Spot = tuple[str, int]
"""A room and a start."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where some cases were, and in which lanes."""

    spots: dict[int, Spot | None]
    lanes: dict[int, list[tuple[str, Stretch]]]


def _can_be_asked(situation: Situation, case: DayCase) -> bool:
    house = situation.picture.house
    room = house.rooms.get(case.place.room)
    try:
        return room is not None and bool(claims_of(case.wanted, room, case.place.span, house, situation.picture.rules))
    except Refused:
        return False


class Workday:
    """The movable cases of a situation, and its emergency, over what stands. `work` counts the rooms looked at."""

    def __init__(self, situation: Situation, weights: Weights, barred: Collection[tuple[int, str]] = ()) -> None:
        """`barred` are cases and rooms that nothing is looked for in."""
        self.situation, self.weights, self.barred = situation, weights, frozenset(barred)
        now = situation.now
        self.now = now.replace(microsecond=0) + _SECOND * (now.microsecond > 0)
        self.work = 0
        self._first = -round(self.now.timestamp()) % GRID
        self._taken = Taken(self._first)
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
        self._seconds = {number: round(length / _SECOND) for number, length in self.length.items()}
        self.people = {number: frozenset(one.id for one in wanted.people) for number, wanted in self.wanted.items()}
        self.rooms = tuple(situation.picture.house.rooms)
        self.spots: dict[int, Spot | None] = dict.fromkeys(self.wanted)
        self._costs: dict[int, float] = {}
        self._own_lanes: dict[int, dict[str, tuple[int, ...]]] = {number: {} for number in self.home}
        for held in (held for many in situation.picture.held.values() for held in many):
            if held.case.isdigit() and (lanes := self._own_lanes.get(int(held.case))) is not None:
                lanes[held.resource] = (*lanes.get(held.resource, ()), held.lane)
        self._mine: dict[int, list[tuple[str, Stretch]]] = {}
        for one in (one for many in situation.picture.without(self.wanted).held.values() for one in many):
            taken = self._at(one.span.start), self._at(one.span.end, up=True), one.lane
            self._taken.add(one.resource, taken)
        self._known_parts: dict[tuple[int, str], tuple[Part, ...] | None] = {}
        self._able: dict[int, list[str]] = {}
        self._known_spots: dict[tuple[int, str, int, bool], tuple[tuple[float, int, Spot], ...]] = {}
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

    def _parts(self, number: int, room: str) -> tuple[Part, ...] | None:
        key = number, room
        if key not in self._known_parts:
            self._known_parts[key] = self._parts_of(number, room)
        return self._known_parts[key]

    def _parts_of(self, number: int, room: str) -> tuple[Part, ...] | None:
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
            Part(one.resource, self._at(one.span.start), self._at(one.span.end, up=True), one.lanes, one.count)
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
        parts = self._parts(number, spot[0])
        if parts is None:
            return False
        return all(self._taken.fits(part, spot[1]) for part in parts) and self._bends(number, spot) is not None

    def put(self, number: int, spot: Spot) -> None:
        """Place a case; it must fit there."""
        parts = self._parts(number, spot[0])
        assert parts is not None
        held: list[tuple[str, Stretch]] = []
        own = self._own_lanes[number] if spot == self.home.get(number) else {}
        for part in parts:
            # It fits, so the one lane of what there is once is free.
            lanes = self._taken.lanes(part, spot[1]) if part.lanes > 1 else ()
            # What lies at home stays in the lanes that it holds, if it can: nothing of it is to be written.
            mine = own.get(part.resource, ())
            others = (lane for lane in range(1, part.lanes + 1) if lane not in mine)
            free = (lane for lane in chain(mine, others) if lane not in lanes)
            for lane in islice(free, part.count):
                one = spot[1] + part.first, spot[1] + part.last, lane
                self._taken.add(part.resource, one)
                held.append((part.resource, one))
        self._mine[number] = held
        self._lies(number, spot)

    def _lies(self, number: int, spot: Spot | None) -> None:
        self.spots[number] = spot
        self._costs.pop(number, None)

    def cost_now(self, number: int) -> float:
        """Return what it costs that a case lies where it lies, without overtime."""
        if number not in self._costs:
            self._costs[number] = self.cost_of(number, self.spots[number])
        return self._costs[number]

    def taken_otherwise(self) -> list[int]:
        """Return the cases that lie at home in other lanes than they hold."""
        home = [number for number, spot in self.spots.items() if spot is not None and spot == self.home.get(number)]
        return [number for number in home if any(not self._is_own(number, resource, one)
                                                 for resource, one in self._mine[number])]  # fmt: skip

    def _is_own(self, number: int, resource: str, taken: Stretch) -> bool:
        return taken[2] in self._own_lanes[number].get(resource, ())

    def drop(self, number: int) -> None:
        """Take a case out."""
        for resource, one in self._mine.pop(number, ()):
            self._taken.remove(resource, one)
        self._lies(number, None)

    def snapshot(self, numbers: Iterable[int]) -> Snapshot:
        """Return where some cases are, for `restore`."""
        known = list(numbers)
        return Snapshot({n: self.spots[n] for n in known}, {n: list(self._mine.get(n, ())) for n in known})

    def restore(self, snapshot: Snapshot) -> None:
        """Put the cases back exactly where they were."""
        for number in snapshot.spots:
            self.drop(number)
        for number, spot in snapshot.spots.items():
            self._lies(number, spot)
            if spot is not None:
                self._mine[number] = list(snapshot.lanes[number])
                for resource, one in snapshot.lanes[number]:
                    self._taken.add(resource, one)

    def _free(self, number: int) -> Iterator[tuple[str, int]]:
        """Yield each room that a case may be in, its own first, with the starts at which nothing clashes there."""
        last = (self.until - self._seconds[number] - self._first) // GRID
        every: int | None = None
        for room in self._rooms_of(number):
            parts = self._known_parts[number, room] or ()
            self.work += 1
            if every is None:
                # What a case needs beside the room is the same in every room.
                every = (1 << (last + 1)) - 1 if last >= 0 else 0
                for part in parts[1:]:
                    every &= ~self._taken.clashes(part)
            yield room, every & ~self._taken.clashes(parts[0])

    def _rooms_of(self, number: int) -> list[str]:
        if number not in self._able:
            own = self.home[number][0] if number in self.home else ""
            rooms = sorted(self.rooms, key=lambda room: room != own)
            able = [room for room in rooms if self._parts(number, room) is not None]
            self._able[number] = [room for room in able if (number, room) not in self.barred]
        return self._able[number]

    def earliest(self, number: int, room: str, release: int) -> Spot | None:
        """Return the first spot of a room from `release` on, None where the day is over before or the room unable."""
        mine = (self._soonest(number, room, release, free) for one, free in self._free(number) if one == room)
        return next(mine, None)

    def _soonest(self, number: int, room: str, release: int, free: int) -> Spot | None:
        """Return the first of the free starts that nobody refuses. None lies in the past, but where it is planned."""
        home = self.home.get(number)
        if home is not None and home == (room, release) and self.fits(number, home):
            return home
        skipped = max(0, -((self._first - max(release, 0)) // GRID))
        free = free >> skipped << skipped
        # A refused start is gone on from where something becomes free, not step by step.
        free &= ~(free << 1)
        while free:
            low = free & -free
            spot = room, self._first + GRID * (low.bit_length() - 1)
            if self._bends(number, spot) is not None:
                return spot
            free ^= low
        return None

    def rivals(self) -> dict[int, list[list[int]]]:
        """Return of each case, for each person or thing it needs that may be short, the other cases that need it."""
        needing: dict[str, list[int]] = {}
        of: dict[int, list[str]] = {number: [] for number in self.wanted}
        for number in self.wanted:
            for part in (self._parts(number, next(iter(self._rooms_of(number)), "")) or ())[1:]:
                if part.lanes < len(self.situation.cases):
                    needing.setdefault(part.resource, []).append(number)
                    of[number].append(part.resource)
        return {
            number: [others for what in some if (others := [one for one in needing[what] if one != number])]
            for number, some in of.items()
        }

    def release(self, number: int) -> int:
        """Return when a case is planned to begin; an emergency now."""
        return self.home[number][1] if number in self.home else 0

    def _candidates(self, number: int, room: str, free: int) -> tuple[tuple[float, int, Spot], ...]:
        """Return the spots of a room worth a look, each with its cost and its end, from its free starts.

        They are the first from the planned start on, and the first with notice.
        """
        release, home = self.release(number), self.home.get(number)
        is_home = home is not None and home[0] == room and self._is_free(number, home, free)
        key = number, room, free, is_home
        if key not in self._known_spots:
            found = [self._soonest(number, room, release, free)]
            ahead = round(NOTICE / _SECOND)
            if home is not None and ahead < release:
                sooner = self._soonest(number, room, ahead, free)
                found += [sooner] if sooner is not None and sooner[1] < release else []
            some = [spot for spot in found if spot is not None]
            length = self._seconds[number]
            self._known_spots[key] = tuple((self.cost_of(number, spot), spot[1] + length, spot) for spot in some)
        return self._known_spots[key]

    # costs

    def _is_free(self, number: int, home: Spot, free: int) -> bool:
        step, rest = divmod(home[1] - self._first, GRID)
        if rest or step < 0 or home[1] + self._seconds[number] > self.until:
            return self.fits(number, home)
        return bool(free >> step & 1) and self._bends(number, home) is not None

    def judge(self, weights: Weights) -> None:
        """Weigh by these from now on."""
        self.weights = weights
        self._known_spots.clear()
        self._costs.clear()

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
                end = spot[1] + self._seconds[number]
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
        return over + sum(self.cost_now(number) for number in self.spots)

    def place_best(self, number: int, is_skipped: Callable[[], bool] = lambda: False) -> None:
        """Put a case where it costs least, its overtime included; nowhere where that costs less.

        `is_skipped` is asked of each spot that would be better: who now and then passes over the best finds more.
        """
        best, least = None, self.cost_of(number, None)
        ends: dict[str, int] | None = None
        # In another room it costs at least this.
        away = self.weights.change + self.weights.room if number in self.home else 0.0
        for room, free in self._free(number):
            closes = self.closing.get(room, self.until)
            for base, end, spot in self._candidates(number, room, free):
                if base >= least:
                    continue
                over = 0
                if end > closes:
                    ends = ends or self.last_ends()
                    over = max(0, end - max(closes, ends.get(room, 0)))
                cost = base + over / 60 * self.weights.overtime
                if cost < least and not is_skipped():
                    best, least = spot, cost
            if least <= away:
                break
        if best is not None:
            self.put(number, best)
