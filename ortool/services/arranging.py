"""The one way in which slots change: any number of them at once, all or none.

Booking, moving, swapping, cancelling, putting back on the waiting list, applying a proposal and taking any of these
back are the same deed: give up what the slots hold, then hold what they are to hold.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState, state_of
from ortool.errors import BadInput, Refused
from ortool.journal.entry import to_micros
from ortool.schedule import placing
from ortool.schedule.gaps import Picture, first_gap
from ortool.schedule.placing import About, Firmness, Rules, Wanted
from ortool.schedule.resources import House
from ortool.schedule.slots import LONGEST_CLAIM, Claim, Held, Span, check_span, first_clash, free_lanes
from ortool.services.cases import NOTHING_KNOWN, current_slot, read_case, rooms_of, slot_of, stream_of
from ortool.services.house import house_of, rules_of, wanted_of
from ortool.services.theatre import Desk
from ortool.services.windows import windows
from ortool.storage.tables import CaseRow, SlotRow
from ortool.storage.tables_beside import CaseTimeRow, ClaimRow

STANDS = ("booked", "held")
SEARCHED = timedelta(days=14)
"""How far ahead the nearest start that works is looked for."""


class Clash(Refused):
    """Something that the slot needs is held already. `nearest` is the next start that works (UTC), None if none is."""

    def __init__(self, message: str, hint: str, nearest: datetime | None) -> None:
        super().__init__(message, hint)
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a case is to lie (UTC). `held`: not confirmed yet. `lanes` it had there before, and has again if it can."""

    room_id: str
    span: Span
    held: bool = False
    lanes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One case that gets a place, another place, or none: then it waits again, or is cancelled. `code` says why.

    A case that waits already may be cancelled too; with `restores` one that was cancelled waits again.
    """

    case_id: str
    to: Placement | None
    cancels: bool = False
    code: str = ""
    restores: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """What the entries of a change say beside it. `undoes` is the command that is taken back.

    `past`: the slots may begin before today, as on a list of days gone by.
    """

    reason: str = ""
    undoes: str = ""
    past: bool = False


@dataclass
class _Sheet:
    """What one arrangement works with."""

    desk: Desk
    house: House
    rules: Rules
    rooms: dict[str, str]
    why: Why


def arrange(desk: Desk, changes: Sequence[Change], why: Why) -> list[Slot]:
    """Carry out the changes in one transaction. Raises Clash, Refused or BadInput; then nothing of them is kept.

    All slots that change give up what they hold before any takes its new place: two can be exchanged. The slots stand
    in the order of the changes; a case that had none and gets none is left out.
    """
    session = desk.session
    sheet = _Sheet(desk, house_of(session), rules_of(desk.theatre.settings), rooms_of(session), why)
    known = [(change, read_case(session, change.case_id), current_slot(session, change.case_id)) for change in changes]
    for change, case, row in known:
        _check(sheet, change, case, row)
    for _, _, row in known:
        if row is not None and row.state in STANDS:
            session.exec(delete(ClaimRow).where(col(ClaimRow.slot_id) == row.id))
    found = [_change(sheet, change, case, row) for change, case, row in known]
    return [slot for slot in found if slot is not None]


def _check(sheet: _Sheet, change: Change, case: Case, row: SlotRow | None) -> None:
    stands = row is not None and row.state in STANDS
    if case.state is CaseState.CANCELLED and not change.restores:
        raise Refused(f"Case {case.number} is cancelled.", "Add it again to book it.")
    if case.state.has_started:
        done = "cannot be cancelled" if change.cancels else "its slot is not changed any more"
        raise Refused(f"Case {case.number} is {case.state.value}; {done}.")
    if change.to is None and not stands and not change.cancels and not change.restores:
        raise Refused(f"Case {case.number} has no slot.", "Book one first.")
    if change.to is not None:
        check_span(change.to.span)
        if change.to.room_id not in sheet.rooms:
            hint = f"Known rooms: {', '.join(sheet.rooms)}." if sheet.rooms else NOTHING_KNOWN
            raise BadInput(f"There is no room {change.to.room_id[:20]!r}.", hint)
        if not sheet.why.past and not sheet.why.undoes:
            _check_day(sheet, change.to.span.start)
    if row is not None and stands:
        _check_frozen(sheet, change, case, row)


def _check_frozen(sheet: _Sheet, change: Change, case: Case, row: SlotRow) -> None:
    now_at = row.room_id, Span(row.start_at, row.end_at)
    same = change.to is not None and (change.to.room_id, change.to.span) == now_at
    if same or sheet.why.reason or sheet.why.undoes or change.code:
        return
    if placing.is_frozen(row.start_at, sheet.desk.theatre.now(), sheet.rules, row.state == "booked"):
        hours = sheet.rules.freeze // timedelta(hours=1)
        raise Refused(f"Case {case.number} begins within {hours} h; its slot changes only with a reason.", "Say why.")


def _check_day(sheet: _Sheet, start: datetime) -> None:
    zone = sheet.rules.zone
    today, wanted = sheet.desk.theatre.now().astimezone(zone).date(), start.astimezone(zone).date()
    if wanted < today:
        raise Refused(
            f"{wanted:%a %d %b %Y} is past: a slot begins today, {today:%a %d %b %Y}, or later.", "Check the date."
        )


def _change(sheet: _Sheet, change: Change, case: Case, row: SlotRow | None) -> Slot | None:
    desk = sheet.desk
    stored = desk.session.get(CaseRow, case.id)
    assert stored is not None
    if change.to is None:
        if row is None or row.state not in STANDS:
            _turn(sheet, change, stored)
            return None
        return _give_up(sheet, change, stored, row)
    stood = row is not None and row.state in STANDS
    kind = "slot.moved" if stood else "slot.booked"
    if stored.state == CaseState.CANCELLED.value:
        stored.state, kind = _state(desk.session, case.id).value, "slot.restored"
    stored.placed = True
    desk.session.add(stored)
    if row is None:
        row = SlotRow(
            id=uuid.uuid4().hex, case_id=case.id, room_id="", start_at=change.to.span.start,
            end_at=change.to.span.end, revision=-1, changed_at=desk.theatre.now(),
        )  # fmt: skip
    row.room_id, row.start_at, row.end_at = change.to.room_id, change.to.span.start, change.to.span.end
    row.state, row.cancel_reason = "held" if change.to.held else "booked", ""
    _changed(desk, row)
    wanted = wanted_of(desk.session, sheet.house, stored)
    taken, warnings = _claim(sheet, wanted, row, change.to)
    body: dict[str, Any] = {
        "slot": row.id,
        "room": row.room_id,
        "start_us": to_micros(row.start_at),
        "end_us": to_micros(row.end_at),
        "revision": row.revision,
        "claims": taken,
    }
    desk.append(stream_of(case.id), kind, body | ({"held": True} if change.to.held else {}) | _words(sheet, change))
    return replace(slot_of(row, sheet.rooms), warnings=warnings)


def _state(session: Session, case_id: str) -> CaseState:
    """Return how far a case has come by its time stamps: it may have been cancelled in holding."""
    return state_of(set(session.exec(select(CaseTimeRow.stamp).where(col(CaseTimeRow.case_id) == case_id)).all()))


def _give_up(sheet: _Sheet, change: Change, stored: CaseRow, row: SlotRow) -> Slot:
    desk = sheet.desk
    row.state = "cancelled" if change.cancels else "released"
    row.cancel_reason = " ".join(filter(None, (change.code, sheet.why.reason)))
    _changed(desk, row)
    stored.placed = False
    if change.cancels:
        stored.state = CaseState.CANCELLED.value
    desk.session.add(stored)
    body = {"slot": row.id, "revision": row.revision, "reason": row.cancel_reason}
    words = {name: value for name, value in _words(sheet, change).items() if name != "reason"}
    desk.append(stream_of(stored.id), "slot.cancelled" if change.cancels else "slot.released", body | words)
    return slot_of(row, sheet.rooms)


def _turn(sheet: _Sheet, change: Change, stored: CaseRow) -> None:
    """Cancel a case that waits without a slot, or let one that was cancelled so wait again."""
    desk = sheet.desk
    stored.state = CaseState.CANCELLED.value if change.cancels else _state(desk.session, stored.id).value
    desk.session.add(stored)
    desk.session.flush()
    kind = "case.cancelled" if change.cancels else "case.restored"
    desk.append(stream_of(stored.id), kind, _words(sheet, change))


def _words(sheet: _Sheet, change: Change) -> dict[str, str]:
    said = {"reason": sheet.why.reason, "code": change.code, "undoes": sheet.why.undoes}
    return {name: text for name, text in said.items() if text}


def _changed(desk: Desk, row: SlotRow) -> None:
    row.revision += 1
    row.changed_at = desk.theatre.now()
    desk.session.add(row)
    desk.session.flush()


def _claim(sheet: _Sheet, wanted: Wanted, row: SlotRow, to: Placement) -> tuple[list[list[Any]], tuple[str, ...]]:
    """Hold everything that a case needs; return what was taken but the patient, and what the site warns of."""
    session, room = sheet.desk.session, sheet.house.rooms.get(to.room_id)
    if room is None:
        raise Refused(f"{to.room_id} is not in use.", "Choose another room.")
    claims = placing.claims_of(wanted, room, to.span, sheet.house, sheet.rules)
    held = held_of(session, [claim.resource for claim in claims], _around(claims))
    for claim in claims:
        if clash := first_clash(claim, held):
            raise _refusal(sheet, wanted, claim, clash, to)
    near = windows(session, to.span, sheet.rules.zone, sheet.desk.theatre.now())
    concerns = placing.concerns_of(wanted, room, to.span, near, sheet.rules)
    refused = placing.refused_by(concerns, wanted, sheet.rules)
    if refused and not sheet.why.past and not sheet.why.undoes:
        nearest = _nearest(sheet, wanted, to)
        raise Clash(refused.sentence, _nearest_words(sheet, nearest), nearest)
    rows = [
        ClaimRow(slot_id=row.id, resource=claim.resource, lane=lane, start_at=claim.span.start, end_at=claim.span.end)
        for claim in claims
        for lane in _lanes(claim, held, to)
    ]
    taken: list[list[Any]] = [
        [one.resource, one.lane, to_micros(one.start_at), to_micros(one.end_at)]
        for one in rows
        if not one.resource.startswith("patient:")
    ]
    try:
        # A savepoint: whoever carries out several changes in one transaction may go on after this is refused.
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        raise Refused("Somebody booked this a moment ago.", "Look at the board and choose another time.") from None
    return taken, placing.warned_of(concerns, sheet.rules)


def _lanes(claim: Claim, held: Sequence[Held], to: Placement) -> tuple[int, ...]:
    """Return the lanes to take: those of before where they are free, else the first."""
    before = tuple(lane for resource, lane in to.lanes if resource == claim.resource)
    taken = {one.lane for one in held if one.resource == claim.resource and one.span.overlaps(claim.span)}
    is_free = len(before) == claim.count and max(before) <= claim.lanes and taken.isdisjoint(before)
    return before if is_free else free_lanes(claim, held)


def _around(claims: Sequence[Claim]) -> Span:
    return Span(min(claim.span.start for claim in claims), max(claim.span.end for claim in claims))


def held_of(session: Session, resources: Sequence[str] | None, within: Span) -> list[Held]:
    """Return what is held of some resources (of all, for None) in a span, with whose it is."""
    query = (
        select_columns(  # and not rows: a week of twenty rooms holds thousands
            col(ClaimRow.resource),
            col(ClaimRow.lane),
            col(ClaimRow.start_at),
            col(ClaimRow.end_at),
            col(CaseRow.number),
            col(SlotRow.room_id),
        )
        .join(SlotRow, col(SlotRow.id) == col(ClaimRow.slot_id))
        .join(CaseRow, col(CaseRow.id) == col(SlotRow.case_id))
        .where(
            col(ClaimRow.start_at) > within.start - LONGEST_CLAIM,
            col(ClaimRow.start_at) < within.end,
            col(ClaimRow.end_at) > within.start,
        )
    )
    if resources is not None:
        query = query.where(col(ClaimRow.resource).in_(resources))
    return [
        Held(resource, lane, Span(start, end), str(number), room)
        for resource, lane, start, end, number, room in session.execute(query).all()
    ]


def _refusal(sheet: _Sheet, wanted: Wanted, claim: Claim, clash: Held, to: Placement) -> Clash:
    nearest = _nearest(sheet, wanted, to)
    return Clash(clash_words(claim, clash, sheet.rules), _nearest_words(sheet, nearest), nearest)


def clash_words(claim: Claim, clash: Held, rules: Rules) -> str:
    """Return the one sentence that names the other case: who holds what, where, and how long."""
    when = placing.told(clash.span, rules.zone)
    if claim.resource.startswith("room:"):
        return f"{claim.label} is taken by case {clash.case} {when}."
    if not claim.resource.startswith("equipment:"):
        return f"{claim.label} is with case {clash.case} in {clash.room} {when}."
    many = f"All {claim.lanes} of {claim.label} are taken" if claim.lanes > 1 else f"{claim.label} is taken"
    if claim.count > 1:
        many = f"Not {claim.count} of the {claim.lanes} of {claim.label} are free"
    return f"{many}: {'one ' if claim.lanes > 1 else ''}by case {clash.case} in {clash.room} {when}."


def _nearest(sheet: _Sheet, wanted: Wanted, to: Placement) -> datetime | None:
    start = to.span.start
    within = Span(start, start + SEARCHED)
    claims = placing.claims_of(wanted, sheet.house.rooms[to.room_id], to.span, sheet.house, sheet.rules)
    held = held_of(sheet.desk.session, [claim.resource for claim in claims], Span(start, within.end + LONGEST_CLAIM))
    near = windows(sheet.desk.session, within, sheet.rules.zone, sheet.desk.theatre.now())
    # A start at midnight may be allowed and is still no advice: opening hours go first where the site only warns.
    for rules in (replace(sheet.rules, firmness={**sheet.rules.firmness, About.HOURS: Firmness.REFUSE}), sheet.rules):
        picture = Picture.of(sheet.house, rules, near, held)
        found = first_gap(wanted, to.span.length, picture, start, to.room_id, within.end)
        if found is not None:
            return found
    return None


def _nearest_words(sheet: _Sheet, nearest: datetime | None) -> str:
    if nearest is None:
        return f"No start within {SEARCHED.days} days works in this room."
    return f"The nearest start that works is {nearest.astimezone(sheet.rules.zone):%H:%M on %a %d %b}."


def standing_slots(session: Session, case_ids: Sequence[str]) -> dict[str, SlotRow]:
    """Return the slots that stand now, by case."""
    query = select(SlotRow).where(col(SlotRow.case_id).in_(case_ids), col(SlotRow.state).in_(STANDS))
    return {row.case_id: row for row in session.exec(query).all()}
