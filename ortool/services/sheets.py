"""Checklists on paper and side by side: the downtime sheet, and what changed between two versions."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from ortool.caselog.sheet import Sheet
from ortool.checklist.definition import Checklist
from ortool.checklist.difference import differences
from ortool.errors import BadInput
from ortool.journal import log
from ortool.people.permissions import Verb
from ortool.presentation.sheet import blank_sheet, case_sheet
from ortool.services import access, checklists
from ortool.services.cases import find_case
from ortool.services.checklists import OnFile
from ortool.services.running import open_case
from ortool.services.theatre import Theatre
from ortool.settings import Settings
from ortool.storage.store import cursor_of
from ortool.storage.tables import ChecklistRow

SHORTEST_HASH = 6
WITNESS_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Compared:
    """Two checklists and the sentences that tell one from the other."""

    old: Checklist
    new: Checklist
    sentences: tuple[str, ...]


def named_checklist(settings: Settings, text: str) -> OnFile | None:
    """Return the checklist in use with the id `text`, or that of the file `text`; None where there is neither.

    Raises BadInput for a faulty file.
    """
    path = Path(text).expanduser()
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return checklists.usable(path)
    return checklists.on_file(settings).get(text)


def compare(settings: Settings, old: str, new: str, theatre: Theatre | None = None) -> Compared:
    """Return what changed from `old` to `new`: ids in use, files, or with a theatre hashes that runs were pinned to.

    Raises BadInput for what is none of these.
    """
    before, after = (_either(settings, text, theatre) for text in (old, new))
    return Compared(before, after, tuple(differences(before, after)))


def _either(settings: Settings, text: str, theatre: Theatre | None) -> Checklist:
    one = named_checklist(settings, text)
    if one is not None:
        return one.checklist
    if theatre is not None:
        with theatre.reading() as session:
            if found := _pinned(session, text.strip().lower()):
                return found
    raise BadInput(f"There is no checklist {text[:60]!r}.", "Write an id in use, a file, or the hash of a pinned one.")


def _pinned(session: Session, start: str) -> Checklist | None:
    if len(start) < SHORTEST_HASH or set(start) - set("0123456789abcdef"):
        return None
    query = select(ChecklistRow.sha256).where(ChecklistRow.sha256.startswith(start))
    found = session.exec(query).all()
    if len(found) > 1:
        raise BadInput(f"{start!r} begins several pinned checklists.", "Write more of the hash.")
    return checklists.pinned(session, found[0]) if found else None


def blank(settings: Settings, one: OnFile, printed_at: datetime) -> Sheet:
    """Return the blank sheet of a checklist. It needs no database: it is printed when there is none any more."""
    return blank_sheet(one.checklist, one.sha256, settings.site, printed_at, settings.zone, settings.site_values)


def witness_of(theatre: Theatre) -> str:
    """Return the newest entry as a paper bears it: `SEQ:HASH`, as `ortool journal verify --head` takes it back."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        seq, link = log.head(cursor, theatre.store.site_id)
        cursor.close()
    return f"{seq}:{link.hex()[:WITNESS_DIGITS]}"


def of_case(theatre: Theatre, text: str) -> Sheet:
    """Return the sheet of a case (by number or id) as far as its run has come. Raises BadInput where there is none."""
    case = find_case(theatre, text)
    access.seen(theatre, Verb.PRINT, f"sheet of case {case.number}")
    settings = theatre.settings
    dossier = open_case(theatre, case.id)
    sheet = case_sheet(dossier, settings.site, theatre.now(), settings.zone, settings.site_values)
    if sheet is None:
        raise BadInput(f"{case.procedure} has no checklist here.", "Ask who keeps the checklists.")
    return replace(sheet, witness=witness_of(theatre))
