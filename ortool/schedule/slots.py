"""Slots and their clashes: which planned ranges may not overlap, and the sentence that says why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.errors import Refused

LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=5)


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


@dataclass(frozen=True, slots=True)
class Claim:
    """What a slot needs of one resource: `room:OR1`, `person:p3`, `patient:…`. `label` names it in sentences."""

    resource: str
    label: str
    span: Span
    lanes: int = 1


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
        raise Refused(f"A slot of {hours:.0f} hours is longer than a day.", "Book at most 24 hours.")


def free_lane(claim: Claim, held: Iterable[Held]) -> int | None:
    """Return the first lane of the claimed resource that is free for the whole span, None where there is none.

    Lanes beyond the present number count too: they were taken when the site allowed more.
    """
    taken = {h.lane for h in held if h.resource == claim.resource and h.span.overlaps(claim.span)}
    if len(taken) >= claim.lanes:
        return None
    return next((lane for lane in range(1, claim.lanes + 1) if lane not in taken), None)


def first_clash(claim: Claim, held: Iterable[Held]) -> Held | None:
    """Return the earliest held claim that leaves no free lane, or None."""
    standing = [h for h in held if h.resource == claim.resource and h.span.overlaps(claim.span)]
    if free_lane(claim, standing) is not None:
        return None
    return min(standing, key=lambda h: h.span.start)


def nearest_start(claims: Sequence[Claim], held: Sequence[Held], not_before: datetime) -> datetime:
    """Return the earliest start from `not_before` on at which every claim finds a lane.

    Only the ends of held claims can open a gap, so only those are tried.
    """
    offsets = [(claim, claim.span.start - claims[0].span.start, claim.span.length) for claim in claims]
    candidates = sorted({not_before, *(h.span.end for h in held if h.span.end > not_before)})
    for start in candidates:
        moved = [
            Claim(claim.resource, claim.label, Span(start + offset, start + offset + length), claim.lanes)
            for claim, offset, length in offsets
        ]
        if all(free_lane(claim, held) is not None for claim in moved):
            return start
    return candidates[-1]
