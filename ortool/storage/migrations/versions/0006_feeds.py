"""Calendar feeds; and two tables that can be dropped: rendered events, and what live calendars said last."""

from ortool.storage import ddl

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """CREATE TABLE feed (
        id TEXT PRIMARY KEY,
        token_sha256 TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        audience TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        revoked_at INTEGER,
        CONSTRAINT feed_names_no_patient CHECK (audience IN ('busy', 'slot', 'team')),
        CONSTRAINT feed_is_of_something CHECK (kind IN ('room', 'person', 'service'))
    ) STRICT""",
    """CREATE TABLE rendered (
        slot_id TEXT NOT NULL REFERENCES slot (id),
        audience TEXT NOT NULL,
        facts TEXT NOT NULL,
        event BLOB NOT NULL,
        PRIMARY KEY (slot_id, audience),
        CONSTRAINT rendered_names_no_patient CHECK (audience IN ('busy', 'slot', 'team'))
    ) STRICT""",
    """CREATE TABLE published (
        slot_id TEXT PRIMARY KEY REFERENCES slot (id),
        revision INTEGER NOT NULL,
        start_at INTEGER NOT NULL,
        end_at INTEGER NOT NULL,
        late_minutes INTEGER NOT NULL,
        moves INTEGER NOT NULL,
        changed_at INTEGER NOT NULL
    ) STRICT""",
    # Calendars read slots in this order, page by page, and sort nothing.
    "CREATE INDEX slot_in_order ON slot (start_at, id)",
)


def upgrade() -> None:
    """Add the tables."""
    ddl.execute(STATEMENTS)
