"""The whole schedule: what rooms can do, equipment, blocks and closures, the waiting list, when milestones occurred."""

import msgspec
from alembic import op
from sqlalchemy import text

from ortool.journal.canonical import decode
from ortool.storage import ddl

revision = "0005"
down_revision = "0004"

COLUMNS = (
    "ALTER TABLE room ADD COLUMN capabilities TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE room ADD COLUMN hours TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE room ADD COLUMN turnover INTEGER",
    "ALTER TABLE procedure ADD COLUMN needs TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE procedure ADD COLUMN turnover INTEGER",
    "ALTER TABLE procedure ADD COLUMN p90_one INTEGER",
    "ALTER TABLE procedure ADD COLUMN p90_two INTEGER",
    "ALTER TABLE procedure ADD COLUMN recovery_one INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE procedure ADD COLUMN recovery_two INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE op_case ADD COLUMN priority INTEGER NOT NULL DEFAULT 3",
    "ALTER TABLE op_case ADD COLUMN waiting_since TEXT",
    "ALTER TABLE op_case ADD COLUMN due TEXT",
    "ALTER TABLE op_case ADD COLUMN needs TEXT NOT NULL DEFAULT ''",
    "DROP INDEX claim_by_resource",
    # What one person last did with slots is found in any year at the cost of what they did.
    """CREATE INDEX entry_of_slots ON entry (actor, seq) WHERE kind IN
        ('slot.booked', 'slot.moved', 'slot.restored', 'slot.released', 'slot.cancelled')""",
)
# Cases that wait are found among all that were ever booked. What is held of one resource, or of all, is asked for a few
# days, in whichever lane.
INDEXES = (
    "CREATE INDEX op_case_that_waits ON op_case (state, placed)",
    "CREATE INDEX claim_by_resource ON claim (resource, start_at)",
    "CREATE INDEX claim_by_start ON claim (start_at)",
)
TABLES = (
    """CREATE TABLE equipment (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        units INTEGER NOT NULL CHECK (units >= 0),
        ready_minutes INTEGER NOT NULL CHECK (ready_minutes >= 0),
        active INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE series (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        resource TEXT NOT NULL,
        owner TEXT NOT NULL,
        title TEXT NOT NULL,
        first_day TEXT NOT NULL,
        starts TEXT NOT NULL,
        days INTEGER NOT NULL,
        ends TEXT NOT NULL,
        rule TEXT NOT NULL,
        last_day TEXT,
        release_days INTEGER,
        source TEXT NOT NULL,
        active INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        changed_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX series_by_days ON series (last_day, first_day)",
    """CREATE TABLE series_change (
        series_id TEXT NOT NULL REFERENCES series (id),
        day TEXT NOT NULL,
        cancelled INTEGER NOT NULL,
        starts TEXT NOT NULL,
        days INTEGER NOT NULL,
        ends TEXT NOT NULL,
        PRIMARY KEY (series_id, day)
    ) STRICT""",
    """CREATE TABLE case_time (
        case_id TEXT NOT NULL REFERENCES op_case (id),
        stamp TEXT NOT NULL,
        occurred_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (case_id, stamp)
    ) STRICT""",
    "CREATE INDEX case_time_by_stamp ON case_time (stamp, occurred_at)",
)

# An implant set is away for as long as it is made ready again, so a claim may be two days long, and only claims that
# began within two days before can overlap.
WIDER = (
    "ALTER TABLE op_case ADD COLUMN placed INTEGER NOT NULL DEFAULT 0",
    "UPDATE op_case SET placed = 1 WHERE id IN (SELECT case_id FROM slot WHERE state = 'booked')",
    "DROP TRIGGER claim_is_free_on_insert",
    "DROP TRIGGER claim_is_free_on_update",
    "ALTER TABLE claim RENAME TO claim_before",
    """CREATE TABLE claim (
        slot_id TEXT NOT NULL REFERENCES slot (id),
        resource TEXT NOT NULL,
        lane INTEGER NOT NULL,
        start_at INTEGER NOT NULL,
        end_at INTEGER NOT NULL,
        PRIMARY KEY (slot_id, resource, lane),
        CONSTRAINT claim_has_a_length CHECK (end_at > start_at AND end_at - start_at <= 172800000000)
    ) STRICT""",
    "INSERT INTO claim SELECT slot_id, resource, lane, start_at, end_at FROM claim_before",
    "DROP TABLE claim_before",
    *INDEXES,
)
OVERLAP = """SELECT RAISE(ABORT, 'claim overlaps') WHERE EXISTS (
    SELECT 1 FROM claim WHERE resource = NEW.resource AND lane = NEW.lane AND slot_id <> NEW.slot_id
      AND start_at < NEW.end_at AND start_at > NEW.start_at - 172800000000 AND end_at > NEW.start_at)"""
TRIGGERS = (
    f"CREATE TRIGGER claim_is_free_on_insert BEFORE INSERT ON claim BEGIN {OVERLAP}; END",
    f"CREATE TRIGGER claim_is_free_on_update BEFORE UPDATE ON claim BEGIN {OVERLAP}; END",
)
POSTGRESQL = (
    "ALTER TABLE op_case ADD COLUMN placed boolean NOT NULL DEFAULT false",
    "UPDATE op_case SET placed = true WHERE id IN (SELECT case_id FROM slot WHERE state = 'booked')",
    "ALTER TABLE claim DROP CONSTRAINT claim_has_a_length",
    "ALTER TABLE claim ADD CONSTRAINT claim_has_a_length"
    " CHECK (end_at > start_at AND end_at - start_at <= 172800000000)",
    "ALTER TABLE claim DROP CONSTRAINT claim_pkey",
    "ALTER TABLE claim ADD CONSTRAINT claim_pkey PRIMARY KEY (slot_id, resource, lane)",
    *INDEXES,
)


def upgrade() -> None:
    """Make room for the whole schedule, and note when the milestones of standing cases occurred."""
    ddl.execute((*COLUMNS, *TABLES), (*WIDER, *TRIGGERS), POSTGRESQL)
    _note_times()


def _note_times() -> None:
    bind = op.get_bind()
    query = text(
        "SELECT seq, stream, kind, occurred_us, recorded_us, body FROM entry"
        " WHERE kind IN ('milestone.stamped', 'entry.undone') ORDER BY seq"
    )
    known = {str(row[0]) for row in bind.execute(text("SELECT id FROM op_case")).all()}
    stamps: dict[int, dict[str, object]] = {}
    for seq, stream, kind, occurred, recorded, body in bind.execute(query).all():
        case_id = str(stream).partition(":")[2]
        try:
            said = decode(bytes(body))
        except msgspec.DecodeError:
            continue  # the check of the chain tells
        if kind == "entry.undone":
            stamps.pop(int(said.get("ref", 0)), None)
        elif case_id in known:
            stamps[seq] = {"case": case_id, "stamp": said["stamp"], "o": occurred, "r": recorded, "seq": seq}
    newest = {(row["case"], row["stamp"]): row for row in stamps.values()}
    if newest:
        bind.execute(
            text(
                "INSERT INTO case_time (case_id, stamp, occurred_at, recorded_at, seq)"
                " VALUES (:case, :stamp, :o, :r, :seq)"
            ),
            list(newest.values()),
        )
