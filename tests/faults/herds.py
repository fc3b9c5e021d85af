"""Many at once: the queue of writers, the herd that wants one room, random bookings, two nurses on one item."""

import random
import time
from collections import Counter
from contextlib import closing

from sqlcipher3 import dbapi2

from ortool.checklist.commands import StampMilestone
from ortool.people.permissions import Verb
from ortool.services import setup
from tests.faults import crowd, deeds
from tests.faults.audit import audit, rows
from tests.faults.outcome import Outcome
from tests.faults.place import SQLITE, place, where_is

EIGHT = 8


def queue(times: int, most_ms: float) -> Outcome:
    """T5: eight processes append; the kernel's queue lets nobody wait long."""
    outcome = Outcome("T5 queue of writers", f"errors 0, longest wait <= {most_ms:.0f} ms, chain whole")
    with place() as suite:
        path = suite.theatre.store.path
        told = crowd.all_of([crowd.start(deeds.append_many, path, f"w{n}", times) for n in range(EIGHT)])
        waits = [float(words[1]) for one in told for words in one]
        names = [f"w{n}-{number}" for n in range(EIGHT) for number in range(times)]
        outcome.breaches += audit(suite.theatre, names)
    if len(waits) != EIGHT * times:
        outcome.breaches.append(f"{len(waits)} of {EIGHT * times} appends")
    if max(waits) > most_ms:
        outcome.breaches.append(f"the longest wait was {max(waits):.0f} ms")
    middle = sorted(waits)[len(waits) // 2]
    outcome.reached = f"{EIGHT} processes x {times:,}; p50 {middle:.1f} ms, longest {max(waits):.0f} ms"
    return outcome


def naive_queue(times: int) -> Outcome:
    """Negative control of T5: a bare BEGIN, as drivers do by default, loses under contention."""
    outcome = Outcome("T5 control: bare BEGIN", "errors 0", control=True)
    with place() as suite:
        path = suite.theatre.store.path
        with closing(dbapi2.connect(str(path), isolation_level=None)) as base:
            base.execute("CREATE TABLE naive (n INTEGER PRIMARY KEY)")
        told = crowd.all_of([crowd.start(deeds.append_naively, path, times) for _ in range(EIGHT)])
    words = Counter(one[0] for lines in told for one in lines)
    outcome.breaches += ["an append failed: database is locked"] * words["lost"]
    outcome.reached = f"{words['lost']:,} of {EIGHT * times:,} appends failed"
    return outcome


DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def herd(rounds: int, store: str = SQLITE) -> Outcome:
    """T8: eight processes want the same room and time, each a little later than the other."""
    holds = "winners == rounds, overlapping pairs 0" + (", deadlocks 0" if store != SQLITE else "")
    outcome = Outcome("T8 herd booking", holds, store=store)
    with place(store) as suite:
        with suite.theatre.writing(suite.nurse, Verb.KEEP):
            cases = [[suite.case(surgeon="s2").id for _ in range(rounds)] for _ in range(EIGHT)]
        where = where_is(suite)
        told = crowd.all_of([crowd.start(deeds.book_rounds, where, mine, 3 * n) for n, mine in enumerate(cases)])
        winners = Counter(words[1] for one in told for words in one if words[0] == "won")
        outcome.breaches += audit(suite.theatre)
        if store != SQLITE and (deadlocks := rows(suite.theatre, DEADLOCKS)[0][0]):
            outcome.breaches.append(f"{deadlocks} deadlocks")
    answers = sum(len(one) for one in told)
    if winners != dict.fromkeys(range(rounds), 1) or answers != rounds * EIGHT:
        outcome.breaches.append(f"{sum(winners.values())} winners, {answers} answers")
    outcome.reached = f"{rounds:,} rounds x {EIGHT}; {sum(winners.values()):,} winners"
    return outcome


def naive_herd(rounds: int) -> Outcome:
    """Negative control of T8: no trigger, and look before you book instead of a lock."""
    outcome = Outcome("T8 control: look, then book", "winners == rounds", control=True)
    with place() as suite:
        path = suite.theatre.store.path
        with closing(dbapi2.connect(str(path), isolation_level=None)) as base:
            base.execute("DROP TRIGGER claim_is_free_on_insert")
            eyes = [dbapi2.connect(str(path), isolation_level=None) for _ in range(EIGHT)]
            free = "SELECT count(*) FROM claim WHERE resource = 'room:OR1' AND start_at < ? AND end_at > ?"
            for number in range(rounds):
                start, end = number * 7200, number * 7200 + 3600
                looked = [eye.execute(free, (end, start)).fetchone()[0] == 0 for eye in eyes]
                for n, (eye, is_free) in enumerate(zip(eyes, looked, strict=True)):
                    if is_free:
                        words = (f"{n}-{number}", start, end)
                        eye.execute("INSERT INTO claim VALUES (?, 'room:OR1', 1, ?, ?)", words)
            for eye in eyes:
                eye.close()
            won = base.execute("SELECT count(*) FROM claim").fetchone()[0]
    outcome.breaches += ["booked twice"] * (won - rounds)
    outcome.reached = f"{rounds:,} rounds x {EIGHT}; {won:,} winners"
    return outcome


MORE_ROOMS = "".join(f'[[rooms]]\nid = "OR{n}"\nname = "Theatre {n}"\n' for n in range(4, 7))
SURGEONS = "".join(
    f'[[people]]\nid = "x{n}"\nname = "Dr X {n}"\ninitials = "X{n}"\nroles = ["surgeon"]\n' for n in range(12)
)


def mixture(commands: int, seed: int, store: str = SQLITE) -> Outcome:
    """T9: books, moves and cancellations of six rooms and twelve surgeons, with a turn-over after each slot."""
    outcome = Outcome("T9 booking mix", "overlapping pairs 0, schedule == journal", seed=seed, store=store)
    chance, each = random.Random(seed), commands // EIGHT
    with place(store) as suite:
        more = setup.read_theatre_file(MORE_ROOMS + SURGEONS, "more")
        setup.load_theatre(suite.theatre, setup.SYSTEM, more)
        with suite.theatre.writing(suite.nurse, Verb.KEEP):
            cases = [suite.case(surgeon=f"x{n % 12}").id for n in range(max(48, commands // 20))]
        where = where_is(suite)
        workers = [
            crowd.start(deeds.book_at_random, where, cases, 6, each, chance.randrange(10**9)) for _ in range(EIGHT)
        ]
        words = Counter(one for lines in crowd.all_of(workers) for one in lines)
        outcome.breaches += audit(suite.theatre)
    done = {what: words["done", what] for what in ("book", "move", "cancel")}
    if not all(done.values()):
        outcome.breaches.append(f"not every kind of command succeeded: {done}")
    outcome.reached = f"{each * EIGHT:,} commands by {EIGHT} processes; done {done}"
    return outcome


ITEMS = ("SI.consent", "LV.marker")


def same_item(items: int, most_ms: float) -> Outcome:
    """T12: two terminals tick the same items in the same order."""
    outcome = Outcome("T12 two terminals, one item", "one entry each; the loser is told who and when")
    with place() as suite:
        pairs = []
        for _ in range(-(-items // len(ITEMS))):
            case = suite.case()
            suite.act(case, StampMilestone("PIR"))
            pairs += [(case.id, item) for item in ITEMS]
        pairs = pairs[:items]
        path = suite.theatre.store.path
        told = crowd.all_of([crowd.start(deeds.tick_the_same, path, who, pairs) for who in ("n1", "n2")])
        won = Counter((words[1], words[2]) for one in told for words in one if words[0] == "won")
        losers = [
            (who, words) for who, one in zip(("n1", "n2"), told, strict=True) for words in one if words[0] == "told"
        ]
        stored = rows(suite.theatre, "SELECT count(*) FROM entry WHERE kind = 'item.answered'")[0][0]
        outcome.breaches += audit(suite.theatre)
    if won != Counter(pairs) or stored != items or len(losers) != items:
        outcome.breaches.append(f"{stored} entries, {len(losers)} told")
    outcome.breaches += [f"{words} was told to {who}" for who, words in losers if words[3] == who or not words[4]]
    waits = sorted(float(words[5]) for _, words in losers)
    if waits[-1] > most_ms:
        outcome.breaches.append(f"the slowest answer took {waits[-1]:.0f} ms")
    split = Counter(words[3] for _, words in losers)
    outcome.reached = f"{items:,} items; {len(losers):,} told (quicker: {dict(split)}), slowest {waits[-1]:.0f} ms"
    return outcome


def kills(wanted: int, seed: int) -> Outcome:
    """T2: one to eight writers are shot at any moment."""
    outcome = Outcome("T2 SIGKILL of 1-8 writers", "missing 0, chain whole, projection == fold", seed=seed)
    chance, shot, saved = random.Random(seed), 0, 0
    while shot < wanted:
        with place() as suite:  # a new database now and then, so that a round stays quick to check
            for _ in range(10):
                writers = min(chance.randrange(1, EIGHT + 1), wanted - shot)
                if writers < 1:
                    break
                with suite.theatre.writing(suite.nurse, Verb.KEEP):
                    cases = [suite.case().id for _ in range(writers)]
                path = suite.theatre.store.path
                crowd.let_go(workers := [crowd.start(deeds.tick_for_ever, path, case) for case in cases])
                names = []
                for worker in chance.sample(workers, len(workers)):
                    worker.hear(chance.randrange(0, 12))
                    time.sleep(chance.uniform(0, 0.01))
                    names += [words[1] for words in worker.kill()]
                shot, saved = shot + writers, saved + len(names)
                outcome.breaches += audit(suite.theatre, names)
    outcome.reached = f"{shot:,} kills, {saved:,} acknowledged"
    return outcome


def wal_reset(runs: int, seconds: float) -> Outcome:
    """T6: one writer, three that fold the log back: one by the store, two as a foreign tool that knows no lock."""
    outcome = Outcome("T6 WAL-reset stress", f"0 corrupt on SQLite {dbapi2.sqlite_version}, as shipped")
    appended = laps = 0
    for _ in range(runs):
        with place() as suite:
            path = suite.theatre.store.path
            workers = [crowd.start(deeds.append_for, path, seconds)]
            workers += [crowd.start(deeds.checkpoint_for, path, seconds, n == 0) for n in range(3)]
            try:
                told = crowd.all_of(workers)
            except AssertionError as error:
                outcome.breaches.append(f"a reader or writer saw damage: {error}")
                continue
            number = told[0][0][1]
            appended, laps = appended + number, laps + sum(one[0][1] for one in told[1:])
            outcome.breaches += audit(suite.theatre, [f"a{n}" for n in range(number)])
    outcome.reached = f"{runs} x {seconds:.0f} s, 1 writer + 3: {appended:,} appends, {laps:,} checkpoints"
    return outcome
