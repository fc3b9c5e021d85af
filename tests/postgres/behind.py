"""A theatre behind a network that can be cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ortool.services.theatre import open_theatre
from tests.postgres.cluster import Cluster, shared
from tests.postgres.proxy import Proxy
from tests.services.suite import Clock, Suite, furnish_server, settings


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


def through(proxy: Proxy, url: str) -> str:
    """Return the URL of the same database, reached through a proxy."""
    name = url.split("@/")[1].split("?", maxsplit=1)[0]
    return f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}?gssencmode=disable"


@contextmanager
def put_behind(cluster: Cluster, url: str, **site: object) -> Iterator[Behind]:
    """Open a furnished database behind a proxy."""
    proxy, clock = Proxy(cluster.socket), Clock()
    suite = Suite(open_theatre(settings(database_url=through(proxy, url), **site), None, clock), clock)
    try:
        yield Behind(suite, proxy, url)
    finally:
        proxy.is_dark = False
        proxy.stop()
        suite.theatre.close()


@contextmanager
def furnished_behind() -> Iterator[Behind]:
    """Furnish a new database on the server of this run, and open it behind a proxy."""
    cluster = shared()
    url = cluster.url(cluster.make())
    furnish_server(settings(database_url=url), Clock()).close()
    with put_behind(cluster, url) as one:
        yield one
