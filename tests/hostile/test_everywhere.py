"""Every string of the corpus in every place where text is shown: no crash, no lost bracket, nothing that steers.

`unclean` is a theatre whose words nobody cleaned on their way in: what shows them must do. With ORTOOL_LONG=1 every
string has a case of its own; otherwise six share one.
"""

import csv
import io
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from ortool.cli import session
from ortool.cli.main import main
from ortool.exchange.csv_out import rows_to_csv
from ortool.exchange.sheet_pdf import sheet_pdf
from ortool.services import sheets
from tests.hostile.corpus import STRINGS, mark, steering
from tests.hostile.hurt import MORNING, Hurt, options_of
from tests.tui.driver import at_terminal

STEP = 1 if os.environ.get("ORTOOL_LONG") == "1" else 5
Told = Callable[..., str]


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(set(STRINGS)) >= 200


@pytest.fixture
def ortool(hurt: Hurt, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Call the command line on the theatre; whatever it prints must be harmless."""
    monkeypatch.setattr(session, "clock", lambda: MORNING)
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("ORTOOL_STATE", str(tmp_path / "state"))
    options = options_of(hurt, tmp_path)

    def call(*words: str) -> str:
        capsys.readouterr()
        code = main([*options, *words])
        out, err = capsys.readouterr()
        assert code in (0, 1), (words, err)
        assert "fault of its own" not in err, (words, err)
        assert steering(out.replace("\f", "")) == set(), words
        assert steering(err) == set(), words
        return str(out)

    return call


def missing(shown: str, hurt: Hurt) -> list[str]:
    """Return the marks that a text should hold and does not."""
    return [mark(text) for text in hurt.cases if mark(text) not in shown]


LISTS = {
    "cases": ("case", "list", "--day", "2026-11-23", "--named"), "people": ("person", "list"),
    "board": ("slot", "list", "--day", "2026-11-23"), "journal": ("journal", "show"),
    "logs": ("log", "list"),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("form", ["plain", "json"])
def test_every_list_of_the_command_line(hurt: Hurt, ortool: Told, name: str, form: str) -> None:
    shown = ortool(*LISTS[name], *(["--json"] if form == "json" else []))
    if form == "json":
        json.loads(shown)
    if name in ("cases", "people"):
        assert missing(shown, hurt) == []


def test_every_case_and_its_log(hurt: Hurt, ortool: Told) -> None:
    for text, number in list(hurt.cases.items())[::STEP]:
        for words in (("case", "show", number), ("log", "show", number), ("run", "show", number)):
            shown = ortool(*words)
            assert mark(text) in shown, words
            assert json.loads(ortool(*words, "--json"))


def test_every_printed_sheet(hurt: Hurt, ortool: Told) -> None:
    for text, number in list(hurt.cases.items())[::STEP]:
        assert mark(text) in ortool("checklist", "print", number, "--text")
        sheet = sheets.of_case(hurt.theatre, number)
        pages = PdfReader(io.BytesIO(sheet_pdf(sheet))).pages
        words = "".join(page.extract_text() for page in pages)
        assert mark(text) in words.replace("\n", ""), text
        assert steering(words.replace("\t", "").replace("\r", "")) == set()


@pytest.mark.parametrize("audience", ["busy", "slot", "team", "named"])
def test_every_calendar(hurt: Hurt, ortool: Told, tmp_path: Path, audience: str) -> None:
    target = tmp_path / "out.ics"
    ortool("calendar", "export", "--audience", audience, "--out", str(target), "--from", "2026-11-23")
    data = target.read_bytes().decode()
    lines = data.split("\r\n")
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert steering(data.replace("\r", "")) == set()
    allowed = r"(BEGIN|END|VERSION|PRODID|METHOD|CALSCALE|X-WR-[A-Z]+|NAME|UID|DTSTAMP|DTSTART|DTEND|SUMMARY|LOCATION|DESCRIPTION|STATUS|SEQUENCE|CLASS|TRANSP|CATEGORIES|LAST-MODIFIED|REFRESH-INTERVAL|X-[A-Z-]+|TZ[A-Z]+|RRULE|SOURCE|URL|CREATED|COLOR)\b.*"
    assert [line for line in lines if line and line[0] != " " and not re.fullmatch(allowed, line)] == []
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(hurt.cases)
    assert data.count("ATTENDEE") == sum(
        "ATTENDEE" in line for line in lines if line.startswith(("SUMMARY", "DESC", "LOC", " "))
    )


def test_every_cell_of_a_csv() -> None:
    printed = rows_to_csv(["a", "b"], [(text, text.split("]", 1)[1]) for text in STRINGS])
    rows = list(csv.reader(io.StringIO(printed, newline="")))[1:]
    assert len(rows) == len(STRINGS)
    for (marked, raw), text in zip(rows, STRINGS, strict=True):
        assert mark(text) in marked
        assert not raw.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\0"))


async def test_the_board_of_every_string(hurt: Hurt) -> None:
    hurt.theatre.now = lambda: datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    async with at_terminal(hurt.theatre, None, (160, 200)) as terminal:
        drawn = _drawn(terminal)
        assert steering(drawn) == set()
        assert mark(STRINGS[0]) in drawn  # the site's name; rooms stand by their id, patients by initials
        await terminal.press("w")
        people = _drawn(terminal)
        assert people.count("[n=") > 100
        assert steering(people) == set()


async def test_the_screens_of_a_case(hurt: Hurt) -> None:
    from ortool.people.person import Actor
    from ortool.services.people import list_people

    hurt.theatre.now = lambda: datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    nurse = Actor(list_people(hurt.theatre, "circulating_nurse")[0])
    for text, number in list(hurt.cases.items())[::STEP]:
        async with at_terminal(hurt.theatre, nurse, (120, 60)) as terminal:
            await terminal.opens(int(number))
            drawn = _drawn(terminal)
            assert mark(text) in drawn, text
            assert steering(drawn) == set(), text
            for key in ("c", "escape", "question_mark", "escape", "l", "escape", "p", "escape"):
                await terminal.press(key)
                assert steering(_drawn(terminal)) == set(), (text, key)
            terminal.app.tell(text)
            await terminal.pilot.pause()
            assert steering(_drawn(terminal)) == set(), text


def _drawn(terminal: object) -> str:
    """Return what the terminal would be sent, without the styles."""
    screen = terminal.app.screen  # type: ignore[attr-defined]
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip if not segment.control) for strip in strips)
