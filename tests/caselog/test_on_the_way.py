"""What came on the way in the case log: reliefs, events, emergencies and the reasons that they let wait."""

import json
from dataclasses import replace

import pytest

from ortool.caselog.marks import Mark
from ortool.caselog.report import CaseReport, make_report
from ortool.checklist.records import State
from ortool.presentation.case_log import case_log_json, case_log_lines
from tests.caselog.a_case import NAMES, NOW, WITH_EVENT, Pen, at, dossier, on_the_way
from tests.caselog.test_report import lines_of
from tests.presentation.shown import AMSTERDAM

ENTRIES = on_the_way()


@pytest.fixture(scope="module")
def report() -> CaseReport:
    return make_report(dossier(ENTRIES, checklist=WITH_EVENT), NOW, 5)


def seq(kind: str, number: int = 0) -> int:
    return [entry.seq for entry in ENTRIES if entry.kind == kind][number]


def test_the_room_says_who_was_there_and_who_relieved_whom(report):
    assert [(line.name, line.role, line.relieved, line.relieved_by) for line in report.in_room] == [
        (NAMES["n1"], "circulating_nurse", "", NAMES["n2"]),
        (NAMES["s1"], "surgeon", "", ""),
        (NAMES["n2"], "circulating_nurse", NAMES["n1"], ""),
    ]
    first, surgeon, second = report.in_room
    assert (first.came.occurred_at, first.left.occurred_at, first.left.recorded_at) == (
        at("08:00"), at("09:00"), at("09:02"),
    )  # fmt: skip
    assert first.seqs == (seq("team.joined"), seq("team.joined", 2))
    assert surgeon.seqs == (seq("team.joined", 1), seq("team.left"))
    assert (second.left, second.seqs) == (None, (seq("team.joined", 2),))


def test_an_event_shows_when_it_was_opened_and_each_line_of_it(report):
    (event,) = report.events
    assert (event.id, event.title, event.kind, event.priority, event.open) == (
        "E1#1", "Durotomy", "event", "warning", 1,
    )  # fmt: skip
    assert (event.mark.occurred_at, event.mark.recorded_at, event.mark.late) == (at("09:10"), at("09:18"), True)
    said = [(line.id, line.state, line.is_open, line.value, line.unit, line.reason) for line in event.items]
    assert said == [
        ("E1.1#1", State.DONE, False, "4", "mm", ""),
        ("E1.2#1", State.NO, False, "", "", "Too small"),
        ("E1.3#1", State.OPEN, True, None, "", ""),
    ]
    assert event.items[0].second == NAMES["s1"]
    answered = [entry.seq for entry in ENTRIES if entry.body.get("item", "").startswith("E1")]
    assert event.seqs == (seq("event.started"), *answered)


def test_a_pause_read_again_stands_with_its_reason():
    pen = Pen()
    pen.answer("SI.1", "08:10")
    pen.write("pause.reopened", "08:30", pause="SI", number=2, after="SI", reason="Table moved")
    (again,) = make_report(dossier(pen.entries), NOW, 5).events
    assert (again.kind, again.id, again.title, again.reason, again.open) == (
        "reopened", "SI#2", "Sign in again", "Table moved", 3,
    )  # fmt: skip


def test_an_emergency_has_both_its_ends_and_what_went_without_a_reason(report):
    (emergency,) = report.emergencies
    assert (emergency.declared.by, emergency.declared.occurred_at, emergency.declared.recorded_at) == (
        NAMES["a1"], at("08:20"), at("08:28"),
    )  # fmt: skip
    assert (emergency.ended.occurred_at, emergency.reason) == (at("08:40"), "Cauda equina [now]")
    assert emergency.seqs == (seq("emergency.declared"), seq("emergency.ended"))
    standing = [(line.id, line.said, line.is_owed, line.replaced, line.reason) for line in report.owed]
    assert standing == [
        ("SI.1", "overridden", True, False, ""),
        ("SI.2", "not applicable", False, True, ""),
        ("PST", "stamped", False, False, "No time"),
    ]
    stamp = report.owed[2]
    assert stamp.passed == ("SI Sign in", "TMO Time out")
    assert (stamp.given.occurred_at, stamp.given.recorded_at, stamp.second) == (at("10:00"), at("10:01"), NAMES["s1"])
    assert stamp.seqs[1] == seq("reason.given")


def test_an_emergency_that_lasts_has_no_end_and_a_second_one_is_a_line_of_its_own():
    pen = Pen()
    pen.write("emergency.declared", "08:00", reason="")
    pen.write("emergency.ended", "08:10")
    pen.write("emergency.declared", "09:00", reason="again")
    first, second = make_report(dossier(pen.entries), NOW, 5).emergencies
    assert first.ended is not None
    assert (second.ended, second.reason, len(second.seqs)) == (None, "again", 1)


@pytest.mark.parametrize("width", [80, 120])
def test_the_sections_read_with_both_times_and_their_entries(report, width):
    text = " ".join(" ".join(line.plain.split()) for line in case_log_lines(report, AMSTERDAM, width))
    assert "IN THE ROOM Nora Berg circulating nurse 09:00 - 10:00 relieved by Sam Osei" in text
    assert "Sam Osei circulating nurse 10:00 - not written down as left relieved Nora Berg" in text
    assert f"10:00, typed 10:02 #{seq('team.joined', 2)}" in text
    assert "WARNING E1#1 Durotomy 1 open" in text
    assert "10:10, typed 10:18 8 min LATE" in text
    assert "E1.1#1 Size seen done 4 mm" in text
    assert "E1.3#1 Recovery told OPEN" in text
    assert "EMERGENCY declared 09:20 ended 09:40 Cauda equina [now]" in text
    assert "SI.1 Identity overridden REASON OWED" in text
    assert "PST Incision stamped reason given later passing SI Sign in; TMO Time out" in text
    assert f"reason: No time Nora Berg (chosen) with Dr Ida Okafor 11:00, typed 11:01 #{seq('reason.given')}" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_sections_keep_to_the_width_and_to_ascii_where_asked(report, width):
    lines = case_log_lines(report, AMSTERDAM, width, ascii_only=True)
    assert max(line.cell_len for line in lines) <= width
    assert "".join(line.plain for line in lines).isascii()


@pytest.mark.parametrize("text", ["[bold]x[/]", "\x1b[31mred", "a\u202eb"])
def test_hostile_words_on_the_way_are_shown_as_text(text):
    entries = [replace(one, body=one.body | ({"reason": text} if "reason" in one.body else {})) for one in ENTRIES]
    known = dossier(entries, checklist=WITH_EVENT)
    told = replace(known, names=dict.fromkeys(known.names, text))
    shown = "\n".join(line.plain for line in case_log_lines(make_report(told, NOW, 5), AMSTERDAM, 200))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert text.isprintable() is (f"reason: {text}" in shown)


def test_every_figure_on_the_way_traces_to_an_entry(report):
    known = {entry.seq for entry in ENTRIES}
    own = list(lines_of((*report.in_room, *report.events, *report.emergencies, *report.owed)))
    marks = [line.seq for line in own if isinstance(line, Mark)]
    seqs = [line.seqs for line in own if not isinstance(line, Mark)]
    assert set(marks) | {one for several in seqs for one in several} <= known
    assert [line for line in own if not isinstance(line, Mark) and not line.seqs and line.value is not None] == []


def test_the_same_stands_in_the_json(report):
    log = json.loads(json.dumps(case_log_json(report)))
    assert [one["relieved_by"] for one in log["in_room"]] == ["Sam Osei", "", ""]
    assert log["events"][0]["open"] == 1
    assert [one["entries"] for one in log["events"][0]["items"]][2] == []
    assert log["emergencies"][0]["ended"]["occurred_at"] == "2026-11-23T08:40:00Z"
    assert [one["is_owed"] for one in log["owed_reasons"]] == [True, False, False]
    assert log["owed_reasons"][2]["given"]["recorded_at"] == "2026-11-23T10:01:00Z"
    assert (log["construct"], log["lists"]) == (None, [])
    assert log["signals"] == list(report.signals)
