"""`ortool checklist diff` and `print`, as the group `checklist` will offer them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ortool.checklist.commands import StampMilestone
from ortool.cli.checklist_print import register
from ortool.cli.session import Options
from ortool.errors import BadInput
from ortool.exchange.sheet import sheet_text
from ortool.people.person import Actor
from ortool.services.cases import find_case
from ortool.services.people import find_person
from ortool.services.running import act
from ortool.services.sheets import compare, of_case
from ortool.services.theatre import open_theatre
from ortool.settings import load_settings

SMALL = Path(__file__).parent / "checklists" / "small.yaml"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def call(site):
    """Call one of the two commands on the site."""
    app = typer.Typer(rich_markup_mode=None)
    register(app)

    def run(*args: object):
        options = Options(site / "site.db", site / "settings.toml")
        return CliRunner().invoke(app, [str(arg) for arg in args], obj=options)

    return run


def changed(site: Path) -> Path:
    path = site / "new.yaml"
    text = SMALL.read_text().replace('version: "1"', 'version: "2"')
    path.write_text(text.replace("target_seconds: 60", "target_seconds: 75"))
    return path


def test_diff_tells_each_difference(call, site):
    told = call("diff", "small", changed(site))
    assert told.exit_code == 0
    assert "target seconds was 60, is now 75" in told.stdout
    assert "version was" in told.stdout


def test_diff_as_json(call, site):
    told = json.loads(call("diff", SMALL, changed(site), "--json").stdout)
    assert (told["old"]["id"], told["new"]["version"]) == ("small", "2")
    assert len(told["differences"]) >= 2


def test_the_same_file_has_no_difference(call):
    told = call("diff", "small", SMALL)
    assert told.stdout == ""
    assert "There is no difference." in told.stderr


def test_a_checklist_that_is_not_there_is_told(call):
    failed = call("diff", "small", "smal")
    assert isinstance(failed.exception, BadInput)


def test_a_blank_sheet_needs_no_database(call, site):
    (site / "site.db").unlink()
    told = call("print", "small")
    assert told.exit_code == 0
    assert "page 1 of" in told.stdout
    assert "Case label" in told.stdout
    assert "not locally approved" in told.stderr


def test_a_pdf_is_kept_for_its_owner_only(call, site):
    told = call("print", SMALL, "--pdf", site / "sheet.pdf")
    assert told.exit_code == 0
    assert told.stdout == ""
    assert "form DT-" in told.stderr
    assert (site / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert (site / "sheet.pdf").stat().st_mode & 0o077 == 0


def test_both_are_given_where_both_are_asked_for(call, site):
    told = call("print", "small", "--pdf", site / "sheet.pdf", "--text")
    assert "page 1 of" in told.stdout


def test_a_case_is_printed_with_its_patient(call):
    told = call("print", "1001")
    assert told.exit_code == 0
    assert "hospital number H-" in told.stdout
    assert isinstance(call("print", "99").exception, BadInput)


@pytest.fixture
def theatre(site):
    options = {"database_url": f"sqlite:///{site / 'site.db'}"}
    opened = open_theatre(load_settings(options, site / "settings.toml"), now=lambda: NOW)
    yield opened
    opened.close()


def test_what_was_written_on_paper_comes_back_on_the_next_sheet(theatre):
    nurse = Actor(find_person(theatre, "cn1"))
    case, before = find_case(theatre, "1001"), of_case(theatre, "1001")
    assert before.state.startswith("blank")
    written = NOW - timedelta(minutes=25)
    dossier = act(theatre, nurse, case.id, StampMilestone("PIR", written, paper=before.form))
    assert dossier.run.stamps["PIR"].transcribed == before.form
    assert "time 10:05  initials CN" in sheet_text(of_case(theatre, "1001"))


def test_a_pinned_checklist_is_compared_by_its_hash(theatre):
    with pytest.raises(BadInput):
        compare(theatre.settings, "small", "0" * 12, theatre)
    nurse = Actor(find_person(theatre, "cn1"))
    pinned = act(theatre, nurse, find_case(theatre, "1001").id, StampMilestone("PIR")).sha256
    assert compare(theatre.settings, "small", pinned[:8], theatre).sentences == ()
