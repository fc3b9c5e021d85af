"""The connection to PostgreSQL: whom it trusts, how long it waits, and what is never shown of it."""

import os
from ipaddress import ip_address
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ortool.errors import BadInput, StorageFault
from ortool.storage.patience import patience

SECRETS = ("password", "sslpassword", "oauth_client_secret", "passfile")
SHOWN = ("user", "host", "hostaddr", "port", "dbname", "service")
CONNECT_SECONDS = 2


class Link(psycopg.Connection[Any]):
    """A connection that is given up where the server says nothing for too long: a cut network need not say goodbye."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises OperationalError, and closes, when it does not come in time."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, patience())
        except psycopg.errors._WaitTimeout:
            self.close()
            raise psycopg.OperationalError("no answer in time") from None

    def rollback(self) -> None:
        """Give the transaction up; with the line gone the server has done that, or will."""
        try:
            super().rollback()
        except psycopg.OperationalError:
            self.close()


def parts_of(url: str) -> dict[str, Any]:
    """Return what a URL says, as libpq reads it. Raises BadInput, which shows nothing of the URL."""
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.Error:
        raise BadInput(
            "The database URL cannot be read.", "Write postgresql://USER@HOST/DATABASE; a password goes into ~/.pgpass."
        ) from None


def shown(url: str) -> str:
    """Return where a URL leads, without a password or anything else that is secret."""
    parts = parts_of(url)
    words = " ".join(f"{name}={parts[name]}" for name in SHOWN if parts.get(name))
    return f"PostgreSQL {words}".rstrip()


def is_local(host: str) -> bool:
    """Whether a host is this machine: a socket, or loopback."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def options_of(url: str, allow_plain: bool) -> dict[str, Any]:
    """Return what to connect with. Raises StorageFault where a password or a patient could be read on the way.

    A service may name any host, so it counts as another machine.
    """
    parts = parts_of(url)
    named = [
        parts.get("host") or os.environ.get("PGHOST", ""),
        parts.get("hostaddr") or os.environ.get("PGHOSTADDR", ""),
    ]
    hosts = [host for several in named for host in str(several).split(",") if host]
    by_service = bool(parts.get("service") or os.environ.get("PGSERVICE")) and not hosts
    options: dict[str, Any] = parts | {
        "connect_timeout": CONNECT_SECONDS,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 3000,
        "application_name": "ortool",
    }
    if allow_plain or not (by_service or any(not is_local(host) for host in hosts)):
        return options
    mode = parts.get("sslmode") or os.environ.get("PGSSLMODE", "")
    if mode not in ("", "verify-full"):
        raise StorageFault(
            f"sslmode={mode} does not prove that the database is the right one.",
            "Write sslmode=verify-full, or set allow_plain_database where the network itself is safe.",
        )
    return options | {"sslmode": "verify-full"}


def connect(options: dict[str, Any]) -> Link:
    """Return a new connection. Raises psycopg.Error."""
    return Link.connect("", **options)
