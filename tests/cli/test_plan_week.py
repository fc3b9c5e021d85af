"""`ortool plan week`: propose, fix one, propose again, book as one, take back as one."""

import json

import pytest

ADD = ["--by", "co1", "case", "add", "--procedure", "hip", "--surgeon", "su1", "--side", "left"]
WEEK = ["plan", "week", "--from", "2026-12-01", "--days", "2", "--work", "60"]


@pytest.fixture
def waiting(ortool):
    for number in range(6):
        assert ortool(*ADD, "--hospital-number", f"W-{number}", "--name", f"Waits {number}").code == 0
    for room in ("OR1", "OR2"):
        assert ortool("--by", "co1", "room", "set", room, "--hours", "tue-wed 08:00-13:00").code == 0
    return ortool


def slots(ortool) -> int:
    return 6 - len(json.loads(ortool("case", "waiting", "--json").out))


def test_a_week_is_proposed_fixed_booked_and_taken_back(waiting):
    told = waiting(*WEEK)
    assert told.code == 0, told.err
    assert "4 cases placed, 2 wait on." in told.out
    assert "from the best possible" in told.out
    assert "Dr Ann Surgeon" in told.out  # one surgeon is the reason that two wait
    assert "Waits" not in told.out  # no patient is named
    assert slots(waiting) == 0
    plan = json.loads(waiting(*WEEK, "--json").out)
    assert plan == json.loads(waiting(*WEEK, "--json").out)
    left = plan["waiting"][0]["case"]
    fixed = ("--fix", f"{left}=OR2@2026-12-02")
    again = json.loads(waiting(*WEEK, *fixed, "--json").out)
    there = next(one for one in again["placed"] if one["case"] == left)
    assert (there["room"], there["start"][:10]) == ("OR2", "2026-12-02")
    assert plan["bound"] >= plan["points"] >= plan["baseline"]["points"]
    told = waiting("--by", "co1", *WEEK, *fixed, "--apply")
    assert (told.code, "4 slots booked" in told.err) == (0, True), told
    assert slots(waiting) == 4
    assert waiting("--by", "co1", "slot", "undo").code == 0
    assert slots(waiting) == 0


def test_who_is_overtaken_is_said(waiting):
    assert waiting("--by", "co1", "case", "change", "1009", "--priority", "5").code == 0
    fixed = (*WEEK, "--fix", "1009=OR1@2026-12-01")
    plan = json.loads(waiting(*fixed, "--json").out)
    wait = [one["case"] for one in plan["waiting"]]
    assert [one["case"] for one in plan["overtaken"]] == wait
    assert plan["overtaken"][0] == {
        "case": wait[0], "priority": 3, "days": 0, "count": 1,
        "by": [{"case": 1009, "priority": 5, "days": 0}], "reason": plan["waiting"][0]["reason"],
    }  # fmt: skip
    told = waiting(*fixed)
    assert f"{wait[0]} (priority 3, 0 days)  1009 (priority 5, 0 days)" in told.out
    assert f"{len(wait)} of them were overtaken: in a block" in told.out
    assert "overtaken" not in waiting(*WEEK).out


def test_what_cannot_be_is_a_sentence(waiting):
    everybody = [part for number in range(1004, 1008) for part in ("--fix", f"{number}=OR1@2026-12-01")]
    told = waiting(*WEEK, *everybody)
    assert told.code == 1
    assert "clash" in told.err
    assert "OR1 on Tue 01 Dec has 300" in told.err
    assert waiting(*WEEK, "--fix", "1004").code == 2
    assert "no case and place" in waiting(*WEEK, "--fix", "1004").err
    assert waiting("plan", "week", "--from", "2026-12-05", "--days", "1").code == 1
