"""Slots: book, move, cancel. A clash is refused in one sentence that names the other case."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState
from ortool.errors import BadInput, Refused
from ortool.journal.entry import to_micros
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.slots import LONGEST, Claim, Held, Span, check_span, first_clash, free_lane, nearest_start
from ortool.services.again import repeatable
from ortool.services.cases import NOTHING_KNOWN, current_slot, read_case, rooms_of, slot_of, stream_of
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import CaseRow, ClaimRow, RoomRow, SlotRow
from ortool.text import clean

LONGEST_TURNOVER = timedelta(hours=1)


class Clash(Refused):
    """Something that the slot needs is held already. `nearest` is the next start that works (UTC)."""

    def __init__(self, message: str, hint: str, nearest: datetime) -> None:
        super().__init__(message, hint)
        self.nearest = nearest


@repeatable
def book(
    theatre: Theatre,
    actor: Actor,
    case_id: str,
    room_id: str,
    start: datetime,
    minutes: int,
    command_id: str = "",
    past: bool = False,
) -> Slot:
    """Book a slot for a case. `start` is timezone-aware. Raises Clash, Refused or BadInput; then nothing is written.

    Only with `past`, as for a list of days gone by, may the slot begin before today.
    """
    span = Span(start, start + timedelta(minutes=minutes))
    check_span(span)
    if not past:
        _check_day(theatre, start)
    with theatre.writing(actor, Verb.SCHEDULE, command_id) as desk:
        case = read_case(desk.session, case_id)
        if case.state is CaseState.CANCELLED:
            raise Refused(f"Case {case.number} is cancelled.", "Add it again to book it.")
        if case.state.is_over:
            raise Refused(f"Case {case.number} is {case.state.value} and needs no slot.")
        standing = current_slot(desk.session, case_id)
        if standing is not None and standing.state == "booked":
            raise Refused(f"Case {case.number} has a slot already.", "Move it instead.")
        row = SlotRow(
            id=uuid.uuid4().hex, case_id=case_id, room_id=_room(desk.session, room_id),
            start_at=span.start, end_at=span.end, changed_at=theatre.now(),
        )  # fmt: skip
        desk.session.add(row)
        desk.session.flush()
        _claim(desk, case, row, span)
        desk.append(stream_of(case_id), "slot.booked", _body(row))
        return slot_of(row, rooms_of(desk.session))


@repeatable
def move(
    theatre: Theatre, actor: Actor, case_id: str, room_id: str, start: datetime, minutes: int, reason: str = ""
) -> Slot:
    """Move a case's slot: other room, other time, other length. The slot keeps its id; its revision rises."""
    span, reason = Span(start, start + timedelta(minutes=minutes)), clean(reason)
    check_span(span)
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        case = read_case(desk.session, case_id)
        row = _standing(desk.session, case)
        if case.state.has_started:
            raise Refused(f"Case {case.number} is {case.state.value}; a slot that has begun is not moved.")
        if (row.room_id, row.start_at, row.end_at) == (room_id, span.start, span.end):
            raise Refused(f"Case {case.number} has exactly this slot; nothing would change.", "Name another.")
        _check_day(theatre, start)
        row.room_id = _room(desk.session, room_id)
        row.start_at, row.end_at = span.start, span.end
        _changed(desk, row)
        desk.session.exec(delete(ClaimRow).where(col(ClaimRow.slot_id) == row.id))
        _claim(desk, case, row, span)
        desk.append(
            stream_of(case_id), "slot.moved", _body(row) | ({"reason": clean(reason)} if reason.strip() else {})
        )
        return slot_of(row, rooms_of(desk.session))


def standing_minutes(theatre: Theatre, case_id: str) -> int:
    """Return how long a case's slot is now, in minutes. Raises Refused where it has none."""
    with theatre.reading() as session:
        row = _standing(session, read_case(session, case_id))
        return (row.end_at - row.start_at) // timedelta(minutes=1)


class _OnlyAsked(Exception):
    """Leaves the transaction without writing."""


def would_fit(theatre: Theatre, case_id: str, room_id: str, start: datetime, minutes: int) -> Slot:
    """Return the slot that a booking (or a move of the standing slot) would make. Raises as they do; writes nothing."""
    try:
        with theatre.writing(SYSTEM, Verb.SCHEDULE) as desk:
            standing = current_slot(desk.session, case_id)
            verb = move if standing is not None and standing.state == "booked" else book
            slot = verb(theatre, SYSTEM, case_id, room_id, start, minutes)
            raise _OnlyAsked
    except _OnlyAsked:
        return slot


@repeatable
def cancel(theatre: Theatre, actor: Actor, case_id: str, reason: str) -> Slot:
    """Cancel a case and give its slot back. A reason is asked for. A case whose patient is in the room goes on."""
    reason = clean(reason)
    if not reason:
        raise Refused("A cancellation needs a reason.")
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        case = read_case(desk.session, case_id)
        if case.state.has_started:
            raise Refused(f"Case {case.number} is {case.state.value} and cannot be cancelled.")
        row = _standing(desk.session, case)
        row.state, row.cancel_reason = "cancelled", reason
        _changed(desk, row)
        desk.session.exec(delete(ClaimRow).where(col(ClaimRow.slot_id) == row.id))
        stored = desk.session.get(CaseRow, case_id)
        assert stored is not None
        stored.state = CaseState.CANCELLED.value
        desk.append(
            stream_of(case_id),
            "slot.cancelled",
            {"slot": row.id, "revision": row.revision, "reason": row.cancel_reason},
        )
        return slot_of(row, rooms_of(desk.session))


def _check_day(theatre: Theatre, start: datetime) -> None:
    zone = theatre.settings.zone
    today, wanted = theatre.now().astimezone(zone).date(), start.astimezone(zone).date()
    if wanted < today:
        raise Refused(
            f"{wanted:%a %d %b %Y} is past: a slot begins today, {today:%a %d %b %Y}, or later.", "Check the date."
        )


def _standing(session: Session, case: Case) -> SlotRow:
    row = current_slot(session, case.id)
    if row is None or row.state != "booked":
        raise Refused(f"Case {case.number} has no slot.", "Book one first.")
    return row


def _changed(desk: Desk, row: SlotRow) -> None:
    row.revision += 1
    row.changed_at = desk.theatre.now()
    desk.session.add(row)
    desk.session.flush()


def _room(session: Session, room_id: str) -> str:
    if session.get(RoomRow, room_id) is None:
        known = ", ".join(rooms_of(session))
        raise BadInput(f"There is no room {room_id[:20]!r}.", f"Known rooms: {known}." if known else NOTHING_KNOWN)
    return room_id


def _claims(theatre: Theatre, case: Case, room_id: str, room: str, span: Span) -> list[Claim]:
    settings = theatre.settings
    in_room = Span(span.start, span.end + timedelta(minutes=settings.turnover_minutes))
    claims = [
        Claim(f"room:{room_id}", room, in_room),
        Claim(f"person:{case.surgeon_id}", case.surgeon, span, settings.rooms_per_surgeon),
    ]
    if case.anaesthetist_id:
        claims.append(Claim(f"person:{case.anaesthetist_id}", case.anaesthetist, span, settings.rooms_per_anaesthetist))
    return [*claims, Claim(f"patient:{case.hospital_number}", "The patient", span)]


def _claim(desk: Desk, case: Case, row: SlotRow, span: Span) -> None:
    rooms = rooms_of(desk.session)
    claims = _claims(desk.theatre, case, row.room_id, rooms[row.room_id], span)
    resources = [claim.resource for claim in claims]
    held = _held(desk, resources, span.start, span.end + LONGEST_TURNOVER)
    for claim in claims:
        if clash := first_clash(claim, held):
            raise _refusal(desk.theatre, claim, clash, claims, _held(desk, resources, span.start))
    for claim in claims:
        desk.session.add(
            ClaimRow(
                slot_id=row.id,
                resource=claim.resource,
                lane=free_lane(claim, held) or 1,
                start_at=claim.span.start,
                end_at=claim.span.end,
            )
        )
    try:
        desk.session.flush()
    except IntegrityError:
        raise Refused("Somebody booked this a moment ago.", "Look at the board and choose another time.") from None


def _held(desk: Desk, resources: list[str], since: datetime, until: datetime | None = None) -> list[Held]:
    query = (
        select(ClaimRow, CaseRow.number, SlotRow.room_id)
        .join(SlotRow, col(SlotRow.id) == col(ClaimRow.slot_id))
        .join(CaseRow, col(CaseRow.id) == col(SlotRow.case_id))
        .where(
            col(ClaimRow.resource).in_(resources),
            col(ClaimRow.start_at) > since - LONGEST - LONGEST_TURNOVER,
            col(ClaimRow.end_at) > since,
        )
    )
    if until is not None:
        query = query.where(col(ClaimRow.start_at) < until)
    return [
        Held(claim.resource, claim.lane, Span(claim.start_at, claim.end_at), str(number), room)
        for claim, number, room in desk.session.exec(query).all()
    ]


def _refusal(theatre: Theatre, claim: Claim, clash: Held, claims: list[Claim], held: list[Held]) -> Clash:
    zone = theatre.settings.zone
    begins, ends = (moment.astimezone(zone) for moment in (clash.span.start, clash.span.end))
    nearest = nearest_start(claims, held, claim.span.start)
    in_room = claim.resource.startswith("room:")
    holds = "is taken by" if in_room else "is with"
    where = "" if in_room else f" in {clash.room}"
    return Clash(
        f"{claim.label} {holds} case {clash.case}{where} from {begins:%H:%M} to {ends:%H:%M}.",
        f"The nearest start that works is {nearest.astimezone(zone):%H:%M on %a %d %b}.",
        nearest,
    )


def _body(row: SlotRow) -> dict[str, object]:
    return {
        "slot": row.id,
        "room": row.room_id,
        "start_us": to_micros(row.start_at),
        "end_us": to_micros(row.end_at),
        "revision": row.revision,
    }
