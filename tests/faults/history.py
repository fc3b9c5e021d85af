"""Eight clients, one that makes trouble, and a check of everything that the clients saw.

The trouble: a client is killed and another takes its place; it stands still for a while; the theatre's clock jumps an
hour; its files may not grow. What must hold, whatever happens: each acknowledged command is there once and each
refused one is not; what was acknowledged before another began stands before it; no read is older than what anybody
had seen before it began; no two claims overlap.
"""

import os
import random
import resource
import signal
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.errors import BadInput, Refused, StorageFault
from ortool.journal import log
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services.booking import book, cancel, move
from ortool.services.people import find_person
from ortool.services.running import act
from ortool.services.theatre import Repeated, Theatre, open_theatre
from ortool.storage import store as storage
from ortool.storage.store import cursor_of
from tests.faults import crowd
from tests.faults.audit import audit, rows
from tests.faults.crowd import Say
from tests.faults.outcome import Outcome
from tests.services.suite import MORNING, Clock, Suite, furnish, settings

CLIENTS = 8
NO_LIMIT = resource.RLIM_INFINITY


class JumpingClock:
    """The time of the theatre: it goes on, and jumps when the file beside the database says so."""

    def __init__(self, path: Path) -> None:
        self.file = path.with_name("clock")

    def __call__(self) -> datetime:
        jumped = float(self.file.read_text() or 0)
        return MORNING + timedelta(hours=3, seconds=time.monotonic() % 3_600 + jumped)


def client(path: Path, wait: Any, say: Say, name: str, seed: int, cases: list[str], waiting: list[str]) -> None:
    """Work until the file `stop` is there; tell of each command when it begins and when its answer comes."""
    chance = random.Random(seed)
    storage.CHECKPOINT_BYTES = 200_000
    wait()
    theatre = open_again(path, say)
    nurse = Actor(find_person(theatre, "n1"))
    stop, number = path.with_name("stop"), 0
    while not stop.exists():
        number += 1
        deed = chance.choices(("tick", "book", "change", "read"), (10, 2, 2, 4))[0]
        if deed == "read":
            read(theatre, say, f"{name}-{number}")
            continue
        one = choose(theatre, nurse, deed, f"{name}-{number}", chance, cases, waiting)
        for attempt in range(3):
            answer = attempted(one, f"{name}-{number}", deed, say)
            lost_reply = answer == "ok" and deed != "change" and chance.random() < 0.1
            if not lost_reply and (answer != "unknown" or deed == "change" or attempt == 2):
                break
    theatre.close()


def open_again(path: Path, say: Say) -> Theatre:
    """Open the theatre, again and again while the disk refuses."""
    while True:
        try:
            return open_theatre(settings(rooms_per_surgeon=9), path, JumpingClock(path))
        except StorageFault as fault:
            say("fault", str(fault))
            time.sleep(0.05)


def choose(
    theatre: Theatre, nurse: Actor, deed: str, name: str, chance: random.Random, cases: list[str], waiting: list[str]
) -> Any:
    """Return one deed, made up once: an attempt repeated is the same command."""
    if deed == "tick":
        case, weight = chance.choice(cases), f"{chance.randrange(100, 29_900) / 100:.2f}"
        return lambda: act(theatre, nurse, case, AnswerItem("SI.weight", State.DONE, weight), name)
    case, room = chance.choice(waiting), f"OR{chance.randrange(3) + 1}"
    start, minutes = MORNING + timedelta(days=1, minutes=5 * chance.randrange(0, 24 * 36)), chance.choice((30, 60, 90))
    if deed == "book":
        return lambda: book(theatre, nurse, case, room, start, minutes, name)
    if chance.random() < 0.1:
        return lambda: cancel(theatre, nurse, case, "other")
    return lambda: move(theatre, nurse, case, room, start, minutes)


def attempted(deed: Any, name: str, kind: str, say: Say) -> str:
    """Try once and tell what came of it."""
    began = time.monotonic_ns()
    say("begin", name, kind, began)
    try:
        deed()
        answer = "ok"
    except Repeated:
        answer = "ok"
    except (Refused, BadInput):
        answer = "refused"
    except StorageFault:
        answer = "unknown"
    say("end", name, kind, began, time.monotonic_ns(), answer)
    return answer


def read(theatre: Theatre, say: Say, name: str) -> None:
    """Read the newest entry's number."""
    began = time.monotonic_ns()
    try:
        with theatre.reading() as session:
            seq, _ = log.head(cursor_of(session), theatre.store.site_id)
    except StorageFault:
        return
    say("read", name, began, time.monotonic_ns(), seq)


@dataclass
class Trouble:
    """What makes trouble, and how often it did."""

    path: Path
    chance: random.Random
    cases: list[str]
    waiting: list[str]
    workers: list[crowd.Worker] = field(default_factory=list)
    gone: list[crowd.Worker] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("kill", "pause", "clock", "full"), 0))

    def start(self, place: int) -> crowd.Worker:
        """Start a client."""
        name = f"c{place}x{len(self.gone)}"
        return crowd.start(client, self.path, name, self.chance.randrange(10**9), self.cases, self.waiting)

    def begin(self) -> None:
        """Let all clients begin."""
        self.workers = [self.start(place) for place in range(CLIENTS)]
        crowd.let_go(self.workers)

    def make(self) -> None:
        """Make one kind of trouble."""
        kind = self.chance.choice(list(self.made))
        place = self.chance.randrange(CLIENTS)
        worker, seconds = self.workers[place], self.chance.uniform(0.05, 0.6)
        self.made[kind] += 1
        if kind == "kill":
            worker.kill()
            self.gone.append(worker)
            self.workers[place] = self.start(place)
            crowd.let_go([self.workers[place]])
        elif kind == "pause":
            os.kill(worker.process.pid, signal.SIGSTOP)
            self.listen(seconds)
            os.kill(worker.process.pid, signal.SIGCONT)
        elif kind == "clock":
            write_whole(self.path.with_name("clock"), str(self.chance.choice((-3_600, 0, 3_600))))
        else:
            resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (1_024, NO_LIMIT))
            self.listen(seconds)
            resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (NO_LIMIT, NO_LIMIT))

    def listen(self, seconds: float) -> None:
        """Hear every client for a while: a pipe that is full would hold it up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for worker in self.workers:
                worker.listen()
            time.sleep(0.01)

    def histories(self) -> list[list[tuple[Any, ...]]]:
        """Stop everybody and return what each client saw."""
        self.path.with_name("stop").touch()
        return [worker.finish() for worker in self.workers] + [worker.told for worker in self.gone]


def write_whole(file: Path, text: str) -> None:
    """Write a small file so that nobody reads half of it."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


def check(histories: list[list[tuple[Any, ...]]], seqs: dict[str, int], head: int) -> list[str]:
    """Return every breach that the histories show."""
    found, events = [], []
    begins: dict[str, int] = {}
    unknown: set[str] = set()
    for words in (words for one in histories for words in one if words[0] in ("begin", "end")):
        begins[words[1]] = min(words[3], begins.get(words[1], words[3]))
    for history in histories:
        newest = 0
        for words in history:
            if words[0] == "end" and words[2] != "change":
                _, name, _, _, ended, answer = words
                if answer == "unknown":
                    unknown.add(name)
                elif answer == "refused" and name in seqs and name not in unknown:
                    found.append(f"{name} was refused and is there")
                elif answer == "ok" and name not in seqs:
                    found.append(f"{name} was acknowledged and is lost")
                elif answer == "ok":
                    events += [(begins[name], 0, name, seqs[name], True), (ended, 1, name, seqs[name], True)]
            elif words[0] == "read":
                _, name, began, ended, seq = words
                if seq < newest or seq > head:
                    found.append(f"{name} read {seq} after {newest}")
                newest = seq
                events += [(began, 0, name, seq, False), (ended, 1, name, seq, False)]
    return found + in_order(events)


def in_order(events: list[tuple[int, int, str, int, bool]]) -> list[str]:
    """Check that whatever begins after an answer stands after it (a write), or sees it (a read)."""
    found, known = [], 0
    least: dict[str, int] = {}
    for _, is_end, name, seq, is_write in sorted(events):
        if not is_end:
            least.setdefault(name, known)
            if seq < least[name] or (is_write and seq == least[name]):
                found.append(f"{name} has {seq}, but {known} was known before it began")
        else:
            known = max(known, seq)
    return found


def jepsen(seconds: float, seed: int) -> Outcome:
    """T20: run the clients with trouble for a while and check their histories."""
    outcome = Outcome("T20 histories under trouble", "exactly once, in order, no overlap, no read goes back", seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ortool.db"
        suite = Suite(furnish(path, settings(rooms_per_surgeon=9), Clock()), Clock())
        cases = [suite.case() for _ in range(4)]
        for case in cases:
            suite.act(case, StampMilestone("PIR"))
        with suite.theatre.writing(suite.nurse, Verb.KEEP):
            waiting = [suite.case(surgeon="s2").id for _ in range(40)]
        write_whole(path.with_name("clock"), "0")
        trouble = Trouble(path, random.Random(seed), [case.id for case in cases], waiting)
        trouble.begin()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            trouble.listen(trouble.chance.uniform(0.05, 0.5))
            trouble.make()
        histories = trouble.histories()
        seqs = dict(rows(suite.theatre, "SELECT command_id, seq FROM entry"))
        outcome.breaches += check(histories, seqs, max(seqs.values()))
        outcome.breaches += audit(suite.theatre)
        suite.theatre.close()
    told = [words for one in histories for words in one]
    answers = {kind: sum(w[0] == "end" and w[5] == kind for w in told) for kind in ("ok", "refused", "unknown")}
    outcome.reached = (
        f"{seconds:,.0f} s, {CLIENTS} clients, {answers}, {sum(w[0] == 'read' for w in told):,} reads, "
        f"trouble {trouble.made}"
    )
    return outcome
