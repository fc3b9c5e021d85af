"""Who may do what, asked of every service for every grant, bond and state, against one table that is kept beside it."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from ortool.people.permissions import Grant
from ortool.services import identity
from tests.services import doors
from tests.services.doors import DOORS, STATES, Door, World

TABLE = Path(__file__).with_name("doors.csv")
HEAD = ("service", "bond", "state", *(grant.value for grant in Grant))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The theatre of all grants, made once: no call changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            identity, "_hasher", lambda: PasswordHasher(1, 8, 1)
        )  # what is asked here is not how long it takes
        made = doors.furnished(tmp_path_factory.mktemp("doors"))
        if os.environ.get("ORTOOL_GOLDEN") == "write":
            _write(made)
        yield made
        made.theatre.close()


def asked(world: World, door: Door) -> list[tuple[str, ...]]:
    """Return the rows of one service as they are now."""
    return [
        (door.name, bond, state, *(doors.outcome(world, door, grant, bond, state) for grant in Grant))
        for bond in door.bonds
        for state in STATES
        if door.stage == "running" or not state.endswith("another day")
    ]


def _write(world: World) -> None:
    """Write the table anew, to be looked at."""
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *(row for door in DOORS for row in asked(world, door))])


def kept() -> list[tuple[str, ...]]:
    """Return the table that was looked at and approved."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def test_every_service_has_its_rows_or_its_reason() -> None:
    named = {door.service for door in DOORS} | set(doors.WITHOUT)
    assert doors.found() - named == set(), "a service that nobody has decided about"
    assert named - doors.found() == set(), "rows of a service that is gone"
    assert [row[0] for row in kept() if row[0] not in {door.name for door in DOORS}] == []


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_each_may_what_the_table_says_and_nothing_else(world: World, door: Door) -> None:
    assert asked(world, door) == [row for row in kept() if row[0] == door.name]


def test_asking_has_changed_nothing(world: World) -> None:
    from ortool.services.journals import newest_seq, verify_journal

    before = newest_seq(world.theatre)
    for door in DOORS[:3]:
        asked(world, door)
    assert newest_seq(world.theatre) == before
    assert verify_journal(world.theatre).faults == []


def test_nobody_known_and_a_locked_terminal_see_no_name_and_write_no_more_than_a_tick() -> None:
    rows = [dict(zip(HEAD, row, strict=True)) for row in kept()]
    for row in rows:
        cells = {row[grant.value] for grant in Grant}
        if row["state"].startswith("unidentified"):
            ticks = row["service"] == "running.act tick" and row["state"] == "unidentified"
            assert cells == {"yes"} if ticks else cells <= {"who", "nameless"}, row
        if row["state"] == "locked":  # a tick there is nobody's, and owed
            assert cells <= {"who", "nameless"} or row["service"] == "running.act tick", row


def test_a_signature_is_the_surgeons_own_and_an_administrator_reads_no_case() -> None:
    rows = [dict(zip(HEAD, row, strict=True)) for row in kept()]
    signing = [row for row in rows if row["service"] == "running.sign"]
    may = [(row["bond"], row["state"], grant) for row in signing for grant in Grant if row[grant.value] == "yes"]
    assert may == [("own", "now", Grant.SURGEON)]
    reading = [row for row in rows if row["service"] in ("running.open_case", "running.open_log")]
    proven = [row for row in reading if row["state"] in ("proven", "now")]
    assert {row["admin"] for row in proven} == {"no"}
    assert {row["nurse"] for row in proven if row["bond"] == "other"} == {"reason"}
