"""What every store can do, whichever database keeps it."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlmodel import Session


class Backend(Protocol):
    """An open database. `notices` are sentences about what opening it had to do, `meta` what it says of its site."""

    site_id: str
    meta: dict[str, str]
    notices: list[str]

    def writing(self) -> AbstractContextManager[Session]:
        """One write transaction, one writer at a time. It commits at the end and rolls back on any error."""

    def reading(self) -> AbstractContextManager[Session]:
        """A read transaction: one consistent picture, never in the way of a writer."""

    def data_version(self) -> int:
        """Return a number that changes when somebody has committed. Raises StorageFault where nothing answers."""

    def keep_space(self) -> None:
        """Keep space for the day when the disk is full, where the disk is this machine's."""

    def check_guards(self, session: Session) -> None:
        """Raise StorageFault when a guard over the journal or the schedule is gone, or is another one."""

    def close(self) -> None:
        """Let go of every connection."""
