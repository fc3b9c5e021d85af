"""Another surgeon or anaesthetist before a case begins: its slot follows, a clash refuses, one undo takes it back."""

from datetime import UTC, datetime, timedelta

import pytest

from ortool.caselog.case import Case
from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, Refused
from ortool.schedule.slots import Span
from ortool.services.arranging import Clash, held_of
from ortool.services.booking import book, cancel
from ortool.services.cases import find_case
from ortool.services.journals import verify_journal
from ortool.services.teams import change_team
from ortool.services.undoing import undo_last
from tests.services.suite import Suite

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def people_held(suite: Suite) -> set[tuple[str, str]]:
    with suite.theatre.reading() as session:
        found = held_of(session, None, Span(NINE, NINE + timedelta(hours=1)))
    return {(one.case, one.resource) for one in found if one.resource.startswith("person:")}


def is_whole(suite: Suite) -> None:
    assert [str(fault) for fault in verify_journal(suite.theatre).faults] == []


@pytest.fixture
def booked(suite: Suite) -> Case:
    case = suite.case(anaesthetist="a1")
    book(suite.theatre, suite.nurse, case.id, "OR1", NINE, 60)
    return case


def test_the_slot_holds_the_new_team_and_one_undo_gives_the_old_one_back(suite: Suite, booked: Case) -> None:
    old = {("1001", "person:s1"), ("1001", "person:a1")}
    assert people_held(suite) == old
    changed = change_team(suite.theatre, suite.nurse, booked.id, surgeon="s2", anaesthetist="b1")
    assert (changed.surgeon, changed.anaesthetist) == ("Dr Brook", "Dr Both")
    assert people_held(suite) == {("1001", "person:s2"), ("1001", "person:b1")}
    is_whole(suite)
    undo_last(suite.theatre, suite.nurse)
    assert find_case(suite.theatre, "1001").surgeon == "Dr Stone"
    assert find_case(suite.theatre, "1001").anaesthetist == "Dr Ether"
    assert people_held(suite) == old
    is_whole(suite)


def test_two_changes_are_taken_back_one_after_the_other(suite: Suite, booked: Case) -> None:
    change_team(suite.theatre, suite.nurse, booked.id, surgeon="s2")
    change_team(suite.theatre, suite.nurse, booked.id, surgeon="b1")
    for surgeon in ("s2", "s1"):
        undo_last(suite.theatre, suite.nurse)
        assert find_case(suite.theatre, "1001").surgeon_id == surgeon
        assert (("1001", f"person:{surgeon}")) in people_held(suite)
    is_whole(suite)


def test_a_surgeon_who_is_elsewhere_is_refused_and_nothing_is_kept(suite: Suite, booked: Case) -> None:
    other = suite.case(surgeon="s2")
    book(suite.theatre, suite.nurse, other.id, "OR2", NINE, 60)
    head, before = suite.head(), people_held(suite)
    with pytest.raises(Clash, match="Dr Brook is with case 1002 in OR2"):
        change_team(suite.theatre, suite.nurse, booked.id, surgeon="s2")
    assert (suite.head(), people_held(suite)) == (head, before)
    assert find_case(suite.theatre, "1001").surgeon_id == "s1"


@pytest.mark.parametrize(
    ("team", "error", "words"),
    [
        ({"surgeon": "a1"}, BadInput, "Dr Ether is no surgeon here"),
        ({"surgeon": "nobody"}, BadInput, "'nobody' is no surgeon here"),
        ({"anaesthetist": "s2"}, BadInput, "Dr Brook is no anaesthetist here"),
        ({"surgeon": "b1", "anaesthetist": "b1"}, BadInput, "One person cannot be"),
        ({"surgeon": "s1"}, Refused, "exactly this team"),
        ({}, Refused, "exactly this team"),
    ],
)
def test_a_team_that_cannot_be_is_a_sentence(
    suite: Suite, booked: Case, team: dict[str, str], error: type[Exception], words: str
) -> None:
    head = suite.head()
    with pytest.raises(error, match=words):
        change_team(suite.theatre, suite.nurse, booked.id, **team)
    assert suite.head() == head


def test_what_has_begun_or_is_cancelled_keeps_its_team(suite: Suite, booked: Case) -> None:
    off = suite.case()
    book(suite.theatre, suite.nurse, off.id, "OR2", NINE + timedelta(hours=2), 60)
    cancel(suite.theatre, suite.nurse, off.id, "unwell")
    suite.act(booked, StampMilestone("PIR"))
    for case, state in ((off, "cancelled"), (booked, "in room")):
        with pytest.raises(Refused, match=f"{state}; its team is not changed any more"):
            change_team(suite.theatre, suite.nurse, case.id, surgeon="s2")


def test_a_case_that_waits_changes_its_surgeon_and_no_slot(suite: Suite) -> None:
    case = suite.case()
    assert change_team(suite.theatre, suite.nurse, case.id, anaesthetist="a1").anaesthetist == "Dr Ether"
    assert not people_held(suite)
    is_whole(suite)


def test_the_team_of_a_case_that_waits_is_taken_back_too(suite: Suite) -> None:
    case = suite.case()
    change_team(suite.theatre, suite.nurse, case.id, anaesthetist="a1")
    change_team(suite.theatre, suite.nurse, case.id, surgeon="s2")
    back = undo_last(suite.theatre, suite.nurse)
    assert (back.slots, [one.number for one in back.cases]) == ((), [case.number])
    assert find_case(suite.theatre, "1001").surgeon_id == "s1"
    undo_last(suite.theatre, suite.nurse)
    assert not find_case(suite.theatre, "1001").anaesthetist
    with pytest.raises(Refused, match="nothing of yours"):
        undo_last(suite.theatre, suite.nurse)
    is_whole(suite)


def test_a_team_that_got_a_slot_since_is_not_taken_back_behind_its_back(suite: Suite) -> None:
    case = suite.case()
    change_team(suite.theatre, suite.nurse, case.id, surgeon="s2")
    book(suite.theatre, suite.surgeon, case.id, "OR1", NINE, 60)
    with pytest.raises(Refused, match="has got a slot since"):
        undo_last(suite.theatre, suite.nurse)
    assert (("1001", "person:s2")) in people_held(suite)
    is_whole(suite)


def test_what_took_a_team_along_with_its_slot_goes_back_once(suite: Suite, booked: Case) -> None:
    change_team(suite.theatre, suite.nurse, booked.id, surgeon="s2")
    undo_last(suite.theatre, suite.nurse)
    undo_last(suite.theatre, suite.nurse)
    assert not people_held(suite)
    assert find_case(suite.theatre, "1001").surgeon_id == "s1"
    is_whole(suite)
