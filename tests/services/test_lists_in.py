"""Waiting lists, rooms and equipment come in as lists, all or nothing, and go out as what comes in again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ortool.errors import BadInput, Refused
from ortool.exchange.lists_out import equipment_csv, rooms_csv
from ortool.schedule.resources import Equipment, Kind
from ortool.services.booking import book
from ortool.services.furnishing import RoomWords, change_equipment, change_room, furniture
from ortool.services.furniture_lists import import_equipment, import_rooms
from ortool.services.importing import import_waiting
from ortool.services.waiting import export_waiting, waiting_list
from tests.services.suite import Suite
from tests.services.test_arranging import furnish, is_whole


@pytest.fixture
def make_suite(make_file_suite: Callable[..., Suite]) -> Callable[..., Suite]:
    """On a file alone: what is read and written here goes through services that are tested on both."""
    return make_file_suite


HEAD = "mrn,patient,operation,side,consultant,prio,date added,target date,special equipment,notes\n"
ROWS = (
    'H1,"Apple, Anna",small,left,Dr Stone,P1,2026-11-02,2026-11-20,"c-arm, 2x screws",\n'
    "H2,Ben Bean,small-operation,,DS,routine,,,,=SUM(A1)\n"
)


def test_a_waiting_list_is_added_whole_and_comes_out_as_it_can_come_in_again(suite: Suite) -> None:
    furnish(suite)
    found = import_waiting(suite.theatre, suite.nurse, HEAD + ROWS, "wait.csv")
    assert (found.faults, found.written, found.ignored) == ((), True, ())
    first, second = waiting_list(suite.theatre)
    assert (first.case.priority, first.overdue, first.days) == (1, 3, 21)
    assert (first.case.needs, first.case.due) == ("c-arm, 2x screws", date(2026, 11, 20))
    assert (second.case.priority, second.days, second.case.notes) == (3, 0, "=SUM(A1)")
    written = export_waiting(suite.theatre)
    assert '"\'=SUM(A1)"' in written  # no spreadsheet runs it
    elsewhere = written.replace('"H1"', '"H8"').replace('"H2"', '"H9"')
    assert import_waiting(suite.theatre, suite.nurse, elsewhere).written
    again = {one.case.hospital_number: one.case for one in waiting_list(suite.theatre)}
    for one, twin in (("H1", "H8"), ("H2", "H9")):
        for name in (
            "patient_name",
            "procedure",
            "side",
            "surgeon",
            "priority",
            "waiting_since",
            "due",
            "needs",
            "notes",
        ):
            assert getattr(again[one], name) == getattr(again[twin], name)
    is_whole(suite)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("H1,Anna Apple,small,left,Dr Stone,2,,,,", "operation", "already, as case"),
        ("H1,Anna Apple,small,,Dr Stone,2,,,,", "operation", "already, as case"),
        (
            "H1,Somebody Else,small,right,Dr Stone,2,,,,\nH1,Another,small,left,Dr Stone,2,,,,",
            "patient",
            "One hospital number",
        ),
        ("H7,Twice,small,,Dr Stone,1,,,,\nH7,Twice,small,left,Dr Stone,2,,,,", "operation", "in line 2"),
        ("H7,Seven,small,,Dr Stone,6,,,,", "prio", "is not a priority"),
        ("H7,Seven,small,,Dr Stone,1,2026-11-24,,,", "date added", "still to come"),
        ("H7,Seven,small,,Dr Stone,1,2026-11-02,2026-11-01,,", "target date", "before it waits"),
        ("H7,Seven,small,,Dr Stone,1,2026-13-02,,,", "date added", "13"),
        ("H7,Seven,small,,Dr Stone,1,,,laser,", "special equipment", "Nothing here is called 'laser'"),
        ("H7,Seven,small,,Nora Nurse,1,,,,", "consultant", "no surgeon here"),
        ("H7,Seven,,,Dr Stone,1,,,,", "operation", "Every case needs it"),
    ],
)
def test_one_fault_keeps_the_whole_list_out_and_names_its_place(
    suite: Suite, row: str, column: str, words: str
) -> None:
    furnish(suite)
    assert import_waiting(suite.theatre, suite.nurse, HEAD + ROWS).written
    before = suite.head()
    found = import_waiting(suite.theatre, suite.nurse, f"{HEAD}{row}\nH5,Fine,small,,Dr Stone,,,,,", "wait.csv")
    assert not found.written
    assert [fault.column for fault in found.faults] == [column]
    assert words in found.faults[0].sentence
    assert suite.head() == before


def test_the_other_side_is_another_operation_and_a_dry_run_writes_nothing(suite: Suite) -> None:
    furnish(suite)
    assert import_waiting(suite.theatre, suite.nurse, HEAD + ROWS).written
    before = suite.head()
    other = f"{HEAD}H1,Anna Apple,small,right,Dr Stone,2,,,,"
    assert (import_waiting(suite.theatre, suite.nurse, other, dry_run=True).faults, suite.head()) == ((), before)
    assert import_waiting(suite.theatre, suite.nurse, other).written


def test_a_list_without_who_or_what_is_refused(suite: Suite) -> None:
    found = import_waiting(suite.theatre, suite.nurse, "mrn,patient,consultant\nH1,Ann,Dr Stone\n")
    assert [fault.column for fault in found.faults] == ["procedure"]
    with pytest.raises(BadInput, match="The waiting list is empty"):
        import_waiting(suite.theatre, suite.nurse, "")


def test_a_case_that_needs_what_nobody_has_is_not_added(suite: Suite) -> None:
    before = suite.head()
    with pytest.raises(BadInput, match="Nothing here is called 'laser'"):
        suite.case(needs="laser")
    assert suite.head() == before


def test_rooms_and_equipment_come_in_as_they_went_out(suite: Suite) -> None:
    furnish(suite)
    rooms = "id,name,hours,can,turnover,in use\nOR1,=One,mon-fri 07:30-18:00,mri,25,yes\nOR9,Nine,,laser,,no\n"
    done = import_rooms(suite.theatre, suite.nurse, rooms, "rooms.csv")
    assert (done.faults, done.written) == ((), True)
    found = {room.id: (room, used) for room, used in furniture(suite.theatre).rooms}
    assert found["OR1"][0].hours.written == "mon-fri 07:30-18:00"
    assert (found["OR9"][0].turnover, found["OR9"][1], found["OR2"][0].name) == (None, False, "Theatre 2")
    things = "id,name,units,kind\nC-ARM,C-arm,4,device\nmill,Mill,2,tray\n"
    assert import_equipment(suite.theatre, suite.nurse, things).written
    before, head = furniture(suite.theatre), suite.head()
    assert import_rooms(suite.theatre, suite.nurse, rooms_csv(before.rooms)).written
    assert import_equipment(suite.theatre, suite.nurse, equipment_csv(before.equipment)).written
    assert (furniture(suite.theatre), suite.head()) == (before, head)  # what is so already makes no entry
    is_whole(suite)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("id,name,hours\nOR1,One,mon-fri 18:00-07:00", "hours", "ends before it begins"),
        ("id,name,hours\nOR1,One,always", "hours", "no opening hours"),
        ("id,name,turnover\nOR1,One,61", "turnover", "no number of minutes"),
        ("id,name,turnover\nOR1,One,-5", "turnover", "no number of minutes"),
        ("id,name,can\nOR1,One,99 luft", "can", "is no need"),
        ("id,name\nOR1,One\nOR1,Two", "id", "in line 2 too"),
        ("id,name\nOR1,", "name", "Every room needs it"),
        ("id,name\nOR 77 is far too long,X", "id", "no id"),
        ("id,name,in use\nOR1,One,perhaps", "in use", "neither yes nor no"),
        ("id\nOR1", "name", "There is no column"),
    ],
)
def test_a_faulty_list_of_rooms_changes_nothing(suite: Suite, text: str, column: str, words: str) -> None:
    before = suite.head()
    found = import_rooms(suite.theatre, suite.nurse, text)
    assert [fault.column for fault in found.faults] == [column]
    assert words in found.faults[0].sentence
    assert suite.head() == before


def test_what_slots_to_come_hold_is_not_taken_away(suite: Suite) -> None:
    furnish(suite)
    case = suite.case(procedure="imaged", surgeon="s1")
    book(suite.theatre, suite.nurse, case.id, "OR1", datetime(2026, 11, 24, 8, tzinfo=UTC), 60)
    change_equipment(suite.theatre, suite.nurse, Equipment("c-arm", "C-arm", Kind.EQUIPMENT, 2))
    change_equipment(suite.theatre, suite.nurse, Equipment("c-arm", "C-arm", Kind.EQUIPMENT, 1))  # enough for one slot
    before = suite.head()
    c_arm = next(one for one, _ in furniture(suite.theatre).equipment if one.id == "c-arm")
    with pytest.raises(Refused, match=rf"C-arm cannot be 0: slots to come hold more of it \(case {case.number}\)"):
        change_equipment(suite.theatre, suite.nurse, replace(c_arm, units=0))
    with pytest.raises(Refused, match="slots to come"):
        change_equipment(suite.theatre, suite.nurse, c_arm, active=False)
    with pytest.raises(Refused, match="1 slots still to come"):
        change_room(suite.theatre, suite.nurse, "OR1", RoomWords(active=False))
    fault = import_equipment(suite.theatre, suite.nurse, "id,name,units\nc-arm,C-arm,0").faults[0]
    assert (fault.line, "slots to come" in fault.sentence) == (2, True)
    screws = "id,name,units\nscrews,Screws,-1"
    assert "no number of units" in import_equipment(suite.theatre, suite.nurse, screws).faults[0].sentence
    with pytest.raises(BadInput, match="laminar-flow"):
        change_room(suite.theatre, suite.nurse, "OR3", RoomWords(capabilities=""))  # a procedure needs it
    assert suite.head() == before
