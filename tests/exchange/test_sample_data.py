"""The sample theatre reads without a fault, and nobody in it is in two places at once."""

import csv
import io
import tomllib
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ortool.exchange.theatre_list import TheatreList, decode, read_theatre_list
from ortool.shipped import folder

DATA = folder("data")
TURNOVER = timedelta(minutes=20)
ROLES = {
    "surgeon", "assistant", "anaesthetist", "circulating_nurse", "scrub", "radiographer", "neurophysiologist",
    "implant_rep", "positioning_helper", "pacu_nurse", "ward_nurse", "physiotherapist", "coordinator",
}  # fmt: skip


@pytest.fixture(scope="module")
def theatre() -> dict:
    return tomllib.loads((DATA / "theatre.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample(theatre) -> TheatreList:
    known = {word.lower(): procedure["id"] for procedure in theatre["procedures"] for word in _words(procedure)}
    return read_theatre_list(
        decode((DATA / "theatre_list.csv").read_bytes()),
        zone=ZoneInfo(theatre["site"]["time_zone"]),
        procedures=known,
        rooms=[room["id"] for room in theatre["rooms"]],
        file="theatre_list.csv",
    )


def _words(procedure: dict) -> list[str]:
    return [procedure["id"], procedure["name"], *procedure["aliases"]]


def test_reads_without_a_fault(sample):
    assert [str(fault) for fault in sample.faults] == []
    assert sample.ignored == ()
    assert len(sample.cases) >= 66


@pytest.mark.parametrize("whose", ["room", "surgeon", "anaesthetist", "hospital_number"])
def test_nothing_is_planned_twice_at_one_time(sample, whose):
    owned = defaultdict(list)
    for case in sample.cases:
        owned[getattr(case, whose)].append((case.start, case.start + timedelta(minutes=case.minutes)))
    gap = TURNOVER if whose == "room" else timedelta()
    for spans in owned.values():
        for (_, end), (start, _) in pairwise(sorted(spans)):
            assert end + gap <= start


def test_days_are_working_days_and_end_in_time(sample):
    assert {case.date for case in sample.cases} == {
        date(2026, 11, 23) + timedelta(days=week * 7 + day) for week in range(2) for day in range(5)
    }
    zone = ZoneInfo("Europe/Amsterdam")
    for case in sample.cases:
        assert f"{case.start.astimezone(zone):%H:%M}" >= "08:00"
        assert f"{case.end.astimezone(zone):%H:%M}" <= "17:30"


def test_dynamic_stabilisation_is_there_to_be_shown(sample):
    shown = [case for case in sample.cases if case.procedure == "dynamic-stabilisation"]
    assert len(shown) >= 14
    assert {case.room for case in shown} <= {"OR2", "OR3"}
    assert len({case.date for case in shown}) >= 9
    assert {case.minutes for case in shown} == {255, 305}


def test_every_spine_case_names_its_level(sample, theatre):
    spine = {procedure["id"] for procedure in theatre["procedures"] if procedure["specialty"] == "spine"}
    assert all(bool(case.levels) == (case.procedure in spine) for case in sample.cases)


def test_surgeons_and_anaesthetists_are_people_of_the_site(sample, theatre):
    for role in ("surgeon", "anaesthetist"):
        names = {person["name"] for person in theatre["people"] if role in person["roles"]}
        assert {getattr(case, role) for case in sample.cases} <= names


def test_people_rooms_and_procedures_are_told_apart(theatre):
    people = theatre["people"]
    assert {role for person in people for role in person["roles"]} == ROLES
    assert all(len({thing["id"] for thing in theatre[kind]}) == len(theatre[kind]) for kind in ("people", "rooms"))
    assert len({person["initials"] for person in people}) == len(people)
    words = [word.lower() for procedure in theatre["procedures"] for word in {w.lower() for w in _words(procedure)}]
    assert len(words) == len(set(words))
    assert all(procedure["minutes"] < procedure["minutes_p90"] for procedure in theatre["procedures"])


def test_durations_are_ordered_aggregates():
    rows = list(csv.DictReader(io.StringIO((DATA / "durations.csv").read_text(encoding="utf-8"))))
    assert len(rows) >= 30
    for row in rows:
        assert int(row["n"]) >= 20
        for span in ("room", "operation"):
            assert 0 < int(row[f"{span}_p10"]) <= int(row[f"{span}_p50"]) <= int(row[f"{span}_p90"]) < 1440
        assert int(row["operation_p50"]) < int(row["room_p50"])
