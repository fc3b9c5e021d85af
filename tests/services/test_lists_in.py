"""Waiting lists, rooms and equipment come in as lists, all or nothing, and go out as what comes in again."""

from collections.abc import Callable
from datetime import date

import pytest

from ortool.errors import BadInput
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
