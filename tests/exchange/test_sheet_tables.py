"""The tables of a downtime sheet: construct, clocks, counts and event lists, blank and as far as a run has come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.caselog.sheet import Sheet
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import facts_of, make_plan
from ortool.checklist.run import Run, advance
from ortool.exchange.sheet import LINES, WIDTH, sheet_text
from ortool.exchange.sheet_pdf import sheet_pdf
from ortool.presentation.sheet import blank_sheet, case_sheet
from ortool.presentation.sheet_tables import interval
from ortool.services.checklists import read_file
from tests.caselog.a_case import case, dossier
from tests.checklist.test_clocks import Line
from tests.exchange.test_sheet import NAMES, blank, pages, pdf_pages

FILE = Path(__file__).parents[2] / "checklists" / "dynamic-lumbar-stabilisation.yaml"
ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SITE = {"map-low": "5 min DEMO", "map-low-limit": "65 DEMO", "prep-dry": "180 s"}


def run_of(levels: str = "L4-5", **facts: bool) -> Run:
    found = parse_levels(levels)
    return Run(make_plan(read_file(FILE).checklist, found, facts_of(found, "both", **facts)))


def sheet_of(run: Run, *happened: tuple[str, dict[str, object], int]) -> Sheet:
    """Return the sheet of a run in which this happened, each so many minutes before ten."""
    for number, (kind, body, minutes) in enumerate(happened, 1):
        at = NOW - timedelta(minutes=minutes)
        run = advance(run, [Line(number, kind, body, at, at)])
    sheet = case_sheet(replace(dossier(one=case()), run=run), "Test site", NOW, ZONE, SITE)
    assert sheet is not None
    return sheet


def implant(action: str, place: str, **more: object) -> dict[str, object]:
    return {"part": "screw", "place": place, **more}


PLANNED = ("implant.planned", implant("planned", "L4-left", values={"diameter": "6.4", "length": "45"}), 90)
PLACED = (
    "implant.placed",
    implant(
        "placed",
        "L4-left",
        values={"diameter": "6.4", "length": "40", "walls": "5"},
        lot="LOT77",
        serial="S9",
        entry="manual",
    ),
    30,
)
WASTED = ("implant.wasted", implant("wasted", "", reason="dropped on the floor", lot="LOT78"), 20)


def test_the_grid_has_a_row_for_each_level_and_side_with_what_is_planned_and_implanted() -> None:
    screws, connectors, gone = sheet_of(run_of(neuromonitoring=True), PLANNED, PLACED, WASTED).construct
    assert [row.place for row in screws.rows] == ["L4 left", "L4 right", "L5 left", "L5 right"]
    assert [title for title, _ in screws.columns] == [
        "Diameter × length mm", "Walls intact of 5", "Purchase", "Triggered EMG mA",
    ]  # fmt: skip
    first, second = screws.rows[:2]
    assert (first.planned, first.values, first.device) == (
        "6.4 × 45 mm",
        ("6.4 × 40 mm", "5", "", ""),
        "lot LOT77, serial S9",
    )
    assert first.signed.startswith("10:30 ")
    assert (second.planned, second.values, second.device) == ("", ("", "", "", ""), "")
    assert [row.place for row in connectors.rows] == ["L4-5 left", "L4-5 right"]
    assert gone.rows[0].values == ("not used: dropped on the floor",)
    assert len(gone.rows) == 4


def test_without_neuromonitoring_no_current_is_asked_for() -> None:
    titles = [title for title, _ in sheet_of(run_of(neuromonitoring=False)).construct[0].columns]
    assert "Triggered EMG mA" not in titles


@pytest.mark.parametrize(("levels", "screws", "connectors"), [("", 6, 4), ("L4-5", 4, 2), ("L3-5", 6, 4)])
def test_there_is_a_row_for_every_position(levels: str, screws: int, connectors: int) -> None:
    tables = sheet_of(run_of(levels)).construct
    assert [len(table.rows) for table in tables] == [screws, connectors, 3]


def test_both_prints_hold_the_grid_with_room_for_what_is_missing() -> None:
    sheet = sheet_of(run_of(), PLANNED, PLACED)
    text, pdf = sheet_text(sheet), " ".join(" ".join(pdf_pages(sheet)).split())
    for words in ("L5 right", "6.4 × 45 mm", "6.4 × 40 mm", "LOT77", "good / poor", "sticker", "___ / ___"):
        assert words in text
        assert words in pdf


def test_clocks_are_listed_with_their_intervals_and_the_times_so_far() -> None:
    prone = ("milestone.stamped", {"stamp": "PRONE"}, 50)
    sheet = sheet_of(
        run_of(),
        prone,
        ("timer.answered", {"timer": "eyes"}, 35),
        ("timer.answered", {"timer": "eyes"}, 20),
        ("timer.read", {"timer": "map-low", "value": "61"}, 12),
    )
    clocks = {clock.title: clock for clock in sheet.clocks}
    eyes, pressure = clocks["Eyes, face and tube"], clocks["Low mean arterial pressure"]
    assert (eyes.rule, eyes.started, eyes.done) == ("from Prone: every 15 min", "10:10", ("10:25", "10:40"))
    assert pressure.rule == "Mean arterial pressure below 65 DEMO mmHg for 5 min DEMO"
    assert pressure.done == ("61 10:48",)
    assert clocks["Skin prep drying"].rule == "each time it is begun: after 180 s"
    assert "Retractors released for a few minutes" not in clocks
    text = sheet_text(sheet)
    assert "from 10:10   10:25   10:40" in text
    assert "every 30 min" in text
    over = sheet_of(run_of(), prone, ("milestone.stamped", {"stamp": "SUPINE"}, 5))
    assert "Eyes, face and tube" not in {clock.title for clock in over.clocks}


def test_a_value_that_only_the_site_has_is_left_to_be_written() -> None:
    rules = {clock.title: clock.rule for clock in blank("dynamic-lumbar-stabilisation").clocks}
    assert rules["Skin prep drying"] == "each time it is begun: after ______ s (site)"
    assert rules["Low mean arterial pressure"] == "Mean arterial pressure below ______ mmHg for ______ min (site)"
    assert "clindamycin ______ min (site)" in rules["Next antibiotic, from the start of the first"]


def test_visits_are_printed_with_their_day_once_it_is_known() -> None:
    one = read_file(FILE.with_name("recovery-plan.yaml"))
    run = advance(
        Run(make_plan(one.checklist, parse_levels("L4-5"), {})),
        [Line(1, "milestone.stamped", {"stamp": "WARD"}, NOW, NOW)],
    )
    rules = {clock.title: clock.rule for clock in sheet_of(run).clocks}
    assert rules["6-week visit"] == "from Arrival on the ward: after 6 weeks, on Tue 05 Jan 2027"
    assert rules["Power L2 to S1, feeling, saddle, pain, bladder"].endswith(
        "every 1 h until 6 h, 2 h until 12 h, 4 h until 48 h, then 8 h"
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_events_list_has_pages_of_its_own_at_the_end(name: str) -> None:
    sheet, checklist = blank(name), read_file(FILE.with_name(f"{name}.yaml")).checklist
    lists = [*([checklist.count_path] if checklist.count_path else []), *checklist.events]
    heads = [f"{one.id} {one.title}" for one in lists]
    for printed in (["\n".join(page) for page in pages(sheet)], pdf_pages(sheet)):
        starts = [next(number for number, page in enumerate(printed) if head in page) for head in heads]
        assert starts == sorted(set(starts))
        for one, start, end in zip(lists, starts, [*starts, len(printed)][1:], strict=True):
            own = " ".join("\n".join(printed[start:end]).split())
            for item in one.items:
                assert item.id in own
                assert item.prompt in own
        before = "\n".join(printed[: [*starts, len(printed)][0]])
        assert not any(f"{one.items[0].id} " in before for one in lists)


def test_the_ten_events_of_a_spine_operation_are_there() -> None:
    headings = [event.heading.split()[0] for event in blank("dynamic-lumbar-stabilisation").events]
    assert headings == ["CD", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "E11"]


def test_every_page_says_where_the_tables_begin() -> None:
    for printed in (["\n".join(page) for page in pages(blank("lumbar-fusion"))], pdf_pages(blank("lumbar-fusion"))):
        words = next(line for line in printed[0].splitlines() if "counts p." in line)
        first = {name: int(page) for name, page in (part.split(" p.") for part in words.split("  ") if " p." in part)}
        assert all(words.strip() in page for page in printed)
        assert "Pedicle screw".casefold() in printed[first["implants"] - 1].casefold()
        assert "clocks kept by hand" in printed[first["clocks"] - 1].casefold()
        assert "count table" in printed[first["counts"] - 1].casefold()
        assert "CD " in printed[first["events"] - 1]


def test_what_was_added_and_counted_at_a_relief_stands_in_the_count_table() -> None:
    found = {"sponges": 10}
    sheet = sheet_of(
        run_of(),
        ("count.recorded", {"moment": "baseline", "found": found, "expected": found, "second": "n2"}, 60),
        ("count.added", {"category": "sponges", "number": 5}, 40),
        (
            "count.recorded",
            {"moment": "relief-1", "found": {"sponges": 15}, "expected": {"sponges": 15}, "second": "n2"},
            30,
        ),
    )
    assert sheet.counts is not None
    assert sheet.counts.moments[-1] == "At relief of scrub or circulating nurse, 1"
    assert sheet.counts.added[0] == "+5, now 15"
    assert "added: +5, now 15" in sheet_text(sheet)


@pytest.mark.parametrize("name", NAMES)
def test_every_timer_has_an_interval_in_words(name: str) -> None:
    for timer in read_file(FILE.with_name(f"{name}.yaml")).checklist.timers:
        assert any(unit in interval(timer, {}) for unit in (" s", " min", " h", "day", "week", "month"))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_no_text_breaks_a_table(lot: str, reason: str) -> None:
    placed = (
        "implant.placed",
        implant("placed", "L4-left", values={"purchase": reason}, lot=lot, description=reason),
        30,
    )
    sheet = sheet_of(run_of(), placed, ("implant.wasted", implant("wasted", "", reason=reason, lot=lot), 20))
    sheet = replace(sheet, blocks=(), events=(), clocks=())
    assert sheet_pdf(sheet).startswith(b"%PDF")
    for page in pages(sheet):
        assert len(page) <= LINES
        assert all(len(line) <= WIDTH for line in page)


def test_the_site_values_reach_a_blank_sheet() -> None:
    one = read_file(FILE)
    sheet = blank_sheet(one.checklist, one.sha256, "Test site", NOW, ZONE, SITE)
    assert any("below 65 DEMO mmHg for 5 min DEMO" in clock.rule for clock in sheet.clocks)
