"""What PostgreSQL's errors mean, and the sentence for each. Its own words may name a patient: only codes are kept."""

from enum import Enum

import psycopg
from sqlalchemy.exc import DBAPIError

from ortool.errors import Away, StorageFault, Unanswered


class Trouble(Enum):
    """What to do about an error."""

    AGAIN = "the transaction was given up and may be tried again"
    AWAY = "the server is gone, or does not answer"
    BUSY = "the server takes no more connections"
    FULL = "the server's disk is full"
    DENIED = "this user may not do that"
    UNKNOWN_USER = "the server does not know this user or password"
    NO_DATABASE = "the server has no such database"
    NO_TLS = "the server's certificate could not be verified"
    OVERLAP = "it overlaps what is held already"
    OTHER = "the server refused the statement"


_CODES = {
    "40001": Trouble.AGAIN, "40P01": Trouble.AGAIN, "55P03": Trouble.AGAIN, "57014": Trouble.AGAIN,
    "57P01": Trouble.AWAY, "57P02": Trouble.AWAY, "57P03": Trouble.AWAY, "57P05": Trouble.AWAY, "25P03": Trouble.AWAY,
    "25P04": Trouble.AWAY, "25006": Trouble.AWAY,
    "53300": Trouble.BUSY, "53100": Trouble.FULL, "53200": Trouble.FULL,
    "23P01": Trouble.OVERLAP, "42501": Trouble.DENIED,
    "28P01": Trouble.UNKNOWN_USER, "28000": Trouble.UNKNOWN_USER, "3D000": Trouble.NO_DATABASE,
}  # fmt: skip
# libpq gives no code for a connection that was never made; these words stand in what it says.
_SAID = {
    "too many clients": Trouble.BUSY,
    "too many connections": Trouble.BUSY,
    "connection slots are reserved": Trouble.BUSY,
    "authentication failed": Trouble.UNKNOWN_USER,
    "no password supplied": Trouble.UNKNOWN_USER,
    "no pg_hba.conf entry": Trouble.UNKNOWN_USER,
    'role "': Trouble.UNKNOWN_USER,
    'database "': Trouble.NO_DATABASE,
    "certificate": Trouble.NO_TLS,
    "server does not support SSL": Trouble.NO_TLS,
}
_MENDS = {
    Trouble.BUSY: "Close what is not needed, or raise max_connections on the server.",
    Trouble.FULL: "Make room on the server's disk; what was acknowledged before is kept.",
    Trouble.DENIED: "Run `ortool db upgrade --application-role NAME` as the owner of the database.",
    Trouble.UNKNOWN_USER: "Check the user in the database URL and its password in ~/.pgpass.",
    Trouble.NO_DATABASE: "Make it with `createdb`, then run `ortool db upgrade` as its owner.",
    Trouble.NO_TLS: "Give the server's root certificate with sslrootcert, or set allow_plain_database.",
}


def driver_error(error: BaseException) -> psycopg.Error | None:
    """Return the driver's error beneath what was raised."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return original if isinstance(original, psycopg.Error) else None


def trouble_of(error: BaseException) -> Trouble:
    """Return what an error of the driver means."""
    original = driver_error(error)
    code = original.sqlstate if original is not None else None
    if code is not None:
        return Trouble.AWAY if code.startswith("08") else _CODES.get(code, Trouble.OTHER)
    words = str(original)
    if "server closed" in words or "connection is lost" in words:
        return Trouble.AWAY
    if (said := next((trouble for part, trouble in _SAID.items() if part in words), None)) is not None:
        return said
    return Trouble.AWAY if isinstance(original, psycopg.OperationalError | psycopg.InterfaceError) else Trouble.OTHER


def fault_of(what: str, error: BaseException) -> StorageFault:
    """Return the fault to raise: `what` says what could not be done."""
    trouble, original = trouble_of(error), driver_error(error)
    if trouble is Trouble.AWAY:
        return Away()
    words = f"{what}: {trouble.value}"
    if trouble is Trouble.AGAIN:
        return Unanswered(f"{words}, and still it is not through.", "Nothing was recorded; try again in a moment.")
    code = f" (code {original.sqlstate})" if original is not None and original.sqlstate else ""
    return StorageFault(f"{words}{code}.", _MENDS.get(trouble, "Nothing was recorded. `ortool doctor` says more."))
