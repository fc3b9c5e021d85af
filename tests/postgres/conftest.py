"""A theatre on a server behind a network that can be cut."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ortool.services.theatre import open_theatre
from tests.postgres.cluster import Cluster
from tests.postgres.furnished import Furnished
from tests.postgres.proxy import Proxy
from tests.services.suite import Clock, Suite, settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder of the test's own: what waits at a terminal is kept there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@dataclass
class Behind:
    """A suite behind a proxy, and the database's own URL beside it."""

    suite: Suite
    proxy: Proxy
    url: str

    def again(self) -> Suite:
        """Return the suite as the same program finds it when it is started again."""
        return self.suite.elsewhere()

    def directly(self) -> Suite:
        """Return the suite as a terminal sees it whose network is well."""
        return Suite(open_theatre(settings(database_url=self.url), None, self.suite.clock), self.suite.clock)


@pytest.fixture
def behind(cluster: Cluster, furnished_server: Furnished) -> Iterator[Callable[..., Behind]]:
    """Return a function that opens a suite behind a proxy."""
    made: list[Behind] = []

    def make(**site: object) -> Behind:
        proxy, url = Proxy(cluster.socket), furnished_server.url(len(made))
        name = url.split("@/")[1].split("?")[0]
        through = f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}?gssencmode=disable"
        clock = Clock()
        suite = Suite(open_theatre(settings(database_url=through, **site), None, clock), clock)
        made.append(Behind(suite, proxy, url))
        return made[-1]

    yield make
    for one in made:
        one.proxy.is_dark = False
        one.proxy.stop()
        one.suite.theatre.close()
