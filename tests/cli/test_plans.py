"""`ortool plan day`: dry by default, one proposal carried out by number or mark, one undo; an emergency of the list."""

import json


def ok(told):
    assert told.code == 0, told
    return told


EMERGENCY = ["case", "add", "--hospital-number", "H-9", "--name", "Nine", "--procedure", "hip", "--surgeon", "su1",
             "--urgency", "emergency"]  # fmt: skip


def test_a_late_room_is_proposed_and_only_then_carried_out(ortool, head):
    ok(ortool("--by", "cn1", "run", "start", "1001", "--at", "09:02"))
    ok(ortool("--by", "co1", "slot", "move", "1002", "--room", "OR1", "--start", "2026-11-23 11:00"))
    before = head()
    told = ok(ortool("plan", "day", "--delay", "OR1=40"))
    assert head() == before
    assert told.out.startswith("1 [")
    assert "right shift: 1 case moved" in told.out
    assert "Case 1002 in OR1 begins 30 min later: 11:00 → 11:30." in told.out
    assert "Tell Dr Ann Surgeon (surgeon, 1002); Dr Bo Sleep (anaesthetist, 1002)." in told.out
    assert "Nothing is written." in told.err
    assert "Patient" not in told.out
    [one, *_] = json.loads(ok(ortool("plan", "day", "--delay", "OR1=40", "--json")).out)["proposals"]
    ok(ortool("--by", "co1", "plan", "day", "--delay", "OR1=40", "--apply", one["mark"], "--reason", "1001 over-ran"))
    board = json.loads(ok(ortool("slot", "list", "--json")).out)
    assert [each["start"] for each in board if each["case"] == 1002] == ["2026-11-23T10:30:00Z"]
    gone = ortool("--by", "co1", "plan", "day", "--delay", "OR1=40", "--apply", one["mark"])
    assert gone.code == 1, gone
    ok(ortool("--by", "co1", "slot", "undo"))
    assert ok(ortool("--by", "co1", "plan", "day", "--delay", "OR1=5")).out.startswith("Nothing has to move")


def test_an_emergency_of_the_waiting_list_is_placed(ortool):
    ok(ortool("--by", "co1", *EMERGENCY))
    found = json.loads(ok(ortool("plan", "day", "--emergency", "1004", "--within", "60", "--json")).out)
    assert found["about"] == "Emergency: case 1004"
    for one in found["proposals"]:
        [placed] = [move for move in one["moves"] if move["case"] == 1004]
        assert placed["from"] is None
        assert one["cost"]["emergency_late"] == 0
    ok(ortool("--by", "co1", "plan", "day", "--emergency", "1004", "--within", "60", "--apply", "1"))
    assert ortool("plan", "day", "--emergency", "1004").code == 1


def test_what_is_no_delay_is_one_sentence_and_no_change(ortool, head):
    before = head()
    for words in (
        [], ["--delay", "OR1"], ["--delay", "OR1=x"], ["--delay", "OR1=0"], ["--delay", "OR9=10"], ["--delay", "OR2=10"],
        ["--delay", "OR1=10", "--emergency", "1001"], ["--delay", "OR1=10", "--any-surgeon"],
        ["--emergency", "9999"], ["--emergency", "1001"],
        ["--delay", "OR1=200", "--apply", "9"], ["--delay", "OR1=200", "--apply", "x"],
    ):  # fmt: skip
        told = ortool("--by", "co1", "plan", "day", *words)
        assert told.code in (1, 2), (words, told)
        assert told.out == ""
        assert "Traceback" not in told.err
    assert head() == before
