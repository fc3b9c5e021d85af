"""Slots and their clashes: which planned ranges may not overlap, and when something is free again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ortool.errors import Refused

LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=5)
LONGEST_CLAIM = timedelta(hours=48)
"""A slot of a day and a set that is away for another one: no claim may be longer."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time [start, end), timezone-aware UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share an instant. Touching ends do not."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Span") -> bool:
        """Whether the other lies within this one."""
        return self.start <= other.start and other.end <= self.end

    def moved(self, by: timedelta) -> "Span":
        """Return it so much later, equally long."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a slot needs of one resource: `room:OR1`, `person:p3`, `patient:…`, `equipment:c-arm`.

    `label` names it in sentences. It takes `count` of the resource's `lanes`, each for the whole span.
    """

    resource: str
    label: str
    span: Span
    lanes: int = 1
    count: int = 1


@dataclass(frozen=True, slots=True)
class Held:
    """A claim that stands already: whose it is and in which lane."""

    resource: str
    lane: int
    span: Span
    case: str
    room: str


def check_span(span: Span) -> None:
    """Raise Refused for a slot that is too short, backwards or longer than a day."""
    if span.length <= timedelta():
        raise Refused("The slot ends before it starts.", "Give a start and a length in minutes.")
    if span.length < SHORTEST:
        raise Refused("A slot of less than 5 minutes is too short to be meant.", "Check the minutes.")
    if span.length > LONGEST:
        hours = span.length.total_seconds() / 3600
        raise Refused(f"A slot of {round(hours, 1):g} hours is longer than a day.", "Book at most 24 hours.")


def free_lanes(claim: Claim, held: Iterable[Held]) -> tuple[int, ...]:
    """Return the first lanes of the claimed resource that are free for the whole span; none where they are too few.

    Lanes beyond the present number count too: they were taken when the site allowed more.
    """
    taken = {h.lane for h in held if h.resource == claim.resource and h.span.overlaps(claim.span)}
    if len(taken) + claim.count > claim.lanes:
        return ()
    return tuple(lane for lane in range(1, claim.lanes + 1) if lane not in taken)[: claim.count]


def free_lane(claim: Claim, held: Iterable[Held]) -> int | None:
    """Return the first free lane of a claim of one, None where there is none."""
    return next(iter(free_lanes(claim, held)), None)


def first_clash(claim: Claim, held: Iterable[Held]) -> Held | None:
    """Return the earliest held claim that leaves too few lanes, or None.

    Where there are fewer lanes than are needed at all, nothing that is held is the reason: that is refused before.
    """
    standing = [h for h in held if h.resource == claim.resource and h.span.overlaps(claim.span)]
    if free_lanes(claim, standing):
        return None
    return min(standing, key=lambda h: h.span.start, default=None)


def moved(claims: Sequence[Claim], by: timedelta) -> list[Claim]:
    """Return the claims so much later."""
    return [replace(claim, span=claim.span.moved(by)) for claim in claims]


def starts_to_try(claims: Sequence[Claim], held: Iterable[Held], not_before: datetime) -> Iterator[datetime]:
    """Yield, in order, the starts of the first claim at which something may become free: nothing opens in between."""
    first = claims[0].span.start
    offsets: dict[str, set[timedelta]] = {}
    for claim in claims:
        offsets.setdefault(claim.resource, set()).add(claim.span.start - first)
    found = {h.span.end - offset for h in held for offset in offsets.get(h.resource, ())}
    yield from sorted({not_before, *(start for start in found if start > not_before)})


def nearest_start(claims: Sequence[Claim], held: Sequence[Held], not_before: datetime) -> datetime:
    """Return the earliest start from `not_before` on at which every claim finds its lanes."""
    last = not_before
    for start in starts_to_try(claims, held, not_before):
        last = start
        if all(free_lanes(claim, held) for claim in moved(claims, start - claims[0].span.start)):
            return start
    return last
