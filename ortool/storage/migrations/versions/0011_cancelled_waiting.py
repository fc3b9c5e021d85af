"""What one person last did with the schedule is found by index where a case without a slot was cancelled too."""

from ortool.storage import ddl

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    "DROP INDEX entry_of_slots",
    """CREATE INDEX entry_of_slots ON entry (actor, seq) WHERE kind IN
        ('slot.booked', 'slot.moved', 'slot.restored', 'slot.released', 'slot.cancelled', 'case.cancelled',
        'case.restored')""",
)


def upgrade() -> None:
    """Make the index anew."""
    ddl.execute(STATEMENTS)
