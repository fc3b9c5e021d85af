"""What was written on paper is entered later with the form's number, its own time and the time of typing."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ortool.caselog.report import make_report
from ortool.checklist.commands import AnswerItem, RecordCount, StampMilestone
from ortool.checklist.records import State
from ortool.presentation.case_log import case_log_json, case_log_lines
from tests.caselog.a_case import NOW, Pen, dossier
from tests.checklist.test_run_rules import COUNTED, SCRUB, Table

FORM = "DT-261123-073000-4F1A"


@pytest.fixture
def table() -> Table:
    """A run at its beginning."""
    return Table()


def test_an_answer_from_paper_keeps_both_times_and_the_form(table: Table) -> None:
    earlier = table.now - timedelta(minutes=40)
    table.say(AnswerItem("SI.consent", State.DONE, occurred_at=earlier, paper=FORM.lower()))
    answer = table.run.answers["SI.consent"]
    assert (answer.transcribed, answer.occurred_at) == (FORM, earlier)
    assert answer.recorded_at - answer.occurred_at > timedelta(minutes=39)
    assert table.lines[-1].body["transcribed"] == FORM


def test_a_stamp_and_a_count_from_paper_name_their_form(table: Table) -> None:
    earlier = table.now - timedelta(minutes=40)
    table.say(StampMilestone("PIR", earlier, paper=FORM))
    table.say(RecordCount("baseline", COUNTED, SCRUB, earlier, paper=FORM))
    assert table.run.stamps["PIR"].transcribed == FORM
    assert table.run.ledger.counts[0].transcribed == FORM


def test_paper_without_its_time_is_refused(table: Table) -> None:
    table.refused(AnswerItem("SI.consent", State.DONE, paper=FORM), "has its own time")
    table.refused(StampMilestone("PIR", paper=FORM), "has its own time")


@pytest.mark.parametrize("paper", ["-", "DT 1", "x" * 41, "DT-[red]"])
def test_what_is_no_form_number_is_refused(table: Table, paper: str) -> None:
    table.refused(AnswerItem("SI.consent", State.DONE, occurred_at=table.now, paper=paper), "is no form number")


def test_what_was_entered_directly_says_nothing_of_paper(table: Table) -> None:
    table.say(AnswerItem("SI.consent", State.DONE))
    assert "transcribed" not in table.lines[-1].body


def test_the_case_log_says_from_which_form_an_entry_was_transcribed() -> None:
    pen = Pen()
    pen.stamp("PIR", "08:07", typed="08:50", transcribed=FORM)
    pen.answer("SI.3", "08:10", typed="08:51", value="2", transcribed=FORM)
    report = make_report(dossier(pen.entries), NOW, 5)
    text = "\n".join(line.plain for line in case_log_lines(report, ZoneInfo("UTC"), 120))
    assert text.count(FORM) >= 2
    assert f"Nora Berg (chosen) transcribed from {FORM}" in text
    marks = [line["mark"] for line in case_log_json(report)["values"]]
    assert [mark["transcribed"] for mark in marks] == [FORM]
