"""The journal: append-only, chained, guarded by the database itself."""

from ortool.storage import ddl

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


# ENABLE ALWAYS: they hold in a session that plays a replica, too. The search path is fixed, so that no temporary
# table of the same name can stand in for the journal.
FIXED = "LANGUAGE plpgsql SET search_path = public, pg_temp"
POSTGRESQL = (
    f"""CREATE FUNCTION entry_is_append_only() RETURNS trigger {FIXED} AS $$
    BEGIN
        RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation';
    END $$""",
    f"""CREATE FUNCTION entry_follows_the_last() RETURNS trigger {FIXED} AS $$
    DECLARE
        last record;
    BEGIN
        SELECT seq, hash INTO last FROM entry ORDER BY seq DESC LIMIT 1;
        IF NEW.seq <> coalesce(last.seq, 0) + 1
          OR NEW.prev <> coalesce(last.hash, NEW.prev)
          OR NEW.version <> coalesce((SELECT max(version) FROM entry WHERE stream = NEW.stream), 0) + 1
        THEN
            RAISE EXCEPTION 'the entry does not continue the chain' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$""",
    f"""CREATE FUNCTION entry_is_told() RETURNS trigger {FIXED} AS $$
    BEGIN
        PERFORM pg_notify('ortool_entry', NEW.seq::text);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only()""",
    """CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only()""",
    """CREATE TRIGGER entry_is_never_emptied BEFORE TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only()""",
    """CREATE TRIGGER entry_continues_the_chain BEFORE INSERT ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_follows_the_last()""",
    """CREATE TRIGGER entry_is_announced AFTER INSERT ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_is_told()""",
    *(
        f"ALTER TABLE entry ENABLE ALWAYS TRIGGER {name}"
        for name in (
            "entry_is_never_changed", "entry_is_never_removed", "entry_is_never_emptied",
            "entry_continues_the_chain", "entry_is_announced",
        )
    ),
)  # fmt: skip


def upgrade() -> None:
    """Make the journal's tables and the triggers that guard them."""
    ddl.execute(TABLES, TRIGGERS, POSTGRESQL)
