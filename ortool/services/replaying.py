"""A case, to be stepped through as it stood at any moment. It is read once; nothing is written."""

from ortool.caselog.replay import Replay
from ortool.services.journals import case_entries
from ortool.services.running import open_case
from ortool.services.theatre import Theatre


def replay_of(theatre: Theatre, case_id: str) -> Replay:
    """Return a case to be stepped through. Raises as `case_entries` does where whoever is here may not read it."""
    entries = case_entries(theatre, case_id)
    return Replay(open_case(theatre, case_id), entries)
