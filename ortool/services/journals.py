"""The journal, read and verified."""

from ortool.journal import log
from ortool.journal.entry import Entry
from ortool.journal.log import Verification
from ortool.people.permissions import Verb
from ortool.services import access, checklists, running
from ortool.services.cases import stream_of
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of


def verify_journal(theatre: Theatre) -> Verification:
    """Check the whole journal, and the checklists that its runs began with; return what was checked and found."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        result = log.verify(cursor, theatre.store.site_id)
        if not result.faults:
            wanted = {str(body["sha256"]): seq for seq, body in log.bodies_of(cursor, "run.started")}
            result.faults.extend(checklists.pinned_faults(session, wanted))
        return result


def case_entries(theatre: Theatre, case_id: str) -> list[Entry]:
    """Return every entry of a case, in order."""
    running.open_case(theatre, case_id)  # whoever may not read the case may not read its entries either
    with theatre.reading() as session:
        return log.read_stream(cursor_of(session), stream_of(case_id))


def recent_entries(theatre: Theatre, after_seq: int = 0, limit: int = 1_000) -> list[Entry]:
    """Return the entries of all streams after a number, in order; hidden texts stay hidden."""
    access.seen(theatre, Verb.READ_JOURNAL, "the journal")
    with theatre.reading() as session:
        return log.read_all(cursor_of(session), after_seq, limit)
