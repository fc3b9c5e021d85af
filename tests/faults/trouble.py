"""Somebody makes trouble for eight clients; then their histories are checked.

The trouble: a client is killed and another takes its place; it stands still for a while; the theatre's clock jumps an
hour. On a file: its files may not grow. On a server: the network is cut in one of many ways; the server is killed.
"""

import os
import random
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ortool.checklist.commands import StampMilestone
from ortool.people.permissions import Verb
from ortool.services.offline import kept_here
from tests.faults import crowd
from tests.faults.audit import audit, rows
from tests.faults.history import check, client
from tests.faults.outcome import Outcome
from tests.faults.place import POSTGRESQL, SQLITE, Where, opened
from tests.services.suite import Clock, Suite, furnish, furnish_server, settings

if TYPE_CHECKING:
    from tests.postgres.cluster import Cluster
    from tests.postgres.proxy import Proxy

CLIENTS = 8
NO_LIMIT = resource.RLIM_INFINITY
EVERYWHERE = ("kill", "pause", "clock")
RARE = {"shoot": 0.3}  # a server takes seconds to come back, in which nobody else finds trouble
CALM = {SQLITE: 0.5, POSTGRESQL: 1.5}  # seconds at most: a terminal looks for its server once a second


@dataclass
class Trouble:
    """What makes trouble, and how often it did. `where` is what the clients open; `folder` holds their clock and homes."""

    where: Where
    folder: Path
    chance: random.Random
    kinds: tuple[str, ...]
    network: "Proxy | None" = None
    server: "Cluster | None" = None
    cases: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    workers: list[crowd.Worker] = field(default_factory=list)
    gone: list[crowd.Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with a clock that is right, and nothing done."""
        self.made = dict.fromkeys(self.kinds, 0)
        write_whole(self.folder / "clock", "0")

    def start(self, place: int) -> crowd.Worker:
        """Start a client."""
        asked = (self.folder, f"home{place}", f"c{place}x{len(self.gone)}", self.chance.randrange(10**9))
        return crowd.start(client, self.where, *asked, self.cases, self.waiting)

    def begin(self) -> None:
        """Let all clients begin."""
        self.workers = [self.start(place) for place in range(CLIENTS)]
        crowd.let_go(self.workers)

    def make(self) -> None:
        """Make one kind of trouble."""
        kind = self.chance.choices(self.kinds, [RARE.get(kind, 1.0) for kind in self.kinds])[0]
        self.made[kind] += 1
        deed: Callable[[int, float], None] = getattr(self, kind)
        deed(self.chance.randrange(CLIENTS), self.chance.uniform(0.05, 0.6))

    def kill(self, place: int, seconds: float) -> None:
        """Kill a client; another takes its place and finds what waited there."""
        self.workers[place].kill()
        self.gone.append(self.workers[place])
        self.workers[place] = self.start(place)
        crowd.let_go([self.workers[place]])

    def pause(self, place: int, seconds: float) -> None:
        """Let a client stand still."""
        os.kill(self.workers[place].process.pid, signal.SIGSTOP)
        self.listen(seconds)
        os.kill(self.workers[place].process.pid, signal.SIGCONT)

    def clock(self, place: int, seconds: float) -> None:
        """Let the theatre's clock jump."""
        write_whole(self.folder / "clock", str(self.chance.choice((-3_600, 0, 3_600))))

    def full(self, place: int, seconds: float) -> None:
        """Let no file of a client grow."""
        pid = self.workers[place].process.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1_024, NO_LIMIT))
        self.listen(seconds)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (NO_LIMIT, NO_LIMIT))

    def cut(self, place: int, seconds: float) -> None:
        """Cut the network: once around a COMMIT or inside a statement, or for a while with or without a word."""
        from tests.postgres.cuts import once

        assert self.network is not None
        how = self.chance.choice(("after", "before", "middle", "refused", "dark"))
        if how in ("after", "before", "middle"):
            self.network.cut = once(how)
            return
        self.network.refuses, self.network.is_dark = how == "refused", how == "dark"
        if how == "refused":
            self.network.drop()
        self.listen(2 * seconds)
        self.network.refuses = self.network.is_dark = False
        self.network.drop()

    def shoot(self, place: int, seconds: float) -> None:
        """Kill the server and everything below it, and start it again."""
        assert self.server is not None
        self.server.kill()
        self.listen(seconds)
        self.server.start()

    def listen(self, seconds: float) -> None:
        """Hear every client for a while: a pipe that is full would hold it up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for worker in self.workers:
                worker.listen()
            time.sleep(0.01)

    def histories(self) -> list[list[tuple[Any, ...]]]:
        """Stop everybody and return what each client saw."""
        (self.folder / "stop").touch()
        return [worker.finish() for worker in self.workers] + [worker.told for worker in self.gone]

    def last_words(self) -> tuple[list[str], list[str]]:
        """Send what still waits in the homes; return the breaches, and the commands that wait for a person."""
        breaches, set_aside = [], []
        before = os.environ.get("XDG_DATA_HOME", "")
        for home in sorted(self.folder.glob("home*")):
            os.environ["XDG_DATA_HOME"] = str(home)
            theatre = opened(self.where)
            if theatre.offline is not None:
                from tests.postgres.cuts import settle

                breaches += settle(Suite(theatre, Clock()))
                set_aside += [asked.command_id for _, asked, refused in kept_here(theatre.settings) if refused]
            theatre.close()
        os.environ["XDG_DATA_HOME"] = before
        return breaches, set_aside


def write_whole(file: Path, text: str) -> None:
    """Write a small file so that nobody reads half of it."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


@contextmanager
def on_file(seed: int) -> Iterator[tuple[Where, Trouble]]:
    """A furnished file, and trouble for it."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ortool.db"
        furnish(path, settings(rooms_per_surgeon=9), Clock()).close()
        yield path, Trouble(path, Path(name), random.Random(seed), (*EVERYWHERE, "full"))


@contextmanager
def on_server(seed: int) -> Iterator[tuple[Where, Trouble]]:
    """A furnished database on a server of its own behind a network of its own, and trouble for it."""
    from tests.postgres import cluster as clusters
    from tests.postgres.behind import through
    from tests.postgres.proxy import Proxy

    with tempfile.TemporaryDirectory() as name, clusters.own() as server:
        url = server.url(server.make())
        furnish_server(settings(database_url=url, rooms_per_surgeon=9), Clock()).close()
        network = Proxy(server.socket)
        kinds = (*EVERYWHERE, "cut", "shoot")
        yield url, Trouble(through(network, url), Path(name), random.Random(seed), kinds, network, server)
        network.stop()


def jepsen(seconds: float, seed: int, store: str = SQLITE) -> Outcome:
    """T20: run the clients with trouble for a while and check their histories."""
    holds = "exactly once, in order, no overlap, no read goes back"
    outcome = Outcome("T20 histories under trouble", holds, seed=seed, store=store)
    with (on_file if store == SQLITE else on_server)(seed) as (where, trouble):
        suite = Suite(opened(where), Clock())
        cases = [suite.case() for _ in range(4)]
        for case in cases:
            suite.act(case, StampMilestone("PIR"))
        with suite.theatre.writing(suite.nurse, Verb.KEEP):
            trouble.waiting = [suite.case(surgeon="s2").id for _ in range(40)]
        suite.theatre.close()
        trouble.cases = [case.id for case in cases]
        trouble.begin()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            trouble.listen(trouble.chance.uniform(0.05, CALM[store]))
            trouble.make()
        histories = trouble.histories()
        breaches, set_aside = trouble.last_words()
        theatre = opened(where)
        seqs = dict(rows(theatre, "SELECT command_id, seq FROM entry"))
        outcome.breaches += breaches + check(histories, seqs, max(seqs.values()), set_aside) + audit(theatre)
        theatre.close()
    told = [words for one in histories for words in one]
    kinds = ("ok", "refused", "unknown", *(() if store == SQLITE else ("kept",)))
    answers = {kind: sum(w[0] == "end" and w[5] == kind for w in told) for kind in kinds}
    if answers["ok"] < CLIENTS:
        outcome.breaches.append(f"the trouble left hardly any work to check: {answers}")
    outcome.reached = (
        f"{seconds:,.0f} s, {CLIENTS} clients, {answers}, {sum(w[0] == 'read' for w in told):,} reads, "
        f"trouble {trouble.made}"
    )
    return outcome
