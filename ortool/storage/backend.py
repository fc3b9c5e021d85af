"""What every store can do, whichever database keeps it."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlmodel import Session

from ortool.storage.transaction import Transaction


class Backend(Protocol):
    """An open database. `notices` are sentences about what opening it had to do, `meta` what it says of its site."""

    site_id: str
    meta: dict[str, str]
    notices: list[str]

    def writing(self) -> AbstractContextManager[Session]:
        """One write transaction, one writer at a time. It commits at the end and rolls back on any error."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """The same, with a plain cursor, and a session only where one is asked for."""

    def reading(self) -> AbstractContextManager[Session]:
        """A read transaction: one consistent picture, never in the way of a writer."""

    def glance(self) -> AbstractContextManager[Any]:
        """A plain cursor for one short question. Raises StorageFault where nothing answers."""

    def data_version(self) -> int:
        """Return a number that changes when somebody has committed. Raises StorageFault where nothing answers."""

    def keep_space(self) -> None:
        """Keep space for the day when the disk is full, where the disk is this machine's."""

    def check_guards(self, session: Session) -> None:
        """Raise StorageFault when a guard over the journal or the schedule is gone, or is another one."""

    def close(self) -> None:
        """Let go of every connection."""
