"""Checklists: the ones on file, and the exact text that a run was pinned to."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, select

from ortool import shipped
from ortool.checklist.compose import compose
from ortool.checklist.definition import Checklist, Kind
from ortool.checklist.document import MAX_BYTES, Fault, FaultyDocument
from ortool.checklist.loading import content_hash, parse_checklist, parse_composed
from ortool.errors import BadInput, StorageFault
from ortool.reading import read_plain_text
from ortool.settings import Settings
from ortool.storage.tables import ChecklistRow

ANY = "any"


@dataclass(frozen=True)
class OnFile:
    """A checklist with its whole text: every part that its file includes is written out in it."""

    checklist: Checklist
    text: str
    path: Path

    @property
    def sha256(self) -> str:
        """The identity to which a run is pinned."""
        return content_hash(self.text)


def folder_of(settings: Settings) -> Path:
    """Return the folder whose checklists are in use."""
    return Path(settings.checklists).expanduser() if settings.checklists else shipped.folder("checklists")


def on_file(settings: Settings) -> dict[str, OnFile]:
    """Return every checklist in use by id. Raises BadInput that names the file, the place and the first fault."""
    folder = folder_of(settings)
    if not folder.is_dir():
        raise BadInput(f"There is no checklist folder {folder}.", "Set `checklists` in the settings.")
    found: dict[str, OnFile] = {}
    for path in sorted(folder.glob("*.yaml")):
        one = usable(path)
        found[one.checklist.id] = one
    return found


def usable(path: Path) -> OnFile:
    """Return the checklist of a file, parts and all. Raises BadInput that names the file, the place and the fault."""
    try:
        return read_file(path)
    except FaultyDocument as faulty:
        more = len(faulty.faults) - 1
        hint = f"`ortool checklist check {path.name}` names every fault." if more else ""
        raise BadInput(f"A checklist in use has a fault. {faulty.faults[0]}.", hint) from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The checklist {path.name} cannot be read.", "Save it as UTF-8 text.") from None


def read_file(path: Path) -> OnFile:
    """Return the checklist of a file with the parts that it includes from its own folder. Raises FaultyDocument.

    A file is read again only after it, or a part that it includes, has changed.
    """
    seen = _seen.get(path)
    if seen is not None and seen[0] == {file: _state(file) for file in seen[0]}:
        return seen[1]
    states = {path: _state(path)}

    def part(name: str) -> str:
        file = _inside(path.parent, name)
        states[file] = _state(file)
        return _text(file)

    composed = compose(_text(path), path.name, part)
    one = OnFile(parse_composed(composed), composed.text, path)
    _seen[path] = states, one
    return one


def _text(path: Path) -> str:
    try:
        return read_plain_text(path, MAX_BYTES, "utf-8-sig")
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        sentence = f"the file is larger than {MAX_BYTES // 1024} KiB; split it"
        raise FaultyDocument((Fault(path.name, 1, 1, sentence),)) from None


_seen: dict[Path, tuple[dict[Path, tuple[int, int]], OnFile]] = {}


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat() if path.exists() else None
    return (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)


def _inside(folder: Path, name: str) -> Path:
    """Return the file of a part. Raises OSError where a link leads out of the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FileNotFoundError(name)
    return path


def for_procedure(settings: Settings, procedure_id: str, checklist_id: str = "") -> OnFile | None:
    """Return the checklist that a procedure runs: the one it names, the one that names it, or the one for any.

    Reviews and follow-ups are never picked: they are begun on purpose.
    """
    known = {name: one for name, one in on_file(settings).items() if one.checklist.kind is Kind.OPERATION}
    if checklist_id in known:
        return known[checklist_id]
    return next(
        (one for wanted in (procedure_id, ANY) for one in known.values() if wanted in one.checklist.procedures), None
    )


def companions(settings: Settings) -> list[OnFile]:
    """Return the reviews and follow-ups that can run beside an operation, by title."""
    beside = (one for one in on_file(settings).values() if one.checklist.kind is not Kind.OPERATION)
    return sorted(beside, key=lambda one: one.checklist.title)


def companion(settings: Settings, list_id: str) -> OnFile:
    """Return a review or follow-up by its id. Raises BadInput that names the known ones."""
    known = {one.checklist.id: one for one in companions(settings)}
    if list_id not in known:
        raise BadInput(f"There is no review or follow-up {list_id[:40]!r}.", f"Known: {', '.join(known) or 'none'}.")
    return known[list_id]


def pin(session: Session, one: OnFile) -> str:
    """Keep the exact text of a checklist in the database and return its hash."""
    if session.get(ChecklistRow, one.sha256) is None:
        session.add(ChecklistRow(sha256=one.sha256, id=one.checklist.id, version=one.checklist.version, text=one.text))
        session.flush()
    return one.sha256


def pinned(session: Session, sha256: str) -> Checklist:
    """Return the checklist of a content hash. Raises StorageFault when its text is gone or was altered."""
    row = session.get(ChecklistRow, sha256)
    if row is None or content_hash(row.text) != sha256:
        raise StorageFault("The checklist that this case began with is missing or was altered.", "Restore a backup.")
    return _parsed(sha256, row.text)


def pinned_faults(session: Session, wanted: Mapping[str, int]) -> list[str]:
    """Return a sentence for each pinned checklist that was altered or is gone; `wanted` is the entry of each hash."""
    rows = {row.sha256: row for row in session.exec(select(ChecklistRow)).all()}
    altered = [
        f"checklist {row.id} version {row.version}: its text is not what was pinned"
        for row in rows.values()
        if content_hash(row.text) != row.sha256
    ]
    gone = [f"entry {seq}: the checklist it began with is gone" for sha256, seq in wanted.items() if sha256 not in rows]
    return altered + gone


@lru_cache(maxsize=64)
def _parsed(_sha256: str, text: str) -> Checklist:
    return parse_checklist(text, "the pinned checklist")
