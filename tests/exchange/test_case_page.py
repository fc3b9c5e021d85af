"""The log as a file: nothing in it but words, each of them read back as it was, in a browser and on paper."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from ortool.caselog.page import Bars, Grid, Page
from ortool.caselog.report import make_report
from ortool.exchange.log_html import log_html, pieces
from ortool.exchange.log_markdown import log_markdown
from ortool.exchange.log_pdf import log_pdf
from ortool.presentation.case_page import case_page
from tests.caselog.a_case import NOW, case, dossier

ZONE = ZoneInfo("Europe/Amsterdam")
NASTY = "</style></p><script>alert(1)</script><img src=x onerror=alert(1)> | `x` **b** [a](http://x) &amp; ©\\ <b>"
BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)


def page(**changes) -> Page:
    return case_page(make_report(dossier(one=case(**changes)), NOW, 5), ZONE)


class Reader(HTMLParser):
    """What a browser would make of a file: its tags, its attributes, its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.named: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.named |= {name for name, _ in attrs}

    def handle_data(self, data) -> None:
        self.words.append(data)


def test_html_holds_no_script_and_nothing_from_elsewhere_and_every_word_as_it_was() -> None:
    read = Reader(log_html(page(allergies=NASTY, patient_name=NASTY, notes=NASTY)))
    assert not read.tags & {"script", "img", "link", "iframe", "a", "object", "form", "input", "base", "b"}
    assert not [name for name in read.named if name.startswith("on") or name in ("src", "href")]
    assert "".join(read.words).count(NASTY) == 4
    style = re.search(r"<style>(.*?)</style>", log_html(page()), re.DOTALL)
    assert style
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "prefers-color-scheme: dark" in style[1]
    assert "@media print" in style[1]


def test_the_title_of_a_file_names_no_patient() -> None:
    text = log_html(page())
    assert re.search(r"<title>(.*?)</title>", text)[1] == "Case log 1004"  # type: ignore[index]
    assert PdfReader(io.BytesIO(log_pdf(page()))).metadata.title == "Case log 1004"  # type: ignore[union-attr]


def test_markdown_keeps_no_markup_of_data() -> None:
    text = log_markdown(page(allergies=NASTY))
    line = next(line for line in text.splitlines() if line.startswith("| Allergies"))
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", line.replace("**", ""))
    assert not re.search(r"[<>`*\[\]()_&]", bare)
    assert bare.count("|") == 3
    assert NASTY in re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line)


def test_a_pdf_says_on_every_sheet_whose_it_is_and_what_was_signed_and_is_the_same_again() -> None:
    one = page(allergies=NASTY)
    made = log_pdf(one)
    assert made == log_pdf(one)
    sheets = PdfReader(io.BytesIO(made)).pages
    for number, sheet in enumerate(sheets, 1):
        words = sheet.extract_text()
        assert "Quackenbush" in words
        assert f"page {number} of {len(sheets)}" in words
        assert "ab" * 32 in words
    assert "".join(NASTY.split()) in "".join("".join(sheet.extract_text().split()) for sheet in sheets)


def test_the_page_says_what_the_screen_says() -> None:
    made = page()
    milestones = next(one for one in made.sections if one.heading == "Milestones").blocks[0]
    assert isinstance(milestones, Grid)
    assert len(milestones.rows) == 11
    assert "".join(span.text for span in milestones.rows[1][2]).startswith("PIR")


def test_bars_stand_to_scale() -> None:
    bars = next(block for section in page().sections for block in section.blocks if isinstance(block, Bars))
    by_name = {bar.title: bar for bar in bars.bars}
    late = by_name["Operation"]
    assert late.first < late.planned < late.taken <= 1000
    assert [name for name, *_ in pieces(late)] == ["taken", "over"]
    assert [name for name, *_ in pieces(replace(late, taken=-1))] == ["planned"]
    assert [name for name, *_ in pieces(replace(late, taken=late.planned - 5))] == ["taken", "planned"]


@pytest.mark.skipif(not BROWSER, reason="no headless Chromium is installed here")
def test_a_browser_opens_it_without_a_complaint(tmp_path) -> None:
    path = tmp_path / "log.html"
    path.write_text(log_html(page(allergies=NASTY)), "utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    shown = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    assert "Content Security Policy" not in shown.stderr
    assert "<script" not in shown.stdout
    assert "Intervals" in shown.stdout
