"""What must not be found anywhere: a PIN, a badge, a token, a patient's name and number, a note, a reason.

They are put where they belong, and then looked for in every file, log, message and picture where they do not.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services import booking, cases, people, running
from ortool.services.identity import hand_over, identify, set_badge, set_pin
from ortool.services.theatre import open_theatre
from ortool.settings import load_settings
from tests.processes import ortool, ran
from tests.services.suite import CHECKLISTS, furnish
from tests.services.suite import settings as usual

PIN, NEW_PIN, BADGE = "840617", "591826", "BADGE-7Q4X-CANARY"
NAME, NUMBER, BORN = "Zephyrina Quillfeather", "MRN-59917-CANARY", "1951-07-13"
NOTE, REASON, ALLERGY = "note-canary-velvet", "reason-canary-basalt", "allergy-canary-quince"
SECRETS = {"pin": PIN, "new pin": NEW_PIN, "badge": BADGE}
PATIENT = {
    "name": NAME,
    "surname": "Quillfeather",
    "number": NUMBER,
    "note": NOTE,
    "reason": REASON,
    "allergy": ALLERGY,
}
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Site:
    """An encrypted site with its canaries in place, and its database still open: the WAL is there."""

    folder: Path
    case: str
    ticket: str

    def run(self, *words: str, pin: str = PIN, by: str = "n1", **more: str) -> subprocess.CompletedProcess[str]:
        """Run the program as a person at a shell would, in a process of its own."""
        environment = {"ORTOOL_STATE": str(self.folder / "state"), "ORTOOL_PIN": pin} | more
        options = ["--settings", str(self.folder / "settings.toml"), "--database", str(self.folder / "site.db")]
        return ran(ortool, *options, *(["--by", by] if by else []), "--clock-ok", *words, env=environment)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "db.key").write_text("5a" * 32)
    keys = {"key_file": str(folder / "db.key"), "pepper_file": str(folder / "pepper.key")}
    written = "".join(f'{name} = "{value}"\n' for name, value in keys.items())
    (folder / "settings.toml").write_text(f'site = "Test site"\nchecklists = "{CHECKLISTS}"\n{written}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORTOOL_STATE", str(folder / "state"))
        furnish(folder / "site.db", usual(**keys), lambda: NOW).close()  # type: ignore[arg-type]
        options = {"database_url": f"sqlite:///{folder / 'site.db'}"}
        theatre = open_theatre(load_settings(options, folder / "settings.toml"), now=lambda: NOW)
        boss = Actor(people.find_person(theatre, "n1"))
        people.grant(theatre, boss, "n1", ["admin", "charge", "auditor", "scheduler"])
        set_pin(theatre, boss, "n1", PIN)
        nurse = identify(theatre, "n1", PIN, now=True)
        set_badge(theatre, nurse, "n1", BADGE)
        new = cases.NewCase(NUMBER, NAME, "small-operation", "s1", levels="L4-5", allergies=ALLERGY, notes=NOTE)
        case = cases.add_case(theatre, nurse, new)
        booking.book(theatre, nurse, case.id, "OR1", NOW, 60)
        running.act(theatre, nurse, case.id, StampMilestone("PIR"))
        running.act(theatre, nurse, case.id, AnswerItem("SI.consent", State.NO, reason=REASON))
        running.add_note(theatre, nurse, case.id, NOTE)
        yield Site(folder, str(case.number), hand_over(theatre, nurse).decode())
        theatre.close()


def found(text: str | bytes, canaries: dict[str, str]) -> list[str]:
    """Return which canaries are in a text, as they are, in another case, or in UTF-16."""
    data = text.encode() if isinstance(text, str) else text
    low = data.lower()
    return [
        kind
        for kind, one in canaries.items()
        if one.lower().encode() in low or one.encode("utf-16-le") in data or one.encode().hex().encode() in low
    ]


def test_the_search_can_tell() -> None:
    assert found(f"x{NAME.upper()}y", PATIENT) == ["name", "surname"]
    assert found(PIN.encode("utf-16-le"), SECRETS) == ["pin"]


def bytes_of(path: Path) -> bytes:
    """Read a file in another process: closing it in this one would let go of the locks that SQLite holds on it."""
    return subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout


def test_no_file_of_an_encrypted_site_holds_any(site: Site) -> None:
    files = [path for path in site.folder.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") and path.stat().st_size for path in files)
    hits = {str(path.relative_to(site.folder)): found(bytes_of(path), SECRETS | PATIENT) for path in files}
    assert {name: kinds for name, kinds in hits.items() if kinds} == {}
    loose = {
        str(path.name): oct(path.stat().st_mode & 0o777)
        for path in files
        if path.suffix in (".db", ".key") and path.name != "db.key" and path.stat().st_mode & 0o077
    }
    assert loose == {}


QUIET = [
    ("doctor",), ("journal", "verify"), ("journal", "show"), ("person", "list"), ("slot", "list"), ("log", "list"),
    ("case", "list"), ("db", "check"), ("calendar", "export"), ("calendar", "export", "--audience", "slot"),
    ("calendar", "export", "--audience", "team"),
]  # fmt: skip


@pytest.mark.parametrize("words", QUIET, ids=" ".join)
def test_what_names_no_patient_names_none(site: Site, words: tuple[str, ...]) -> None:
    told = site.run(*words)
    assert told.returncode == 0 or words == ("doctor",), told.stderr
    assert told.stdout + told.stderr
    assert found(told.stdout + told.stderr, SECRETS | PATIENT) == []


def test_an_exported_journal_without_texts_names_nobody(site: Site) -> None:
    target = site.folder.parent / "out.ndjson"
    told = site.run("journal", "export", str(target), "--reason", "audit of the year")
    assert told.returncode == 0, told.stderr
    assert found(target.read_bytes() + told.stdout.encode() + told.stderr.encode(), SECRETS | PATIENT) == []
    assert target.stat().st_mode & 0o077 == 0


FAILING = [
    ("run", "answer", "{case}", "SI.weight", "done", "--value", NOTE), ("run", "answer", "{case}", "SI.consent", "no"),
    ("log", "sign", "{case}"), ("log", "amend", "{case}", NOTE), ("slot", "book", "{case}", "--room", "OR9", "--start", "x"),
    ("case", "import", "missing.csv"), ("person", "pin", "nobody"), ("person", "badge", "nobody"), ("case", "show", "9999"),
    ("db", "restore", "missing.db"), ("journal", "verify", "--head", "1:00"), ("serve", "--host", "0.0.0.0"),
    ("checklist", "check", "db.key"), ("run", "stamp", "{case}", "POR"), ("slot", "cancel", "{case}"),
    ("journal", "export", "/nowhere/x", "--reason", "why"), ("init", "--theatre", "db.key"),
]  # fmt: skip


@pytest.mark.parametrize("words", FAILING, ids=" ".join)
def test_what_fails_repeats_no_secret_and_no_patient(site: Site, words: tuple[str, ...]) -> None:
    told = site.run(
        *(word.replace("{case}", site.case).replace("db.key", str(site.folder / "db.key")) for word in words),
        ORTOOL_BADGE=BADGE,
        ORTOOL_NEW_PIN=NEW_PIN,
    )
    assert told.returncode in (1, 2, 3), told.stdout
    assert told.stderr
    assert "Traceback" not in told.stderr
    assert "No module" not in told.stderr
    # What was typed on this very command line may be quoted; nothing else of the patient may.
    typed = {kind: one for kind, one in PATIENT.items() if one not in " ".join(words)}
    assert found(told.stderr, SECRETS | typed) == []


def test_a_wrong_pin_is_not_repeated(site: Site) -> None:
    told = site.run("case", "list", pin="713905")
    assert told.returncode == 1
    assert "713905" not in told.stdout + told.stderr


BREAKS = """
import sys
from ortool.cli import main
from ortool.services import running, cases

def fall(*a, **k):
    held = {name!r}
    raise ValueError(f"it holds {{held}} {pin!r}")

cases.find_case = fall
sys.exit(main.main(sys.argv[1:]))
"""


def test_a_fault_of_our_own_shows_its_place_and_no_value(site: Site) -> None:
    options = ["--settings", str(site.folder / "settings.toml"), "--database", str(site.folder / "site.db")]
    told = subprocess.run(
        [sys.executable, "-c", BREAKS.format(name=NAME, pin=PIN), *options, "case", "show", site.case],
        capture_output=True, text=True, check=False,
        env=os.environ | {"ORTOOL_STATE": str(site.folder / "state")},
    )  # fmt: skip
    assert told.returncode == 3, told.stderr
    assert "fault of its own (ValueError" in told.stderr
    assert found(told.stdout + told.stderr, SECRETS | PATIENT) == []
    assert "Traceback" not in told.stderr


def test_screens_that_fall_show_no_value(site: Site) -> None:
    code = (
        "import sys\nfrom ortool.tui import app\n"
        f"def opener():\n    held = {NAME!r}\n    raise ValueError(held)\n"
        "sys.exit(app.run_app(opener))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
        env=os.environ | {"TERM": "xterm-256color"},
    )  # fmt: skip
    assert b"fault of its own (" in told.stderr
    assert found(told.stdout + told.stderr, SECRETS | PATIENT) == []
    assert b"Traceback" not in told.stderr


def test_a_ticket_holds_neither_pin_nor_badge(site: Site) -> None:
    assert found(site.ticket, SECRETS | PATIENT) == []


async def test_the_pictures_of_the_board_and_of_a_locked_terminal_name_nobody(site: Site) -> None:
    from tests.tui.driver import at_terminal

    options = {"database_url": f"sqlite:///{site.folder / 'site.db'}"}
    theatre = open_theatre(load_settings(options, site.folder / "settings.toml"), now=lambda: NOW)
    nurse = identify(theatre, "n1", PIN)
    theatre.reader = nurse
    async with at_terminal(theatre, nurse, (120, 40)) as terminal:
        assert found(terminal.app.export_screenshot(), SECRETS | PATIENT) == []
        await terminal.opens(int(site.case))
        assert "name" in found(terminal.text, PATIENT)
        from ortool.tui.identifying import LockScreen

        terminal.app.push_screen(LockScreen())
        await terminal.pilot.pause()
        assert found(terminal.app.export_screenshot(), SECRETS | PATIENT) == []
    theatre.close()
