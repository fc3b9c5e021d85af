"""The forms for a dead screen: printed ahead, readable without anything, without names unless asked, and dropped."""

import json
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from ortool.caselog.sheet import sheet_warning
from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, NeedsIdentity, Refused
from ortool.services import booking, downtime, drilling, identity, journals, people, running
from ortool.services.downtime import is_due, keep_spool, listed, print_day
from ortool.storage.store import cursor_of
from tests.services.suite import MORNING, Suite, done

ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = MORNING.date()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the forms go."""
    return tmp_path / "forms"


@pytest.fixture
def make_suite(request: pytest.FixtureRequest):
    """On a file, but where a test says both: what is printed is asked of services that are tested on both stores."""
    return request.getfixturevalue(getattr(request, "param", "make_file_suite"))


on_both = pytest.mark.parametrize("make_suite", ["make_file_suite", "make_server_suite"], indirect=True)


@pytest.fixture
def busy(make_suite, folder: Path) -> Suite:
    """A suite with two cases booked today in two rooms, one of them under way, and one tomorrow noon."""
    suite = make_suite(downtime_folder=str(folder), time_zone="Europe/Amsterdam")
    for room, hours in (("OR1", 0), ("OR2", 2), ("OR2", 28)):
        case = suite.case(name=f"Canary {room}", allergies="latex")
        booking.book(suite.theatre, suite.nurse, case.id, room, MORNING + timedelta(hours=hours), 60)
    first = running_case(suite)
    suite.act(first, StampMilestone("PIR"), done("SI.consent"))
    return suite


def running_case(suite: Suite):
    from ortool.services.cases import find_case

    return find_case(suite.theatre, "1001")


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.suffix == ".txt"}


@on_both
def test_the_day_is_printed_for_each_room_as_text_and_pdf(busy: Suite, folder: Path) -> None:
    found = print_day(busy.theatre, TODAY)
    assert (found.lists, found.cases, found.blanks) == (3, 2, 9)
    names = {path.name for path in found.folder.iterdir()}
    assert {f"OR1-list-{TODAY}.txt", f"OR1-list-{TODAY}.pdf", "OR1-case-1001.txt", "OR2-case-1002.pdf"} <= names
    assert {stat.S_IMODE(path.stat().st_mode) for path in found.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [found.folder.name], "no half of a spool stays"
    sheet = texts(found.folder)["OR1-case-1001.txt"]
    assert "[x] SI.consent" in sheet
    assert "time 09:00" in sheet, "what was entered stands on it"
    assert all(len(PdfReader(path).pages) >= 1 for path in found.folder.glob("*.pdf"))


def test_it_names_nobody_unless_asked_and_keeps_what_care_needs(busy: Suite) -> None:
    found = print_day(busy.theatre, TODAY)
    for path in found.folder.iterdir():
        assert b"Canary" not in path.read_bytes()
    for path in found.folder.glob("*.pdf"):
        assert not any("Canary" in page.extract_text() for page in PdfReader(path).pages)
    sheet = texts(found.folder)["OR2-case-1002.txt"]
    assert "Allergies: latex" in sheet
    assert "Case 1002, Theatre 2" in sheet
    assert "Label, or name: ____" in sheet
    busy.clock.pass_time(seconds=2)
    named = print_day(busy.theatre, TODAY, named=True)
    assert "Canary OR2" in texts(named.folder)["OR2-case-1002.txt"]
    assert "Canary OR1" in texts(named.folder)[f"OR1-list-{TODAY}.txt"]


def test_names_are_for_who_may_export_them(make_suite, folder: Path, tmp_path: Path) -> None:
    suite = make_suite(downtime_folder=str(folder), pepper_file=str(tmp_path / "pepper.key"))
    people.grant(suite.theatre, suite.nurse, "n1", ["admin"])
    identity.set_pin(suite.theatre, suite.nurse, "n1", "482915")
    with pytest.raises(NeedsIdentity):
        print_day(suite.theatre, TODAY)
    suite.theatre.reader = identity.identify(suite.theatre, "n1", "482915", now=True)
    print_day(suite.theatre, TODAY)
    suite.clock.pass_time(seconds=2)
    with pytest.raises(Refused, match="may not export patients' names"):
        print_day(suite.theatre, TODAY, named=True)
    assert len(listed(folder)) == 1
    people.grant(suite.theatre, suite.theatre.reader, "n1", ["admin", "charge"])
    suite.theatre.reader = identity.identify(suite.theatre, "n1", "482915", now=True)
    print_day(suite.theatre, TODAY, named=True)
    read = [entry.body["what"] for entry in journals.recent_entries(suite.theatre) if entry.kind == "patient.read"]
    assert f"named forms of {TODAY}" in read


@on_both
def test_what_is_printed_by_itself_needs_nobody_at_the_terminal(make_suite, folder: Path, tmp_path: Path) -> None:
    suite = make_suite(downtime_folder=str(folder), pepper_file=str(tmp_path / "pepper.key"))
    case = suite.case(name="Canary OR1")
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    people.grant(suite.theatre, suite.nurse, "n1", ["admin"])
    identity.set_pin(suite.theatre, suite.nurse, "n1", "482915")
    reader, before = suite.theatre.reader, journals.verify_journal(suite.theatre).head_seq
    found = keep_spool(suite.theatre)
    assert found is not None
    assert found.cases == 1
    assert suite.theatre.reader is reader
    assert journals.verify_journal(suite.theatre).head_seq == before
    assert not any(b"Canary" in path.read_bytes() for path in found.folder.iterdir())


def test_every_form_has_its_own_number_that_is_known_and_bears_the_head(busy: Suite) -> None:
    found = print_day(busy.theatre, TODAY)
    head = journals.verify_journal(busy.theatre)
    witness = f"{head.head_seq}:{head.head_hash[:16]}"
    assert all(witness in text for text in texts(found.folder).values())
    assert (
        journals.verify_journal(busy.theatre, head=(head.head_seq, bytes.fromhex(witness.partition(":")[2]))).faults
        == []
    )
    forms = json.loads((found.folder / "forms.json").read_text())["forms"]
    numbers = [one["form"] for one in forms]
    assert len(numbers) == len(set(numbers)) == 11
    dossier = running.open_case(busy.theatre, running_case(busy).id)
    own = [one["form"] for one in forms if one.get("case") == "1001"]
    other = [one["form"] for one in forms if one.get("case") == "1002"]
    assert [bool(sheet_warning(dossier, form)) for form in (*own, *other)] == [False, True]


def test_one_room_and_as_many_blanks_as_asked(busy: Suite) -> None:
    found = print_day(busy.theatre, TODAY, room="or1", blanks=1)
    assert (found.lists, found.cases, found.blanks) == (1, 1, 1)
    with pytest.raises(BadInput, match="There is no room 'OR9'"):
        print_day(busy.theatre, TODAY, room="OR9")
    with pytest.raises(BadInput, match="0 to 20"):
        print_day(busy.theatre, TODAY, blanks=21)


def test_it_is_read_without_the_database(busy: Suite) -> None:
    found = print_day(busy.theatre, TODAY)
    busy.theatre.close()
    if file := getattr(busy.theatre.store, "path", None):
        shutil.rmtree(file.parent)
    assert all(texts(found.folder).values())
    assert all(PdfReader(path).pages for path in found.folder.glob("*.pdf"))


def test_nothing_is_kept_ready_unless_the_site_names_a_folder(make_suite) -> None:
    assert keep_spool(make_suite().theatre) is None


def test_it_is_printed_again_when_a_booking_changed_and_not_for_a_tick(busy: Suite, folder: Path) -> None:
    assert keep_spool(busy.theatre) is not None
    assert not any(b"Canary" in path.read_bytes() for path in folder.rglob("*.txt"))
    busy.clock.pass_time(minutes=5)
    busy.act(running_case(busy), done("SI.images", "IMG-1"))
    assert keep_spool(busy.theatre) is None
    case = busy.case()
    slot = booking.book(busy.theatre, busy.nurse, case.id, "OR3", MORNING + timedelta(hours=3), 60)
    assert keep_spool(busy.theatre) is not None
    busy.clock.pass_time(seconds=30)
    booking.move(busy.theatre, busy.nurse, case.id, "OR3", slot.start + timedelta(hours=40), 60, "later")
    assert keep_spool(busy.theatre) is None, "at most once a minute"
    busy.clock.pass_time(seconds=31)
    assert keep_spool(busy.theatre) is not None, "one that left the day counts too"
    busy.clock.pass_time(minutes=2)
    far = busy.case()
    booking.book(busy.theatre, busy.nurse, far.id, "OR3", MORNING + timedelta(days=6), 60)
    assert keep_spool(busy.theatre) is None, "next week's booking is none of the next 24 hours"
    assert len(listed(folder)) == 3


@on_both
def test_a_terminal_prints_in_a_process_of_its_own(busy: Suite, folder: Path) -> None:
    downtime.keep_spool_apart(busy.theatre)
    ((printed_at, spool),) = listed(folder)
    assert printed_at == MORNING
    assert "OR1-case-1001.pdf" in {path.name for path in spool.iterdir()}
    downtime.keep_spool_apart(busy.theatre)
    assert len(listed(folder)) == 1


def test_what_hinders_that_process_is_said_here(busy: Suite, folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    with pytest.raises(BadInput, match="cannot be written"):
        downtime.keep_spool_apart(busy.theatre)


@pytest.mark.parametrize(
    ("newest", "same", "now", "due"),
    [
        (None, True, "06:00", True),
        ("05:29", True, "05:29:30", False),
        ("05:29", True, "05:31", True),
        ("05:30", True, "09:00", False),
        ("05:30", False, "09:00", True),
        ("09:00", False, "09:00:59", False),
        ("09:00", False, "09:01", True),
        ("09:05", True, "09:00", False),  # the clock was put back
    ],
)
def test_when_forms_are_due(newest: str | None, same: bool, now: str, due: bool) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-23T{text}").replace(tzinfo=ZONE).astimezone(UTC)

    assert is_due(at(newest) if newest else None, same, at(now), ZONE) is due


def test_what_is_a_day_old_is_removed_and_nothing_else(busy: Suite, folder: Path) -> None:
    first = print_day(busy.theatre, TODAY).folder
    (folder / "holiday.txt").write_text("not ours")
    (folder / "ortool-forms-old").mkdir()
    busy.clock.pass_time(hours=24)
    second = print_day(busy.theatre, TODAY).folder
    assert first.exists()
    busy.clock.pass_time(seconds=1)
    third = print_day(busy.theatre, TODAY).folder
    assert {path.name for path in folder.iterdir()} == {second.name, third.name, "holiday.txt", "ortool-forms-old"}


def test_a_folder_that_cannot_be_written_is_one_sentence(busy: Suite, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="cannot be written"):
        print_day(busy.theatre, TODAY, to=tmp_path / "file" / "forms")


def test_a_printer_that_was_killed_leaves_no_spool(busy: Suite, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downtime, "_manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        print_day(busy.theatre, TODAY)
    assert list(folder.iterdir()) == []


def test_a_drill_is_an_entry_and_the_newest_is_found(suite: Suite) -> None:
    nurse = suite.nurse
    drilling.record_drill(suite.theatre, nurse, timedelta(minutes=9), timedelta(minutes=30), 40)
    suite.clock.pass_time(days=90)
    drilling.record_drill(suite.theatre, nurse, timedelta(seconds=200), timedelta(minutes=12), 21)
    entry = journals.recent_entries(suite.theatre)[-1]
    assert (entry.kind, dict(entry.body)) == (
        "downtime.drilled", {"first_line_s": 200, "back_entry_s": 720, "lines": 21},
    )  # fmt: skip
    with suite.theatre.reading() as session:
        found = drilling.last_drill(cursor_of(session))
    assert found is not None
    assert found.on == suite.clock.now
    assert found.words == "first line on paper after 3 min 20 s, within 5 min; 21 lines entered in 12 min"
    assert journals.verify_journal(suite.theatre).faults == []


@pytest.mark.parametrize(("first", "back", "lines"), [(0, 5, 3), (-1, 5, 3), (600, 5, 3), (3, 700, 3), (3, 5, 1000)])
def test_what_no_drill_takes_is_refused(suite: Suite, first: int, back: int, lines: int) -> None:
    with pytest.raises(BadInput):
        drilling.record_drill(suite.theatre, suite.nurse, timedelta(minutes=first), timedelta(minutes=back), lines)
