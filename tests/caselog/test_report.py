"""The case log of an eventful case, each figure worked out again from the raw entries."""

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta

import pytest

from ortool.caselog.case import Case
from ortool.caselog.findings import Lateness
from ortool.caselog.intervals import Contradiction
from ortool.caselog.marks import Mark
from ortool.caselog.milestones import CaseState
from ortool.caselog.report import make_report
from ortool.checklist.records import PauseState, PhaseState
from tests.caselog.a_case import CHECKLIST, NAMES, NOW, SLOT, Pen, at, case, dossier, eventful

ENTRIES = eventful()
LIMIT = timedelta(minutes=5)


@pytest.fixture(scope="module")
def report():
    return make_report(dossier(), NOW, 5)


def standing(kind):
    """Return the entries of a kind that were not undone, worked out without the fold."""
    undone = {entry.body["ref"] for entry in ENTRIES if entry.kind == "entry.undone"}
    return [entry for entry in ENTRIES if entry.kind == kind and entry.seq not in undone]


def last_stamps():
    return {entry.body["stamp"]: entry for entry in standing("milestone.stamped")}


def test_milestones_are_the_last_stamps_and_name_the_earlier_ones(report):
    stamps = last_stamps()
    for line in report.milestones:
        same = [entry for entry in standing("milestone.stamped") if entry.body["stamp"] == line.id]
        assert line.seqs == tuple(entry.seq for entry in same)
        assert [mark.seq for mark in line.corrected_from] == [entry.seq for entry in same[:-1]]
        if line.id in stamps:
            entry = stamps[line.id]
            assert line.mark is not None
            assert (line.mark.occurred_at, line.mark.recorded_at) == (entry.occurred_at, entry.recorded_at)
            assert (line.mark.by, line.mark.auth) == (NAMES[entry.actor], entry.auth)
            assert line.mark.late is (entry.recorded_at - entry.occurred_at > LIMIT)
        else:
            assert line.mark is None


def test_what_is_required_and_unstamped_is_missing(report):
    assert [line.id for line in report.missing] == ["TURN", "RFD"]
    assert all(line.passed_by for line in report.missing)


def test_plan_and_actual_hold_the_slot_and_the_first_booking(report):
    plan = report.plan
    assert (plan.first.start, plan.moves[0].start, plan.moves[0].reason) == (
        at("07:00"),
        SLOT.start,
        "Bed not free [yet]",
    )
    assert plan.start_delay.value == last_stamps()["PIR"].occurred_at - SLOT.start == timedelta(minutes=7)
    assert plan.first_start_delay.value == timedelta(minutes=67)
    assert plan.over_run.value == last_stamps()["POR"].occurred_at - SLOT.end == timedelta(minutes=31)
    assert plan.first.room == "OR 1"


def test_phases_run_from_stamp_to_stamp(report):
    stamps = last_stamps()
    bounds = [("PIR", "PST", 40, 60), ("PST", "PF", 90, 120), ("PF", "POR", 15, 25), ("APACU", "DPACU", 60, 90)]
    for line, (starts, ends, p50, p90) in zip(report.phases, bounds, strict=True):
        elapsed = stamps[ends].occurred_at - stamps[starts].occurred_at
        assert line.state is PhaseState.DONE
        assert (line.p50, line.p90) == (timedelta(minutes=p50), timedelta(minutes=p90))
        assert (line.elapsed, line.over) == (elapsed, elapsed - line.p50)
        assert line.grade == ("late" if elapsed <= line.p90 else "over")
        assert line.seqs == (stamps[starts].seq, stamps[ends].seq)


def test_two_levels_take_the_two_level_durations():
    lines = make_report(dossier(one=case(levels="L3-5")), NOW, 5).phases
    assert lines[0].p50 == timedelta(minutes=45)


def test_a_phase_that_has_not_begun_has_no_grade():
    assert [line.grade for line in make_report(dossier([]), NOW, 5).phases] == [""] * 4


def test_pauses_last_from_the_first_answer_to_the_last_before_their_gate(report):
    sign_in, time_out, sign_out = report.pauses
    assert (sign_in.opened, sign_in.closed) == (at("08:10:00"), at("08:10:45"))
    assert sign_in.duration == timedelta(seconds=45)
    assert sign_in.people == ("Nora Berg", "Dr Piet Smit")
    # SI.2 was put off into the time-out; TMO.3 was answered after the incision and says nothing of the pause's length.
    assert (time_out.opened, time_out.closed) == (at("08:51"), at("08:51:30"))
    assert (time_out.not_applicable, time_out.passed_by_override) == (1, True)
    assert len(time_out.seqs) == 3
    assert (sign_out.state, sign_out.no, sign_out.open) == (PauseState.COMPLETE, 0, 0)


def test_a_pause_without_answers_has_no_length():
    line = make_report(dossier([]), NOW, 5).pauses[0]
    assert (line.opened, line.duration, line.state, line.open) == (None, None, PauseState.WAITING, 3)


def test_everything_that_is_not_plain_done_is_an_exception(report):
    assert [(line.kind, line.id, line.stands) for line in report.exceptions] == [
        ("deferred", "SI.2", False),
        ("undone", "TMO.1", True),
        ("corrected", "PST", True),
        ("not_applicable", "TMO.3", True),
        ("no", "SO.3", False),
        ("corrected", "SO.3", True),
    ]
    by_id = {(line.kind, line.id): line for line in report.exceptions}
    assert by_id["no", "SO.3"].reason == "Label printer broken"
    assert by_id["corrected", "SO.3"].was == "no"
    assert by_id["corrected", "PST"].original.occurred_at == at("08:56")
    assert by_id["undone", "TMO.1"].title == "Team named"


def test_an_undone_answer_keeps_its_value_and_its_reasons():
    pen = Pen()
    ref = pen.answer("SI.2", "08:00", state="not_applicable", reason="No side", second="a1")
    pen.write("entry.undone", "08:10", actor="a1", ref=ref, what="SI.2 not applicable", reason="Wrong patient")
    pen.write("entry.undone", "08:11", ref=99, what="gone before", reason="")
    report = make_report(dossier(pen.entries), NOW, 5)
    one, unknown = report.undone
    assert (one.was, one.reason, one.second) == ("not applicable (No side)", "Wrong patient", "Dr Piet Smit")
    assert (one.original.by, one.mark.by) == ("Nora Berg", "Dr Piet Smit")
    assert (unknown.id, unknown.was, unknown.original) == ("entry 99", "gone before", None)


def test_an_override_keeps_both_people_and_a_done_with_a_reason_is_no_plain_done():
    pen = Pen()
    pen.answer("SI.1", "08:00", state="overridden", reason="Unconscious", second="s1")
    pen.answer("TMO.1", "08:20", reason="Locum")
    lines = make_report(dossier(pen.entries), NOW, 5).exceptions
    assert [(line.kind, line.reason, line.second) for line in lines] == [
        ("overridden", "Unconscious", "Dr Ida Okafor"),
        ("done", "Locum", ""),
    ]


def test_a_gate_override_says_what_was_missing(report):
    (gate,) = report.gates
    assert (gate.pause, gate.target, gate.target_title) == ("TMO", "PST", "Incision")
    assert (gate.reason, gate.second, gate.missing) == ("Bleeding", "Dr Ida Okafor", ("TMO.3 Images on screen",))


def test_counts_name_what_they_were_held_against(report):
    baseline, wrong, right = report.counts
    raw, (added,) = standing("count.recorded"), standing("count.added")
    assert [line.agrees for line in report.counts] == [True, False, True]
    assert {one.id: one.difference for one in wrong.categories} == {"sponges": -1, "needles": 0}
    assert baseline.seqs == (raw[0].seq,)
    assert right.seqs == (raw[0].seq, added.seq, raw[2].seq)
    assert (report.added[0].title, report.added[0].number) == ("Sponges", 5)


def test_values_and_what_closed_loop_items_found(report):
    assert [(line.id, line.value, line.unit) for line in report.values] == [
        ("SI.3", "2", "units"),
        ("ABX", "cefazolin", ""),
        ("TMO.2", "cefazolin started 23 min before, window 60 min", ""),
        ("SO.1", "[NKA] as planned [/]", ""),
    ]
    found = report.values[2]
    assert found.holds
    assert found.seqs == (standing("item.answered")[3].seq, last_stamps()["PST"].seq)


def test_lateness_counts_stamps_answers_and_counts(report):
    timed = [e for kind in ("milestone.stamped", "item.answered", "count.recorded") for e in standing(kind)]
    late = sorted(entry.seq for entry in timed if entry.recorded_at - entry.occurred_at > LIMIT)
    assert (report.lateness.late, report.lateness.timed) == (len(late), len(timed))
    assert sorted(report.lateness.seqs) == late


@pytest.mark.parametrize(("late", "timed", "percent"), [(0, 0, 0), (1, 200, 1), (1, 201, 0), (2, 3, 67), (3, 3, 100)])
def test_the_late_share_is_rounded_half_up(late, timed, percent):
    assert Lateness(late, timed, 5, ()).percent == percent


def test_the_limit_itself_is_not_late():
    pen = Pen()
    pen.stamp("PIR", "08:00:00", typed="08:05:00")
    pen.stamp("AR", "08:10:00", typed="08:15:01")
    lines = {line.id: line for line in make_report(dossier(pen.entries), NOW, 5).milestones}
    assert (lines["PIR"].mark.late, lines["AR"].mark.late) == (False, True)


def test_people_are_everybody_who_entered_or_stood_beside(report):
    for person in report.people:
        entered = [entry for entry in ENTRIES if entry.actor == person.id]
        beside = [entry for entry in ENTRIES if entry.body.get("second") == person.id]
        assert (person.entered, person.seconded) == (len(entered), len(beside))
        assert set(person.seqs) == {entry.seq for entry in (*entered, *beside)}
    assert [person.id for person in report.people[:2]] == ["s1", "a1"]
    assert {person.id for person in report.people} == set(NAMES)


def test_remarks_and_signatures(report):
    assert [(line.kind, line.text) for line in report.remarks] == [
        ("note", "Line one\nline two"),
        ("addendum", "Addendum: wound dry."),
    ]
    assert [(line.mark.by, line.mark.auth, line.covers) for line in report.signatures] == [("Dr Ida Okafor", "pin", 28)]


def test_the_checklist_says_whether_it_was_approved(report):
    assert (report.checklist.approved, len(report.checklist.sha256)) == (False, 12)
    text = CHECKLIST.replace('version: "2"', 'version: "2"\napproved_by: Dr Lead')
    assert make_report(dossier(checklist=text), NOW, 5).checklist.approved


def test_a_case_without_a_checklist_still_has_a_log():
    bare = replace(dossier([], case(state=CaseState.CANCELLED)), run=None, slot=None)
    report = make_report(bare, NOW, 5)
    assert (report.checklist, report.milestones, report.plan.start) == (None, (), None)
    assert report.unfinished == ("There is no checklist run to sign.",)


def test_a_report_shows_no_patient_in_a_traceback(report):
    assert repr(report) == "CaseReport(case=Case(number=1004, state='signed'))"


def lines_of(value):
    """Yield every dataclass inside a report."""
    if isinstance(value, tuple):
        for one in value:
            yield from lines_of(one)
    elif is_dataclass(value) and not isinstance(value, Case | Contradiction):
        yield value
        for field in fields(value):
            yield from lines_of(getattr(value, field.name))


def test_every_figure_traces_to_an_entry(report):
    known = {entry.seq for entry in ENTRIES}
    lines = list(lines_of(report))
    assert len(lines) > 80
    for line in lines:
        if isinstance(line, Mark):
            assert line.seq in known
        elif hasattr(line, "seqs"):
            assert set(line.seqs) <= known
            assert line.seqs or getattr(line, "value", None) is None
