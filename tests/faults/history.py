"""Eight clients, and a check of everything that they saw while somebody makes trouble.

What must hold, whatever happens: each acknowledged command is there once and each refused one is not; what was
acknowledged before another began stands before it; no read is older than what anybody had seen before it began; no two
claims overlap. A tick that is kept at the terminal while the server is away is there once in the end.
"""

import os
import random
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ortool.checklist.commands import AnswerItem
from ortool.checklist.records import State
from ortool.errors import BadInput, Refused, StorageFault
from ortool.journal import log
from ortool.people.person import Actor
from ortool.services.booking import book, cancel, move
from ortool.services.people import find_person
from ortool.services.running import act
from ortool.services.theatre import Repeated, Theatre
from ortool.storage import store as storage
from ortool.storage.store import cursor_of
from tests.faults.crowd import Say
from tests.faults.place import Where, opened
from tests.services.suite import MORNING


class JumpingClock:
    """The time of the theatre: it goes on, and jumps when a file says so."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"

    def __call__(self) -> datetime:
        jumped = float(self.file.read_text() or 0)
        return MORNING + timedelta(hours=3, seconds=time.monotonic() % 3_600 + jumped)


def client(
    where: Where, wait: Any, say: Say, folder: Path, home: str, name: str, seed: int, cases: list[str],
    waiting: list[str],
) -> None:  # fmt: skip
    """Work until the file `stop` is there; tell of each command when it begins and when its answer comes."""
    chance = random.Random(seed)
    os.environ["XDG_DATA_HOME"] = str(folder / home)  # what waits for the server, waits here
    storage.CHECKPOINT_BYTES = 200_000
    wait()
    theatre, nurse = open_again(where, folder, say)
    stop, number = folder / "stop", 0
    while not stop.exists():
        number += 1
        deed = chance.choices(("tick", "book", "change", "read"), (10, 2, 2, 4))[0]
        if deed == "read":
            read(theatre, say, f"{name}-{number}")
            continue
        one = choose(theatre, nurse, deed, f"{name}-{number}", chance, cases, waiting)
        for attempt in range(3):
            answer = attempted(theatre, one, f"{name}-{number}", deed, say)
            if answer == "unknown":
                time.sleep(0.02)
            lost_reply = answer == "ok" and deed != "change" and chance.random() < 0.1
            if not lost_reply and (answer != "unknown" or deed == "change" or attempt == 2):
                break
    theatre.close()


def open_again(where: Where, folder: Path, say: Say) -> tuple[Theatre, Actor]:
    """Open the theatre, again and again while the disk refuses or the server does not answer."""
    while True:
        try:
            theatre = opened(where, JumpingClock(folder))
            return theatre, Actor(find_person(theatre, "n1"))
        except StorageFault as fault:
            say("fault", str(fault))
            time.sleep(0.05)


def is_kept(theatre: Theatre, name: str) -> bool:
    """Whether a command waits at this terminal for the server."""
    offline = theatre.offline
    return offline is not None and offline.count > 0 and name in {one.command_id for one in offline.spool.all()}


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


def attempted(theatre: Theatre, deed: Any, name: str, kind: str, say: Say) -> str:
    """Try once and tell what came of it."""
    began = time.monotonic_ns()
    say("begin", name, kind, began)
    try:
        deed()
        answer = "kept" if is_kept(theatre, name) else "ok"
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


def check(
    histories: list[list[tuple[Any, ...]]], seqs: dict[str, int], head: int, set_aside: Collection[str] = ()
) -> list[str]:
    """Return every breach that the histories show. `set_aside` was kept, then refused, and waits for a person."""
    found, events = [], []
    begins: dict[str, int] = {}
    may_stand: set[str] = set()  # an earlier try was acknowledged, kept or left open: one more is told that it stands
    for words in (words for one in histories for words in one if words[0] in ("begin", "end")):
        begins[words[1]] = min(words[3], begins.get(words[1], words[3]))
    for history in histories:
        newest = 0
        for words in history:
            if words[0] == "end" and words[2] != "change":
                _, name, _, _, ended, answer = words
                if answer == "refused" and name in seqs and name not in may_stand:
                    found.append(f"{name} was refused and is there")
                elif answer == "kept" and name not in seqs and name not in set_aside:
                    found.append(f"{name} was kept and is lost")
                elif answer == "ok" and name not in seqs:
                    found.append(f"{name} was acknowledged and is lost")
                elif answer == "ok":
                    events += [(begins[name], 0, name, seqs[name], True), (ended, 1, name, seqs[name], True)]
                if answer != "refused":
                    may_stand.add(name)
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
