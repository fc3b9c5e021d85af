"""A theatre on the command line: a small site of invented people, a clock that stands, and a way to call `ortool`."""

import shutil
from datetime import UTC, datetime, time
from pathlib import Path
from typing import NamedTuple

import pytest

from ortool.cli import session
from ortool.cli.main import main

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SETTINGS = f"""site = "Test site"
time_zone = "Europe/Amsterdam"
checklists = "{HERE / "checklists"}"
"""
THEATRE = """
[[rooms]]
id = "OR1"
name = "Theatre 1"
[[rooms]]
id = "OR2"
name = "Theatre 2"
[[people]]
id = "su1"
name = "Dr Ann Surgeon"
initials = "AS"
roles = ["surgeon"]
[[people]]
id = "an1"
name = "Dr Bo Sleep"
initials = "BS"
roles = ["anaesthetist"]
[[people]]
id = "cn1"
name = "Cy Nurse"
initials = "CN"
roles = ["circulating_nurse"]
[[people]]
id = "sc1"
name = "Di Scrub"
initials = "DS"
roles = ["scrub"]
[[people]]
id = "co1"
name = "Ed Desk"
initials = "ED"
roles = ["coordinator"]
[[procedures]]
id = "hip"
name = "Hip replacement"
short = "Hip"
specialty = "orthopaedics"
minutes = 110
"""
LIST = """date,room,start,planned minutes,hospital number,name,born,procedure,side,surgeon,anaesthetist
2026-11-23,OR1,09:00,110,H-1,"One, Patient",1950-01-02,Hip replacement,left,Dr Ann Surgeon,Dr Bo Sleep
2026-11-23,OR1,13:00,110,H-2,"Two [bold]x[/] Patient",1960-02-03,Hip replacement,right,Dr Ann Surgeon,Dr Bo Sleep
2026-11-24,OR2,09:00,90,H-3,"Three, Patient",1970-03-04,Hip replacement,left,Dr Ann Surgeon,Dr Bo Sleep
"""


class Told(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A database with three cases, made once."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "settings.toml").write_text(SETTINGS)
    (folder / "theatre.toml").write_text(THEATRE)
    (folder / "list.csv").write_text(LIST)
    before, session.clock = session.clock, lambda: datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    common = ["--settings", str(folder / "settings.toml"), "--database", str(folder / "site.db")]
    try:
        from ortool.services.setup import SYSTEM, load_theatre, read_theatre_file
        from ortool.services.theatre import open_theatre
        from ortool.settings import load_settings

        options = {"database_url": f"sqlite:///{folder / 'site.db'}"}
        theatre = open_theatre(load_settings(options, folder / "settings.toml"), now=session.clock)
        load_theatre(theatre, SYSTEM, read_theatre_file(THEATRE, "theatre.toml"))
        theatre.close()
        assert main([*common, "--by", "co1", "case", "import", str(folder / "list.csv"), "--yes"]) == 0
    finally:
        session.clock = before
    return folder


@pytest.fixture
def site(template, tmp_path, monkeypatch):
    """A copy of the template that a test may write to."""
    for file in template.iterdir():
        shutil.copy(file, tmp_path / file.name)
    for name in ("ORTOOL_PERSON", "ORTOOL_SETTINGS", "ORTOOL_DATABASE_URL", "ORTOOL_TIME_ZONE", "ORTOOL_CHECKLISTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORTOOL_STATE", str(tmp_path / "state"))  # copies of one site, each with a history of its own
    for name in ("ORTOOL_STATE", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))  # a key that another test made is of the same site
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(session, "clock", lambda: NOW)
    return tmp_path


@pytest.fixture
def ortool(site, capsys):
    """Call `ortool` on the site; returns exit code, stdout and stderr."""

    def call(*args: str) -> Told:
        capsys.readouterr()
        code = main(["--settings", str(site / "settings.toml"), "--database", str(site / "site.db"), *map(str, args)])
        return Told(code, *capsys.readouterr())

    return call


_made: dict[str, Path] = {}


@pytest.fixture
def made_once(site, tmp_path_factory):
    """Let a deed bring the site somewhere, once; every later test begins with a copy of the site as it was then."""

    def make(name: str, deed) -> None:
        if name in _made:
            shutil.copytree(_made[name], site, dirs_exist_ok=True)
            return
        deed()
        kept = tmp_path_factory.mktemp(name) / "site"
        shutil.copytree(site, kept)
        _made[name] = kept

    return make


@pytest.fixture
def at(monkeypatch):
    """Set the clock: `at("10:30")` is UTC on the day of the test list."""

    def put(clock: str) -> None:
        moment = datetime.combine(NOW.date(), time.fromisoformat(clock), UTC)
        monkeypatch.setattr(session, "clock", lambda: moment)

    return put


@pytest.fixture
def head(ortool):
    """Return the number and the hash of the journal's newest entry: what must not move when a command is refused."""

    def read() -> str:
        return next(line for line in ortool("journal", "verify").out.splitlines() if line.startswith("Head:"))

    return read
