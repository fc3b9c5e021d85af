"""Where a fault test happens: a theatre suite of its own, on a file or on a server, and its processes' way in."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ortool.services.theatre import Theatre, open_theatre
from ortool.storage.store import Store
from tests.postgres import run
from tests.services.suite import Clock, Suite, furnish, furnish_server, settings

if TYPE_CHECKING:
    from tests.postgres.cluster import Cluster

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
Where = Path | str  # a database's file, or its URL


@contextmanager
def place(store: str = SQLITE, **site: Any) -> Iterator[Suite]:
    """A theatre suite of its own: on a real disk, or on the server of this run."""
    site = {"rooms_per_surgeon": 9} | site
    with tempfile.TemporaryDirectory() as name:
        if store == SQLITE:
            theatre = furnish(Path(name) / "ortool.db", settings(**site), Clock())
        else:
            theatre = furnish_server(settings(database_url=a_database(), **site), Clock())
        yield Suite(theatre, Clock())
        theatre.close()


def a_database() -> str:
    """Return the URL of a new database on the server of this run."""
    from tests.postgres.cluster import shared

    cluster: Cluster = shared()
    return cluster.url(cluster.make())


def where_is(suite: Suite) -> Where:
    """Return how another process reaches a suite."""
    store = suite.theatre.store
    return store.path if isinstance(store, Store) else suite.theatre.settings.database_url


def opened(where: Where, clock: Callable[[], datetime] | None = None, **site: Any) -> Theatre:
    """Open the theatre there as one terminal does."""
    clock, site = clock or Clock(), {"rooms_per_surgeon": 9} | site
    if isinstance(where, Path):
        return open_theatre(settings(**site), where, clock)
    return open_theatre(settings(database_url=where, **site), None, clock)


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Let nothing be found or left in the folders of whoever runs this; name and stop the server of this run."""
    names = ("ORTOOL_STATE", "XDG_DATA_HOME", "XDG_STATE_HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(folder / name.lower()) for name in names})
    is_ours = run.FOLDER not in os.environ
    run.begin()
    try:
        yield
    finally:
        if is_ours:
            run.end()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
