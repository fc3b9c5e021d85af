"""Rooms, people, procedures, cases and slots; no two claims on one resource overlap."""

from ortool.storage import ddl

revision = "0002"
down_revision = "0001"

TABLES = (
    "CREATE TABLE room (id TEXT PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL,"
    " active INTEGER NOT NULL) STRICT",
    "CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL, initials TEXT NOT NULL, roles TEXT NOT NULL,"
    " active INTEGER NOT NULL) STRICT",
    """CREATE TABLE procedure (id TEXT PRIMARY KEY, name TEXT NOT NULL, short TEXT NOT NULL, specialty TEXT NOT NULL,
        aliases TEXT NOT NULL, checklist_id TEXT NOT NULL, minutes_one INTEGER NOT NULL, minutes_two INTEGER NOT NULL
    ) STRICT""",
    "CREATE TABLE checklist (sha256 TEXT PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT NULL,"
    " text TEXT NOT NULL) STRICT",
    """CREATE TABLE op_case (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        hospital_number TEXT NOT NULL,
        patient_name TEXT NOT NULL,
        born TEXT,
        procedure_id TEXT NOT NULL REFERENCES procedure (id),
        levels TEXT NOT NULL,
        side TEXT NOT NULL,
        surgeon_id TEXT NOT NULL REFERENCES person (id),
        anaesthetist_id TEXT REFERENCES person (id),
        urgency TEXT NOT NULL,
        allergies TEXT NOT NULL,
        neuromonitoring INTEGER,
        notes TEXT NOT NULL,
        state TEXT NOT NULL,
        checklist_sha256 TEXT REFERENCES checklist (sha256)
    ) STRICT""",
    "CREATE INDEX op_case_hospital_number ON op_case (hospital_number)",
    """CREATE TABLE slot (
        id TEXT PRIMARY KEY,
        case_id TEXT NOT NULL REFERENCES op_case (id),
        room_id TEXT NOT NULL REFERENCES room (id),
        start_at INTEGER NOT NULL,
        end_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        cancel_reason TEXT NOT NULL,
        revision INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        CONSTRAINT slot_has_a_length CHECK (end_at > start_at AND end_at - start_at <= 86400000000)
    ) STRICT""",
    "CREATE INDEX slot_by_start ON slot (start_at)",
    "CREATE INDEX slot_by_case ON slot (case_id)",
    """CREATE TABLE claim (
        slot_id TEXT NOT NULL REFERENCES slot (id),
        resource TEXT NOT NULL,
        lane INTEGER NOT NULL,
        start_at INTEGER NOT NULL,
        end_at INTEGER NOT NULL,
        PRIMARY KEY (slot_id, resource),
        CONSTRAINT claim_has_a_length CHECK (end_at > start_at AND end_at - start_at <= 90000000000)
    ) STRICT""",
    "CREATE INDEX claim_by_resource ON claim (resource, lane, start_at)",
)

# A claim is at most 25 h long, so only claims that began within 25 h before can overlap: the search stays short
# however many years of slots there are.
OVERLAP = """SELECT RAISE(ABORT, 'claim overlaps') WHERE EXISTS (
    SELECT 1 FROM claim WHERE resource = NEW.resource AND lane = NEW.lane AND slot_id <> NEW.slot_id
      AND start_at < NEW.end_at AND start_at > NEW.start_at - 90000000000 AND end_at > NEW.start_at)"""

TRIGGERS = (
    f"CREATE TRIGGER claim_is_free_on_insert BEFORE INSERT ON claim BEGIN {OVERLAP}; END",
    f"CREATE TRIGGER claim_is_free_on_update BEFORE UPDATE ON claim BEGIN {OVERLAP}; END",
)

# A range of texts needs no extension and, unlike a hash of the resource, refuses exactly what overlaps. The times come
# first: they part the rows best.
POSTGRESQL = (
    'CREATE TYPE text_range AS RANGE (subtype = text, collation = "C")',
    """ALTER TABLE claim ADD CONSTRAINT claim_is_free EXCLUDE USING gist (
        int8range(start_at, end_at) WITH &&,
        text_range(resource, resource, '[]') WITH &&,
        int8range(lane, lane, '[]') WITH &&
    )""",
)


def upgrade() -> None:
    """Make the tables of the schedule and what refuses a double booking."""
    ddl.execute(TABLES, TRIGGERS, POSTGRESQL)
