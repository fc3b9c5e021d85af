"""The journal on a database connection: append, read, verify. Fixed SQL: the hot path carries no mapper."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from ortool.journal.canonical import decode, encode
from ortool.journal.check import Chain, Reader, Verification
from ortool.journal.entry import SCHEMA, Entry, Header, chain_hash, from_micros, genesis, to_micros
from ortool.journal.secrets import HIDDEN, REDACTED, SecretText, hide, show

COLUMNS = (
    "seq, stream, version, command_id, kind, schema, occurred_us, recorded_us, mono_ns, boot, clock, "
    "actor, auth, device, body, prev, hash"
)
_HEADER = len(Header.__slots__)
_BATCH = 2_000
_BEYOND = 2**62


class Cursor(Protocol):
    """What the journal needs of a database cursor (PEP 249)."""

    @property
    def connection(self) -> Any: ...
    @property
    def description(self) -> Any: ...

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...
    def fetchmany(self, size: int = ..., /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes, from where, by which clock. `clock` is 0 when nothing is known of its synchronisation."""

    actor: str
    auth: str
    device: str
    boot: str
    mono_ns: int
    clock: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has a place in the chain. `secret` names the fields of the body that may be forgotten."""

    stream: str
    kind: str
    body: Mapping[str, Any]
    occurred_at: datetime
    command_id: str
    secret: frozenset[str] = frozenset()


def head(cursor: Cursor, site_id: str) -> tuple[int, bytes]:
    """Return (seq, hash) of the newest entry; (0, genesis) for an empty journal."""
    cursor.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")
    row = cursor.fetchone()
    return (int(row[0]), bytes(row[1])) if row else (0, genesis(site_id))


def version_of(cursor: Cursor, stream: str) -> int:
    """Return the version of a stream's newest entry, 0 where there is none."""
    cursor.execute("SELECT max(version) FROM entry WHERE stream = ?", (stream,))
    return int(cursor.fetchone()[0] or 0)


def append(cursor: Cursor, site_id: str, draft: Draft, origin: Origin, recorded_at: datetime) -> Entry:
    """Append one entry inside the caller's write transaction and return it. The caller holds the write lock."""
    last_seq, prev = head(cursor, site_id)
    version = version_of(cursor, draft.stream) + 1
    public, hidden = hide(draft.body, draft.secret)
    body = encode(public)
    header = Header(
        last_seq + 1, draft.stream, version, draft.command_id, draft.kind, SCHEMA,
        to_micros(draft.occurred_at), to_micros(recorded_at), origin.mono_ns, origin.boot, origin.clock,
        origin.actor, origin.auth, origin.device,
    )  # fmt: skip
    link = chain_hash(prev, header, body)
    cursor.execute(
        f"INSERT INTO entry ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (*header.as_list(), body, prev, link),
    )
    for secret in hidden:
        cursor.execute(
            "INSERT INTO secret_text (id, seq, salt, txt) VALUES (?,?,?,?)",
            (secret.id, header.seq, secret.salt, secret.text),
        )
    return _entry(header, dict(draft.body), link)


def read_stream(cursor: Cursor, stream: str, after_version: int = 0) -> list[Entry]:
    """Return the entries of one stream after a version, in order, secrets resolved."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM entry WHERE stream = ? AND version > ? ORDER BY version",
        (stream, after_version),
    )
    rows = cursor.fetchall()
    if not rows:
        return []
    cursor.execute(
        "SELECT s.id, s.txt FROM secret_text s JOIN entry e ON e.seq = s.seq WHERE e.stream = ? AND e.version > ?",
        (stream, after_version),
    )
    texts = dict(cursor.fetchall())
    return [_read(row, texts) for row in rows]


def stream_rows(cursor: Cursor, stream: str) -> list[tuple[Header, bytes, bytes, bytes]]:
    """Return (header, body, prev, link) of every entry of a stream, in order, as they are stored."""
    cursor.execute(f"SELECT {COLUMNS} FROM entry WHERE stream = ? ORDER BY version", (stream,))
    return [(Header(*row[:_HEADER]), bytes(row[_HEADER]), bytes(row[-2]), bytes(row[-1])) for row in cursor.fetchall()]


def links_before(cursor: Cursor, stream: str) -> dict[int, bytes | None]:
    """Return the link of the entry one number before each entry of a stream, by the latter's; None where it is gone."""
    cursor.execute(
        "SELECT e.seq, b.hash FROM entry e LEFT JOIN entry b ON b.seq = e.seq - 1 WHERE e.stream = ?", (stream,)
    )
    return {int(seq): bytes(link) if link is not None else None for seq, link in cursor.fetchall()}


def stream_texts(cursor: Cursor, stream: str) -> dict[str, tuple[bytes, str]]:
    """Return the (salt, text) that stand beside the entries of a stream, by the id that the entries name."""
    cursor.execute(
        "SELECT s.id, s.salt, s.txt FROM secret_text s JOIN entry e ON e.seq = s.seq WHERE e.stream = ?", (stream,)
    )
    return {str(name): (bytes(salt), text) for name, salt, text in cursor.fetchall()}


def streams_under(cursor: Cursor, stream: str) -> list[str]:
    """Return the streams that hang below a stream (`STREAM/…`), in the order in which they began."""
    # The character after `/` ends the range, so that the index answers.
    cursor.execute(
        "SELECT stream FROM entry WHERE stream >= ? AND stream < ? GROUP BY stream ORDER BY min(seq)",
        (f"{stream}/", f"{stream}0"),
    )
    return [str(row[0]) for row in cursor.fetchall()]


def find_command(cursor: Cursor, command_id: str) -> bool:
    """Whether an entry of this command has been written already."""
    cursor.execute("SELECT 1 FROM entry WHERE command_id = ?", (command_id,))
    return cursor.fetchone() is not None


def read_all(cursor: Cursor, after_seq: int = 0, limit: int = 1_000) -> list[Entry]:
    """Return entries of every stream after `after_seq`, in order of seq; secrets stay hidden."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
        (after_seq, limit),
    )
    return [_read(row, {}, HIDDEN) for row in cursor.fetchall()]


def of_command(cursor: Cursor, command_id: str) -> list[Entry]:
    """Return every entry of a command (`ID`, `ID#2` and so on), in order; secrets stay hidden."""
    # The character after `#` ends the range, so that the index answers.
    cursor.execute(
        f"SELECT {COLUMNS} FROM entry WHERE command_id = ? OR (command_id >= ? AND command_id < ?) ORDER BY seq",
        (command_id, f"{command_id}#", f"{command_id}$"),
    )
    return [_read(row, {}, HIDDEN) for row in cursor.fetchall()]


def last_by(cursor: Cursor, actor: str, kinds: Sequence[str], most: int, before: int | None = None) -> list[Entry]:
    """Return the newest entries of some kinds that a person wrote, newest first; secrets stay hidden.

    With `before`, only those with a lower number. The kinds stand in the text of the query, as they do in that of an
    index which holds no other.
    """
    named = ", ".join(f"'{kind}'" for kind in kinds)
    cursor.execute(
        f"SELECT {COLUMNS} FROM entry WHERE actor = ? AND kind IN ({named}) AND seq < ? ORDER BY seq DESC LIMIT ?",
        (actor, before or _BEYOND, most),
    )
    return [_read(row, {}, HIDDEN) for row in cursor.fetchall()]


def bodies_of(cursor: Cursor, kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield (seq, body) of every entry of a kind, in order; secrets stay hidden."""
    cursor.execute("SELECT seq, body FROM entry WHERE kind = ? ORDER BY seq", (kind,))
    for seq, body in cursor.fetchall():
        yield int(seq), decode(bytes(body))


def _read(row: Any, texts: Mapping[str, str], missing: str = REDACTED) -> Entry:
    return _entry(Header(*row[:_HEADER]), show(decode(bytes(row[_HEADER])), texts, missing), bytes(row[-1]))


def _entry(header: Header, body: Mapping[str, Any], link: bytes) -> Entry:
    return Entry(
        header.seq, header.stream, header.version, header.command_id, header.kind,
        from_micros(header.occurred_us), from_micros(header.recorded_us),
        header.actor, header.auth, header.device, body, link,
    )  # fmt: skip


def verify(
    cursor: Cursor,
    site_id: str,
    chain: Chain | None = None,
    reader: Reader | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Check every link, number, version and commitment of the journal; all is recomputed, nothing believed.

    `chain` brings the keys and heads that are known elsewhere, `reader` sees every entry, `progress` hears of the
    number of the last one now and then.
    """
    with _reading_any_bytes(cursor):
        checked = chain or Chain(site_id)
        since = checked.since
        cursor.execute(f"SELECT {COLUMNS} FROM entry WHERE seq > ? ORDER BY seq", (since,))
        while rows := cursor.fetchmany(_BATCH):
            for row in rows:
                header, body = Header(*row[:_HEADER]), bytes(row[_HEADER])
                checked.take(header, body, bytes(row[-2]), bytes(row[-1]))
                if reader is not None:
                    reader(header, body)
            if progress is not None:
                progress(header.seq)
        cursor.execute("SELECT id, seq, salt, txt FROM secret_text WHERE seq > ?", (since,))
        while rows := cursor.fetchmany(_BATCH):
            for identifier, seq, salt, text in rows:
                checked.take_text(identifier, seq, bytes(salt), text)
        return checked.finish()


def rows_after(cursor: Cursor, since: int) -> Iterator[tuple[Header, bytes, bytes, bytes]]:
    """Yield (header, body, prev, link) of every entry after a number, in order, as they are stored."""
    cursor.execute(f"SELECT {COLUMNS} FROM entry WHERE seq > ? ORDER BY seq", (since,))
    while rows := cursor.fetchmany(_BATCH):
        for row in rows:
            yield Header(*row[:_HEADER]), bytes(row[_HEADER]), bytes(row[-2]), bytes(row[-1])


def texts_after(cursor: Cursor, since: int) -> dict[int, list[SecretText]]:
    """Return the texts that stand beside the entries after a number, by the number of their entry."""
    cursor.execute("SELECT id, seq, salt, txt FROM secret_text WHERE seq > ? ORDER BY id", (since,))
    found: dict[int, list[SecretText]] = {}
    for identifier, seq, salt, text in cursor.fetchall():
        found.setdefault(int(seq), []).append(SecretText(identifier, bytes(salt), text))
    return found


def kinds_from(cursor: Cursor, seq: int, most: int) -> list[tuple[int, str, str]]:
    """Return (number, stream, kind) of the entry of a number and of those after it, in order, `most` at the most."""
    cursor.execute("SELECT seq, stream, kind FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?", (seq, most))
    return [(int(found), str(stream), str(kind)) for found, stream, kind in cursor.fetchall()]


def link_of(cursor: Cursor, seq: int) -> bytes | None:
    """Return the link of the entry of a number, None where there is none."""
    cursor.execute("SELECT hash FROM entry WHERE seq = ?", (seq,))
    row = cursor.fetchone()
    return bytes(row[0]) if row else None


def newest_of(cursor: Cursor, stream: str, kind: str) -> tuple[int, int] | None:
    """Return (seq, recorded microseconds) of the newest entry of a kind in a stream, None where there is none."""
    cursor.execute(
        "SELECT seq, recorded_us FROM entry WHERE stream = ? AND kind = ? ORDER BY version DESC LIMIT 1",
        (stream, kind),
    )
    row = cursor.fetchone()
    return (int(row[0]), int(row[1])) if row else None


def newest_recorded(cursor: Cursor) -> int:
    """Return when the newest entry was recorded, in microseconds; 0 for an empty journal."""
    cursor.execute("SELECT recorded_us FROM entry ORDER BY seq DESC LIMIT 1")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _reading_any_bytes(cursor: Cursor) -> Iterator[None]:
    """Read text that is no UTF-8 too: an altered row must be named, not stop the verification."""
    before = getattr(cursor.connection, "text_factory", None)
    if before is None:  # PostgreSQL keeps no text that is not UTF-8
        yield
        return
    cursor.connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        cursor.connection.text_factory = before


def digest_of(entries: list[Entry]) -> str:
    """Return the SHA-256 over the links of `entries`, in hex: what a signature signs."""
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(entry.hash)
    return digest.hexdigest()
