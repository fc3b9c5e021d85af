"""Where a case fits: the stretches of starts at which nothing clashes and nothing is refused."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ortool.errors import Refused
from ortool.schedule.placing import Rules, Wanted, claims_of, concerns_of, refused_by, warned_of
from ortool.schedule.resources import House, Room
from ortool.schedule.slots import Claim, Held, Span, free_lanes, moved, starts_to_try
from ortool.schedule.windows import Window

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
    held = picture.of_claims(claims)
    latest = within.end - length
    open_since: datetime | None = None
    for at in _changes(claims, held, picture, room, within, length):
        if open_since is None and _works(wanted, room, picture, claims, held, at, within.start, length):
            open_since = at
        # A stretch of starts is closed at both ends: whether it goes on is told by the instant after.
        if open_since is not None and (
            at == latest or not _works(wanted, room, picture, claims, held, at + _AN_INSTANT, within.start, length)
        ):
            yield _gap(wanted, room, picture, open_since, at, length)
            open_since = None


def _changes(
    claims: Sequence[Claim], held: Sequence[Held], picture: Picture, room: Room, within: Span, length: timedelta
) -> list[datetime]:
    """Return every start at which something begins or ceases to be in the way, in order."""
    found = {within.end - length, *starts_to_try(claims, held, within.start)}
    first = claims[0].span.start
    for claim in claims:
        for one in held:
            if one.resource == claim.resource:
                found.add(one.span.start - (claim.span.start - first) - claim.span.length)
    edges = [window.span for window in picture.windows]
    day = within.start.astimezone(picture.rules.zone).date() - timedelta(days=1)
    while day <= within.end.astimezone(picture.rules.zone).date():
        edges += room.hours.spans(day, picture.rules.zone)
        day += timedelta(days=1)
    for span in edges:
        found |= {span.start, span.end, span.start - length, span.end - length}
    return sorted(at for at in found if within.start <= at <= within.end - length)


def _works(
    wanted: Wanted, room: Room, picture: Picture, claims: Sequence[Claim], held: Sequence[Held],
    at: datetime, first: datetime, length: timedelta,
) -> bool:  # fmt: skip
    if not all(free_lanes(claim, held) for claim in moved(claims, at - first)):
        return False
    concerns = concerns_of(wanted, room, Span(at, at + length), picture.windows, picture.rules)
    return refused_by(concerns, wanted, picture.rules) is None


def _gap(wanted: Wanted, room: Room, picture: Picture, first: datetime, last: datetime, length: timedelta) -> Gap:
    concerns = concerns_of(wanted, room, Span(first, first + length), picture.windows, picture.rules)
    return Gap(room.id, first, last, length, warned_of(concerns, picture.rules))
