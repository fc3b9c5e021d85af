"""Reviews and follow-ups beside an operation, by script: worked like a run, shown in the log, closed by no signature."""

import json
import shutil

import pytest

from tests.cli.conftest import HERE

FORM = "DT-261123-073000-4F1A"
LIST = ("--list", "after-care")


def ok(told):
    assert told.code == 0, told
    return told


@pytest.fixture
def beside(ortool, site, monkeypatch):
    """The site with a follow-up, and an operation that is over."""
    folder = site / "checklists"
    shutil.copytree(HERE / "checklists", folder)
    text = (folder / "small.yaml").read_text()
    text = text.replace("id: small\n", "id: after-care\nkind: follow-up\n").replace("Small checklist", "After [care]")
    (folder / "after-care.yaml").write_text(text)
    monkeypatch.setenv("ORTOOL_CHECKLISTS", str(folder))
    return ortool


def nurse(ortool, *words):
    return ok(ortool("--by", "cn1", "run", *words))


def test_every_verb_works_on_a_list_and_leaves_the_operation_alone(beside):
    assert "Saved in after-care of case 1001." in nurse(beside, "start", "1001", "--at", "10:00", *LIST).err
    assert beside("--by", "cn1", "run", "start", "1001", *LIST).code == 1
    found = ("--found", "sponges=1", "--found", "needles=2", "--second", "sc1")
    nurse(beside, "count", "1001", "baseline", *found, *LIST)
    nurse(beside, "add", "1001", "sponges", "2", *LIST)
    nurse(beside, "answer", "1001", "TMO.4", *LIST)
    nurse(beside, "answer", "1001", "TMO.5", "no", "--reason", "none here", *LIST)
    nurse(beside, "undo", "1001", *LIST)
    ok(beside("--by", "an1", "run", "gate", "1001", "TMO", "--reason", "urgent", "--second", "su1", *LIST))
    nurse(beside, "stamp", "1001", "PST", *LIST)
    nurse(beside, "note", "1001", "Walks", *LIST)
    shown = json.loads(ok(beside("run", "show", "1001", *LIST, "--json")).out)
    assert (shown["list"], shown["checklist"]["id"], shown["started"]) == ("after-care", "after-care", True)
    assert "Checklist After [care]" in ok(beside("run", "show", "1001", *LIST)).out
    operation = json.loads(ok(beside("run", "show", "1001", "--json")).out)
    assert (operation["list"], operation["started"], operation["state"]) == (None, False, "booked")


def test_a_list_that_nobody_knows_is_refused_with_the_known_ones(beside, head):
    before = head()
    told = beside("--by", "cn1", "run", "start", "1001", "--list", "aftercare")
    assert told.code == 2
    assert "Known: after-care." in told.err
    assert beside("--by", "cn1", "run", "note", "1001", "x", *LIST).code == 1
    assert head() == before


def test_the_log_has_a_section_for_each_list_with_both_times(beside, at):
    nurse(beside, "start", "1001", "--at", "10:00", *LIST)
    nurse(beside, "answer", "1001", "TMO.4", "--at", "10:05", *LIST)
    nurse(beside, "answer", "1001", "TMO.2", "not-applicable", "--reason", "no loss", *LIST)
    nurse(beside, "note", "1001", "Walks [well]", *LIST)
    log = json.loads(ok(beside("log", "show", "1001", "--json")).out)
    (one,) = log["lists"]
    assert (one["id"], one["kind"], one["checklist"]["version"]) == ("after-care", "follow-up", "1")
    sha256 = json.loads(ok(beside("run", "show", "1001", *LIST, "--json")).out)["checklist"]["sha256"]
    assert one["checklist"]["sha256"] == sha256[:12]
    assert one["checklist"]["sha256"] != log["checklist"]["sha256"]
    answers = {line["id"]: line for line in one["answers"]}
    assert (answers["TMO.4"]["state"], answers["TMO.4"]["mark"]["occurred_at"]) == ("done", "2026-11-23T09:05:00Z")
    assert answers["TMO.4"]["mark"]["recorded_at"] == "2026-11-23T09:30:00Z"
    assert (answers["TMO.1"]["is_open"], answers["TMO.1"]["mark"]) == (True, None)
    assert one["open"] == sum(line["is_open"] for line in one["answers"]) > 5
    entries = json.loads(ok(beside("journal", "show", "--json", "--limit", "100")).out)
    own = [
        entry["seq"] for entry in entries if entry["stream"].endswith("/after-care") and entry["kind"] != "run.started"
    ]
    assert one["entries"] == own
    text = " ".join(ok(beside("log", "show", "1001")).out.split())
    assert "FOLLOW-UP: AFTER [CARE] after-care version 1 sha256" in text
    assert "TMO.4 Warmer done Cy Nurse (chosen) 10:05, typed 10:30 25 min LATE" in text
    assert "TMO Time out open – TMO.2" in text
    assert "open: TMO.1 Right patient; TMO.3 MAP target; TMO.5 Tourniquet" in text
    assert "n/a reason: no loss Cy Nurse (chosen) 10:30" in text
    assert text.count("no loss") == 1
    assert "Walks [well]" in text


def test_each_case_shows_its_own_lists(beside):
    nurse(beside, "start", "1001", *LIST)
    nurse(beside, "answer", "1002", "TMO.4", *LIST)
    first, second, third = (
        json.loads(ok(beside("log", "show", str(number), "--json")).out) for number in (1001, 1002, 1003)
    )
    assert [len(log["lists"]) for log in (first, second, third)] == [1, 1, 0]
    assert [line["mark"] is not None for line in first["lists"][0]["milestones"]][0]
    assert second["lists"][0]["milestones"][0]["mark"] is None


def test_no_signature_closes_a_list(beside, at):
    nurse(beside, "start", "1001", "--at", "10:00")
    found = ("--found", "sponges=1", "--found", "needles=2", "--second", "sc1")
    nurse(beside, "count", "1001", "baseline", *found)
    nurse(beside, "count", "1001", "closing-1", *found)
    nurse(beside, "answer", "1001", "TMO.1")
    for pause, stamp in (("TMO", "PST"), ("CL", "PCB"), ("SO", "POR")):
        ok(beside("--by", "an1", "run", "gate", "1001", pause, "--reason", "urgent", "--second", "su1"))
        nurse(beside, "stamp", "1001", stamp)
    nurse(beside, "start", "1001", *LIST)
    ok(beside("--by", "su1", "log", "sign", "1001"))
    signed = json.loads(ok(beside("log", "show", "1001", "--json")).out)
    at("10:30")
    nurse(beside, "answer", "1001", "TMO.4", *LIST)
    nurse(beside, "note", "1001", "Seen at home", *LIST)
    assert beside("--by", "cn1", "run", "answer", "1001", "TMO.4").code == 1
    assert beside("--by", "cn1", "run", "note", "1001", "more").code == 1
    after = json.loads(ok(beside("log", "show", "1001", "--json")).out)
    assert (after["signed"], after["signatures"]) == (True, signed["signatures"])
    assert [line["text"] for line in after["lists"][0]["remarks"]] == ["Seen at home"]
    assert after["lists"][0]["open"] == signed["lists"][0]["open"] - 1
    assert after["remarks"] == []


def test_the_journal_outlives_the_file_of_a_list(beside, site):
    nurse(beside, "start", "1001", *LIST)
    (site / "checklists" / "after-care.yaml").unlink()
    nurse(beside, "answer", "1001", "TMO.4", *LIST)
    assert "AFTER [CARE]" in ok(beside("log", "show", "1001")).out


def test_without_a_word_an_answer_is_done(ortool):
    nurse(ortool, "answer", "1001", "TMO.4")
    steps = json.loads(ok(ortool("run", "show", "1001", "--json")).out)["steps"]
    items = {item["item"]: item["state"] for step in steps for item in step.get("items", [])}
    assert (items["TMO.4"], items["TMO.5"]) == ("done", "open")


def test_a_slot_that_moves_without_a_length_stays_as_long_as_it_was(ortool, head):
    before = json.loads(ok(ortool("case", "show", "1003", "--json")).out)["slot"]["minutes"]
    move = ("--by", "co1", "slot", "move", "1003", "--room", "OR2", "--start")
    after = json.loads(ok(ortool(*move, "2026-11-25 10:00", "--json")).out)
    assert (after["minutes"], after["start"]) == (before, "2026-11-25T09:00:00Z")
    assert json.loads(ok(ortool(*move, "2026-11-25 10:00", "--minutes", "30", "--json")).out)["minutes"] == 30
    assert json.loads(ok(ortool(*move, "2026-11-25 12:00", "--json")).out)["minutes"] == 30
    ok(ortool("--by", "co1", "case", "cancel", "1003", "--reason", "fever"))
    standing = head()
    told = ortool(*move, "2026-11-25 13:00")
    assert (told.code, "has no slot" in told.err) == (1, True)
    assert head() == standing


def test_paper_names_its_writer_and_a_sheet_of_another_version_warns(ortool):
    told = nurse(ortool, "stamp", "1001", "PIR", "--at", "09:50", "--paper", FORM, "--written-by", "DS")
    assert "WARNING: Form DT-261123-073000-4F1A was not printed for case 1001 from small, version 1" in told.err
    sheet = ok(ortool("checklist", "print", "1001")).out
    form = next(word.strip(".,") for word in sheet.split() if word.startswith("DT-"))
    paper = ("--at", "09:55", "--paper", form, "--written-by", "DS")
    told = nurse(ortool, "answer", "1001", "TMO.3", "--value", "75", *paper)
    assert "WARNING" not in told.err
    marks = json.loads(ok(ortool("log", "show", "1001", "--json")).out)["milestones"][0]["mark"]
    assert (marks["transcribed"], marks["written_by"]) == (FORM, "Di Scrub")
    text = " ".join(ok(ortool("log", "show", "1001")).out.split())
    assert f"TMO.3 MAP target: 75 mmHg Cy Nurse (chosen) transcribed from {form} written by Di Scrub" in text
    assert ortool("--by", "cn1", "run", "stamp", "1001", "PST", "--written-by", "DS").code == 2
