"""Since when each feed is as it is; the table may be dropped."""

from ortool.storage import ddl

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """CREATE TABLE feed_seen (
        feed_id TEXT PRIMARY KEY REFERENCES feed (id),
        etag TEXT NOT NULL,
        changed_at INTEGER NOT NULL
    ) STRICT""",
)


def upgrade() -> None:
    """Add the table."""
    ddl.execute(STATEMENTS)
