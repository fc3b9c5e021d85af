"""The command line where people have PINs: nothing of a patient without a person, and no PIN or badge anywhere."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from argon2 import PasswordHasher

from ortool.cli.main import app
from ortool.services import identity

ADMIN, NURSE, NEW, BADGE = "480261", "739105", "618342", "BADGE-00417"
PATIENTS = ("One, Patient", "Two ", "Three, Patient", "H-1", "H-2", "H-3", "OP …H-1", "told to the wife")
HERE = Path(__file__).parents[2]
WHO = ("say who you are", "Who is entering this?", "Who enters this")

COMMANDS = {
    "calendar import none.ics --as closures": "who", "calendar source list": "",
    "calendar source refresh cal1": "who", "calendar source withdraw cal1": "who",
    "calendar export --from today --days 2": "", "calendar export --from today --days 2 --audience named --out x.ics": "who",
    "calendar feed add --room OR1": "who", "calendar feed list": "", "calendar feed revoke x": "who",
    "calendar push http://127.0.0.1:9/x/ --user u": "who", "calendar invite 1001 --out .": "who",
    "person email cn1 cn1@hospital.example": "who",
    "calendar feed rotate x": "who", "calendar visits 1001": "who",
    "block add OR1 --starts 08:00 --ends 16:00 --owner su1": "who", "block cancel-day b1 2026-12-24": "who",
    "block change b1 --ends 17:00": "who", "block list": "", "block release b1 --days 7": "who",
    "block remove b1": "who",
    "closure add --from 2026-12-25": "who", "closure cancel-day c1 2026-12-24": "who", "closure list": "",
    "closure remove c1": "who",
    "case add --hospital-number H-9 --name Nine --procedure hip --surgeon su1": "who",
    "case cancel 1002 --reason unwell": "who", "case import list.csv --yes": "who", "case list --named": "",
    "case list --named --json": "", "case show 1001": "who", "case show 1001 --json": "who",
    "checklist print 1001": "who", "db backup": "who", "db drill": "who",
    "downtime drill --first-line 2 --back-entry 9 --lines 8": "who", "downtime print --to forms": "who",
    "forecast": "", "forecast --json": "",
    "journal export out.ndjson --reason asked": "who", "journal show": "who", "journal show --case 1001": "who",
    "journal verify": "",
    "plan week --apply": "who",
    "log export out.csv": "who", "log export out.csv --identified": "who", "log import list.csv --map vista": "who",
    "log list --words told": "who", "log list --lot A1": "who", "log stats": "who", "log stats --json": "who",
    "leave add su1 --from 2026-12-25": "who", "leave cancel-day l1 2026-12-24": "who", "leave list": "",
    "leave remove l1": "who",
    "log amend 1001 words": "who", "log list": "", "log list --json": "", "log list --to-sign": "", "log delay 1001 start F01": "who", "log replay 1001": "who",
    "log complication 1001 intra.cardiac": "who", "log show 1001 --html log.html": "who",
    "log show 1001": "who",
    "log show 1001 --json": "who", "log sign 1001": "who",
    "person add x9 Nine --initials XN --role scrub": "who", "person badge cn1": "who", "person grant cn1 charge": "who",
    "person list": "", "person pin cn1": "who", "person retire cn1": "who", "person unlock cn1": "who",
    "run add 1001 sponges 10": "who", "run answer 1001 A.1": "who", "run claim 1001": "who",
    "run count 1001 baseline --second sc1 --as-expected": "who",
    "run gate 1001 A --reason why --second su1": "who", "run note 1001 words": "who", "run read 1001 map 61": "who",
    "run settle 1": "who", "run show 1001": "who", "run show 1001 --json": "who", "run stamp 1001 PIR": "who", "run start 1001": "who",
    "run undo 1001": "who",
    "slot board": "", "slot board --json": "", "slot book 1001 --room OR1 --start 2026-12-01T09:00 --minutes 60": "who",
    "case change 1001 --priority 1": "who", "case change 1001 --surgeon su1": "who", "case waiting": "", "case waiting --csv out.csv": "who",
    "case import list.csv --waiting --yes": "who", "case waiting --json": "",
    "slot confirm 1001": "who", "slot swap 1001 1002": "who", "slot release 1001 --code XF03": "who",
    "slot undo": "who", "slot fits 1001": "", "slot cancel 1001 --reason unwell": "who",
    "plan day --delay OR1=30": "", "plan day --delay OR1=30 --apply 1": "who",
    "room import list.csv --yes": "who", "equipment import list.csv --yes": "who",
    "room set OR1 --turnover 10": "who", "equipment set mill --name Mill": "who", "slot list": "", "slot list --json": "",
    "slot check 1001 --room OR1 --start 2026-12-01T09:00 --minutes 60": "",
    "slot week": "", "slot week --json": "",
    "slot move 1001 --room OR2 --start 2026-12-01T09:00 --reason staff": "who",
}  # fmt: skip
"""Each command about a patient or a person, and whether it is refused to nobody known."""

OTHERS = {
    "checklist check", "checklist diff", "checklist list", "checklist show", "db check", "db encrypt", "db restore", "db upgrade",
    "demo", "doctor", "init", "journal follow", "journal key", "journal restored",
    "serve", "room list", "equipment list", "slot codes",
    "log codes",
}  # fmt: skip
"""Commands that name no patient, or whose own tests say whom they ask."""


@pytest.fixture
def proving(ortool, site, made_once, monkeypatch):
    """The site once its people have PINs; case 1001 has a note that names somebody."""
    monkeypatch.setattr(identity, "_hasher", lambda: PasswordHasher(1, 8, 1))
    made_once("proving", lambda: give_pins(ortool, monkeypatch))
    monkeypatch.chdir(site)
    return ortool


def give_pins(ortool, monkeypatch):
    """Make co1 an administrator, and give PINs to co1 and cn1."""
    assert ortool("--by", "cn1", "run", "note", "1001", "told to the wife").code == 0
    assert ortool("--by", "co1", "person", "grant", "co1", "admin").code == 0
    monkeypatch.setenv("ORTOOL_NEW_PIN", ADMIN)
    assert ortool("--by", "co1", "person", "pin", "co1").code == 0
    monkeypatch.setenv("ORTOOL_PIN", ADMIN)
    monkeypatch.setenv("ORTOOL_NEW_PIN", NURSE)
    assert ortool("--by", "co1", "person", "pin", "cn1").code == 0
    monkeypatch.delenv("ORTOOL_PIN")
    monkeypatch.delenv("ORTOOL_NEW_PIN")


def leaves(command, words=()):
    """Yield every command by its words."""
    for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
        yield from leaves(command.get_command(None, name), (*words, name))
    if not hasattr(command, "list_commands"):
        yield " ".join(words)


def test_every_command_is_decided_about():
    named = set(leaves(typer.main.get_command(app)))
    decided = {words for words in named if any(f"{line} ".startswith(f"{words} ") for line in COMMANDS)} | OTHERS
    assert named - decided == set()


@pytest.mark.parametrize(("line", "refusal"), COMMANDS.items(), ids=COMMANDS)
def test_nobody_known_is_told_of_no_patient_and_writes_nothing(proving, head, line, refusal):
    before = head()
    told = proving(*line.split())
    assert not [name for name in PATIENTS if name in told.out + told.err]
    assert head() == before
    if refusal:
        assert told.code in {1, 2}, told
        assert any(words in told.err for words in WHO), told.err
    else:
        assert told.code == 0, told


def test_a_person_proven_by_pin_reads_their_own_case_and_no_other(proving, monkeypatch):
    monkeypatch.setenv("ORTOOL_PIN", NURSE)
    refused = proving("--by", "cn1", "case", "show", "1001")
    assert (refused.code, "not in the team" in refused.err) == (1, True)
    assert "One, Patient" not in refused.out + refused.err
    monkeypatch.setenv("ORTOOL_PIN", ADMIN)
    refused = proving("--by", "co1", "case", "show", "1001")
    assert (refused.code, "may not read a case" in refused.err) == (1, True)
    assert "OP …H-1" in proving("--by", "co1", "case", "list").out  # a coordinator reads the day's list


def test_the_theatre_file_gives_grants_and_an_older_one_takes_none_away(ortool, site):
    text = (site / "theatre.toml").read_text()
    given = text.replace('initials = "ED"\n', 'initials = "ED"\ngiven = ["admin", "charge"]\n')
    (site / "given.toml").write_text(given)
    assert ortool("--by", "co1", "init", "--theatre", str(site / "given.toml")).code == 0
    assert "admin, charge, scheduler" in ortool("person", "list").out
    assert ortool("--by", "co1", "init", "--theatre", str(site / "theatre.toml")).code == 0
    assert "admin, charge, scheduler" in ortool("person", "list").out
    (site / "wrong.toml").write_text(given.replace('"admin"', '"emperor"'))
    assert ortool("--by", "co1", "init", "--theatre", str(site / "wrong.toml")).code == 2


def test_no_pin_and_no_badge_stands_in_any_output_file_or_journal(proving, site, monkeypatch):
    told = []
    for pin, line in (
        (ADMIN, "--by co1 person badge cn1"), (NEW, "--by co1 case list"), (ADMIN, "--by co1 case list --json"),
        (ADMIN, "--by co1 person grant cn1 auditor"), (NURSE, "--by cn1 journal show --json"),
        (NURSE, "--by cn1 journal export out.ndjson --reason asked --with-texts"), (NEW, "--by cn1 case show 1001"),
        (ADMIN, "--by co1 db backup copy.db"), (NEW, "doctor"),
    ):  # fmt: skip
        monkeypatch.setenv("ORTOOL_PIN", pin)
        monkeypatch.setenv("ORTOOL_BADGE", BADGE)
        told.append(proving(*line.split()))
    assert any(one.code == 0 for one in told)
    said = "".join(one.out + one.err for one in told)
    kept = b"".join(path.read_bytes() for path in site.rglob("*") if path.is_file())
    for secret in (ADMIN, NURSE, NEW, BADGE):
        assert secret not in said
        assert secret.encode() not in kept


def test_a_fault_while_a_pin_is_handled_tells_neither_pin_nor_badge(proving, monkeypatch, capsys):
    def broken(*_: object) -> bool:
        raise RuntimeError(f"{ADMIN} {BADGE}")

    monkeypatch.setattr(identity, "_is_right", broken)
    monkeypatch.setenv("ORTOOL_PIN", ADMIN)
    told = proving("--by", "co1", "case", "list")
    assert told.code == 3
    assert ADMIN not in told.out + told.err
    assert "RuntimeError" in told.err


def test_no_option_of_any_command_takes_a_pin_or_a_badge():
    """What stands on a command line stands in `ps` and in the shell's history."""

    def walk(command):
        yield from (option for parameter in command.params for option in parameter.opts)
        for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
            yield from walk(command.get_command(None, name))

    options = set(walk(typer.main.get_command(app)))
    assert "--by" in options
    assert not [option for option in options if "pin" in option.strip("-").split("-") or "badge" in option]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc to see a process's command line")
def test_a_pin_does_not_stand_in_the_command_line_of_the_process(proving, site):
    environment = os.environ | {"ORTOOL_PIN": ADMIN, "ORTOOL_PERSON": "co1"}
    begun = ["--settings", str(site / "settings.toml"), "--database", str(site / "site.db"), "journal", "follow"]
    command = [sys.executable, "-m", "ortool", *begun]
    process = subprocess.Popen(command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        line, until = b"", time.monotonic() + 20
        while b"ortool" not in line and time.monotonic() < until:  # empty until the program is there
            line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert b"ortool" in line
        assert ADMIN.encode() not in line
    finally:
        process.kill()
        process.communicate()
