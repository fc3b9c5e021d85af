"""Times and labels as they are typed, through the services: zones, paper, the journal, and every way they are shown."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ortool.caselog.case import Case
from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.difference import differences
from ortool.checklist.loading import parse_checklist
from ortool.checklist.records import State
from ortool.checklist.run import Run
from ortool.cli.run_sheet import RunSheet
from ortool.errors import BadInput, Refused
from ortool.exchange.sheet import sheet_text
from ortool.presentation.item_detail import full_detail
from ortool.presentation.run_rows import Row, RowKind, View
from ortool.services import running, sheets
from tests.services.suite import SMALL, Suite, done

GTIN = "05012345678900"
GOOD = f"01{GTIN}1728070710A213B1\x1d21S1"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def berlin(make_suite) -> Suite:  # type: ignore[no-untyped-def]
    """A suite in Berlin, an hour or two ahead of UTC."""
    return make_suite(time_zone="Europe/Berlin")


@pytest.fixture
def case(berlin: Suite) -> Case:
    case = berlin.case()
    berlin.act(case, StampMilestone("PIR"), done("planned", "left"))
    return case


def run_of(suite: Suite, case: Case) -> Run:
    run = running.refold(suite.theatre, case.id)
    assert run is not None
    return run


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("08:12", "07:12:00Z"), ("0812", "07:12:00Z"), ("now", "08:00:00Z"), ("-5", "07:55:00Z"), ("09:00", "08:00:00Z")],
)
def test_a_time_is_typed_in_the_theatres_zone(berlin: Suite, case: Case, typed: str, kept: str) -> None:
    berlin.act(case, done("cuff", typed))
    assert run_of(berlin, case).answers["cuff"].value == f"2026-11-23T{kept}"


def test_a_time_still_to_come_is_yesterdays_and_asked_again(berlin: Suite, case: Case) -> None:
    with pytest.raises(Refused, match="23 h 55 min before. Is it meant"):
        berlin.act(case, done("cuff", "09:05"))
    with pytest.raises(BadInput, match="is not a time of day"):
        berlin.act(case, done("cuff", "soon"))


def test_the_double_hour_of_autumn_is_asked_for_with_its_offset(berlin: Suite) -> None:
    berlin.clock.now = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    case = berlin.case()
    with pytest.raises(BadInput, match="happens twice"):
        berlin.act(case, done("cuff", "02:30"))
    berlin.act(case, done("cuff", "02:30+02:00"))
    assert run_of(berlin, case).answers["cuff"].value == "2026-10-25T00:30:00Z"


def test_both_are_entered_from_paper_with_the_time_on_it(berlin: Suite, case: Case) -> None:
    written = berlin.clock.now
    berlin.clock.pass_time(hours=30)
    for item, value in (("cuff", "08:50"), ("graft", GOOD)):
        berlin.act(case, AnswerItem(item, State.DONE, value, occurred_at=written, paper="DT-12"))
    cuff, graft = (run_of(berlin, case).answers[item] for item in ("cuff", "graft"))
    assert (cuff.value, cuff.transcribed, cuff.occurred_at) == ("2026-11-23T07:50:00Z", "DT-12", written)
    assert (graft.scan["lot"], graft.transcribed) == ("A213B1", "DT-12")


def test_a_label_on_paper_had_not_expired_on_its_day(berlin: Suite, case: Case) -> None:
    written = berlin.clock.now
    berlin.clock.pass_time(hours=30)
    last_day = f"01{GTIN}17261123"
    with pytest.raises(Refused, match="It expired on 2026-11-23"):
        berlin.act(case, done("graft", last_day))
    berlin.act(case, AnswerItem("graft", State.DONE, last_day, occurred_at=written, paper="DT-12"))


def test_the_separators_of_a_barcode_survive_the_journal(berlin: Suite, case: Case) -> None:
    berlin.act(case, done("graft", GOOD))
    answer = run_of(berlin, case).answers["graft"]
    assert (answer.scan["serial"], answer.value) == ("S1", GOOD.replace("\x1d", "\u241d"))


def test_they_are_shown_in_words_and_kept_whole_in_json(berlin: Suite, case: Case) -> None:
    berlin.act(case, done("cuff", "08:12"), done("graft", GOOD), done("tray", "TRAY [red]7[/]"))
    dossier = running.open_case(berlin.theatre, case.id)
    assert dossier.run is not None
    sheet = RunSheet(dossier, dossier.run, berlin.clock.now, BERLIN, 5)
    text = "\n".join(sheet.lines())
    assert "Cuff inflated  done  08:12  09:00 Nora Nurse" in text
    assert f"lot A213B1, serial S1, expires 2028-07-07, device {GTIN}" in text
    assert "TRAY [red]7[/]" in text
    assert "earlier: left, 09:00 by Nora Nurse" in text
    steps = sheet.as_json()["steps"]
    records = {step["record"]["item"]: step["record"] for step in steps if "record" in step}
    assert records["cuff"]["value"] == "2026-11-23T07:12:00Z"
    assert records["graft"]["scan"]["expires"] == "2028-07-07"
    side = next(i for step in steps if step.get("pause") == "TO" for i in step["items"] if i["item"] == "TO.side")
    assert (side["state"], side["earlier"]["value"], side["earlier"]["item"]) == ("open", "left", "planned")


def test_the_detail_says_what_is_asked_and_what_was_answered(berlin: Suite, case: Case) -> None:
    berlin.act(case, done("cuff", "08:12"), done("graft", GOOD))
    run, view = run_of(berlin, case), View(berlin.clock.now, BERLIN)

    def detail(item: str) -> str:
        return "\n".join(full_detail(run, Row(RowKind.ITEM, item, "", "", "", "", ""), view, {"n1": "Nora Nurse"}))

    assert "“08:12”" in detail("cuff")
    assert "HH:MM, now, or -5" in detail("cuff")
    assert "code 0105012345678900" in detail("graft")
    assert "earlier: left, 09:00 by Nora Nurse" in detail("TO.side")
    assert "confirms planned" in detail("TO.side")


def test_the_case_log_reads_them_in_the_theatres_zone(berlin: Suite, case: Case) -> None:
    from ortool.caselog.report import make_report
    from ortool.presentation.case_log_facts import values
    from ortool.presentation.case_log_view import view_of

    berlin.act(case, done("cuff", "08:12"), done("graft", GOOD))
    berlin.clock.pass_time(minutes=2)
    berlin.act(case, done("cuff", "08:20", reason="misread"))
    dossier = running.open_case(berlin.theatre, case.id)
    report = make_report(dossier, berlin.clock.now, 5)
    lines = "\n".join(str(part) for part in values(report, view_of(report, BERLIN, 100, False)))
    assert "Cuff inflated: 08:20" in lines
    assert "lot A213B1" in lines


def test_a_blank_sheet_has_room_for_them_and_a_filled_one_says_them(berlin: Suite, case: Case) -> None:
    def written() -> str:
        return sheet_text(sheets.of_case(berlin.theatre, case.id))

    blank = written()
    assert "time ____ : ____" in blank
    assert "lot _________ serial _________ expires _________" in blank
    assert "label _________________" in blank
    berlin.act(case, done("cuff", "08:12"), done("graft", GOOD))
    filled = written()
    assert "08:12" in filled
    assert "lot A213B1" in filled


def test_a_change_of_what_is_scanned_or_confirmed_is_told_to_who_approves() -> None:
    old = parse_checklist(SMALL, "small.yaml")
    new = parse_checklist(SMALL.replace("code: any, ", "").replace("confirms: planned, ", ""), "small.yaml")
    told = differences(old, new)
    assert "item tray Tray label: label that is scanned was any, is now nothing" in told
    assert "item TO.side Side: confirms the earlier answer to was planned, is now nothing" in told
