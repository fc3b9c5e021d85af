"""A network that is cut at every moment of a tick, a herd that wants one room, a server that is shot."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from ortool.checklist.commands import StampMilestone
from ortool.errors import Away, StorageFault
from ortool.journal import log
from ortool.people.permissions import Verb
from ortool.services import booking, running
from ortool.services.journals import case_entries, verify_journal
from ortool.services.upgrading import upgrade_database
from ortool.storage.postgres.store import PostgresStore
from ortool.storage.store import cursor_of
from tests.postgres import cluster as clusters
from tests.postgres.conftest import Behind
from tests.postgres.proxy import COMMIT
from tests.services.suite import MORNING, Suite, done, settings

LONG = bool(os.environ.get("ORTOOL_LONG"))
ROOT = Path(__file__).parents[2]
PROCESSES = 8
ROUNDS = 1_000 if LONG else 100
CUTS = 2_500 if LONG else 50
KILLS = 50 if LONG else 3
MOMENTS = ("after", "after", "after", "before", "middle", "middle")
ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)
OVERLAPS = """SELECT count(*) FROM claim one JOIN claim two ON one.resource = two.resource AND one.lane = two.lane
  AND one.ctid < two.ctid AND one.start_at < two.end_at AND two.start_at < one.end_at"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def once(moment: str) -> Callable[[bytes], str]:
    """Return a cut that happens once, at the next moment of its kind."""
    left = [moment]

    def cut(piece: bytes) -> str:
        # A transaction begins as READ COMMITTED, which is no COMMIT.
        is_now = len(piece) > 300 if left == ["middle"] else COMMIT in piece.replace(b"COMMITTED", b"")
        return left.pop() if left and is_now else "pass"

    return cut


def ids(one: Behind, stream: str) -> Counter[str]:
    """Count the command ids of a stream, seen by a terminal whose network is well."""
    with psycopg.connect(one.url) as connection:
        return Counter(
            row[0] for row in connection.execute("SELECT command_id FROM entry WHERE stream = %s", (stream,))
        )


@pytest.mark.parametrize("quarter", range(4))
def test_a_tick_counts_once_wherever_the_network_is_cut(behind: Callable[..., Behind], quarter: int) -> None:
    one = behind()
    suite, nurse = one.suite, one.suite.nurse
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    case = suite.case()
    free = suite.case(surgeon="s2")
    suite.act(case, StampMilestone("PIR"))
    for number in range(CUTS):
        moment = "silence" if number % 25 == 24 else chance.choice(MOMENTS)
        one.proxy.cut = once(moment)
        running.act(suite.theatre, nurse, case.id, done("SI.weight", str(50 + number % 100)), f"tick-{number}")
        if suite.theatre.offline is not None and suite.theatre.offline.count:
            with pytest.raises(Away):
                booking.book(suite.theatre, nurse, free.id, "OR1", MORNING, 60)
            settle(suite)
    one.proxy.cut = lambda piece: "pass"
    settle(suite)
    counted = ids(one, f"case:{case.id}")
    assert {f"tick-{number}": counted[f"tick-{number}"] for number in range(CUTS)} == {
        f"tick-{number}": 1 for number in range(CUTS)
    }, f"seed {seed}"
    assert one.proxy.cuts >= CUTS * 0.9
    elsewhere = one.directly()
    assert verify_journal(elsewhere.theatre).faults == []
    assert running.open_case(elsewhere.theatre, case.id).run == running.refold(elsewhere.theatre, case.id)
    assert [entry.kind for entry in case_entries(elsewhere.theatre, free.id)] == ["case.added"]
    elsewhere.theatre.close()


def settle(suite: Suite) -> None:
    """Wait until nothing waits here any more."""
    assert suite.theatre.offline is not None
    until, faults = time.monotonic() + 20, []
    while time.monotonic() < until:
        try:
            suite.theatre.send_waiting()
        except StorageFault as fault:
            faults.append(str(fault))
            time.sleep(0.1)
        if not suite.theatre.offline.count:
            return
    pytest.fail(f"it was never sent: {Counter(faults)}")


def test_with_a_new_id_for_each_try_the_same_cuts_count_twice(behind: Callable[..., Behind]) -> None:
    one = behind()
    store = one.suite.theatre.store
    for number in range(20):
        one.proxy.cut = once("after")
        for attempt in range(3):
            try:
                with store.writing() as session:
                    draft = log.Draft("naive", "k", {"n": number}, MORNING, f"{number}-{attempt}")
                    log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)
                break
            except StorageFault:
                continue
    assert sum(ids(one, "naive").values()) == 40


def test_of_a_herd_that_wants_one_room_exactly_one_wins_each_round(
    make_server_suite: Callable[..., Suite], tmp_path: Path
) -> None:
    suite, signal = make_server_suite(), tmp_path / "go"
    url = suite.theatre.settings.database_url
    with suite.theatre.writing(suite.nurse, Verb.KEEP):
        cases = [[suite.case(surgeon="s2").id for _ in range(ROUNDS)] for _ in range(PROCESSES)]
    command = [sys.executable, "-m", "tests.postgres.workers", str(signal)]
    herd = [
        subprocess.Popen(
            [*command, json.dumps({"cases": mine, "shift": 2 * n})],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"ORTOOL_DATABASE_URL": url},
        )
        for n, mine in enumerate(cases)
    ]  # fmt: skip
    for process in herd:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    signal.touch()
    lines = [line for process in herd for line in process.communicate(timeout=600)[0].splitlines()]
    assert [process.returncode for process in herd] == [0] * PROCESSES
    winners = Counter(line.split()[1] for line in lines if line.startswith("won"))
    assert len(lines) == PROCESSES * ROUNDS
    assert winners == {str(number): 1 for number in range(ROUNDS)}
    with psycopg.connect(url) as connection:
        assert connection.execute(OVERLAPS).fetchone() == (0,)
        assert connection.execute(DEADLOCKS).fetchone() == (0,)
    assert verify_journal(suite.theatre).faults == []


def test_without_lock_and_constraint_the_same_herd_books_twice(make_server_suite: Callable[..., Suite]) -> None:
    url = make_server_suite().theatre.settings.database_url
    everybody_looked = threading.Barrier(PROCESSES)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE TABLE naive (name text, start_at bigint, end_at bigint)")

    def look_then_book(name: int) -> None:
        with psycopg.connect(url, autocommit=True) as base:
            for number in range(10):
                start = number * 7_200
                taken = base.execute(
                    "SELECT count(*) FROM naive WHERE start_at < %s AND end_at > %s", (start + 1, start)
                )
                is_free = taken.fetchone() == (0,)
                everybody_looked.wait(30)
                if is_free:
                    base.execute("INSERT INTO naive VALUES (%s, %s, %s)", (f"{name}-{number}", start, start + 3_600))

    threads = [threading.Thread(target=look_then_book, args=(n,)) for n in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with psycopg.connect(url, autocommit=True) as owner:
        assert owner.execute("SELECT count(*) FROM naive").fetchone() == (10 * PROCESSES,)
        owner.execute("DROP TABLE naive")


def append_until_saved(store: PostgresStore, name: str) -> None:
    """Append one entry, again under the same id until it is acknowledged."""
    while True:
        try:
            with store.writing() as session:
                session.info["command_id"] = name
                cursor = cursor_of(session)
                if not log.find_command(cursor, name):
                    log.append(cursor, store.site_id, log.Draft("shot", "k", {}, MORNING, name), ORIGIN, MORNING)
            return
        except StorageFault:
            time.sleep(0.02)


def test_every_acknowledged_entry_survives_a_server_that_is_shot() -> None:
    with clusters.own() as cluster:
        url = cluster.url(cluster.make())
        upgrade_database(settings(database_url=url))
        acknowledged: list[str] = []
        stop = threading.Event()

        def append_all(writer: int) -> None:
            store = PostgresStore(url).open()
            number = 0
            while not stop.is_set():
                append_until_saved(store, f"{writer}-{number}")
                acknowledged.append(f"{writer}-{number}")
                number += 1
            store.close()

        writers = [threading.Thread(target=append_all, args=(n,)) for n in range(3)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            seen, until = len(acknowledged), time.monotonic() + 30
            while len(acknowledged) < seen + 20 and time.monotonic() < until:
                time.sleep(0.02)
            cluster.kill()
            cluster.start()
        stop.set()
        for writer in writers:
            writer.join(60)
        store = PostgresStore(url).open()
        with store.reading() as session:
            cursor = cursor_of(session)
            assert log.verify(cursor, store.site_id).faults == []
            cursor.execute("SELECT command_id FROM entry")
            stored = Counter(row[0] for row in cursor.fetchall())
        store.close()
    assert len(acknowledged) >= 20 * KILLS
    assert {name: stored[name] for name in acknowledged} == dict.fromkeys(acknowledged, 1)
    assert sum(stored.values()) <= len(acknowledged) + 3


def test_hours_of_bookings_are_not_taken_while_away(behind: Callable[..., Behind]) -> None:
    one = behind()
    case, nurse = one.suite.case(), one.suite.nurse
    one.proxy.refuses = True
    one.proxy.drop()
    for hour in range(5):
        with pytest.raises(Away):
            booking.book(one.suite.theatre, nurse, case.id, "OR1", MORNING + timedelta(hours=hour), 60)
