"""The demonstration as a stranger meets it: no terminal, one command, a whole day in print."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import icalendar
import pytest

LIMIT_SECONDS = 30


def ortool(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "ortool", *map(str, arguments)],
        capture_output=True, text=True, timeout=300, env=os.environ | {"COLUMNS": "100"} | environment, check=False,
        stdin=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
    )  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The demonstration, its database kept: (what it answered, CPU seconds, database)."""
    database = tmp_path_factory.mktemp("demo") / "day.db"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = ortool("demo", "--keep", database)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, database


def test_it_ends_well_and_in_time(played):
    done, seconds, _ = played
    assert done.returncode == 0, done.stderr
    assert seconds < LIMIT_SECONDS
    assert "invented" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "=== THE DAY BOARD",
        "=== THE CHECKLIST AS IT WAS RUN",
        "=== THE CASE LOG",
        "NOT LOCALLY APPROVED",
        "✗ P1.9 Implant sets, back-up, C-arm  NO  (Back-up set is still in sterilisation",
        "– P10.7 Cage or interlaminar device  n/a",
        "P3.8 done, undone by",
        "! P2.6 Turn team  OVERRIDDEN  (Helper called away; surgeon takes the legs)",
        "gate passed by Dr Dilan Örnek and Dr Žofie Ukázková-Příkladová: Still drowsy",
        "Decompression starts (DEC_START)  Hanna Sample, typed 12 min later",
        "closing-1 Before the fascia is closed  DOES NOT AGREE",
        "closing-1 Before the fascia is closed  agrees",
        "DECOMPRESSION: done; planned 35 min, at most 60 min in nine of ten; took",
        "tight adhesions",
        "I have reviewed this case log",
        "Walked with the physiotherapist",
        "Calendar without patient data:",
        "intact, head",
    ],
)
def test_it_tells_the_whole_story(played, words):
    assert words in played[0].stdout


def test_one_phase_overruns_and_the_log_says_by_how_much(played):
    line = next(line for line in played[0].stdout.splitlines() if "DECOMPRESSION: done" in line)
    assert line.endswith("over")


def test_the_kept_journal_is_intact(played):
    database = played[2]
    done = ortool("--database", database, "journal", "verify", ORTOOL_SETTINGS=str(database.with_name("none.toml")))
    assert done.returncode == 0, done.stderr
    assert "Nothing was altered" in done.stderr


def test_the_calendar_parses_and_names_no_patient(played):
    data = played[2].with_suffix(".ics").read_bytes()
    calendar = icalendar.Calendar.from_ical(data)
    assert len(calendar.walk("VEVENT")) > 20
    assert b"S-100254" not in data
    assert b"Imaginary" not in data


def test_a_kept_database_is_never_overwritten(played):
    done = ortool("demo", "--keep", played[2])
    assert done.returncode == 1
    assert "exists already" in done.stderr


def test_a_reader_that_goes_away_is_no_fault():
    process = subprocess.Popen(
        [sys.executable, "-m", "ortool", "checklist", "show", "dynamic-lumbar-stabilisation"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read() if process.stderr else b""
    assert process.wait(60) == 0
    assert b"Traceback" not in error
    assert b"BrokenPipe" not in error
