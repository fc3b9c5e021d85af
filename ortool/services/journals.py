"""The journal, read, verified and exported."""

import os
from collections.abc import Callable
from pathlib import Path

from sqlmodel import Session

from ortool.errors import BadInput, Refused, StorageFault
from ortool.journal import log, ndjson
from ortool.journal.check import EVERY, Chain, Verification
from ortool.journal.entry import Entry, genesis
from ortool.journal.signing import EXPORTED, SYSTEM
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services import access, checklists, heads, running
from ortool.services.cases import stream_of
from ortool.services.projections import Tables
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of
from ortool.text import clean

Head = tuple[int, bytes]
Progress = Callable[[int], None]


def verify_journal(
    theatre: Theatre, since: int = 0, head: Head | None = None, progress: Progress | None = None
) -> Verification:
    """Check the whole journal, the tables beside it and the checklists that its runs began with.

    With `since` the entries up to that number, and the tables, are taken on trust. `head` is a (number, first bytes of
    the link) known from elsewhere. Raises BadInput for a `since` that the journal has not reached.
    """
    memory = theatre.terminal.memory
    seen = [(memory.seen.seq, memory.seen.link)] if memory and memory.seen else []
    with theatre.reading() as session:
        cursor = cursor_of(session)
        link = log.link_of(cursor, since) if since else None
        if since and link is None:
            raise BadInput(f"There is no entry {since}.", "`ortool journal show` names the entries.")
        known = [*seen, *([head] if head else [])]
        chain = Chain(theatre.store.site_id, memory.keys if memory else {}, known, since, link)
        tables = None if since else Tables()
        result = log.verify(cursor, theatre.store.site_id, chain, tables.take if tables else None, progress)
        result.faults.extend(_missing_guards(theatre, session))
        if not result.faults:
            wanted = {str(body["sha256"]): seq for seq, body in log.bodies_of(cursor, "run.started")}
            result.faults.extend(checklists.pinned_faults(session, wanted))
            result.faults.extend(tables.differences(cursor) if tables else ())
        cursor.close()
    if theatre.terminal.alarm and not any("seen before" in fault or "rewritten" in fault for fault in result.faults):
        result.faults.append(theatre.terminal.alarm)
    if not result.faults:
        theatre.terminal.trust(chain.learned)
    result.unseen = _unseen(result, chain, known)
    return result


def _missing_guards(theatre: Theatre, session: Session) -> list[str]:
    try:
        theatre.store.check_guards(session)
    except StorageFault as fault:
        return [fault.message]
    return []


def _unseen(result: Verification, chain: Chain, known: list[Head]) -> list[str]:
    """Return a sentence for every witness that was missing: what could not have been found without it."""
    said = []
    newest = max((number for number, _ in known), default=0)
    if not known:
        said.append(
            "No head was remembered or given: had the end been cut off, or everything sealed anew, only a signed "
            "checkpoint could have told. Give one with --head SEQ:HASH, from a print or another terminal."
        )
    elif newest < result.head_seq:
        said.append(
            f"Entries {newest + 1} to {result.head_seq} are newer than the head that was remembered or given: "
            "had any of them been sealed anew or cut off, that head could not have told."
        )
    if not chain.keys:
        said.append("No signing key is known here and no checkpoint was checked; a history sealed anew bears no mark.")
    elif result.sealed_to < result.head_seq - 1:
        last = f"entry {result.sealed_to}" if result.sealed_to else "none"
        bare = result.head_seq - result.sealed_to - bool(result.sealed_to)  # the checkpoint itself needs no other
        said.append(f"The newest signed checkpoint covers {last}: {bare} entries after it bear no signature.")
    if chain.learned:
        ids = ", ".join(chain.learned)
        said.append(
            f"The signing key {ids} was taken from the journal itself: compare it with the one that was written down."
        )
    if chain.sparse:
        begins, ends = chain.sparse[0]
        said.append(
            f"Entries {begins} to {ends}, and {len(chain.sparse) - 1} other stretches, have more than {EVERY} entries "
            "between two checkpoints: a terminal without the key worked alone, or checkpoints were taken out."
        )
    if chain.since:
        said.append(f"Entries up to {chain.since}, and the tables beside the journal, were taken on trust.")
    return said


def verify_exported(path: Path, head: Head | None = None, progress: Progress | None = None) -> Verification:
    """Check an exported journal, without a database. Raises StorageFault for a file that cannot be read."""
    found: list[tuple[Chain, list[Head]]] = []

    def chain(first: ndjson.FileHead) -> Chain:
        memory = heads.recall(first.site_id)
        known = [head] if head else []
        if memory.seen and memory.seen.seq <= first.last:
            known.append((memory.seen.seq, memory.seen.link))
        link = first.link if first.first > 1 else genesis(first.site_id)
        one = Chain(first.site_id, memory.keys or first.keys, known, first.first - 1, link)
        if not memory.keys:
            one.learned.update(first.keys)
        found.append((one, known))
        return one

    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            first = ndjson.read_head(file.readline(ndjson.LONGEST_LINE))
            result = ndjson.verify_file(file, first, chain, progress)
    except (OSError, UnicodeDecodeError, ndjson.FaultyFile) as error:
        words = error if isinstance(error, ndjson.FaultyFile) else "It cannot be read."
        raise StorageFault(f"{path} is no exported journal. {words}") from None
    result.unseen = _unseen(result, *found[0])
    if not first.texts:
        result.notes.append("The texts beside the entries are not in the file; the entries commit to them.")
    return result


def export_journal(
    theatre: Theatre, actor: Actor, target: Path, reason: str, since: int = 0, with_texts: bool = False
) -> ndjson.FileHead:
    """Write the journal after entry `since` to a new file that verifies anywhere, and write down that it was done.

    Texts (names, notes, reasons) go along only `with_texts`. Raises Refused, BadInput.
    """
    why = clean(reason)
    if not why:
        raise Refused("An export needs a reason.")
    if target.exists():
        raise Refused(f"{target} exists already; nothing was written.", "Name a new file.")
    site_id = theatre.store.site_id
    with theatre.writing(actor, Verb.EXPORT_JOURNAL) as desk:
        last, _ = log.head(desk.cursor, site_id)
        if since > last:
            raise BadInput(f"The journal ends at entry {last}.")
        body = {"first": since + 1, "last": last, "with_texts": with_texts, "reason": why}
        entry = desk.append(SYSTEM, EXPORTED, body)
    with theatre.reading() as session:
        cursor = cursor_of(session)
        link = log.link_of(cursor, since) if since else genesis(site_id)
        keys = theatre.terminal.memory.keys if theatre.terminal.memory else {}
        head = ndjson.FileHead(site_id, since + 1, entry.seq, entry.hash, link or b"", keys, with_texts)
        try:
            _write(cursor, target, head)
        except OSError as error:
            raise BadInput(f"{target} cannot be written: {error.strerror}.", "Name another file.") from None
        finally:
            cursor.close()
    return head


def _write(cursor: log.Cursor, target: Path, head: ndjson.FileHead) -> None:
    texts = log.texts_after(cursor, head.first - 1) if head.texts else {}
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(ndjson.head_line(head))
            for header, body, prev, link in log.rows_after(cursor, head.first - 1):
                if header.seq > head.last:
                    break
                file.write(ndjson.entry_line(header, body, prev, link, texts.get(header.seq, ())))
    except OSError:
        target.unlink(missing_ok=True)
        raise


def case_entries(theatre: Theatre, case_id: str) -> list[Entry]:
    """Return every entry of a case, in order."""
    access.in_somebodys_name(theatre)
    running.open_case(theatre, case_id)  # whoever may not read the case may not read its entries either
    with theatre.reading() as session:
        return log.read_stream(cursor_of(session), stream_of(case_id))


def recent_entries(theatre: Theatre, after_seq: int = 0, limit: int = 1_000) -> list[Entry]:
    """Return the entries of all streams after a number, in order; hidden texts stay hidden."""
    access.seen(theatre, Verb.READ_JOURNAL, "the journal")
    with theatre.reading() as session:
        return log.read_all(cursor_of(session), after_seq, limit)


def newest_seq(theatre: Theatre) -> int:
    """Return the number of the newest entry, 0 for an empty journal."""
    with theatre.reading() as session:
        return log.head(cursor_of(session), theatre.store.site_id)[0]
