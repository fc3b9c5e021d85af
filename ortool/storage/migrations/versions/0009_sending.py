"""People's e-mail addresses; and what was put into other people's calendars, which may be dropped."""

from ortool.storage import ddl

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    "ALTER TABLE person ADD COLUMN email TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE pushed (
        collection TEXT NOT NULL,
        scope TEXT NOT NULL,
        slot_id TEXT NOT NULL REFERENCES slot (id),
        etag TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (collection, scope, slot_id)
    ) STRICT""",
)


def upgrade() -> None:
    """Add the column and the table."""
    ddl.execute(STATEMENTS)
