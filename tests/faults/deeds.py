"""What the processes of the fault tests do. Each tells of a deed only once that deed is acknowledged."""

import random
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from ortool.checklist.commands import AddToCount, AnswerItem, StampMilestone
from ortool.checklist.decide import AlreadyAnswered
from ortool.checklist.records import State
from ortool.errors import Refused
from ortool.journal import log
from ortool.people.person import Actor
from ortool.services.booking import Clash, book, cancel, move
from ortool.services.people import find_person
from ortool.services.running import act
from ortool.storage import store as storage
from ortool.storage.store import cursor_of
from tests.faults.crowd import Say
from tests.faults.place import Where, opened
from tests.services.suite import MORNING

EVERY = timedelta(hours=2)
Wait = Callable[[], None]


@contextmanager
def at_desk(where: Where, person: str = "n1", **site: Any) -> Any:
    """Open the theatre as one terminal does; yield it and who works there."""
    theatre = opened(where, **site)
    yield theatre, Actor(find_person(theatre, person))
    theatre.close()


def book_rounds(where: Where, wait: Wait, say: Say, cases: list[str], shift: int) -> None:
    """Want the same room and time as everybody else, round after round."""
    with at_desk(where) as (theatre, nurse):
        wait()
        for number, case_id in enumerate(cases):
            start = MORNING + number * EVERY + timedelta(minutes=shift)
            try:
                book(theatre, nurse, case_id, "OR1", start, 60)
            except Clash:
                say("clash", number)
            else:
                say("won", number)


def book_at_random(where: Where, wait: Wait, say: Say, cases: list[str], rooms: int, times: int, seed: int) -> None:
    """Book, move and cancel at random; several processes know the same cases."""
    chance = random.Random(seed)
    with at_desk(where, turnover_minutes=15) as (theatre, nurse):
        wait()
        for _ in range(times):
            case, room = chance.choice(cases), f"OR{chance.randrange(rooms) + 1}"
            start = MORNING + timedelta(minutes=5 * chance.randrange(0, 12 * 24))
            minutes = chance.choice((30, 45, 60, 90, 120))
            what = chance.choices(("book", "move", "cancel"), (8, 4, 1))[0]
            try:
                if what == "book":
                    book(theatre, nurse, case, room, start, minutes)
                elif what == "move":
                    move(theatre, nurse, case, room, start, minutes)
                else:
                    cancel(theatre, nurse, case, "other")
            except Refused:
                say("refused", what)
            else:
                say("done", what)


def append_many(where: Where, wait: Wait, say: Say, name: str, times: int) -> None:
    """Append entries and tell how long each one took, in milliseconds."""
    origin = log.Origin("n1", "chosen", "device", "boot", 1)
    with at_desk(where) as (theatre, _nurse):
        wait()
        for number in range(times):
            began = time.perf_counter()
            with theatre.store.writing() as session:
                draft = log.Draft("shared", "k", {"n": number}, MORNING, f"{name}-{number}")
                log.append(cursor_of(session), theatre.store.site_id, draft, origin, MORNING)
            say("took", (time.perf_counter() - began) * 1000)


def append_naively(path: Path, wait: Wait, say: Say, times: int) -> None:
    """Append as a program does that knows no more than BEGIN: read the head, then write."""
    with closing(dbapi2.connect(str(path), isolation_level=None, timeout=5)) as base:
        base.execute("PRAGMA busy_timeout = 5000")
        wait()
        for number in range(times):
            try:
                base.execute("BEGIN")
                last = base.execute("SELECT coalesce(max(n), 0) FROM naive").fetchone()[0]
                base.execute("INSERT INTO naive VALUES (?)", (last + 1,))
                base.execute("COMMIT")
            except dbapi2.OperationalError:
                if base.in_transaction:
                    base.execute("ROLLBACK")
                say("lost", number)
            else:
                say("saved", number)


def tick_for_ever(where: Where, wait: Wait, say: Say, case_id: str) -> None:
    """Tick until somebody pulls the plug."""
    with at_desk(where) as (theatre, nurse):
        wait()
        act(theatre, nurse, case_id, StampMilestone("PIR"), f"{case_id}-pir")
        say("saved", f"{case_id}-pir")
        for number in range(1_000_000):
            name = f"{case_id}-{number}"
            act(theatre, nurse, case_id, AnswerItem("SI.weight", State.DONE, str(50 + number % 100)), name)
            say("saved", name)


def add_many(where: Where, wait: Wait, say: Say, case_id: str, times: int) -> None:
    """Add one sponge at a time."""
    with at_desk(where) as (theatre, nurse):
        wait()
        for _ in range(times):
            act(theatre, nurse, case_id, AddToCount("sponges", 1))
            say("saved")


def tick_the_same(where: Where, wait: Wait, say: Say, person: str, items: list[tuple[str, str]]) -> None:
    """Tick the items that another terminal ticks too; tell who was quicker where it was."""
    chance = random.Random(person)
    with at_desk(where, person) as (theatre, somebody):
        wait()
        for case_id, item in items:
            time.sleep(chance.uniform(0, 0.004))  # else the one who is ahead stays ahead
            began = time.perf_counter()
            try:
                act(theatre, somebody, case_id, AnswerItem(item, State.DONE))
            except AlreadyAnswered as quicker:
                took = (time.perf_counter() - began) * 1000
                say("told", case_id, item, quicker.actor, quicker.at.isoformat(), took)
            else:
                say("won", case_id, item)


def checkpoint_for(path: Path, wait: Wait, say: Say, seconds: float, ours: bool) -> None:
    """Fold the log back all the time: by the store (`ours`), or as a foreign backup tool does, knowing no lock."""
    storage.CHECKPOINT_BYTES = 60_000
    with at_desk(path) as (theatre, _nurse):
        foreign = dbapi2.connect(str(path), isolation_level=None, timeout=1)
        wait()
        end, laps = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            if ours:
                with theatre.store._lock.held():
                    theatre.store._checkpoint_when_large()
                time.sleep(0.001)
            else:
                try:
                    foreign.execute(f"PRAGMA wal_checkpoint({('RESTART', 'TRUNCATE', 'PASSIVE')[laps % 3]})")
                except dbapi2.OperationalError as error:
                    if "locked" not in str(error):
                        raise
            laps += 1
            if laps % 50 == 0:
                assert foreign.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        foreign.close()
        say("laps", laps)


def append_for(path: Path, wait: Wait, say: Say, seconds: float) -> None:
    """Append without pause; the log is small, so that it is begun anew all the time."""
    storage.CHECKPOINT_BYTES = 60_000
    origin = log.Origin("n1", "chosen", "device", "boot", 1)
    with at_desk(path) as (theatre, _nurse):
        wait()
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            with theatre.store.writing() as session:
                draft = log.Draft("stress", "k", {"n": number, "pad": "x" * (number % 3_000)}, MORNING, f"a{number}")
                log.append(cursor_of(session), theatre.store.site_id, draft, origin, MORNING)
            number += 1
        say("appended", number)
