"""Several processes on one file, and one that is shot: nothing is lost, nothing is booked twice."""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from ortool.caselog.milestones import state_of
from ortool.checklist.commands import RecordCount, StampMilestone
from ortool.people.permissions import Verb
from ortool.services.cases import stream_of
from ortool.services.journals import case_entries, verify_journal
from ortool.services.running import open_case, refold
from tests.services.suite import Suite

ROOT = Path(__file__).parents[2]
PROCESSES = 6
ROUNDS = 40
KILLS = 300 if os.environ.get("ORTOOL_LONG") else 12
OVERLAPS = """SELECT count(*) FROM claim one JOIN claim two ON one.resource = two.resource AND one.lane = two.lane
  AND one.rowid < two.rowid AND one.start_at < two.end_at AND two.start_at < one.end_at"""


def worker(suite: Suite, what: str, signal: Path, **asked: Any) -> subprocess.Popen[str]:
    """Start a process that waits for the signal."""
    words = [sys.executable, "-m", "tests.faults.workers", what, str(suite.theatre.store.path), str(signal)]
    return subprocess.Popen([*words, json.dumps(asked)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def all_at_once(processes: list[subprocess.Popen[str]], signal: Path) -> list[list[str]]:
    """Let every process begin together; return each one's lines. Every one must end well."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    signal.touch()
    outputs = [process.communicate(timeout=120)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return outputs


def overlaps(path: Path) -> int:
    """Count the overlapping pairs of claims, by a query of our own."""
    with closing(dbapi2.connect(str(path))) as base:
        return int(base.execute(OVERLAPS).fetchone()[0])


def test_of_a_herd_that_wants_one_room_exactly_one_wins_each_round(suite: Suite, tmp_path: Path) -> None:
    with suite.theatre.writing(suite.nurse, Verb.KEEP):
        cases = [[suite.case(surgeon="s2").id for _ in range(ROUNDS)] for _ in range(PROCESSES)]
    signal = tmp_path / "go"
    herd = [worker(suite, "book", signal, cases=mine, shift=3 * n) for n, mine in enumerate(cases)]
    lines = [line for output in all_at_once(herd, signal) for line in output]
    assert len(lines) == PROCESSES * ROUNDS
    winners = Counter(line.split()[1] for line in lines if line.startswith("won"))
    assert winners == {str(number): 1 for number in range(ROUNDS)}
    assert overlaps(suite.theatre.store.path) == 0
    assert verify_journal(suite.theatre).faults == []


def test_without_lock_and_trigger_the_same_herd_books_twice(suite: Suite) -> None:
    path = suite.theatre.store.path
    suite.theatre.close()
    with closing(dbapi2.connect(str(path), isolation_level=None)) as base:
        base.execute("DROP TRIGGER claim_is_free_on_insert")
    everybody_looked = threading.Barrier(PROCESSES)

    def look_then_book(name: str) -> None:
        with closing(dbapi2.connect(str(path), isolation_level=None, timeout=30)) as base:
            for number in range(5):
                start, end = number * 7200, number * 7200 + 3600
                free = base.execute("SELECT count(*) FROM claim WHERE start_at < ? AND end_at > ?", (end, start))
                is_free = free.fetchone()[0] == 0
                everybody_looked.wait(20)
                if is_free:
                    words = (f"{name}-{number}", start, end)
                    base.execute("INSERT INTO claim VALUES (?, 'room:OR1', 1, ?, ?)", words)

    threads = [threading.Thread(target=look_then_book, args=(str(n),)) for n in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert overlaps(path) == 5 * PROCESSES * (PROCESSES - 1) // 2


def test_appends_of_many_processes_queue_up_and_none_fails(
    suite: Suite, tmp_path: Path, record_property: pytest.FixtureRequest
) -> None:
    before, signal, times = suite.head()[0], tmp_path / "go", 60
    writers = [worker(suite, "append", signal, name=f"w{n}", times=times) for n in range(PROCESSES)]
    waits = [float(line.split()[1]) for output in all_at_once(writers, signal) for line in output]
    assert len(waits) == PROCESSES * times
    assert suite.head()[0] == before + PROCESSES * times
    record_property("max_wait_ms", round(max(waits), 1))  # type: ignore[operator]
    assert max(waits) < 5_000


def test_two_writers_on_one_case_lose_nothing(suite: Suite, tmp_path: Path) -> None:
    case, signal = suite.case(), tmp_path / "go"
    suite.act(case, StampMilestone("PIR"), RecordCount("baseline", {"sponges": 10, "needles": 4}, suite.voice("n2")))
    all_at_once([worker(suite, "add", signal, case=case.id, times=30) for _ in range(2)], signal)
    run = open_case(suite.theatre, case.id).run
    assert run is not None
    assert run.ledger.expected()["sponges"] == 70
    assert run == refold(suite.theatre, case.id)


def shoot_while_it_ticks(suite: Suite, signal: Path, after: int) -> tuple[str, set[str]]:
    """Start a nurse's ticking, kill it hard after some ticks, and return the case and what was acknowledged."""
    case = suite.case()
    process = worker(suite, "tick", signal, case=case.id)
    assert process.stdout is not None
    saved: set[str] = set()
    for line in process.stdout:
        if line.startswith("saved"):
            saved.add(line.split()[1])
        if len(saved) >= after:
            process.kill()
    assert process.wait(20) == -9
    assert len(saved) >= after
    process.stdout.close()
    return case.id, saved


def test_every_acknowledged_tick_survives_a_kill(suite: Suite, tmp_path: Path) -> None:
    signal = tmp_path / "go"
    signal.touch()
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    for number in range(KILLS):
        case_id, saved = shoot_while_it_ticks(suite, signal, chance.randrange(1, 25))
        with suite.theatre.reading() as session:
            rows = session.connection().exec_driver_sql(
                "SELECT command_id FROM entry WHERE stream = ?", (stream_of(case_id),)
            )
            stored = {row[0] for row in rows}
        assert saved <= stored, f"seed {seed}, kill {number}"
        dossier, afresh = open_case(suite.theatre, case_id), refold(suite.theatre, case_id)
        assert afresh is not None
        assert dossier.run == afresh
        assert dossier.case.state is state_of(afresh.stamps)
        assert len(case_entries(suite.theatre, case_id)) == dossier.version
    assert verify_journal(suite.theatre).faults == []
