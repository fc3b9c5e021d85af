"""The downtime sheet: everything on it, nothing torn, nothing cut, and every name printed or visibly spelled."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from ortool.caselog.sheet import Sheet, form_number
from ortool.exchange.paging import Unit, paginate, whole
from ortool.exchange.pdf_words import FONTS, printable
from ortool.exchange.sheet import LINES, WIDTH, sheet_text
from ortool.exchange.sheet_pdf import _fitting, sheet_pdf
from ortool.presentation.sheet import blank_sheet, case_sheet
from ortool.services.checklists import read_file
from tests.caselog.a_case import NOW, case, dossier

SHIPPED = Path(__file__).parents[2] / "checklists"
ZONE = ZoneInfo("Europe/Amsterdam")
PRINTED = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def blank(name: str) -> Sheet:
    one = read_file(SHIPPED / f"{name}.yaml")
    return blank_sheet(one.checklist, one.sha256, "Test site", PRINTED, ZONE)


def filled(**changes: object) -> Sheet:
    sheet = case_sheet(dossier(one=case(**changes)), "Test site", NOW, ZONE)
    assert sheet is not None
    return sheet


def pages(sheet: Sheet) -> list[list[str]]:
    return [page.splitlines() for page in sheet_text(sheet).split("\f")]


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_sheet_holds_every_item_on_pages_that_fit(name):
    sheet = blank(name)
    text = sheet_text(sheet)
    checklist = read_file(SHIPPED / f"{name}.yaml").checklist
    for pause in checklist.pauses:
        for item in pause.items:
            assert f"[ ] {item.id} " in text
    for stamp in checklist.stamps:
        assert f"    {stamp.id} " in text
    printed = pages(sheet)
    for number, page in enumerate(printed, 1):
        assert len(page) <= LINES
        assert max(map(len, page)) <= WIDTH
        assert page[-1].endswith(f"page {number} of {len(printed)}")
        assert page[-1].startswith(sheet.form)
        assert any("NOT LOCALLY APPROVED" in line for line in page)
        assert any(sheet.edition in line for line in page)


@pytest.mark.parametrize("name", ["dynamic-lumbar-stabilisation", "recovery-plan"])
def test_no_item_is_torn_and_no_pause_that_fits(name):
    blocks = (*blank(name).blocks, *blank(name).events)
    starts = {line.id for block in blocks for line in block.lines if not line.is_stamp}
    pauses = [block.heading for block in blank(name).blocks if block.is_pause]
    for page in pages(blank(name)):
        assert not any(line == f"{heading} (continued)" for line in page for heading in pauses)
        ids = [line.split()[2] for line in page if line.startswith("[ ] ")]
        signed = [line for line in page if "initials ___" in line]
        assert set(ids) <= starts
        assert len(signed) >= len(ids)


def test_a_count_table_has_a_column_for_each_moment():
    text = sheet_text(blank("any-operation"))
    assert "COUNT TABLE" in text
    assert "Instruments, whole and in parts" in text
    assert "COUNT TABLE" not in sheet_text(blank("candidate-review"))


def test_a_pause_for_each_pedicle_is_there_four_times_and_says_so():
    headings = [block.heading for block in blank("lumbar-fusion").blocks if block.heading.startswith("P8 ")]
    assert headings == [f"P8 Screw {n}: level and side ______________" for n in (1, 2, 3, 4)]


def test_a_case_is_printed_as_far_as_it_has_come():
    text = sheet_text(filled())
    assert "Wilhelmina Quackenbush" in text
    assert "born 1951-04-23, hospital number HN-8830-2217" in text
    assert "Allergies: penicillin" in text
    assert "[x] SI.1     Identity !" in text
    assert "time 09:10  initials NB / DPS" in text
    assert "= 2 units" in text
    assert "[-] TMO.3" in text
    assert "= n/a: No images exist" in text
    assert "PASSED INCOMPLETE at 09:55: Bleeding" in text
    assert "= cefazolin started 23 min before, window 60 min" in text
    assert "as entered until 16:00" in " ".join(text.split())


def test_what_is_not_answered_leaves_room_to_write():
    sheet = blank("any-operation")
    lines = {line.id: line for block in sheet.blocks for line in block.lines}
    assert lines["TMO.4"].write == "_________ ml"
    assert lines["SI.2"].hard
    assert lines["TMO.2"].two
    assert lines["SO.1"].write.startswith("____")
    assert not sheet.identity


def test_a_form_has_its_own_number():
    one = form_number(PRINTED, "ab" * 32, "1004")
    assert one.startswith("DT-261123-073000-")
    assert one == form_number(PRINTED, "ab" * 32, "1004")
    assert one != form_number(PRINTED, "ab" * 32, "1005")


def test_no_traceback_shows_a_patient():
    assert "Quackenbush" not in repr(filled())


def test_an_approved_checklist_says_by_whom():
    sheet = blank("any-operation")
    one = read_file(SHIPPED / "any-operation.yaml")
    approved = one.checklist.model_copy(update={"approved_by": "Dr Ann Lead", "approved_on": "2026-11-01"})
    other = blank_sheet(approved, one.sha256, "Test site", PRINTED, ZONE)
    assert (sheet.is_approved, other.is_approved) == (False, True)
    assert "approved by Dr Ann Lead on 2026-11-01" in sheet_text(other)
    assert "NOT LOCALLY APPROVED" not in sheet_text(other)
    assert sheet_pdf(other).startswith(b"%PDF")


@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_is_the_same_bytes_for_the_same_sheet(name):
    one = sheet_pdf(blank(name))
    assert one.startswith(b"%PDF-")
    assert one == sheet_pdf(blank(name))
    assert b"Quackenbush" not in sheet_pdf(filled())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Šárka Łukasiewicz-Øst", "Šárka Łukasiewicz-Øst"),
        ("Ελένη Παπαδοπούλου", "Ελένη Παπαδοπούλου"),
        ("Зоя Ґалаґан", "Зоя Ґалаґан"),
        ("Նարեկ", "Նարեկ"),
        ("张伟 Wei", "‹ZhangWei› Wei"),
        ("محمد", "‹mhmd›"),
        ("\U000f0000", "‹?›"),
    ],
)
def test_every_name_is_printed_or_visibly_spelled(name, shown):
    assert printable(name) == shown


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_no_text_breaks_the_printing(text):
    assert printable(printable(text)) == printable(text)
    sheet = filled(patient_name=text, allergies=text)
    assert sheet_pdf(sheet).startswith(b"%PDF")
    assert all(len(line) <= WIDTH * 2 for page in pages(sheet) for line in page)


def test_a_very_long_identity_shrinks_until_it_fits():
    sheet = filled(patient_name="Wolfeschlegelsteinhausenbergerdorff " * 5, allergies="penicillin, latex, iodine " * 7)
    fitted = _fitting(sheet.identity)
    assert "".join(line for _, lines in fitted for line in lines).replace(" ", "") == "".join(sheet.identity).replace(
        " ", ""
    )
    assert sum(style.leading * len(lines) for style, lines in fitted) <= 86


def test_fonts_travel_with_their_licence():
    assert {path.name for path in FONTS.iterdir()} >= {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LICENSE.txt"}


def test_pages_keep_together_what_belongs_together():
    units = [Unit("head", 2, with_next=True), Unit("a", 3), Unit("b", 3), Unit("c", 3)]
    again = Unit("head again", 1)
    torn = [units[0], *(Unit(unit.drawn, unit.height, again=again) for unit in units[1:])]
    assert paginate(torn, 8) == [["head", "a", "b"], ["head again", "c"]]
    assert paginate([Unit("x", 5), *whole(units, 11)], 11) == [["x"], ["head", "a", "b", "c"]]
    assert whole(units, 10) == units
    assert paginate([Unit("tall", 30), Unit("next", 1)], 8) == [["tall"], ["next"]]


def pdf_pages(sheet: Sheet) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(sheet_pdf(sheet))).pages]


def test_a_reader_finds_the_words_of_the_pdf():
    found = pdf_pages(filled(patient_name="Зоя Тестова"))
    assert len(found) == 4
    for number, page in enumerate(found, 1):
        assert "Зоя Тестова" in page
        assert f"page {number} of 4" in page
        assert "NOT LOCALLY APPROVED" in page


def test_the_first_page_says_what_to_do_and_every_page_bears_the_witness():
    sheet = replace(blank("any-operation"), witness="412:9f3a17c0b2d4e5f6")
    printed = ["\n".join(page) for page in pages(sheet)]
    assert [index for index, page in enumerate(printed) if "WHEN THE SCREEN IS DEAD" in page] == [0]
    assert all("Journal head 412:9f3a17c0b2d4e5f6" in page for page in printed)
    assert all("Journal head 412:9f3a17c0b2d4e5f6" in page for page in pdf_pages(sheet))
    assert all(len(page) <= LINES for page in pages(sheet))
    assert "Journal head" not in sheet_text(blank("any-operation"))


def test_blank_forms_of_one_second_have_numbers_of_their_own_that_are_known():
    numbers = [form_number(PRINTED, "ab" * 32, "", serial) for serial in (0, 1, 2, 120)]
    assert len(set(numbers)) == 4
    assert [number[-3:] for number in numbers[1:]] == ["-01", "-02", "120"]
