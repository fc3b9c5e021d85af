"""Migrations that read the same on both databases: one text of a table, the guards in each one's own words."""

import re
from collections.abc import Iterable

from alembic import op

# SQLite keeps these as whole numbers and ISO texts; PostgreSQL has types for them.
_TYPED = dict.fromkeys(("active", "neuromonitoring", "undone", "cancelled"), "boolean") | dict.fromkeys(
    ("born", "expires", "due", "waiting_since", "first_day", "last_day", "day"), "date"
)
# Names are compared by their code points on both: a list has the same order everywhere.
_WORDS = {"INTEGER": "bigint", "BLOB": "bytea", "TEXT": 'text COLLATE "C"'}


def on_postgresql(statement: str) -> str:
    """Return a statement that was written for SQLite as PostgreSQL takes it."""
    names = "|".join(_TYPED)
    statement = re.sub(rf"\b({names}) (?:INTEGER|TEXT)\b", lambda found: f"{found[1]} {_TYPED[found[1]]}", statement)
    statement = re.sub(r"\b(INTEGER|BLOB|TEXT)\b", lambda found: _WORDS[found[1]], statement)
    return re.sub(r"\)\s*STRICT\b", ")", statement)


def execute(both: Iterable[str], sqlite: Iterable[str] = (), postgresql: Iterable[str] = ()) -> None:
    """Run a migration's statements: those for both databases, then those that only this one needs."""
    is_sqlite = op.get_context().dialect.name == "sqlite"
    for statement in both:
        op.execute(statement if is_sqlite else on_postgresql(statement))
    for statement in sqlite if is_sqlite else postgresql:
        op.execute(statement)
