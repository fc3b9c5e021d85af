"""When the milestones of a case occurred, kept where lists and statistics can ask for many cases at once."""

from sqlmodel import col, select

from ortool.checklist.run import Run
from ortool.journal.entry import Entry
from ortool.services.theatre import Desk
from ortool.storage.tables_beside import CaseTimeRow

_FOLLOWED = frozenset({"milestone.stamped", "entry.undone"})


def follow(desk: Desk, case_id: str, entry: Entry, run: Run) -> None:
    """Let the table follow the milestones of a run, in the transaction that wrote the entry."""
    if entry.kind not in _FOLLOWED:
        return
    session = desk.session
    standing = {row.stamp: row for row in session.exec(select(CaseTimeRow).where(col(CaseTimeRow.case_id) == case_id))}
    for stamp, said in run.stamps.items():
        row = standing.pop(stamp, None) or CaseTimeRow(
            case_id=case_id, stamp=stamp, occurred_at=said.occurred_at, recorded_at=said.recorded_at, seq=said.seq
        )
        row.occurred_at, row.recorded_at, row.seq = said.occurred_at, said.recorded_at, said.seq
        session.add(row)
    for row in standing.values():
        session.delete(row)
    session.flush()
