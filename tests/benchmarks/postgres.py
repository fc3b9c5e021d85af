"""The journal's append on PostgreSQL beside the one on a file, in one run, and how soon another terminal hears of it.

Run by hand: python -m tests.benchmarks.postgres
Both databases lie on the same disk; rounds alternate, so that only the ratios are claims.
"""

import statistics
import tempfile
import time
from pathlib import Path

from ortool.journal import log
from ortool.services.upgrading import upgrade_database
from ortool.storage.backend import Backend
from ortool.storage.postgres.store import PostgresStore
from ortool.storage.store import Store, cursor_of
from tests.postgres import cluster
from tests.services.suite import MORNING, settings

ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)
ROUNDS, BATCH, HEARD = 20, 50, 200


def append(store: Backend, name: str) -> None:
    """Append one entry in a transaction of its own."""
    with store.writing() as session:
        draft = log.Draft("bench", "item.answered", {"item": "SI.consent", "state": "done"}, MORNING, name)
        log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)


def told(name: str, times: list[float]) -> None:
    """Print what a list of seconds says."""
    ordered = sorted(times)
    p99 = ordered[int(len(ordered) * 0.99)]
    print(f"{name:<24} p50 {statistics.median(ordered) * 1e3:7.2f} ms   p99 {p99 * 1e3:7.2f} ms", end="")
    print(f"   {len(times) / sum(times):6.0f} a second")


def main() -> None:
    """Measure."""
    with cluster.own() as server, tempfile.TemporaryDirectory() as folder:
        url = server.url(server.make())
        upgrade_database(settings(database_url=url))
        here, there = PostgresStore(url).open(), PostgresStore(url).open()
        stores: dict[str, Backend] = {"SQLite file": Store(Path(folder) / "ortool.db").open(), "PostgreSQL": here}
        times: dict[str, list[float]] = {name: [] for name in stores}
        for number in range(ROUNDS * BATCH):
            for name, store in stores.items():
                begun = time.perf_counter()
                append(store, f"{name}-{number}")
                times[name].append(time.perf_counter() - begun)
        for name, lengths in times.items():
            told(name, lengths)
        heard = []
        seen = there.data_version()
        for number in range(HEARD):
            append(here, f"heard-{number}")
            begun = time.perf_counter()
            while there.data_version() == seen:
                time.sleep(0.0002)
            heard.append(time.perf_counter() - begun)
            seen = there.data_version()
        told("commit to heard", heard)
        for store in (*stores.values(), there):
            store.close()


if __name__ == "__main__":
    main()
