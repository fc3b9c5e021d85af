"""A downtime sheet as values: what is printed of a checklist, blank or as far as a run has come."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from ortool.caselog.dossier import Dossier
from ortool.caselog.remarks import SHORT_HASH

_NUMBER = re.compile(r"DT-[0-9]{6}-[0-9]{6}-([0-9A-F]{4})(?:-([0-9]{2,3}))?")
_SHORTEST_HASH = 4
APPROVAL_MISSING = "NOT LOCALLY APPROVED"
DEAD_SCREEN = (
    "1. Write down the time. Stick the label on this form, or write whose it is.",
    "2. Go on with the list; each line: tick, time by the wall clock, initials.",
    "3. Counts: the table, signed by two. Care never waits for the screen.",
    "4. Help: ______________________. More room: the next blank form, case on it.",
    "5. Screen back: open the case, key g, the form's number; enter each line.",
    "   Somebody else compares. A line counts once. Keep the form.",
)
"""What to do without a screen, for whoever holds the form."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One thing to tick or to stamp. `box`, `said`, `time` and `initials` hold what was entered, or nothing.

    `box` is the item's mark as one ASCII character. `write` says what is written by hand. `two` asks for two initials.
    `detail` is what the line says more, where nobody knows it by heart.
    """

    id: str
    challenge: str
    response: str = ""
    who: str = ""
    write: str = ""
    box: str = ""
    said: str = ""
    time: str = ""
    initials: str = ""
    hard: bool = False
    two: bool = False
    is_stamp: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SheetBlock:
    """A pause, or a stretch of stamps and records: its heading, who reads and what waits for it, and its lines.

    `is_large`: read while something happens, so printed large.
    """

    heading: str
    notes: tuple[str, ...]
    lines: tuple[SheetLine, ...]
    closing: str = ""
    is_pause: bool = True
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class SheetCounts:
    """The count table: a column for each moment, a row for each category; a cell is empty where nothing was counted.

    `added` says of each category what came to the field, and how many there should be now.
    """

    moments: tuple[str, ...]
    categories: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    signed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """One position of a construct: the planned size, a value for each column, and what says which implant it is.

    What is not known is empty, and written by hand. `place` may itself hold room to write.
    """

    place: str
    planned: str
    values: tuple[str, ...]
    device: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The construct grid of one kind of implant: a column for each reading, a row for each level and side.

    Each column is a title and what is written beneath it by hand, such as `good / poor`.
    """

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[SheetPlace, ...]
    has_plan: bool = True


@dataclass(frozen=True, slots=True)
class SheetClock:
    """A clock to be kept by hand: its name, what is done each time, from when and how often.

    `done` are the times at which it was answered, or its readings. `again`: there is room for many more. `reads` is the
    unit of what is read off. `is_dated`: what is written is a day.
    """

    title: str
    task: str
    rule: str
    started: str
    done: tuple[str, ...]
    again: bool
    reads: str = ""
    is_dated: bool = False


@dataclass(frozen=True, repr=False)
class Sheet:
    """A downtime sheet. `identity` is empty where the case label is to be stuck on.

    `witness` is the newest entry of the journal when it was printed, as `SEQ:HASH`: a journal that was cut or rewritten
    since then disagrees with the paper. Empty where it was printed without a database.
    """

    title: str
    checklist: str
    version: str
    sha256: str
    approval: str
    based_on: str
    site: str
    printed_at: str
    form: str
    state: str
    identity: tuple[str, ...]
    blocks: tuple[SheetBlock, ...]
    counts: SheetCounts | None
    construct: tuple[SheetTable, ...] = ()
    clocks: tuple[SheetClock, ...] = ()
    events: tuple[SheetBlock, ...] = ()
    witness: str = ""

    def __repr__(self) -> str:
        """Name the sheet without its patient, so that no traceback shows one."""
        return f"Sheet(form={self.form!r})"

    @property
    def is_approved(self) -> bool:
        """Whether a local clinical lead has approved the checklist."""
        return self.approval != APPROVAL_MISSING

    @property
    def opening(self) -> SheetBlock:
        """What the first page begins with."""
        return SheetBlock("When the screen is dead", DEAD_SCREEN, (), is_pause=False)

    @property
    def edition(self) -> str:
        """The checklist's id, version and short hash, as they are compared with the screen."""
        return f"{self.checklist}, version {self.version}, {self.sha256}"


def form_number(printed_at: datetime, sha256: str, subject: str, serial: int = 0) -> str:
    """Return the number of a form: when it was printed (UTC), and four digits of what was printed.

    Two sheets of one case printed in the same second are copies of one form; a `serial` tells blank ones apart.
    """
    number = f"{serial:02d}" if serial else ""
    digits = _digits(sha256, _blank(number) if serial else subject)
    return f"DT-{printed_at.astimezone(UTC):%y%m%d-%H%M%S}-{digits}" + (f"-{number}" if serial else "")


def _blank(number: str) -> str:
    return f"blank {number}"


def _digits(sha256: str, subject: str) -> str:
    return hashlib.sha256(f"{sha256}|{subject}".encode()).hexdigest()[:4].upper()


def sheet_warning(dossier: Dossier, form: str, version: str = "") -> str:
    """Return why a paper sheet may not be the one of this run, as a sentence; empty where nothing speaks against it.

    `form` is the number at the top of the sheet, `version` what it says of its checklist: the version, the hash, or the
    whole line. A sheet that carries neither cannot be compared.
    """
    run = dossier.run
    if run is None or (_is_printed_for(dossier, form) and _is_version(dossier, version)):
        return ""
    checklist = run.plan.checklist
    this = f"{checklist.id}, version {checklist.version}, {dossier.sha256[:SHORT_HASH]}"
    if not _is_version(dossier, version):
        return f"The sheet says version {version.strip()[:60]!r}, this run is {this}: its lines may differ."
    case = dossier.case.number
    return f"Form {form.strip().upper()[:40]} was not printed for case {case} from {this}: its lines may differ."


def _is_printed_for(dossier: Dossier, form: str) -> bool:
    found = _NUMBER.fullmatch(form.strip().upper())
    number = str(dossier.case.number)
    if found and found[2]:
        return found[1] == _digits(dossier.sha256, _blank(found[2]))
    subjects = ("", number, f"{number}/{dossier.list_id}")
    return found is None or found[1] in {_digits(dossier.sha256, subject) for subject in subjects}


def _is_version(dossier: Dossier, text: str) -> bool:
    assert dossier.run is not None
    checklist = dossier.run.plan.checklist
    own = {"version", *_words(checklist.id), *_words(checklist.version)}
    return all(word in own or _begins(dossier.sha256, word) for word in _words(text))


def _words(text: str) -> list[str]:
    return text.casefold().replace(",", " ").split()


def _begins(sha256: str, word: str) -> bool:
    return len(word) >= _SHORTEST_HASH and sha256.startswith(word)
