"""Guessing a PIN: every try is counted, whoever is shot, however many try at once, and nothing is learned from time."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from argon2 import PasswordHasher
from sqlcipher3 import dbapi2

from ortool.errors import Refused
from ortool.people.pins import FREE, LIMIT
from ortool.services import identity, people
from ortool.services.theatre import open_theatre
from tests.processes import ran
from tests.services import guesses
from tests.services.suite import Clock, Suite, furnish, settings

RIGHT, WRONG = "739105", "480261"
TRIES = int(os.environ.get("ORTOOL_GUESSES", "400"))
"""How many guesses are made at once; ten thousand in the long form."""

APART_MS = 5.0


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    """A suite in which n1 has a PIN and a1 has none; n2 is the administrator."""
    clock = Clock(datetime.now(UTC))
    theatre = furnish(tmp_path / "suite.db", settings(pepper_file=str(tmp_path / "pepper.key")), clock)
    found = Suite(theatre, clock)
    people.grant(theatre, found.person("n2"), "n2", ["admin"])
    identity.set_pin(theatre, found.person("n2"), "n2", "618342")
    identity.set_pin(theatre, identity.identify(theatre, "n2", "618342", now=True), "n1", RIGHT)
    yield found
    theatre.close()


def failed(suite: Suite) -> int:
    """Return how many wrong tries the database has counted."""
    connection = dbapi2.connect(str(suite.theatre.store.path))
    found = connection.execute("SELECT failed FROM credential WHERE person_id = 'n1'").fetchone()[0]
    connection.close()
    return int(found)


def guess(suite: Suite, what: str) -> subprocess.CompletedProcess[str]:
    """Let another process guess."""
    return ran(guesses.main, suite.theatre.store.path.parent, what)


def test_a_terminal_that_is_shot_while_it_verifies_has_used_its_try_up(suite: Suite) -> None:
    for number in range(1, FREE + 1):
        assert guess(suite, "shot").returncode == -signal.SIGKILL
        assert failed(suite) == number
    assert "Too many wrong PINs" in guess(suite, "guess").stdout
    assert failed(suite) == FREE
    again = open_theatre(suite.theatre.settings, suite.theatre.store.path, suite.clock)
    with pytest.raises(identity.Locked):
        identity.identify(again, "n1", RIGHT)
    again.close()


def test_any_number_of_guesses_at_once_and_ever_after_are_twenty(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []

    def is_right(*_: object) -> bool:
        verified.append(1)
        return False

    monkeypatch.setattr(identity, "_is_right", is_right)

    def one(_number: int) -> None:
        with pytest.raises(Refused):
            identity.identify(suite.theatre, "n1", WRONG)

    rounds = LIMIT + 5
    with ThreadPoolExecutor(8) as pool:
        for _ in range(rounds):
            list(pool.map(one, range(TRIES // rounds)))
            suite.clock.now += timedelta(days=1)  # however long they wait in between
    assert len(verified) == LIMIT
    assert failed(suite) == LIMIT
    monkeypatch.undo()
    with pytest.raises(identity.Locked, match="unlocks"):
        identity.identify(suite.theatre, "n1", RIGHT)


def test_a_known_a_pinless_and_an_unknown_person_take_the_same_time(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processor time of interleaved tries, the dearest half of the hash taken away so that a difference would show."""
    monkeypatch.setattr(identity, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1))
    admin = identity.identify(suite.theatre, "n2", "618342", now=True)
    identity.set_pin(suite.theatre, admin, "n1", RIGHT)
    taken: dict[str, list[float]] = {"n1": [], "a1": [], "nobody-of-that-id": []}
    for _ in range(LIMIT - 1):
        for person, times in taken.items():
            began = time.process_time()
            with pytest.raises(Refused):
                identity.identify(suite.theatre, person, WRONG)
            times.append((time.process_time() - began) * 1000)
        suite.clock.pass_time(hours=1)
    known, *others = (median(times) for times in taken.values())
    assert max(abs(known - other) for other in others) < APART_MS, {one: median(found) for one, found in taken.items()}


def test_the_same_words_answer_for_a_wrong_pin_whoever_it_is_asked_of(suite: Suite) -> None:
    said = set()
    for person in ("a1", "nobody-of-that-id"):
        with pytest.raises(Refused) as refusal:
            identity.identify(suite.theatre, person, WRONG)
        said.add(str(refusal.value))
    assert len(said) == 1
