"""Lists come in all or nothing; calendars move events instead of doubling them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest

from ortool.calendar import Audience
from ortool.errors import BadInput, Refused
from ortool.services import setup, undoing
from ortool.services.boards import case_list, day_board
from ortool.services.booking import book, cancel, move
from ortool.services.calendars import export_calendar
from ortool.services.importing import import_list
from ortool.services.people import find_person, list_people, retire_person
from tests.services.suite import MORNING, SUITE, Suite

HEAD = "hospital_number,name,procedure,surgeon,room,date,start,minutes\n"
GOOD = [
    "H1,Anna Apple,small,Dr Stone,OR1,2026-11-23,08:00,60",
    "H2,Ben Bean,small-operation,DS,OR1,2026-11-23,09:00,60",
    "H3,Cleo Clove,small op,s2,OR2,2026-11-23,08:30,90",
]
BAD = {
    "overlap": "H4,Dan Date,small,s2,OR1,2026-11-23,09:30,60",
    "surgeon": "H4,Dan Date,small,Dr Nobody,OR3,2026-11-23,12:00,60",
    "nurse": "H4,Dan Date,small,Nora Nurse,OR3,2026-11-23,12:00,60",
    "room": "H4,Dan Date,small,s2,OR9,2026-11-23,12:00,60",
    "procedure": "H4,Dan Date,magic,s2,OR3,2026-11-23,12:00,60",
    "patient": "H1,Anna Apple,small,s2,OR3,2026-11-23,08:30,60",
}


def listed(*lines: str) -> str:
    """Return a theatre list."""
    return HEAD + "\n".join(lines) + "\n"


def test_a_good_list_is_booked_whole(suite: Suite) -> None:
    found = import_list(suite.theatre, suite.nurse, listed(*GOOD), "list.csv")
    assert (found.written, found.faults) == (True, ())
    board = day_board(suite.theatre, date(2026, 11, 23))
    assert [one.case.hospital_number for one in board.all_cases] == ["H1", "H3", "H2"]


@pytest.mark.parametrize("fault", BAD)
def test_one_bad_line_keeps_the_whole_list_out(suite: Suite, fault: str) -> None:
    before = suite.head()
    found = import_list(suite.theatre, suite.nurse, listed(*GOOD, BAD[fault]), "list.csv")
    assert not found.written
    assert [one.line for one in found.faults] == [5]
    assert suite.head() == before
    assert case_list(suite.theatre) == []


def test_a_dry_run_finds_the_same_and_writes_nothing(suite: Suite) -> None:
    before = suite.head()
    good = import_list(suite.theatre, suite.nurse, listed(*GOOD), dry_run=True)
    bad = import_list(suite.theatre, suite.nurse, listed(*GOOD, BAD["overlap"]), dry_run=True)
    assert (good.faults, good.written, bad.written) == ((), False, False)
    assert bad.faults == import_list(suite.theatre, suite.nurse, listed(*GOOD, BAD["overlap"])).faults
    assert suite.head() == before


@pytest.mark.parametrize("past", [True, False])
def test_a_list_of_days_gone_by_is_taken_where_that_is_meant(suite: Suite, past: bool) -> None:
    old = "H9,Old Oak,small,s1,OR1,2026-03-02,08:00,60"
    found = import_list(suite.theatre, suite.nurse, listed(*GOOD, old), past=past)
    assert found.written is past
    assert past or "is past" in str(found.faults[0])


def test_a_list_may_be_taken_in_after_it_was_mended(suite: Suite) -> None:
    import_list(suite.theatre, suite.nurse, listed(*GOOD, BAD["overlap"]))
    assert import_list(suite.theatre, suite.nurse, listed(*GOOD)).written


def events(suite: Suite, audience: Audience = Audience.BUSY, days: int = 7) -> dict[str, Any]:
    """Return the exported events by UID."""
    exported = export_calendar(suite.theatre, date(2026, 11, 23), days, audience)
    found = list(icalendar.Calendar.from_ical(exported).walk("VEVENT"))
    assert len({str(event["UID"]) for event in found}) == len(found)
    return {str(event["UID"]): event for event in found}


def test_a_moved_slot_keeps_its_uid_and_counts_its_changes(suite: Suite) -> None:
    case = suite.case()
    book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    ((uid, first),) = events(suite).items()
    sequences = [first["SEQUENCE"]]
    for hours in (1, 2):
        suite.clock.pass_time(minutes=5)
        move(suite.theatre, suite.nurse, case.id, "OR2", MORNING + timedelta(hours=hours), 60)
        ((same, event),) = events(suite).items()
        assert same == uid
        assert event.start == MORNING + timedelta(hours=hours)
        sequences.append(event["SEQUENCE"])
    assert sequences == sorted(set(sequences))


def test_a_cancelled_slot_is_told_and_not_forgotten(suite: Suite) -> None:
    case = suite.case()
    book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    ((uid, before),) = events(suite).items()
    cancel(suite.theatre, suite.nurse, case.id, "fever")
    event = events(suite)[uid]
    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] > before["SEQUENCE"]


def test_the_same_day_gives_the_same_bytes(suite: Suite) -> None:
    book(suite.theatre, suite.nurse, suite.case().id, "OR1", MORNING, 60)
    first = export_calendar(suite.theatre, date(2026, 11, 23), 7, Audience.BUSY)
    suite.clock.pass_time(hours=1)
    assert export_calendar(suite.theatre, date(2026, 11, 23), 7, Audience.BUSY) == first


def test_busy_times_name_nobody(suite: Suite) -> None:
    book(suite.theatre, suite.nurse, suite.case().id, "OR1", MORNING, 60)
    exported = export_calendar(suite.theatre, date(2026, 11, 23), 1, Audience.BUSY)
    for word in (b"Patient", b"H1", b"small op", b"Stone"):
        assert word not in exported


@pytest.mark.parametrize(("name", "expected"), [("room", 1), ("person", 2), ("nothing", 3)])
def test_an_export_is_of_one_room_or_one_person(suite: Suite, name: str, expected: int) -> None:
    for room, hour, surgeon in (("OR1", 0, "s1"), ("OR2", 2, "s1"), ("OR3", 0, "s2")):
        book(suite.theatre, suite.nurse, suite.case(surgeon=surgeon).id, room, MORNING + timedelta(hours=hour), 60)
    asked = {"room": {"room": "OR2"}, "person": {"person": "s1"}, "nothing": {}}[name]
    exported = export_calendar(suite.theatre, date(2026, 11, 23), 1, Audience.BUSY, **asked)
    assert exported.count(b"BEGIN:VEVENT") == expected


def test_a_theatre_file_read_twice_writes_once(suite: Suite) -> None:
    before = suite.head()
    done = setup.load_theatre(suite.theatre, setup.SYSTEM, setup.read_theatre_file(SUITE, "suite"))
    assert suite.head() == before
    assert done == setup.Loaded(same=10)


def test_a_theatre_file_renews_words_and_brings_nobody_back(suite: Suite) -> None:
    retire_person(suite.theatre, suite.nurse, "s2")
    file = SUITE.replace("Dr Stone", "Dr Stone-Hill") + '[[rooms]]\nid = "OR4"\nname = "Theatre 4"\n'
    done = setup.load_theatre(suite.theatre, suite.nurse, setup.read_theatre_file(file, "suite"))
    assert done == setup.Loaded(new=1, changed=1, same=9)
    assert "s2" not in [person.id for person in list_people(suite.theatre)]
    assert find_person(suite.theatre, "s1").name == "Dr Stone-Hill"


WIZARD = "[[people]]\nid = 'x'\nname = 'y'\ninitials = 'z'\nroles = ['wizard']"


@pytest.mark.parametrize(
    ("text", "words"), [("[[rooms]]\nid = 'OR1'", "name"), ("rooms = ", "theatre.toml"), (WIZARD, "roles")]
)
def test_a_faulty_theatre_file_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=r"theatre\.toml") as refusal:
        setup.read_theatre_file(text, "theatre.toml")
    assert words in str(refusal.value)


@pytest.mark.parametrize("text", ["n1", "NN", "nora nurse", " Nora ", "N1"])
def test_people_are_found_by_id_initials_or_name(suite: Suite, text: str) -> None:
    assert find_person(suite.theatre, text).id == "n1"


@pytest.mark.parametrize(("text", "words"), [("Dr", "could be"), ("Xaver", "Nobody"), ("", "Nobody")])
def test_who_is_not_one_person_is_refused(suite: Suite, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        find_person(suite.theatre, text)


def test_people_are_listed_by_role(suite: Suite) -> None:
    assert [person.id for person in list_people(suite.theatre, "surgeon")] == ["b1", "s2", "s1"]


def test_one_undo_takes_back_every_booking_of_an_import(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    # More entries than are read at once while the command is looked for.
    monkeypatch.setattr(undoing, "_PAGE", 2)
    before = suite.case(surgeon="s2")
    book(suite.theatre, suite.nurse, before.id, "OR3", datetime(2026, 11, 23, 16, tzinfo=UTC), 60)
    import_list(suite.theatre, suite.nurse, listed(*GOOD), "list.csv")
    taken = undoing.undo_last(suite.theatre, suite.nurse).slots
    assert [slot.cancelled for slot in taken] == [True] * len(GOOD)
    board = day_board(suite.theatre, date(2026, 11, 23))
    assert [one.case.id for one in board.all_cases] == [before.id]
    (slot,) = undoing.undo_last(suite.theatre, suite.nurse).slots
    assert (slot.case_id, slot.cancelled) == (before.id, True)
    with pytest.raises(Refused, match="nothing of yours"):
        undoing.undo_last(suite.theatre, suite.nurse)
