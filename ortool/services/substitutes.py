"""Who could operate instead of an emergency's own surgeon."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from ortool.schedule.proposals import Emergency, Instead
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind
from ortool.storage.tables import CaseRow, PersonRow, ProcedureRow, SlotRow

BEFORE, AFTER = timedelta(days=90), timedelta(days=30)
"""How near a slot of the specialty makes a surgeon one of it (EST)."""
MOST = 8
"""Surgeons who are tried: those with the most slots of the specialty."""


def other_surgeons(
    session: Session, urgent: Emergency, windows: Iterable[Window], now: datetime, names: dict[str, str]
) -> tuple[Instead, ...]:
    """Return the surgeons with slots of the emergency's specialty lately or soon who are not away, most slots first.

    Its own surgeon and whoever gives its anaesthetic are not among them.
    """
    wanted = urgent.wanted
    if not wanted.service:
        return ()
    own = next(one for one in wanted.people if one.role == "surgeon")
    within = Span(now, urgent.due + urgent.length)
    away = {
        window.resource for window in windows if window.kind is not WindowKind.BLOCK and window.span.overlaps(within)
    }
    many = func.count()
    query = (
        select_columns(col(PersonRow.id), col(PersonRow.roles))
        .join(CaseRow, col(CaseRow.surgeon_id) == col(PersonRow.id))
        .join(SlotRow, col(SlotRow.case_id) == col(CaseRow.id))
        .join(ProcedureRow, col(ProcedureRow.id) == col(CaseRow.procedure_id))
        .where(
            col(ProcedureRow.specialty) == wanted.service,
            col(PersonRow.active).is_(True),
            col(SlotRow.state).not_in(("cancelled", "released")),
            col(SlotRow.start_at) > now - BEFORE,
            col(SlotRow.start_at) < now + AFTER,
        )
        .group_by(col(PersonRow.id), col(PersonRow.roles))
        .order_by(many.desc(), col(PersonRow.id))
    )
    not_these = {one.id for one in wanted.people}
    found = [
        person for person, roles in session.execute(query).all()
        if person not in not_these and "surgeon" in roles.split() and f"person:{person}" not in away
    ]  # fmt: skip
    return tuple(
        Instead(wanted.case_id, wanted.number, person, names.get(person, person), own.id, own.name)
        for person in found[:MOST]
    )
