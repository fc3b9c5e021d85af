"""Implants over several cases, on a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ortool import shipped
from ortool.checklist.commands import Device, ExplantImplant, PlaceImplant, Undo, WasteImplant
from ortool.checklist.construct import Construct
from ortool.checklist.implant_rules import ImplantStop
from ortool.checklist.records import Action
from ortool.errors import BadInput
from ortool.people.person import Actor
from ortool.services import implants, people, running, setup
from ortool.services.cases import NewCase, add_case
from ortool.services.theatre import Repeated, Theatre, open_theatre
from ortool.settings import Settings
from ortool.storage.store import cursor_of

NIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
GOOD = "(01)51022222233336(17)280707(10)A213B1(21)"
SIZE = {"diameter": "6.4", "length": "45"}


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    settings = Settings(site="Sample Hospital (invented)", time_zone="Europe/Amsterdam")
    one = open_theatre(settings, tmp_path / "ortool.db", lambda: NIGHT)
    text = (shipped.folder("data") / "theatre.toml").read_text("utf-8")
    setup.load_theatre(one, setup.SYSTEM, setup.read_theatre_file(text, "theatre.toml"))
    yield one
    one.close()


@pytest.fixture
def nurse(theatre: Theatre) -> Actor:
    return Actor(people.list_people(theatre, "circulating_nurse")[0])


@pytest.fixture
def cases(theatre: Theatre, nurse: Actor) -> list[str]:
    surgeon = people.list_people(theatre, "surgeon")[0].id
    made = [
        add_case(theatre, nurse, NewCase(f"S-{n}", f"Sample {n}", "dynamic-stabilisation", surgeon, levels="L4-5"))
        for n in range(2)
    ]
    return [case.id for case in made]


def placed(place: str, serial: str) -> PlaceImplant:
    return PlaceImplant("screw", place, Device(GOOD + serial), SIZE)


def test_a_serial_used_in_another_case_is_refused_and_names_that_case(theatre, nurse, cases):
    running.act(theatre, nurse, cases[0], placed("L4 left", "S1"))
    number = running.open_case(theatre, cases[0]).case.number
    with pytest.raises(ImplantStop, match=f"recorded already in case {number}"):
        running.act(theatre, nurse, cases[1], placed("L4 left", "S1"))
    surgeon = running.voice_of(people.list_people(theatre, "surgeon")[0])
    allowed = PlaceImplant("screw", "L4 left", Device(GOOD + "S1"), SIZE, "label was swapped", surgeon)
    after = running.act(theatre, nurse, cases[1], allowed)
    record = Construct(after.run).cells["screw", "L4-left"].implanted
    assert record.stops[0].startswith("Serial S1 is recorded already in case")
    assert (record.reason, record.second) == ("label was swapped", surgeon.id)


def test_an_undone_placing_frees_its_serial(theatre, nurse, cases):
    after = running.act(theatre, nurse, cases[0], placed("L4 left", "S1"))
    running.act(theatre, nurse, cases[0], Undo(after.run.live[-1].seq))
    running.act(theatre, nurse, cases[1], placed("L4 left", "S1"))
    assert [one.case.id for one in implants.trace(theatre, serial="S1")] == [cases[1]]


def test_a_refused_implant_leaves_nothing_behind(theatre, nurse, cases):
    expired = PlaceImplant("screw", "L4 left", Device("(01)51022222233336(17)200101(10)A(21)S7"), SIZE)
    with pytest.raises(ImplantStop):
        running.act(theatre, nurse, cases[0], expired)
    assert not running.open_case(theatre, cases[0]).started
    assert implants.trace(theatre, serial="S7") == []


def test_a_repeated_command_places_once(theatre, nurse, cases):
    running.act(theatre, nurse, cases[0], placed("L4 left", "S1"), "one")
    with pytest.raises(Repeated):
        running.act(theatre, nurse, cases[0], placed("L4 left", "S1"), "one")
    assert len(implants.trace(theatre, serial="S1")) == 1


def test_which_patients_got_this_lot(theatre, nurse, cases):
    running.act(theatre, nurse, cases[0], placed("L4 left", "S1"))
    running.act(theatre, nurse, cases[0], placed("L4 right", "S2"))
    running.act(theatre, nurse, cases[1], WasteImplant("screw", Device(GOOD + "S3"), "dropped"))
    running.act(theatre, nurse, cases[0], ExplantImplant("screw", "L4 left", "too long"))
    found = implants.trace(theatre, lot="A213B1")
    assert [(one.case.hospital_number, one.action, one.place, one.serial) for one in found] == [
        ("S-0", Action.PLACED, "L4-left", "S1"),
        ("S-0", Action.PLACED, "L4-right", "S2"),
        ("S-1", Action.WASTED, "", "S3"),
        ("S-0", Action.EXPLANTED, "L4-left", "S1"),
    ]
    assert implants.trace(theatre, lot="A213B1", device_identifier="00000000000000") == []
    with pytest.raises(BadInput):
        implants.trace(theatre)


def test_the_day_is_the_theatres_own(theatre, nurse, cases):
    """At 23:30 UTC it is the next day in Amsterdam: what expired on the 23rd is expired."""
    yesterday = PlaceImplant("screw", "L4 left", Device("(01)51022222233336(17)261123(10)A(21)S7"), SIZE)
    with pytest.raises(ImplantStop, match="2026-11-23"):
        running.act(theatre, nurse, cases[0], yesterday)


def test_serials_and_lots_are_found_by_their_index(theatre, nurse, cases):
    running.act(theatre, nurse, cases[0], placed("L4 left", "S1"))
    with theatre.reading() as session:
        cursor = cursor_of(session)
        for column in ("serial", "lot"):
            plan = cursor.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM implant WHERE {column} = ? AND {column} <> ''", ("S1",)
            ).fetchall()
            assert f"implant_by_{column}" in str(plan)


def test_the_folded_run_and_the_table_agree_after_reading_everything_anew(theatre, nurse, cases):
    running.act(theatre, nurse, cases[0], placed("L4 left", "S1"))
    running.act(theatre, nurse, cases[0], placed("L4 right", "S2"))
    run = running.refold(theatre, cases[0])
    assert run is not None
    live = {record.seq for record in Construct(run).records}
    assert live == {one.seq for one in implants.trace(theatre, lot="A213B1")}
