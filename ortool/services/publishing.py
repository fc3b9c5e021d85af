"""What live calendars say of today: recomputed as the day goes, kept beside the journal, moved when it matters."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from ortool.calendar.live import Expected, Said, expected_of, said_next
from ortool.services.arranging import STANDS
from ortool.services.boards import day_board
from ortool.services.forecasts import forecast_of, inputs_of
from ortool.storage.store import cursor_of
from ortool.storage.tables import SlotRow
from ortool.storage.tables_calendar import PublishedRow

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
    """Return when each of today's booked slots is expected: as the day's forecast has it where something happened."""
    board = day_board(theatre)
    inputs = inputs_of(theatre, board)
    slots = {one.case.id: one.slot.id for one in board.all_cases}
    return expected_of(forecast_of(theatre, inputs), slots) if inputs else []


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
