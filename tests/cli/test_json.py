"""Each `--json` against its golden file. `ORTOOL_GOLDEN=write` writes them anew; read the difference first."""

import json
import os
import re
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "case_list": ["case", "list"],
    "case_list_day": ["case", "list", "--day", "today"],
    "case_list_named": ["case", "list", "--named"],
    "case_show": ["case", "show", "1001"],
    "slot_list": ["slot", "list", "--days", "2"],
    "slot_board": ["slot", "board"],
    "slot_week": ["slot", "week", "--days", "2"],
    "slot_check": ["slot", "check", "1003", "--room", "OR2", "--start", "2026-11-25 08:00", "--minutes", "60"],
    "forecast": ["forecast"],
    "forecast_room": ["forecast", "--day", "tomorrow", "--room", "OR2"],
    "plan_day": ["plan", "day", "--delay", "OR1=200"],
    "checklist_list": ["checklist", "list"],
    "checklist_show": ["checklist", "show", "small"],
    "run_show": ["run", "show", "1001"],
    "log_list": ["log", "list"],
    "log_show": ["log", "show", "1001"],
    "person_list": ["person", "list"],
    "journal_verify": ["journal", "verify"],
    "journal_show": ["journal", "show", "--after", "9", "--limit", "3"],
    "journal_show_case": ["journal", "show", "--case", "1001", "--limit", "4"],
}
SCHEDULED = {
    "room_list": ["room", "list"],
    "equipment_list": ["equipment", "list"],
    "case_waiting": ["case", "waiting"],
    "slot_fits": ["slot", "fits", "1004", "--from", "2026-11-24", "--days", "2", "--most", "3"],
    "slot_swap": ["slot", "swap", "1002", "1003", "--reason", "surgeon late", "--dry-run"],
    "slot_release": ["slot", "release", "1003", "--code", "XF03", "--dry-run"],
    "slot_undo": ["--by", "co1", "slot", "undo", "--dry-run"],
    "slot_held": ["slot", "list", "--day", "2026-11-25"],
    "block_list": ["block", "list"],
}
PLAN = (
    "equipment set mill --name Mill --units 2",
    "equipment set screws --name Screws --kind set --units 3 --ready 120",
    "room set OR1 --can laminar-flow --turnover 20",
    "block add OR1 --starts 08:00 --ends 16:00 --owner su1 --from 2026-11-23 --every mon,wed",
    "case add --hospital-number H-4 --name Four --procedure hip --surgeon su1 --priority 2 --since 2026-10-01"
    " --due 2026-11-20 --needs mill",
    "case add --hospital-number H-5 --name Five --procedure hip --surgeon su1",
    "slot move 1003 --room OR2 --start 2026-11-25T09:00",
    "slot book 1005 --room OR2 --start 2026-11-25T13:00 --minutes 90 --hold",
)
WAITING = tuple(
    f"case add --hospital-number H-{number} --name Waits --procedure hip --surgeon su1 {line}"
    for number, line in enumerate(
        (
            "--priority 1 --urgency urgent --due 2026-11-30 --since 2026-11-20",
            "--priority 2 --since 2026-09-01 --needs mill",
            "--priority 2 --since 2026-11-01",
            "--priority 3 --since 2026-10-01 --due 2026-12-04",
            "--priority 3 --since 2026-08-01 --needs 2xmill",
            "--priority 4 --since 2026-11-01",
            "--priority 5 --since 2026-11-15",
            "--priority 3 --since 2026-10-01 --needs 3xscrews",
            "--priority 3 --since 2026-10-02 --needs 3xscrews",
        ),
        20,
    )
)
WEEK = ("plan", "week", "--from", "2026-11-30", "--days", "3", "--work", "60", "--fix", "1012=OR1@2026-11-30")
STORY = """
start 1001 --at 09:02
count 1001 baseline --found sponges=10 --found needles=4 --second sc1
answer 1001 TMO.1 done
answer 1001 TMO.2 not-applicable --reason none
answer 1001 TMO.3 done --value 75 --at 10:05
answer 1001 TMO.4 no --reason broken
"""


@pytest.fixture
def worked(ortool, made_once):
    """The site with a case under way."""

    def work() -> None:
        for line in STORY.strip().splitlines():
            told = ortool("--by", "cn1", "run", *line.split())
            assert told.code == 0, told

    made_once("worked", work)
    return ortool


@pytest.fixture
def planned(ortool, made_once):
    """The site with equipment, a block, a case that waits and a slot that is only held."""

    def plan() -> None:
        for line in PLAN:
            told = ortool("--by", "co1", *line.split())
            assert told.code == 0, told

    made_once("planned", plan)
    return ortool


@pytest.mark.parametrize("name", CASES)
def test_json_is_what_it_was(name, worked):
    is_golden(name, worked(*CASES[name], "--json"))


@pytest.mark.parametrize("name", SCHEDULED)
def test_json_of_the_schedule_is_what_it_was(name, planned):
    is_golden(name, planned(*SCHEDULED[name], "--json"))


def test_json_of_a_plan_is_what_it_was(planned):
    for line in WAITING:
        told = planned("--by", "co1", *line.split())
        assert told.code == 0, told
    is_golden("plan_week", planned(*WEEK, "--json"))


def test_a_slot_that_is_only_held_says_so(planned):
    for line in (("slot", "list", "--day", "2026-11-25"), ("slot", "board", "--day", "2026-11-25")):
        shown = planned(*line).out.split("1005", 1)[1]
        assert "held" in shown


def is_golden(name, told):
    """Compare an answer with its file."""
    assert told.code == 0, told.err
    assert json.loads(told.out) is not None
    text = steady(told.out)
    path = GOLDEN / f"{name}.json"
    if os.environ.get("ORTOOL_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path.name} differs; ORTOOL_GOLDEN=write writes it anew"


def steady(text: str) -> str:
    """Replace what is random in every database: hashes, ids and machine marks; and what a solver works out in floats."""
    text = re.sub(r'"(bound|gap)": [\d.]+', r'"\1": "<number>"', text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
    return re.sub(r"\b[0-9a-f]{32}\b", "<id>", text)


def test_import_json_names_cases_and_faults(worked, site):
    (site / "more.csv").write_text(
        "date,room,start,minutes,mrn,name,procedure,surgeon\n2026-12-01,OR1,08:00,60,H-9,Nine,hip,su1\n"
    )
    told = worked("case", "import", site / "more.csv", "--dry-run", "--json")
    assert told.code == 0
    assert json.loads(told.out) == {
        "file": "more.csv",
        "written": False,
        "columns": {
            "date": "date", "room": "room", "start": "start", "minutes": "minutes", "hospital_number": "mrn",
            "name": "name", "procedure": "procedure", "surgeon": "surgeon",
        },
        "ignored": [],
        "faults": [],
        "cases": [
            {
                "line": 2, "room": "OR1", "start": "2026-12-01T07:00:00Z", "minutes": 60, "hospital_number": "H-9",
                "procedure": "hip",
            }
        ],
    }  # fmt: skip


def test_doctor_json_has_a_finding_for_everything_asked(worked):
    told = worked("doctor", "--json")
    found = {one["what"]: one for one in json.loads(told.out)}
    assert told.code == 0
    assert all(one["well"] for one in found.values())
    wanted = {"python", "sqlite library", "WAL-reset fix", "settings file", "time zone", "database"}
    assert wanted | {
        "disk space",
        "database revision",
        "database guards",
        "identities",
        "backups",
        "downtime drill",
        "downtime forms",
        "checklists",
        "small.yaml",
    } == set(found)


def test_checklist_check_json(worked, site):
    good = Path(__file__).parent / "checklists" / "small.yaml"
    bad = site / "bad.yaml"
    bad.write_text(good.read_text().replace("id: TMO.2", "id: TMO.1"))
    told = worked("checklist", "check", good, bad, "--json")
    first, second = json.loads(told.out)
    assert told.code == 1
    assert first["faults"] == []
    assert "used twice" in second["faults"][0]["sentence"]
    assert second["faults"][0]["line"] > 1
