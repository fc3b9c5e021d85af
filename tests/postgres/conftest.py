"""A theatre on a server behind a network that can be cut."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.postgres.behind import Behind, put_behind
from tests.postgres.cluster import Cluster
from tests.postgres.furnished import Furnished


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder of the test's own: what waits at a terminal is kept there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def behind(cluster: Cluster, furnished_server: Furnished) -> Iterator[Callable[..., Behind]]:
    """Return a function that opens a suite behind a proxy."""
    with ExitStack() as stack:
        made: list[Behind] = []

        def make(**site: object) -> Behind:
            made.append(stack.enter_context(put_behind(cluster, furnished_server.url(len(made)), **site)))
            return made[-1]

        yield make
