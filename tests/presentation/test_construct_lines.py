"""The construct as lines, on the screen and in the case log."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from ortool.caselog.history import read_history
from ortool.caselog.report import make_report
from ortool.checklist.barcodes import parse_barcode
from ortool.checklist.commands import CheckImplant, Device, PlanImplant, WasteImplant
from ortool.checklist.construct import Construct
from ortool.checklist.construct_findings import findings
from ortool.presentation.case_log import case_log_json, case_log_lines
from ortool.presentation.construct import construct_lines, construct_rows, finding_lines, scan_words
from tests.caselog.a_case import dossier
from tests.checklist.test_construct import GOOD, NOW, SCREW, TODAY, Case


@pytest.fixture
def case() -> Case:
    case = Case("L3-5")
    case.do(PlanImplant("screw", "L4 left", {"diameter": "6.4", "length": "45"}))
    case.do(PlanImplant("screw", "L4 right", {"diameter": "6.4", "length": "45"}, "adjunct to fusion"))
    case.place("L4 left", "S1")
    case.place("L4 right", "S2", values={**SCREW, "length": "40"})
    case.do(WasteImplant("screw", Device(GOOD + "S3"), "dropped [red]", "L5 left"))
    case.place("L3-4 left", "C1", "connector", values={"spacer": "30"})
    case.do(CheckImplant("connector", "L3-4 left", {"final": "1/2"}))
    return case


def test_the_grid_says_planned_and_implanted_left_and_right(case):
    lines = construct_lines(Construct(case.run), {"n1": "Nora Berg"})
    assert lines[0] == " Pedicle screw: 2 of 6 implanted"
    assert lines[1] == "  L3     left   –                            right  –"
    assert lines[2] == "  L4     left   ! 6.4 × 45 mm                right  ! 6.4 × 40, plan 6.4 × 45"
    assert "DIFFERS: Pedicle screw L4: left 6.4 × 45 mm, right 6.4 × 40 mm; the sides differ." in lines
    assert "DIFFERS: Cord and spacer L3-4 left: set screws final 1/2: not every one is final." in lines
    assert lines[-1].startswith("Wasted: Pedicle screw L5 left · lot A213B1 · serial S3 · expires 2028-07-07")
    assert lines[-1].endswith("dropped [red] · Nora Berg")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_every_line_is_exactly_as_wide_as_the_screen(case, width, ascii_only):
    for chosen in (0, 1):
        for row in construct_rows(Construct(case.run), chosen, ascii_only):
            text = "".join(piece.text for piece in row.pieces(width))
            assert cell_len(text) == width
            assert text.isascii() or not ascii_only or "…" in text


def test_what_does_not_fit_is_counted(case):
    found = findings(Construct(case.run))
    assert len(found) > 3
    lines = finding_lines(found, 80, 3)
    assert len(lines) == 3
    assert f"and {len(found) - 2} more" in lines[-1][0].text
    assert finding_lines((), 80, 3)[0][0].text == " Nothing differs and nothing is open."


def test_an_expired_barcode_says_so_first():
    words = scan_words(parse_barcode("(01)51022222233336(17)200101(10)A", TODAY), TODAY)
    assert words[0] == "EXPIRED on 2020-01-01"
    assert "lot A" in words[1]
    assert scan_words(parse_barcode("(01)51022222233337", TODAY), TODAY)[0].startswith("FAULT: The check digit")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_case_log_shows_the_construct_with_its_entries(case, width):
    one = replace(dossier(), run=case.run, history=read_history([]))
    report = make_report(one, NOW + timedelta(hours=1), 5)
    console = Console(file=StringIO(), width=width)
    lines = case_log_lines(report, ZoneInfo("UTC"), width)
    console.print(*lines, sep="\n")
    flat = " ".join(" ".join(line.plain for line in lines).split())
    assert "CONSTRUCT" in flat
    assert "serial S1" in flat
    assert "adjunct to fusion" in flat
    assert "reason: dropped [red]" in flat
    assert all(cell_len(line.plain) <= width for line in lines)


def test_the_construct_is_in_the_json_with_its_entries(case):
    one = replace(dossier(), run=case.run, history=read_history([]))
    found = json.loads(json.dumps(case_log_json(make_report(one, NOW + timedelta(hours=1), 5))["construct"]))
    seqs = {record.seq for record in case.run.live}
    left, right = (
        next(line for line in found["positions"] if line["place"] == f"L4-{side}") for side in ("left", "right")
    )
    assert (left["planned_size"], left["implanted_size"], left["state"]) == ("6.4 × 45 mm", "6.4 × 45 mm", "implanted")
    assert (right["planned_size"], right["implanted_size"]) == ("6.4 × 45 mm", "6.4 × 40 mm")
    assert len(left["entries"]) == 2
    wasted = next(line for line in found["records"] if line["action"] == "wasted")
    assert (wasted["serial"], wasted["expires"], wasted["reason"]) == ("S3", "2028-07-07", "dropped [red]")
    assert {line["mark"]["seq"] for line in found["records"]} == seqs
    differing = next(line for line in found["findings"] if "the sides differ" in line["sentence"])
    assert set(differing["entries"]) == set(left["entries"]) | set(right["entries"])


def test_a_case_without_implants_has_no_such_section():
    report = make_report(dossier(), NOW, 5)
    assert "CONSTRUCT" not in [line.plain for line in case_log_lines(report, ZoneInfo("UTC"), 80)]
