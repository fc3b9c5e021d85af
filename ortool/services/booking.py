"""Slots: book, hold, move, swap, cancel, put back. A clash is refused in one sentence that names the other case."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from ortool.caselog.case import Case, Slot
from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.codes import check_cancellation, check_move
from ortool.schedule.slots import Span, check_span
from ortool.services.again import repeatable
from ortool.services.arranging import STANDS, Change, Clash, Placement, Why, arrange
from ortool.services.cases import current_slot, read_case
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre
from ortool.storage.tables import SlotRow
from ortool.text import clean

__all__ = [
    "Clash", "book", "cancel", "confirm", "hold", "move", "preview", "release", "standing_minutes", "swap", "would_fit",
]  # fmt: skip

_T = TypeVar("_T")


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
    hold: bool = False,
) -> Slot:
    """Book a slot for a case. `start` is timezone-aware. Raises Clash, Refused or BadInput; then nothing is written.

    Only with `past`, as for a list of days gone by, may the slot begin before today. With `hold` it is not confirmed.
    """
    to = Placement(room_id, _span(start, minutes), hold)
    with theatre.writing(actor, Verb.SCHEDULE, command_id) as desk:
        case = read_case(desk.session, case_id)
        if case.state.is_over and not case.state.is_cancelled:
            raise Refused(f"Case {case.number} is {case.state.value} and needs no slot.")
        row = current_slot(desk.session, case_id)
        if row is not None and row.state in STANDS:
            raise Refused(f"Case {case.number} has a slot already.", "Move it instead.")
        return arrange(desk, [Change(case_id, to)], Why(past=past))[0]


@repeatable
def move(
    theatre: Theatre,
    actor: Actor,
    case_id: str,
    room_id: str,
    start: datetime,
    minutes: int,
    reason: str = "",
    code: str = "",
) -> Slot:
    """Move a case's slot: other room, other time, other length. The slot keeps its id; its revision rises.

    Within the site's freeze window a confirmed slot needs a reason or a code.
    """
    span, code = _span(start, minutes), check_move(code)
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        case, row = _standing(desk.session, case_id)
        if case.state.has_started:
            raise Refused(f"Case {case.number} is {case.state.value}; a slot that has begun is not moved.")
        if (row.room_id, row.start_at, row.end_at) == (room_id, span.start, span.end):
            raise Refused(f"Case {case.number} has exactly this slot; nothing would change.", "Name another.")
        to = Placement(room_id, span, row.state == "held")
        return arrange(desk, [Change(case_id, to, code=code)], Why(clean(reason)))[0]


@repeatable
def swap(theatre: Theatre, actor: Actor, case_id: str, other_id: str, reason: str = "") -> list[Slot]:
    """Exchange the slots of two cases: each begins where the other did and keeps its own length. Both or neither."""
    if case_id == other_id:
        raise BadInput("A case cannot be exchanged with itself.")
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        (one, first), (other, second) = (_standing(desk.session, each) for each in (case_id, other_id))
        changes = [
            Change(one.id, Placement(second.room_id, _at(second.start_at, first), first.state == "held")),
            Change(other.id, Placement(first.room_id, _at(first.start_at, second), second.state == "held")),
        ]
        return arrange(desk, changes, Why(clean(reason)))


@repeatable
def confirm(theatre: Theatre, actor: Actor, case_id: str) -> Slot:
    """Confirm a slot that was only held."""
    return _as_sure(theatre, actor, case_id, held=False)


@repeatable
def hold(theatre: Theatre, actor: Actor, case_id: str) -> Slot:
    """Make a confirmed slot one that is only held."""
    return _as_sure(theatre, actor, case_id, held=True)


def _as_sure(theatre: Theatre, actor: Actor, case_id: str, held: bool) -> Slot:
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        case, row = _standing(desk.session, case_id)
        if (row.state == "held") is held:
            raise Refused(f"The slot of case {case.number} is {'only held' if held else 'confirmed'} already.")
        return arrange(desk, [Change(case_id, Placement(row.room_id, Span(row.start_at, row.end_at), held))], Why())[0]


@repeatable
def cancel(theatre: Theatre, actor: Actor, case_id: str, reason: str, code: str = "") -> Slot | None:
    """Cancel a case and give its slot back; return the slot, None where the case only waited for one.

    A reason or a code is asked for. A case that has begun goes on. Raises Refused, or BadInput for a code that is none
    of the site's.
    """
    reason, code = _said(reason, code, "A cancellation needs a reason.")
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        slots = arrange(desk, [Change(case_id, None, cancels=True, code=code)], Why(reason))
        return slots[0] if slots else None


@repeatable
def release(theatre: Theatre, actor: Actor, case_id: str, reason: str, code: str = "") -> Slot:
    """Give a case's slot back; the case waits again for another one, since the day it always did."""
    reason, code = _said(reason, code, "Giving a slot back needs a reason.")
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        _standing(desk.session, case_id)
        return arrange(desk, [Change(case_id, None, code=code)], Why(reason))[0]


def _said(reason: str, code: str, else_refused: str) -> tuple[str, str]:
    reason, code = clean(reason), check_cancellation(code)
    if not reason and not code:
        raise Refused(else_refused)
    return reason, code


def standing_minutes(theatre: Theatre, case_id: str) -> int:
    """Return how long a case's slot is now, in minutes. Raises Refused where it has none."""
    with theatre.reading() as session:
        _, row = _standing(session, case_id)
        return (row.end_at - row.start_at) // timedelta(minutes=1)


class _OnlyAsked(Exception):
    """Leaves the transaction without writing."""


@contextmanager
def _asking(theatre: Theatre) -> Iterator[None]:
    try:
        with theatre.writing(SYSTEM, Verb.SCHEDULE):
            yield
            raise _OnlyAsked
    except _OnlyAsked:
        return


def preview(theatre: Theatre, deed: Callable[[Actor], _T]) -> _T:
    """Return what a deed of the schedule would come to. Raises as it does; writes nothing."""
    result: list[_T] = []
    with _asking(theatre):
        result.append(deed(SYSTEM))
    return result[0]


def would_fit(theatre: Theatre, case_id: str, room_id: str, start: datetime, minutes: int) -> Slot:
    """Return the slot that a booking (or a move of the standing slot) would make. Raises as they do; writes nothing."""

    def deed(actor: Actor) -> Slot:
        with theatre.reading() as session:
            standing = current_slot(session, case_id)
        if standing is not None and standing.state in STANDS:
            return move(theatre, actor, case_id, room_id, start, minutes, "only asked")
        return book(theatre, actor, case_id, room_id, start, minutes)

    return preview(theatre, deed)


def _span(start: datetime, minutes: int) -> Span:
    span = Span(start, start + timedelta(minutes=minutes))
    check_span(span)
    return span


def _at(start: datetime, row: SlotRow) -> Span:
    return Span(start, start + (row.end_at - row.start_at))


def _standing(session: Session, case_id: str) -> tuple[Case, SlotRow]:
    case = read_case(session, case_id)
    row = current_slot(session, case_id)
    if row is None or row.state not in STANDS:
        raise Refused(f"Case {case.number} has no slot.", "Book one first.")
    return case, row
