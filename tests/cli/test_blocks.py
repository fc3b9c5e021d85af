"""Blocks, closures and leave on the command line: in words and by rule, tried first, and told back."""

import json


def ok(told):
    assert told.code == 0, told
    return told


def test_a_block_is_added_in_words_changed_on_a_day_and_listed(ortool, head, monkeypatch):
    add = [
        "block",
        "add",
        "OR2",
        "--service",
        "spine",
        "--every",
        "mon,wed",
        "--weeks",
        "2",
        "--starts",
        "8:00",
        "--ends",
        "16:00",
    ]
    before = head()
    assert "would be" in ok(ortool("--by", "co1", *add, "--dry-run")).out
    assert head() == before
    told = ok(ortool("--by", "co1", *add, "--release", "7")).out
    assert told == (
        "Block b1 is set: OR2, every 2nd week on Monday and Wednesday, from 23 Nov 2026, 08:00–16:00, spine.\n"
    )
    ok(ortool("--by", "co1", "block", "cancel-day", "b1", "2026-12-07"))
    ok(ortool("--by", "co1", "block", "change", "b1", "--day", "2026-12-09", "--ends", "12:00"))
    ok(ortool("--by", "co1", "block", "change", "b1", "--until", "2027-06-30"))
    [one] = json.loads(ok(ortool("block", "list", "--json")).out)
    assert one["rule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20270630"
    assert one["changes"] == {"2026-12-07": None, "2026-12-09": {"starts": "08:00", "days": 0, "ends": "12:00"}}
    assert one["release_days"] == 7
    shown = ok(ortool("block", "list")).out
    assert "2 days" in shown
    monkeypatch.setenv("COLUMNS", "170")
    assert "not 7 Dec 2026; 9 Dec 2026 08:00–12:00" in ok(ortool("block", "list")).out
    ok(ortool("--by", "co1", "block", "release", "b1"))
    ok(ortool("--by", "co1", "block", "remove", "b1"))
    assert ortool("block", "list").err == "There are no blocks.\n"


def test_a_closure_names_the_cases_in_it_and_leave_is_of_a_person(ortool):
    told = ok(ortool("--by", "co1", "closure", "add", "--from", "2026-11-24", "--title", "Water cut off"))
    assert told.err == "Booked cases lie in it: 1003 (OR2 24 Nov 09:00). They stay; move or cancel them.\n"
    told = ok(ortool("--by", "su1", "leave", "add", "AS", "--from", "2026-12-21", "--to", "2026-12-31", "--json"))
    assert (json.loads(told.out)["days"], json.loads(told.out)["cases_in_it"]) == (10, [])
    assert "21 Dec 2026 to 31 Dec 2026" in ok(ortool("leave", "list")).out
    assert "Dr Ann Surgeon" in ok(ortool("leave", "list")).out


def test_what_cannot_be_is_one_sentence_and_no_change(ortool, head):
    ok(
        ortool(
            "--by",
            "co1",
            "block",
            "add",
            "OR2",
            "--owner",
            "su1",
            "--starts",
            "08:00",
            "--ends",
            "16:00",
            "--every",
            "day",
        )
    )
    before = head()
    block = ["--by", "co1", "block", "add", "OR2", "--owner", "su1"]
    for code, words, line in (
        (1, "Theatre 2 belongs to Dr Ann Surgeon on Mon 23 Nov 2026", [*block, "--starts", "15:00", "--ends", "18:00"]),
        (2, "not a time of day", [*block, "--starts", "25:00", "--ends", "26:00"]),
        (2, "HOURLY", [*block, "--starts", "18:00", "--ends", "19:00", "--rule", "FREQ=HOURLY"]),
        (2, "Keep one", [*block, "--starts", "18:00", "--ends", "19:00", "--rule", "FREQ=DAILY", "--every", "mon"]),
        (2, "person or to a service", [*block, "--service", "x", "--starts", "18:00", "--ends", "19:00"]),
        (2, "no room", ["--by", "co1", "closure", "add", "OR9"]),
        (2, "before it begins", ["--by", "co1", "leave", "add", "su1", "--from", "2026-12-02", "--to", "2026-12-01"]),
        (2, "has nothing on", ["--by", "co1", "block", "cancel-day", "b1", "2026-11-01"]),
        (2, "no closure", ["--by", "co1", "closure", "remove", "b1"]),
    ):  # fmt: skip
        told = ortool(*line)
        assert (told.code, words in told.err, told.out) == (code, True, ""), told
    assert head() == before
