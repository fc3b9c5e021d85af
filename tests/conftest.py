"""What many tests stand on: a theatre on a real database, its people, and a clock that is set by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ortool.people.person import Actor
from ortool.services.theatre import open_theatre
from ortool.storage import ballast
from tests.postgres import run
from tests.services.suite import Clock, Suite, furnish, settings

if TYPE_CHECKING:
    from tests.postgres.cluster import Cluster
    from tests.postgres.furnished import Furnished

ballast.ROOM = 1_000_000  # hundreds of databases are made here: they keep no space for a full disk


def pytest_configure(config: pytest.Config) -> None:
    """Name the PostgreSQL of this test run, before the processes that share it are started."""
    run.begin()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the PostgreSQL of this test run, when the last process has ended."""
    if not hasattr(session.config, "workerinput"):
        run.end()


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The PostgreSQL of this test run; the first test that asks for it starts it."""
    from tests.postgres.cluster import shared

    return shared()


@pytest.fixture(scope="session")
def furnished_server(cluster: Cluster) -> Furnished:
    """PostgreSQL databases with rooms and people in them, brought back to that for each test."""
    from tests.postgres.furnished import Furnished

    return Furnished(cluster)


@pytest.fixture
def make_server_suite(furnished_server: Furnished) -> Iterator[Callable[..., Suite]]:
    """Return a function that opens a suite on a PostgreSQL database that no other suite uses now."""
    opened: list[Suite] = []

    def make(**site: object) -> Suite:
        url, clock = furnished_server.url(len(opened)), Clock()
        opened.append(Suite(open_theatre(settings(database_url=url, **site), None, clock), clock))
        return opened[-1]

    yield make
    for suite in opened:
        suite.theatre.close()


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds, or leaves, anything in the folders of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ORTOOL_STATE", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_waits() -> Iterator[None]:
    """No screen waits longer than until its program has nothing left to do."""
    from tests.tui.quiet import quick_waits as quick

    with quick():
        yield


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with rooms and people in it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("furnished") / "ortool.db"
    furnish(path, settings(), Clock()).close()
    return path


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample theatre of the screens, made once and copied for each test."""
    from tests.tui.conftest import fill

    path = tmp_path_factory.mktemp("sample") / "ortool.db"
    fill(path)
    return path


@pytest.fixture
def make_file_suite(furnished: Path, tmp_path: Path) -> Iterator[Callable[..., Suite]]:
    """Return a function that opens a suite on a file of its own, under settings of its own."""
    opened: list[Suite] = []

    def make(**site: object) -> Suite:
        path = tmp_path / f"suite-{len(opened)}" / "ortool.db"
        path.parent.mkdir(mode=0o700)
        shutil.copy(furnished, path)
        clock = Clock()
        opened.append(Suite(open_theatre(settings(**site), path, clock), clock))
        return opened[-1]

    yield make
    for suite in opened:
        suite.theatre.close()


@pytest.fixture
def make_suite(make_file_suite: Callable[..., Suite]) -> Callable[..., Suite]:
    """Return a function that opens a suite of its own, on a file."""
    return make_file_suite


@pytest.fixture
def suite(make_suite: Callable[..., Suite]) -> Suite:
    """A theatre suite with the usual settings."""
    return make_suite()


@pytest.fixture
def theatre(suite: Suite) -> object:
    """The theatre of the usual suite."""
    return suite.theatre


@pytest.fixture
def nurse(suite: Suite) -> Actor:
    """The circulating nurse."""
    return suite.nurse


@pytest.fixture
def surgeon(suite: Suite) -> Actor:
    """The surgeon of every case that names no other."""
    return suite.surgeon
