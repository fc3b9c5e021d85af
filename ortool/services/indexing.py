"""The index that cases are found by follows the journal: at each question it first reads what is new."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ortool.journal import log
from ortool.journal.canonical import decode
from ortool.journal.secrets import MARK
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of

# Entries of one transaction: nobody waits long to write while an old journal is read for the first time.
BATCH = 5_000
# The fields whose words are searched. Names, numbers and birth dates are found by the case, never by its words.
NOTES = frozenset({"text", "notes", "reason"})
# What is counted of a case: kind of the entry → (kind of the mark, the field that says what, the field of minutes).
MARKS = {
    "event.started": ("event", "event", ""),
    "complication.recorded": ("complication", "event", ""),
    "delay.explained": ("delay", "code", "minutes"),
}
WITHDRAWN = "withdrawn"


def follow(theatre: Theatre) -> None:
    """Read what was written since the index was last asked. A store that only reads keeps the index as it is."""
    while _is_behind(theatre):
        with theatre.store.writing() as session:
            cursor = cursor_of(session)
            _read_batch(cursor, theatre.store.site_id)
            cursor.close()


def _is_behind(theatre: Theatre) -> bool:
    with theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT seq FROM index_progress WHERE id = 1")
        read = int(cursor.fetchone()[0])
        newest, _ = log.head(cursor, theatre.store.site_id)
        cursor.close()
    return read != newest


def _read_batch(cursor: Any, site_id: str) -> None:
    cursor.execute("SELECT seq FROM index_progress WHERE id = 1")
    since = int(cursor.fetchone()[0])
    if since > log.head(cursor, site_id)[0]:  # it was made of another journal: it is made anew
        for table in ("note_word", "note_case", "case_mark"):
            cursor.execute(f"DELETE FROM {table}", ())
        cursor.execute("UPDATE index_progress SET seq = 0 WHERE id = 1", ())
        since = 0
    cursor.execute(
        "SELECT seq, stream, kind, body FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq", (since, since + BATCH)
    )
    rows = cursor.fetchall()
    cursor.execute("SELECT id, txt FROM secret_text WHERE seq > ? AND seq <= ?", (since, since + BATCH))
    texts: dict[str, str] = dict(cursor.fetchall())
    for seq, stream, kind, body in rows:
        if stream.startswith("case:"):
            case_id = stream.removeprefix("case:").partition("/")[0]
            _take(cursor, int(seq), case_id, str(kind), decode(bytes(body)), texts)
    if rows:
        cursor.execute("UPDATE index_progress SET seq = ? WHERE id = 1", (int(rows[-1][0]),))


def _take(cursor: Any, seq: int, case_id: str, kind: str, body: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    if kind == "entry.undone":
        cursor.execute("DELETE FROM case_mark WHERE seq = ?", (int(body["ref"]),))
    if kind in MARKS:
        mark, what, minutes = MARKS[kind]
        if corrected := int(body.get("corrects", 0)):
            cursor.execute("DELETE FROM case_mark WHERE seq = ?", (corrected,))
        if body[what] != WITHDRAWN:
            cursor.execute(
                "INSERT INTO case_mark (seq, case_id, kind, what, minutes) VALUES (?, ?, ?, ?, ?)",
                (seq, case_id, mark, str(body[what]), int(body.get(minutes, 0)) if minutes else 0),
            )
    if words := " ".join(_notes(body, texts)):
        cursor.execute("INSERT INTO note_case (seq, case_id) VALUES (?, ?)", (seq, case_id))
        if is_sqlite(cursor):
            cursor.execute("INSERT INTO note_word (rowid, words) VALUES (?, ?)", (seq, words))
        else:
            cursor.execute("INSERT INTO note_word (seq, words) VALUES (?, to_tsvector('simple', ?))", (seq, words))


def _notes(body: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    for name in NOTES & body.keys():
        value = body[name]
        if isinstance(value, dict) and MARK in value and value[MARK] in texts:
            yield texts[value[MARK]]


def is_sqlite(cursor: Any) -> bool:
    """Whether a cursor is one of SQLite."""
    return hasattr(cursor.connection, "text_factory")


def matching(cursor: Any, words: str) -> tuple[str, Sequence[str]]:
    """Return the SQL and its parameters that give the ids of the cases whose notes hold every one of `words`.

    The last word may be a beginning. Nothing that was typed is read as a language of queries.
    """
    found = re.findall(r"\w+", words.casefold())
    if not found:
        return "SELECT case_id FROM note_case WHERE 1 = 0", ()
    select = "SELECT n.case_id FROM note_case n JOIN note_word w ON"
    if is_sqlite(cursor):
        return f"{select} w.rowid = n.seq WHERE note_word MATCH ?", (" ".join(f'"{word}"' for word in found) + "*",)
    query = " & ".join(f"'{word}'" for word in found) + ":*"
    return f"{select} w.seq = n.seq WHERE w.words @@ to_tsquery('simple', ?)", (query,)
