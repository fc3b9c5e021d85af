"""What many tests stand on: a theatre on a real SQLite file, its people, and a clock that is set by hand."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ortool.people.person import Actor
from ortool.services.theatre import open_theatre
from ortool.storage import ballast
from tests.services.suite import Clock, Suite, furnish, settings

ballast.ROOM = 1_000_000  # hundreds of databases are made here: they keep no space for a full disk


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds, or leaves, anything in the folders of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ORTOOL_STATE", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with rooms and people in it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("furnished") / "ortool.db"
    furnish(path, settings(), Clock()).close()
    return path


@pytest.fixture
def make_suite(furnished: Path, tmp_path: Path) -> Iterator[Callable[..., Suite]]:
    """Return a function that opens a suite of its own, under settings of its own."""
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
