"""The rules of a legal slot: what a case claims in a room at a time, and what speaks against it there.

The same rules refuse a booking, find gaps, judge a proposal and bound a plan. Two kinds of things speak against a slot:
a clash of claims, which the database refuses too and nobody can overrule; and a concern (a closure, somebody's leave,
another owner's block, closing time), which the site refuses, warns of, or leaves alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ortool.errors import BadInput, Refused
from ortool.schedule.resources import Equipment, House, Kind, Need, Room
from ortool.schedule.slots import Claim, Span
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind


class Firmness(StrEnum):
    """What a site does about a concern."""

    REFUSE = "refuse"
    WARN = "warn"
    ALLOW = "allow"


class About(StrEnum):
    """What a concern is about."""

    BLOCK = "block"
    CLOSURE = "closure"
    LEAVE = "leave"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site sets. `turnover` is kept free in a room after each slot; `freeze` is how long before its start a
    booked slot moves only with a reason.
    """

    zone: ZoneInfo
    turnover: timedelta = timedelta()
    rooms_per_surgeon: int = 1
    rooms_per_anaesthetist: int = 1
    freeze: timedelta = timedelta()
    firmness: Mapping[About, Firmness] = field(default_factory=dict)

    def firm(self, about: About) -> Firmness:
        """Return what the site does about a concern; what it never said is a warning."""
        return self.firmness.get(about, Firmness.WARN)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the people whom a slot holds, in the role that says how many rooms they may cover."""

    id: str
    name: str
    role: str = "surgeon"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case as it wants to be placed. `patient` is opaque here; `service` is the specialty that may own blocks."""

    case_id: str
    number: int
    patient: str = field(repr=False)
    people: tuple[Member, ...]
    service: str = ""
    needs: tuple[Need, ...] = ()
    turnover: timedelta | None = None
    recovery: timedelta = timedelta()
    is_emergency: bool = False


@dataclass(frozen=True, slots=True)
class Concern:
    """What speaks against a slot without being a clash, as a sentence."""

    about: About
    sentence: str


def turnover_of(wanted: Wanted, room: Room, rules: Rules) -> timedelta:
    """Return what is kept free in a room after a case: the procedure's own, else the room's, else the site's."""
    if wanted.turnover is not None:
        return wanted.turnover
    return rules.turnover if room.turnover is None else room.turnover


def claims_of(wanted: Wanted, room: Room, span: Span, house: House, rules: Rules) -> list[Claim]:
    """Return what a case holds while it is in a room for a span; the room's claim comes first.

    Raises Refused where the room cannot do what the case needs, or there is less of something than it needs at all.
    """
    cover = {"surgeon": rules.rooms_per_surgeon, "anaesthetist": rules.rooms_per_anaesthetist}
    claims = [Claim(f"room:{room.id}", room.name, Span(span.start, span.end + turnover_of(wanted, room, rules)))]
    claims += [Claim(f"person:{one.id}", one.name, span, cover.get(one.role, 1)) for one in wanted.people]
    claims.append(Claim(f"patient:{wanted.patient}", "The patient", span))
    for need in wanted.needs:
        equipment = house.equipment.get(need.what)
        if equipment is None:
            _check_ability(wanted, need, room, house)
        elif equipment.kind is not Kind.RECOVERY:
            claims.append(_equipment_claim(wanted, equipment, need.count, Span(span.start, span.end + equipment.ready)))
    beds = house.recovery(wanted.needs) if wanted.recovery > timedelta() else None
    if beds is not None:
        after = Span(span.end, span.end + wanted.recovery + beds.ready)
        claims.append(_equipment_claim(wanted, beds, 1, after))
    return claims


def _check_ability(wanted: Wanted, need: Need, room: Room, house: House) -> None:
    if need.what in room.capabilities:
        return
    able = [one.id for one in house.rooms.values() if need.what in one.capabilities]
    where = f"{', '.join(able)} can." if able else "No room here can, and there is no such equipment."
    raise Refused(f"Case {wanted.number} needs {need.what}, which {room.id} does not have.", where)


def _equipment_claim(wanted: Wanted, equipment: Equipment, count: int, span: Span) -> Claim:
    if count > equipment.units:
        raise Refused(
            f"Case {wanted.number} needs {count} of {equipment.name}, and there are {equipment.units} in all.",
            "Change what the case needs, or the equipment.",
        )
    return Claim(f"equipment:{equipment.id}", equipment.name, span, equipment.units, count)


def concerns_of(wanted: Wanted, room: Room, span: Span, windows: Iterable[Window], rules: Rules) -> list[Concern]:
    """Return what speaks against a slot: closures, leave, blocks of others, closing time. An empty list is all well."""
    near = [window for window in windows if window.span.overlaps(span)]
    found = [concern for window in near if (concern := _closed(wanted, room, window, rules.zone))]
    found += _blocks(wanted, room, span, near, rules.zone)
    if not room.hours.covers(span, rules.zone):
        found.append(Concern(About.HOURS, f"{room.id} is not open for all of it ({room.hours.written})."))
    return found


def _closed(wanted: Wanted, room: Room, window: Window, zone: ZoneInfo) -> Concern | None:
    if window.kind is WindowKind.CLOSURE and window.resource in (EVERYWHERE, f"room:{room.id}"):
        what = "The theatre" if window.resource == EVERYWHERE else room.id
        return Concern(About.CLOSURE, f"{what} is closed {told(window.span, zone)}{_titled(window)}.")
    person = next((one for one in wanted.people if window.resource == f"person:{one.id}"), None)
    if person is not None and window.kind is not WindowKind.BLOCK:
        # The reason of a leave is nobody's business on a board.
        return Concern(About.LEAVE, f"{person.name} is away {told(window.span, zone)}.")
    return None


def _blocks(wanted: Wanted, room: Room, span: Span, near: Sequence[Window], zone: ZoneInfo) -> list[Concern]:
    blocks = [w for w in near if w.kind is WindowKind.BLOCK and w.resource == f"room:{room.id}" and not w.released]
    return [
        Concern(About.BLOCK, f"{room.id} is {window.title or owner_words(window)}'s block {told(window.span, zone)}.")
        for window in blocks
        if not owns(wanted, window)
    ]


def owns(wanted: Wanted, block: Window) -> bool:
    """Whether a case may use a block: its surgeon's own, its service's, or one that was released."""
    mine = {f"person:{one.id}" for one in wanted.people if one.role == "surgeon"}
    if wanted.service:
        mine.add(f"service:{wanted.service}")
    return block.released or block.owner in mine


def owner_words(window: Window) -> str:
    """Return whose a block is, where it has no title."""
    return window.owner.partition(":")[2] or "somebody"


def refused_by(concerns: Iterable[Concern], wanted: Wanted, rules: Rules) -> Concern | None:
    """Return the concern for which the site refuses the slot, None where it warns. An emergency is never refused."""
    if wanted.is_emergency:
        return None
    return next((one for one in concerns if rules.firm(one.about) is Firmness.REFUSE), None)


def warned_of(concerns: Iterable[Concern], rules: Rules) -> tuple[str, ...]:
    """Return the sentences that the site wants to be told."""
    return tuple(dict.fromkeys(one.sentence for one in concerns if rules.firm(one.about) is not Firmness.ALLOW))


def is_frozen(start: datetime, now: datetime, rules: Rules, is_confirmed: bool) -> bool:
    """Whether a slot begins so soon that it moves only with a reason."""
    return is_confirmed and rules.freeze > timedelta() and start - now < rules.freeze


def told(span: Span, zone: ZoneInfo) -> str:
    """Return a stretch of time in the theatre's words: `from 08:00 to 12:00`, with days where it spans several."""
    begin, end = span.start.astimezone(zone), span.end.astimezone(zone)
    last = (end - timedelta(microseconds=1)).date()
    if begin.hour == begin.minute == end.hour == end.minute == 0:
        return f"on {begin:%a %d %b}" if last == begin.date() else f"from {begin:%a %d %b} to {last:%a %d %b}"
    if last == begin.date():
        return f"from {begin:%H:%M} to {end:%H:%M}"
    return f"from {begin:%a %d %b %H:%M} to {end:%a %d %b %H:%M}"


def _titled(window: Window) -> str:
    return f" ({window.title})" if window.title else ""


def read_firmness(text: str) -> Firmness:
    """Return what a setting says. Raises BadInput."""
    try:
        return Firmness(text)
    except ValueError:
        raise BadInput(f"{text[:20]!r} is none of refuse, warn, allow.") from None
