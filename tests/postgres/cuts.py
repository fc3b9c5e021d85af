"""A network that is cut at every moment of a tick, a server that is shot, a herd without guards: as rows of the table."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

import psycopg

from ortool.caselog.case import Case
from ortool.checklist.commands import StampMilestone
from ortool.errors import Away, StorageFault
from ortool.journal import log
from ortool.services import booking, running
from ortool.services.journals import case_entries, verify_journal
from ortool.services.upgrading import upgrade_database
from ortool.storage.postgres.store import PostgresStore
from ortool.storage.store import cursor_of
from tests.faults.outcome import Outcome
from tests.patience import patient
from tests.postgres import cluster as clusters
from tests.postgres.behind import Behind
from tests.postgres.proxy import COMMIT
from tests.services.suite import MORNING, Suite, done, settings

EIGHT = 8
EACH_CASE = 500  # ticks, so that a long run is many cases
MOMENTS = ("after", "after", "after", "before", "middle", "middle")
ORIGIN = log.Origin("n1", "chosen", "device", "boot", 1)
STORE = "PostgreSQL"


def once(moment: str) -> Callable[[bytes], str]:
    """Return a cut that happens once, at the next moment of its kind."""
    left = iter([moment])  # each line has a thread of its own, and only one of them gets it

    def cut(piece: bytes) -> str:
        # A transaction begins as READ COMMITTED, which is no COMMIT.
        is_now = len(piece) > 300 if moment == "middle" else COMMIT in piece.replace(b"COMMITTED", b"")
        return next(left, "pass") if is_now else "pass"

    return cut


def ids(one: Behind, stream: str) -> Counter[str]:
    """Count the command ids of a stream, seen by a terminal whose network is well."""
    with psycopg.connect(one.url) as connection:
        return Counter(
            row[0] for row in connection.execute("SELECT command_id FROM entry WHERE stream = %s", (stream,))
        )


def settle(suite: Suite) -> list[str]:
    """Wait until nothing waits here any more; return why it still does."""
    assert suite.theatre.offline is not None
    until, faults = time.monotonic() + patient(20), Counter[str]()
    while time.monotonic() < until:
        try:
            suite.theatre.send_waiting()
        except StorageFault as fault:
            faults[str(fault)] += 1
            time.sleep(0.1)
        if not suite.theatre.offline.count:
            return []
    return [f"what waited was never sent: {dict(faults)}"]


def cut_ticks(one: Behind, cuts: int, seed: int) -> Outcome:
    """T10: tick while the network is cut, before and after COMMIT, inside a statement, and with no answer at all."""
    outcome = Outcome("T10 network cuts", "each tick exactly once, no booking taken offline", seed=seed, store=STORE)
    suite, chance, waited = one.suite, random.Random(seed), 0
    nurse, free, cases = suite.nurse, suite.case(surgeon="s2"), list[Case]()
    for number in range(cuts):
        if number % EACH_CASE == 0:
            one.proxy.cut = lambda piece: "pass"
            cases.append(case := suite.case())
            suite.act(case, StampMilestone("PIR"))
        moment = "silence" if number % 25 == 24 else chance.choice(MOMENTS)
        one.proxy.cut = once(moment)
        one.proxy.refuses = number % 50 == 12  # and now and then nobody answers at all
        if one.proxy.refuses:
            one.proxy.drop()
        running.act(suite.theatre, nurse, case.id, done("SI.weight", str(50 + number % 100)), f"tick-{number}")
        if suite.theatre.offline is not None and suite.theatre.offline.count:
            waited += 1
            try:
                booking.book(suite.theatre, nurse, free.id, "OR1", MORNING, 60)
            except Away:
                pass
            else:
                outcome.breaches.append(f"after tick-{number} a booking was taken")
            one.proxy.refuses = False
            outcome.breaches += settle(suite)
    one.proxy.cut = lambda piece: "pass"
    outcome.breaches += settle(suite)
    counted = sum((ids(one, f"case:{case.id}") for case in cases), Counter[str]())
    names = [f"tick-{number}" for number in range(cuts)]
    outcome.breaches += [f"{name} stands there {counted[name]} times" for name in names if counted[name] != 1]
    if one.proxy.cuts < cuts * 0.9 or waited < cuts // 50:
        outcome.breaches.append(f"only {one.proxy.cuts} cuts, {waited} kept")
    elsewhere = one.directly()
    outcome.breaches += verify_journal(elsewhere.theatre).faults
    for case in cases:
        if running.open_case(elsewhere.theatre, case.id).run != running.refold(elsewhere.theatre, case.id):
            outcome.breaches.append("the projection is not what the journal says")
    if [entry.kind for entry in case_entries(elsewhere.theatre, free.id)] != ["case.added"]:
        outcome.breaches.append("the case that was never booked has more than its first entry")
    elsewhere.theatre.close()
    outcome.reached = f"{one.proxy.cuts:,} cuts in {cuts:,} ticks, {waited:,} kept at the terminal and sent later"
    return outcome


def fresh_ids(one: Behind, cuts: int) -> Outcome:
    """Negative control of T10: with a new id for each try the same cuts count twice."""
    outcome = Outcome("T10 control: a fresh id for each try", "each exactly once", control=True, store=STORE)
    store = one.suite.theatre.store
    for number in range(cuts):
        one.proxy.cut = once("after")
        for attempt in range(3):
            try:
                with store.writing() as session:
                    draft = log.Draft("naive", "k", {"n": number}, MORNING, f"{number}-{attempt}")
                    log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)
                break
            except StorageFault:
                continue
    stored = sum(ids(one, "naive").values())
    outcome.breaches += ["counted twice"] * (stored - cuts)
    outcome.reached = f"{cuts:,} cuts; {stored:,} entries"
    return outcome


def naive_herd(url: str, rounds: int) -> Outcome:
    """Negative control of T8: no lock, no constraint; everybody looks, then books."""
    outcome = Outcome("T8 control: look, then book", "winners == rounds", control=True, store=STORE)
    everybody_looked = threading.Barrier(EIGHT)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE TABLE naive (name text, start_at bigint, end_at bigint)")

    def look_then_book(name: int) -> None:
        with psycopg.connect(url, autocommit=True) as base:
            for number in range(rounds):
                start = number * 7_200
                taken = base.execute(
                    "SELECT count(*) FROM naive WHERE start_at < %s AND end_at > %s", (start + 1, start)
                )
                is_free = taken.fetchone() == (0,)
                everybody_looked.wait(30)
                if is_free:
                    base.execute("INSERT INTO naive VALUES (%s, %s, %s)", (f"{name}-{number}", start, start + 3_600))

    threads = [threading.Thread(target=look_then_book, args=(n,)) for n in range(EIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(url, autocommit=True) as owner:
        found = owner.execute("SELECT count(*) FROM naive").fetchone()
        owner.execute("DROP TABLE naive")
    won = found[0] if found else 0
    outcome.breaches += ["booked twice"] * (won - rounds)
    outcome.reached = f"{rounds:,} rounds x {EIGHT}; {won:,} winners"
    return outcome


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


def shoot_server(kills: int, clients: int = 3) -> Outcome:
    """T11: the server is killed with everything below it while clients append."""
    outcome = Outcome("T11 kill -9 of the server", "missing 0, extra 0, chain whole", store=STORE)
    acknowledged: list[str] = []
    stop = threading.Event()
    with clusters.own() as cluster:
        url = cluster.url(cluster.make())
        upgrade_database(settings(database_url=url))

        def append_all(writer: int) -> None:
            store = PostgresStore(url).open()
            number = 0
            while not stop.is_set():
                append_until_saved(store, f"{writer}-{number}")
                acknowledged.append(f"{writer}-{number}")
                number += 1
            store.close()

        writers = [threading.Thread(target=append_all, args=(n,)) for n in range(clients)]
        for writer in writers:
            writer.start()
        for _ in range(kills):
            seen, until = len(acknowledged), time.monotonic() + patient(30)
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
            outcome.breaches += log.verify(cursor, store.site_id).faults
            cursor.execute("SELECT command_id FROM entry")
            stored = Counter(row[0] for row in cursor.fetchall())
        store.close()
    outcome.breaches += [f"{name} stands there {stored[name]} times" for name in acknowledged if stored[name] != 1]
    if len(acknowledged) < 20 * kills:
        outcome.breaches.append(f"only {len(acknowledged)} appends between {kills} kills")
    if sum(stored.values()) > len(acknowledged) + clients:
        outcome.breaches.append(f"{sum(stored.values())} entries of {len(acknowledged)} acknowledged")
    outcome.reached = f"{kills:,} kills, {clients} clients, {len(acknowledged):,} acknowledged"
    return outcome
