"""Finding cases: an index of the words of notes, what happened in which case, and the ways that lists are asked for.

All of it is made from the journal alone and may be dropped: it is filled again from `index_progress` on.
"""

from ortool.storage import ddl

revision = "0007"
down_revision = "0006"

TABLES = (
    # One row: up to which entry the index has come.
    "CREATE TABLE index_progress (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT",
    "INSERT INTO index_progress (id, seq) VALUES (1, 0)",
    """CREATE TABLE case_mark (
        seq INTEGER PRIMARY KEY,
        case_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        what TEXT NOT NULL,
        minutes INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX case_mark_by_what ON case_mark (kind, what)",
    "CREATE INDEX case_mark_by_case ON case_mark (case_id)",
    "CREATE TABLE note_case (seq INTEGER PRIMARY KEY, case_id TEXT NOT NULL) STRICT",
    "CREATE INDEX op_case_by_surgeon ON op_case (surgeon_id)",
    "CREATE INDEX op_case_by_procedure ON op_case (procedure_id)",
    "CREATE INDEX op_case_by_levels ON op_case (levels)",
    "CREATE INDEX slot_by_room ON slot (room_id, start_at)",
)

# The words stand in the index without the text, under the number of their entry. When a text is forgotten, its words
# are forgotten in the same transaction, and `secure-delete` leaves nothing of them in the file's index.
SQLITE = (
    """CREATE VIRTUAL TABLE note_word USING fts5(
        words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2')""",
    "INSERT INTO note_word (note_word, rank) VALUES ('secure-delete', 1)",
    """CREATE TRIGGER note_is_forgotten AFTER DELETE ON secret_text
    BEGIN DELETE FROM note_word WHERE rowid = OLD.seq; DELETE FROM note_case WHERE seq = OLD.seq; END""",
    """CREATE TRIGGER note_is_changed AFTER UPDATE ON secret_text
    BEGIN DELETE FROM note_word WHERE rowid = OLD.seq; DELETE FROM note_case WHERE seq = OLD.seq; END""",
)

FIXED = "LANGUAGE plpgsql SET search_path = public, pg_temp"
POSTGRESQL = (
    "CREATE TABLE note_word (seq bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX note_word_words ON note_word USING gin (words)",
    f"""CREATE FUNCTION note_forgets() RETURNS trigger {FIXED} AS $$
    BEGIN
        DELETE FROM note_word WHERE seq = OLD.seq;
        DELETE FROM note_case WHERE seq = OLD.seq;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER note_is_forgotten AFTER DELETE OR UPDATE ON secret_text
    FOR EACH ROW EXECUTE FUNCTION note_forgets()""",
)


def upgrade() -> None:
    """Make what lists of cases are found by."""
    ddl.execute(TABLES, SQLITE, POSTGRESQL)
