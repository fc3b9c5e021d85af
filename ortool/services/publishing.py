"""What live calendars say of today: recomputed as the day goes, kept beside the journal, moved when it matters."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from ortool.calendar.live import Expected, Planned, Said, by_the_plan, said_next
from ortool.services.arranging import STANDS
from ortool.services.boards import day_span
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseTimeRow, PublishedRow, SlotRow

if TYPE_CHECKING:
    from ortool.services.theatre import Theatre


def milestones_seen(theatre: "Theatre") -> tuple[int, int]:
    """Return what changes with every milestone that is stamped, corrected or taken back. Cheap to ask."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT count(*), coalesce(max(seq), 0) FROM case_time")
        number, newest = cursor.fetchone()
        cursor.close()
    return int(number), int(newest)


def publish_today(theatre: "Theatre") -> int:
    """Let calendars say when today's slots are expected, and return how many of them moved by it."""
    return publish(theatre, expected_today(theatre))


def expected_today(theatre: "Theatre") -> list[Expected]:
    """Return when each of today's booked slots is expected: by what has happened and what is planned."""
    today = theatre.now().astimezone(theatre.settings.zone).date()
    span = day_span(theatre, today)
    with theatre.reading() as session:
        query = select(SlotRow).where(
            col(SlotRow.start_at) >= span.start, col(SlotRow.start_at) < span.end, col(SlotRow.state).in_(STANDS)
        )
        rows = session.exec(query).all()
        times = _times(session, [row.case_id for row in rows])
    slots = [
        Planned(
            row.id, row.room_id, row.start_at, row.end_at, *(times.get((row.case_id, one)) for one in ("PIR", "POR"))
        )
        for row in rows
    ]
    return by_the_plan(slots, theatre.now(), timedelta(minutes=theatre.settings.turnover_minutes))


def publish(theatre: "Theatre", expected: Iterable[Expected]) -> int:
    """Let calendars say when slots are expected, and return how many moved. Small moves, and none, write nothing."""
    wanted = {one.slot_id: one for one in expected}
    with theatre.reading() as session:
        if not _moved(session, wanted):
            return 0
    with theatre.store.writing() as session:  # looked at once more: another server may have said it meanwhile
        moved = _moved(session, wanted)
        for slot, said in moved:
            session.merge(
                PublishedRow(
                    slot_id=slot.id, revision=slot.revision, start_at=said.start, end_at=said.end,
                    late_minutes=said.late_minutes, moves=said.moves, changed_at=theatre.now(),
                )
            )  # fmt: skip
    return len(moved)


def _moved(session: Session, wanted: dict[str, Expected]) -> list[tuple[SlotRow, Said]]:
    query = (
        select(SlotRow, PublishedRow)
        .outerjoin(PublishedRow, col(PublishedRow.slot_id) == col(SlotRow.id))
        .where(col(SlotRow.id).in_(list(wanted)), col(SlotRow.state).in_(STANDS))
    )
    found = []
    for slot, row in session.exec(query).all():
        moves = row.moves if row else 0
        last = Said(slot.start_at, slot.end_at, 0, moves)
        if row and row.revision == slot.revision:
            last = Said(row.start_at, row.end_at, row.late_minutes, moves)
        said = said_next(slot.start_at, slot.end_at, last, wanted[slot.id])
        if said is not None:
            found.append((slot, said))
    return found


def _times(session: Session, cases: list[str]) -> dict[tuple[str, str], datetime]:
    query = select(CaseTimeRow).where(col(CaseTimeRow.case_id).in_(cases), col(CaseTimeRow.stamp).in_(("PIR", "POR")))
    return {(row.case_id, row.stamp): row.occurred_at for row in session.exec(query).all()}
