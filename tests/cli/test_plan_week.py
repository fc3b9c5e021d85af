"""`ortool plan week`: propose, fix one, propose again, book as one, take back as one."""

import json

import pytest

ADD = ["--by", "co1", "case", "add", "--procedure", "hip", "--surgeon", "su1", "--side", "left"]
WEEK = ["plan", "week", "--from", "2026-12-01", "--days", "2", "--work", "60"]


def place(times: int = 1, **changed: str) -> bytes:
    """Return a plan's file with one place, so many times."""
    said = {"case": "1004", "room": '"OR1"', "start": '"2026-12-01T08:00:00Z"', "end": '"2026-12-01T09:00:00Z"'}
    one = ", ".join(f'"{name}": {value}' for name, value in (said | changed).items())
    return f'{{"schema": "ortool.plan.week/1", "placed": [{", ".join([f"{{{one}}}"] * times)}]}}'.encode()


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


def test_a_saved_plan_is_where_the_next_begins(waiting, site):
    saved = waiting(*WEEK, "--json").out
    plan = json.loads(saved)
    (site / "plan.json").write_text(saved)
    warm = ("plan", "week", "--from", "2026-12-01", "--days", "2", "--work", "1", "--warm", site / "plan.json")
    told = waiting(*warm, "--json")
    assert json.loads(told.out)["placed"] == plan["placed"]
    assert "4 of 4 cases of the earlier plan lie as they lay there" in told.err
    moved = plan["placed"][0]["case"], "OR2" if plan["placed"][0]["room"] == "OR1" else "OR1"
    again = json.loads(waiting(*warm, "--fix", f"{moved[0]}={moved[1]}", "--json").out)
    assert again == json.loads(waiting(*warm, "--fix", f"{moved[0]}={moved[1]}", "--json").out)
    assert moved in {(one["case"], one["room"]) for one in again["placed"]}
    assert waiting("--by", "co1", *warm, "--apply").code == 0
    told = waiting(*warm)
    assert (told.code, "places nobody who waits for these days" in told.err) == (1, True), told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no plan of a week: Invalid JSON"),
        (b"\xff\xfe\x00", "is no plan of a week"),
        (b"[" * 200_000, "is no plan of a week"),
        (b'{"schema": "ortool.plan.week/9", "placed": []}', "schema: Input should be 'ortool.plan.week/1'"),
        (b'{"schema": "ortool.plan.week/1", "placed": [{"case": "\\u001b[31m[red]"}]}', "placed 0 case: "),
        (place(start='"2026-12-01T09:00:00"'), "placed 0 start: Input should have timezone info"),
        (place(start='"9999-12-31T23:59:00-23:00"'), "a time is out of range"),
        (place(case='"1004"'), "placed 0 case: Input should be a valid integer"),
        (place(case="1" * 5000), "number out of range"),
        (place(case="0"), "placed 0 case: Input should be greater than or equal to 1"),
        (place(room='"' + "x" * 100 + '"'), "placed 0 room: String should have at most 80"),
        (place(2), "a case is placed twice"),
    ],
    ids=range(12),
)
def test_a_file_that_is_no_plan_is_one_sentence(waiting, site, content, words):
    (site / "plan.json").write_bytes(content)
    told = waiting(*WEEK, "--warm", site / "plan.json")
    assert (told.code, told.out) == (2, "")
    assert words in told.err
    assert "Traceback" not in told.err
    assert "\x1b" not in told.err
    assert len(told.err) < 400
    assert "There is no file" in waiting(*WEEK, "--warm", site / "none.json").err


def test_what_cannot_be_is_a_sentence(waiting):
    everybody = [part for number in range(1004, 1008) for part in ("--fix", f"{number}=OR1@2026-12-01")]
    told = waiting(*WEEK, *everybody)
    assert told.code == 1
    assert "clash" in told.err
    assert "OR1 on Tue 01 Dec has 300" in told.err
    assert waiting(*WEEK, "--fix", "1004").code == 2
    assert "no case and place" in waiting(*WEEK, "--fix", "1004").err
    assert waiting("plan", "week", "--from", "2026-12-05", "--days", "1").code == 1
