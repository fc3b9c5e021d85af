"""Where a case fits: the stretches of starts at which nothing clashes and nothing is refused."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ortool.errors import Refused
from ortool.schedule.placing import Rules, Wanted, claims_of, concerns_of, refused_by, warned_of
from ortool.schedule.resources import House, Room
from ortool.schedule.slots import Claim, Held, Span, free_lanes
from ortool.schedule.windows import EVERYWHERE, Window

_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A case may start in this room from `first` to `last` (UTC). `warnings` hold at `first`."""

    room: str
    first: datetime
    last: datetime
    length: timedelta
    warnings: tuple[str, ...] = ()


@dataclass
class Picture:
    """Everything that decides about slots in a stretch of time: what stands, what is closed, what there is.

    A value for many questions at once; a booking asks the database itself again.
    """

    house: House
    rules: Rules
    windows: Sequence[Window]
    held: dict[str, list[Held]] = field(default_factory=dict)

    @classmethod
    def of(cls, house: House, rules: Rules, windows: Sequence[Window], held: Iterable[Held]) -> "Picture":
        """Return the picture of what is held."""
        picture = cls(house, rules, windows)
        for one in sorted(held, key=lambda h: (h.span.start, h.lane)):
            picture.held.setdefault(one.resource, []).append(one)
        return picture

    def of_claims(self, claims: Iterable[Claim]) -> list[Held]:
        """Return what is held of the claimed resources."""
        return [one for resource in {claim.resource for claim in claims} for one in self.held.get(resource, ())]

    def without(self, numbers: Iterable[int]) -> "Picture":
        """Return the picture as it would be without some cases."""
        gone = {str(number) for number in numbers}
        held = (one for many in self.held.values() for one in many if one.case not in gone)
        return Picture.of(self.house, self.rules, self.windows, held)

    def take(self, wanted: Wanted, room_id: str, span: Span) -> None:
        """Hold what a case claims. Raises Refused where it clashes."""
        claims = claims_of(wanted, self.house.rooms[room_id], span, self.house, self.rules)
        for claim in claims:
            lanes = free_lanes(claim, self.held.get(claim.resource, ()))
            if not lanes:
                raise Refused(f"Case {wanted.number} does not fit there.")
            standing = self.held.setdefault(claim.resource, [])
            for lane in lanes:
                one = Held(claim.resource, lane, claim.span, str(wanted.number), room_id)
                standing.insert(bisect_left(standing, one.span.start, key=lambda h: h.span.start), one)

    def fits(self, wanted: Wanted, room_id: str, span: Span) -> bool:
        """Whether nothing clashes there and nothing is refused."""
        room = self.house.rooms[room_id]
        try:
            claims = claims_of(wanted, room, span, self.house, self.rules)
        except Refused:
            return False
        if not all(free_lanes(claim, self.held.get(claim.resource, ())) for claim in claims):
            return False
        return refused_by(concerns_of(wanted, room, span, self.windows, self.rules), wanted, self.rules) is None


def gaps(wanted: Wanted, length: timedelta, picture: Picture, within: Span, rooms: Sequence[str] = ()) -> list[Gap]:
    """Return where a case of this length may lie within a span, room by room, earliest first in each.

    A room that cannot do what the case needs has none.
    """
    found: list[Gap] = []
    for room_id in rooms or tuple(picture.house.rooms):
        try:
            found += _in_room(wanted, length, picture, within, picture.house.rooms[room_id])
        except Refused:
            continue
    return found


def first_gap(
    wanted: Wanted, length: timedelta, picture: Picture, not_before: datetime, room_id: str, until: datetime
) -> datetime | None:
    """Return the earliest start in a room that nothing speaks against, None where there is none before `until`."""
    if until - length < not_before:
        return None
    room = picture.house.rooms[room_id]
    return next((gap.first for gap in _in_room(wanted, length, picture, Span(not_before, until), room)), None)


def _in_room(wanted: Wanted, length: timedelta, picture: Picture, within: Span, room: Room) -> Iterable[Gap]:
    base = Span(within.start, within.start + length)
    claims = claims_of(wanted, room, base, picture.house, picture.rules)
    near = [window for window in picture.windows if _concerns(window, wanted, room)]
    edges = _edges(near, picture, room, within, length)
    for first, last in _free(claims, picture, within.start, within.end - length):
        open_since: datetime | None = None
        for at in (first, *edges[bisect_right(edges, first) : bisect_left(edges, last)], last):
            if open_since is None and _is_let(wanted, room, picture, near, at, length):
                open_since = at
            # A stretch of starts is closed at both ends: whether it goes on is told by the instant after.
            if open_since is not None and (
                at == last or not _is_let(wanted, room, picture, near, at + _AN_INSTANT, length)
            ):
                yield _gap(wanted, room, near, picture, open_since, at, length)
                open_since = None


def _free(
    claims: Sequence[Claim], picture: Picture, first: datetime, last: datetime
) -> Iterable[tuple[datetime, datetime]]:
    """Yield the stretches of starts, closed at both ends, at which every claim (made for `first`) finds its lanes."""
    taken = sorted(span for claim in claims for span in _taken(claim, picture.held.get(claim.resource, ()), first))
    at = first
    for begins, ends in taken:
        if begins >= last:
            break
        if begins >= at:
            yield at, begins
        at = max(at, ends)
    if at <= last:
        yield at, last


def _taken(claim: Claim, held: Iterable[Held], first: datetime) -> Iterable[tuple[datetime, datetime]]:
    """Yield the stretches of starts, open at both ends, that leave a claim too few lanes."""
    after, length = claim.span.start - first, claim.span.length
    lanes: dict[int, list[tuple[datetime, datetime]]] = {}
    for one in held:
        begins, ends = one.span.start - after - length, one.span.end - after
        of_lane = lanes.setdefault(one.lane, [])
        if of_lane and begins < of_lane[-1][1]:
            of_lane[-1] = of_lane[-1][0], max(ends, of_lane[-1][1])
        else:
            of_lane.append((begins, ends))
    # At one instant a stretch ends before another begins: where the two only touch, a start is free.
    steps = sorted(step for many in lanes.values() for begins, ends in many for step in ((ends, -1), (begins, 1)))
    count, since, spare = 0, first, claim.lanes - claim.count
    for at, step in steps:
        before, count = count, count + step
        if before <= spare < count:
            since = at
        elif count <= spare < before:
            yield since, at


def _concerns(window: Window, wanted: Wanted, room: Room) -> bool:
    people = {f"person:{one.id}" for one in wanted.people}
    return window.resource in (EVERYWHERE, f"room:{room.id}") or window.resource in people


def _edges(near: Sequence[Window], picture: Picture, room: Room, within: Span, length: timedelta) -> list[datetime]:
    """Return every start at which the site may begin or cease to refuse, in order."""
    spans = [window.span for window in near]
    day = within.start.astimezone(picture.rules.zone).date() - timedelta(days=1)
    while day <= within.end.astimezone(picture.rules.zone).date():
        spans += room.hours.spans(day, picture.rules.zone)
        day += timedelta(days=1)
    return sorted({at for span in spans for end in (span.start, span.end) for at in (end, end - length)})


def _is_let(
    wanted: Wanted, room: Room, picture: Picture, near: Sequence[Window], at: datetime, length: timedelta
) -> bool:
    concerns = concerns_of(wanted, room, Span(at, at + length), near, picture.rules)
    return refused_by(concerns, wanted, picture.rules) is None


def _gap(
    wanted: Wanted, room: Room, near: Sequence[Window], picture: Picture,
    first: datetime, last: datetime, length: timedelta,
) -> Gap:  # fmt: skip
    concerns = concerns_of(wanted, room, Span(first, first + length), near, picture.rules)
    return Gap(room.id, first, last, length, warned_of(concerns, picture.rules))
