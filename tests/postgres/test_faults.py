"""Every class of error: tried again where that is harmless, told in a sentence where it is not, and never with a secret."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ortool.checklist.commands import StampMilestone
from ortool.errors import Away, BadInput, OrtoolError, Refused, StorageFault, Unanswered
from ortool.journal import log
from ortool.services import arranging, booking, running
from ortool.services.health import examine
from ortool.services.theatre import open_theatre
from ortool.storage.patience import at_most
from ortool.storage.postgres import contract, link
from ortool.storage.postgres.faults import Trouble, fault_of, trouble_of
from ortool.storage.store import cursor_of
from tests.patience import patient
from tests.postgres.cluster import Cluster
from tests.services.suite import MORNING, Suite, done, settings

CANARY = "s3cret-canary"


@pytest.fixture
def suite(make_server_suite: Callable[..., Suite]) -> Suite:
    """A suite on a server."""
    return make_server_suite()


@pytest.fixture
def other(suite: Suite) -> Iterator[psycopg.Connection[Any]]:
    """Another session in the same database, as its owner."""
    with psycopg.connect(suite.theatre.settings.database_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("40001", Trouble.AGAIN), ("40P01", Trouble.AGAIN), ("55P03", Trouble.AGAIN), ("57014", Trouble.AGAIN),
        ("57P01", Trouble.AWAY), ("57P02", Trouble.AWAY), ("57P03", Trouble.AWAY), ("25P03", Trouble.AWAY),
        ("08000", Trouble.AWAY), ("08003", Trouble.AWAY), ("08006", Trouble.AWAY), ("08P01", Trouble.AWAY),
        ("53300", Trouble.BUSY), ("53100", Trouble.FULL), ("42501", Trouble.DENIED), ("28P01", Trouble.UNKNOWN_USER),
        ("3D000", Trouble.NO_DATABASE), ("23P01", Trouble.OVERLAP), ("23505", Trouble.OTHER), ("22P02", Trouble.OTHER),
    ],
)  # fmt: skip
def test_every_code_has_its_meaning(code: str, trouble: Trouble) -> None:
    error = psycopg.errors.lookup(code)("Mrs Canary is in the way")
    assert trouble_of(error) is trouble
    fault = fault_of("This could not be saved", error)
    assert "Canary" not in str(fault)
    assert isinstance(fault, Away) is (trouble is Trouble.AWAY)
    assert isinstance(fault, Unanswered) is (trouble in (Trouble.AWAY, Trouble.AGAIN))


@pytest.mark.parametrize(
    "said", ["connection is lost", "server closed the connection unexpectedly", "Connection refused"]
)
def test_a_line_without_a_code_is_away(said: str) -> None:
    assert trouble_of(psycopg.OperationalError(said)) is Trouble.AWAY


def failing(monkeypatch: pytest.MonkeyPatch, code: str, times: int) -> list[int]:
    """Let the server fail in the middle of an append, so many times; return the list of the failures."""
    real, failures = log.append, []

    def append(cursor: Any, *rest: Any) -> Any:
        if len(failures) < times:
            failures.append(1)
            cursor._plain.execute(f"DO $$ BEGIN RAISE EXCEPTION 'Mrs Canary' USING ERRCODE = '{code}'; END $$")
        return real(cursor, *rest)

    monkeypatch.setattr(log, "append", append)
    return failures


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "57014", "57P01", "08006"])
def test_what_was_given_up_is_tried_again_and_counts_once(
    suite: Suite, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, before = suite.case(), suite.head()[0]
    failures = failing(monkeypatch, code, 2)
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    assert len(failures) == 2
    assert suite.head()[0] == before + 1


def test_it_is_tried_five_times_and_no_longer_than_three_seconds(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    case, before = suite.case(), suite.head()[0]
    failures, begun = failing(monkeypatch, "40001", 99), time.monotonic()
    with pytest.raises(StorageFault, match="still it is not through"):
        booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    assert 2 <= len(failures) <= 5
    assert time.monotonic() - begun < patient(4.5)
    monkeypatch.undo()
    assert suite.head()[0] == before


@pytest.mark.parametrize(("code", "words"), [("53100", "disk is full"), ("22P02", "refused the statement")])
def test_what_no_repeat_would_mend_is_told_at_once(
    suite: Suite, code: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = suite.case()
    failures = failing(monkeypatch, code, 99)
    with pytest.raises(StorageFault, match=words) as fault:
        booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    assert len(failures) == 1
    assert "Canary" not in str(fault.value)


def test_idle_connections_that_the_server_ended_are_replaced(suite: Suite, other: psycopg.Connection[Any]) -> None:
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    for item in ("SI.consent", "TO.implants"):
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                      " AND pid <> pg_backend_pid()")  # fmt: skip
        suite.act(case, done(item))
    run = running.open_case(suite.theatre, case.id).run
    assert run is not None
    assert {"SI.consent", "TO.implants"} <= set(run.answers)


def test_a_lock_that_is_held_is_waited_for(suite: Suite, other: psycopg.Connection[Any]) -> None:
    case = suite.case()
    other.execute("SELECT pg_advisory_lock(%s)", (contract.WRITE_LOCK,))
    threading.Timer(0.5, other.execute, ("SELECT pg_advisory_unlock_all()",)).start()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    other.execute("SELECT pg_advisory_lock(%s)", (contract.WRITE_LOCK,))
    with pytest.raises(Unanswered), at_most(0.4), suite.theatre.store.writing():
        pass
    other.execute("SELECT pg_advisory_unlock_all()")


def test_the_constraint_speaks_where_the_rules_saw_nothing(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = suite.case(), suite.case(surgeon="s2")
    booking.book(suite.theatre, suite.nurse, first.id, "OR1", MORNING, 60)
    monkeypatch.setattr(arranging, "held_of", lambda session, resources, within: [])
    with pytest.raises(Refused, match="Somebody booked this a moment ago"):
        booking.book(suite.theatre, suite.nurse, second.id, "OR1", MORNING, 60)


def test_a_server_that_takes_no_more_connections_says_so(cluster: Cluster) -> None:
    from ortool.services.upgrading import upgrade_database

    name, role = cluster.make(), f"r{time.monotonic_ns()}"
    upgrade_database(settings(database_url=cluster.url(name)), role)
    cluster.run(f"ALTER ROLE {role} CONNECTION LIMIT 0")
    with pytest.raises(StorageFault, match="takes no more connections") as fault:
        open_theatre(settings(database_url=cluster.url(name, role)))
    assert not isinstance(fault.value, Away)


def test_a_read_transaction_never_writes(suite: Suite) -> None:
    with pytest.raises(StorageFault), suite.theatre.reading() as session:
        cursor_of(session).execute("DELETE FROM room WHERE id = ?", ("OR1",))


def urls(cluster: Cluster) -> list[str]:
    """Return URLs with a password that lead nowhere, each in another way."""
    host = cluster.socket.parent
    return [
        f"postgresql://nobody:{CANARY}@/postgres?host={host}",
        f"postgresql://postgres:{CANARY}@/nowhere?host={host}",
        f"postgresql://postgres:{CANARY}@127.0.0.1:1/postgres",
        f"postgresql://postgres@127.0.0.1:1/postgres?password={CANARY}",
        f"postgresql://postgres:{CANARY}@db.example/postgres?sslmode=require",
        f"postgresql://postgres:{CANARY}@127.0.0.1:port/postgres",
        f"postgresql://postgres:{CANARY}%zz@127.0.0.1/postgres",
        f"postgresql://postgres:{CANARY}@127.0.0.1/postgres?{CANARY}={CANARY}",
        f"host=127.0.0.1 password={CANARY}",
        f"mysql://postgres:{CANARY}@127.0.0.1/postgres",
    ]


@pytest.mark.parametrize("number", range(10))
def test_the_password_is_never_shown(
    cluster: Cluster, number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ortool.cli.main import main

    url = urls(cluster)[number]
    site = settings(database_url=url)
    assert CANARY not in repr(site)
    with pytest.raises(OrtoolError) as fault:
        open_theatre(site)
    assert CANARY not in str(fault.value)
    assert "\n" not in str(fault.value)
    assert CANARY not in str(examine(site, Path("none.toml")))
    monkeypatch.setenv("ORTOOL_DATABASE_URL", url)
    for words in (["doctor"], ["person", "list"], ["db", "upgrade"], ["init"]):
        assert main(words) != 0
    told = capsys.readouterr()
    assert CANARY not in told.out + told.err


def test_the_password_of_a_database_that_answers_is_not_shown(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    url = suite.theatre.settings.database_url.replace("postgres@", f"postgres:{CANARY}@")
    found = examine(settings(database_url=url), Path("none.toml"))
    assert [one for one in found if not one.well] == []
    assert CANARY not in str(found)
    assert "user=postgres" in str(found)
    opened = open_theatre(settings(database_url=url))
    assert CANARY not in repr(vars(opened.store) | {"_options": ""})
    opened.close()


@pytest.mark.parametrize(
    ("url", "environment", "mode"),
    [
        ("postgresql:///ortool", {}, None), ("postgresql://localhost/ortool", {}, None),
        ("postgresql://127.0.0.1/ortool", {}, None), ("postgresql://[::1]/ortool", {}, None),
        ("postgresql:///ortool?host=/run/postgresql", {}, None),
        ("postgresql://db.example/ortool", {}, "verify-full"),
        ("postgresql://10.0.0.5/ortool", {}, "verify-full"),
        ("postgresql://localhost,db.example/ortool", {}, "verify-full"),
        ("postgresql://localhost/ortool?hostaddr=10.0.0.5", {}, "verify-full"),
        ("postgresql://db.example/ortool?sslmode=verify-full", {}, "verify-full"),
        ("postgresql:///ortool", {"PGHOST": "db.example"}, "verify-full"),
        ("postgresql:///ortool", {"PGHOSTADDR": "10.0.0.5"}, "verify-full"),
        ("postgresql:///?service=theatre", {}, "verify-full"), ("postgresql:///", {"PGSERVICE": "x"}, "verify-full"),
    ],
)  # fmt: skip
def test_another_machine_is_reached_only_by_a_verified_line(
    url: str, environment: dict[str, str], mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert link.options_of(url, allow_plain=False).get("sslmode") == mode
    if "sslmode" not in url:
        assert "sslmode" not in link.options_of(url, allow_plain=True)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_a_line_that_proves_less_is_refused(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageFault, match="does not prove"):
        link.options_of(f"postgresql://db.example/ortool?sslmode={mode}", allow_plain=False)
    monkeypatch.setenv("PGSSLMODE", mode)
    with pytest.raises(StorageFault, match="does not prove"):
        link.options_of("postgresql://db.example/ortool", allow_plain=False)


def test_a_service_and_a_password_file_are_read_as_libpq_does(
    cluster: Cluster, suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = link.parts_of(suite.theatre.settings.database_url)
    services = tmp_path / "services"
    services.write_text("[theatre]\n" + "".join(f"{name}={value}\n" for name, value in parts.items()))
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    opened = open_theatre(settings(database_url="postgresql:///?service=theatre", allow_plain_database=True))
    assert opened.store.site_id == suite.theatre.store.site_id
    opened.close()


def test_a_url_that_cannot_be_read_is_bad_input() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        link.shown("postgresql://x:y@h:port:port/%zz")
