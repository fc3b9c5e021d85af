"""How people prove who they are, and what they may be trusted with beyond their case roles."""

from ortool.storage import ddl

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "ALTER TABLE person ADD COLUMN given TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE credential (
        person_id TEXT PRIMARY KEY REFERENCES person (id),
        pin TEXT NOT NULL,
        badge TEXT NOT NULL,
        failed INTEGER NOT NULL,
        locked_until INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX credential_by_badge ON credential (badge) WHERE badge <> ''",
)


def upgrade() -> None:
    """Add the grants of people and the table of their credentials."""
    ddl.execute(STATEMENTS)
