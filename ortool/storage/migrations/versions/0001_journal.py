"""The journal: append-only, chained, guarded by the database itself."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE entry (
        seq INTEGER PRIMARY KEY,
        stream TEXT NOT NULL,
        version INTEGER NOT NULL,
        command_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        schema INTEGER NOT NULL,
        occurred_us INTEGER NOT NULL,
        recorded_us INTEGER NOT NULL,
        mono_ns INTEGER NOT NULL,
        boot TEXT NOT NULL,
        clock INTEGER NOT NULL,
        actor TEXT NOT NULL,
        auth TEXT NOT NULL,
        device TEXT NOT NULL,
        body BLOB NOT NULL,
        prev BLOB NOT NULL,
        hash BLOB NOT NULL UNIQUE,
        UNIQUE (stream, version)
    ) STRICT""",
    """CREATE TABLE secret_text (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL REFERENCES entry (seq),
        salt BLOB NOT NULL,
        txt TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX secret_text_seq ON secret_text (seq)",
)

# An INSERT OR REPLACE removes the row in its way without a DELETE trigger, so a new row may be in nobody's way.
TRIGGERS = (
    """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER entry_continues_the_chain BEFORE INSERT ON entry
    WHEN NEW.seq <> coalesce((SELECT max(seq) FROM entry), 0) + 1
      OR NEW.prev <> coalesce((SELECT hash FROM entry ORDER BY seq DESC LIMIT 1), NEW.prev)
      OR NEW.version <> coalesce((SELECT max(version) FROM entry WHERE stream = NEW.stream), 0) + 1
      OR EXISTS (SELECT 1 FROM entry WHERE command_id = NEW.command_id)
      OR EXISTS (SELECT 1 FROM entry WHERE hash = NEW.hash)
    BEGIN SELECT RAISE(ABORT, 'the entry does not continue the chain'); END""",
)


def upgrade() -> None:
    """Make the journal's tables and the triggers that guard them."""
    for statement in (*TABLES, *TRIGGERS):
        op.execute(statement)
