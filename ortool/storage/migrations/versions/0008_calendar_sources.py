"""Calendars that leave and closures are read from, so that they can be read again and withdrawn as a whole."""

from ortool.storage import ddl

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """CREATE TABLE calendar_source (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        feeds TEXT NOT NULL,
        resource TEXT NOT NULL,
        origin TEXT NOT NULL,
        zone TEXT NOT NULL,
        with_free INTEGER NOT NULL,
        active INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        read_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX series_by_source ON series (source)",
)


def upgrade() -> None:
    """Add the table of calendar sources."""
    ddl.execute(STATEMENTS)
