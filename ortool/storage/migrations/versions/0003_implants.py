"""Implants by serial and lot: what was used before, and which patients got a lot."""

from ortool.storage import ddl

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """CREATE TABLE implant (
        seq INTEGER PRIMARY KEY,
        case_id TEXT NOT NULL REFERENCES op_case (id),
        action TEXT NOT NULL,
        part TEXT NOT NULL,
        place TEXT NOT NULL,
        device_identifier TEXT NOT NULL,
        lot TEXT NOT NULL,
        serial TEXT NOT NULL,
        expires TEXT,
        undone INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX implant_by_serial ON implant (serial) WHERE serial <> ''",
    "CREATE INDEX implant_by_lot ON implant (lot) WHERE lot <> ''",
    "CREATE INDEX implant_by_case ON implant (case_id)",
)


def upgrade() -> None:
    """Make the table that answers which implants were used where."""
    ddl.execute(STATEMENTS)
