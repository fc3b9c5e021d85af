"""What this terminal remembers of a site's journal: the newest entry that it saw, and the keys that it trusts.

It is kept outside the database, one small file for each site, so that whoever alters the database cannot alter the
memory of every terminal with it. This is what finds a cut end and a history that was sealed anew.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from ortool.errors import Refused
from ortool.journal import log
from ortool.journal.check import Epoch
from ortool.journal.entry import to_micros
from ortool.journal.signing import RESTORED, SYSTEM, from_text, to_text
from ortool.people.permissions import Verb
from ortool.reading import read_plain_text
from ortool.storage.store import cursor_of
from ortool.text import clean

if TYPE_CHECKING:
    from ortool.journal.entry import Entry
    from ortool.people.person import Actor
    from ortool.services.theatre import Theatre


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest entry that was seen: its number and link, when (as people write it, UTC) and in which database."""

    seq: int
    link: bytes
    at: str
    where: str


# A memory holds one head and the keys of a site's terminals.
MEMORY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one site. `damaged` when there was a file that could not be read."""

    path: Path
    seen: Seen | None = None
    keys: Mapping[str, bytes] = field(default_factory=dict)
    damaged: bool = False


def state_folder() -> Path:
    """Return where the memory is kept: `ORTOOL_STATE`, or the user's folder for such things."""
    named = os.environ.get("ORTOOL_STATE", "")
    return Path(named).expanduser() if named else Path(platformdirs.user_state_dir("ortool"))


def recall(site_id: str) -> Memory:
    """Return what is remembered of a site; an empty memory where this terminal has never seen it."""
    path = state_folder() / f"{site_id}.json"
    try:
        value = json.loads(read_plain_text(path, MEMORY_BYTES))
        seen = Seen(int(value["seq"]), bytes.fromhex(value["hash"]), str(value["seen_at"]), str(value["database"]))
        keys = {str(name): from_text(public) for name, public in value["keys"].items()}
    except FileNotFoundError:
        return Memory(path)
    except (OSError, ValueError, TypeError, RecursionError, LookupError, AttributeError):
        return Memory(path, damaged=True)
    return Memory(path, seen if seen.seq else None, keys)


def keep(memory: Memory) -> None:
    """Write the memory down, whole or not at all. Raises OSError."""
    memory.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = memory.seen or Seen(0, b"", "", "")
    value = {
        "site": memory.path.stem,
        "seq": seen.seq,
        "hash": seen.link.hex(),
        "seen_at": seen.at,
        "database": seen.where,
        "keys": {name: to_text(public) for name, public in sorted(memory.keys.items())},
    }
    handle, name = tempfile.mkstemp(dir=memory.path.parent, prefix=".head-")  # made 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        os.replace(name, memory.path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def with_head(memory: Memory, seq: int, link: bytes, now: datetime, where: Path) -> Memory:
    """Return the memory with a newer head; an older one changes nothing."""
    if not seq or (memory.seen and memory.seen.seq >= seq):
        return memory
    return replace(memory, seen=Seen(seq, link, f"{now:%Y-%m-%d %H:%M:%S} UTC", str(where)), damaged=False)


def place_of(theatre: "Theatre") -> Path:
    """Return where a theatre's database is; a server's has no file of its own."""
    return Path(getattr(theatre.store, "path", "") or "the server")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the comparison with the memory gave: a sentence that alarms, or one that explains, or neither."""

    alarm: str = ""
    explained: str = ""


def compare(cursor: log.Cursor, memory: Memory, where: Path) -> Compared:
    """Look the remembered entry up in the journal. One row is read where all is well."""
    if memory.damaged:
        return Compared(
            f"What this terminal remembered of the journal ({memory.path}) cannot be read: a cut or rewritten history "
            "would not be noticed here. Compare the head with another terminal's, then remove that file."
        )
    seen = memory.seen
    if seen is None or (found := log.link_of(cursor, seen.seq)) == seen.link:
        return Compared()
    epoch = next((one for one in epochs(cursor) if one.explains(seen.seq)), None)
    if epoch is not None:
        lost = f"entries {epoch.kept + 1} to {epoch.lost or 'the end'} of before are lost"
        return Compared(explained=f"A backup was restored here (entry {epoch.seq}): {lost}, as was entered then.")
    what = "is gone: the journal was cut" if found is None else "is another one: its history was rewritten"
    elsewhere = "" if str(where) == seen.where else f" That was in {seen.where}; an older copy has fewer entries."
    return Compared(
        f"THE JOURNAL IS NOT THE ONE THIS TERMINAL KNOWS: entry {seen.seq}, seen {seen.at}, {what}.{elsewhere} "
        "Leave everything as it is, ask who keeps the database, and run `ortool journal verify`."
    )


def epochs(cursor: log.Cursor) -> list[Epoch]:
    """Return the restores that the journal tells of, oldest first."""
    found = []
    for entry in log.read_stream(cursor, SYSTEM):
        if entry.kind == RESTORED:
            kept, lost = int(entry.body["kept_seq"]), int(entry.body["lost_seq"])
            found.append(Epoch(entry.seq, kept, lost, to_micros(entry.recorded_at)))
    return found


def record_restored(theatre: "Theatre", actor: "Actor", reason: str, lost: tuple[int, bytes] | None = None) -> "Entry":
    """Write into a journal that came back from a backup that it did, so that terminals explain instead of alarm.

    Call it once, right after the restore and before anything else is written. `lost` is the (number, link) of the
    newest entry of the journal that was given up, None where nobody knows it.
    """
    with theatre.writing(actor, Verb.RESTORE) as desk:
        seq, link = log.head(desk.cursor, theatre.store.site_id)
        body: dict[str, Any] = {
            "kept_seq": seq,
            "kept_head": link.hex(),
            "lost_seq": lost[0] if lost else 0,
            "lost_head": lost[1].hex() if lost else "",
            "reason": reason,
        }
        return desk.append(SYSTEM, RESTORED, body)


def own_restored(theatre: "Theatre", actor: "Actor", reason: str) -> "Entry":
    """Write down a restore that was done by hand; what this terminal remembers names what is lost. Raises Refused."""
    why = clean(reason)
    if not why:
        raise Refused("A restore needs a reason.")
    seen = theatre.terminal.memory.seen if theatre.terminal.memory else None
    if not theatre.terminal.alarm or seen is None:
        raise Refused("This terminal knows of nothing that is lost; nothing was written.")
    with theatre.reading() as session:
        cursor = cursor_of(session)
        seq, _ = log.head(cursor, theatre.store.site_id)
        cursor.close()
    if seen.seq <= seq:
        raise Refused(
            f"Entry {seen.seq} is here, but another one than this terminal saw: no backup explains that.",
            "Keep the database as it is and compare it with the newest backup.",
        )
    entry = record_restored(theatre, actor, why, (seen.seq, seen.link))
    theatre.terminal.alarm = ""
    if theatre.terminal.memory:
        theatre.terminal.memory = replace(theatre.terminal.memory, seen=None)
    return entry
