"""Blocks, closures and leave as people enter them: kept in the journal, read back cheaply, refused in a sentence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ortool.errors import BadInput, NotPermitted, Refused
from ortool.people.permissions import Verb
from ortool.schedule.recurrence import Series
from ortool.schedule.slots import Span
from ortool.schedule.windows import EVERYWHERE, WindowKind
from ortool.services import identity, series
from ortool.services.booking import book
from ortool.services.journals import verify_journal
from ortool.storage.store import cursor_of
from tests.services.suite import MORNING, Suite

MONDAY = date(2026, 11, 23)
WEEK = Span(MORNING - timedelta(hours=8), MORNING + timedelta(days=7))


def block(**words) -> Series:
    usual = {"rule": "FREQ=WEEKLY", "owner": "person:s1", "title": "Spine"}
    return Series("", WindowKind.BLOCK, "room:OR1", MONDAY, "08:00", "16:00", **(usual | words))


def closure(resource: str = EVERYWHERE, first: date = MONDAY, **words) -> Series:
    return Series("", WindowKind.CLOSURE, resource, first, "00:00", "24:00", **words)


def leave(person: str, **words) -> Series:
    return Series("", WindowKind.LEAVE, f"person:{person}", MONDAY, "00:00", "24:00", **words)


def put(suite: Suite, one: Series, who: str = "n1") -> Series:
    return series.set_series(suite.theatre, suite.person(who), one).series


def no_difference(suite: Suite) -> None:
    assert verify_journal(suite.theatre).faults == []


def test_a_block_is_set_changed_on_a_day_ended_and_removed_and_the_entries_say_all_of_it(suite: Suite) -> None:
    kept = put(suite, block(release_days=7))
    assert kept.id == "b1"
    assert [window.owner for window in series.windows(suite.theatre, WEEK)] == ["person:s1"]
    later = MONDAY + timedelta(days=14)
    series.change_day(suite.theatre, suite.nurse, "b1", later, None)
    series.change_day(suite.theatre, suite.nurse, "b1", later + timedelta(days=7), ("12:00", 1, "02:00"))
    series.change_day(suite.theatre, suite.nurse, "b1", later, ("9:00", 0, "10:00"))
    again = series.find_series(suite.theatre, "b1")
    assert again.changes == {later: ("09:00", 0, "10:00"), later + timedelta(days=7): ("12:00", 1, "02:00")}
    ended = series.end_series(suite.theatre, suite.nurse, "b1", later + timedelta(days=9)).series
    assert ended.rule == "FREQ=WEEKLY;UNTIL=20261216"
    assert ended.last_day == date(2026, 12, 17)
    assert ended.changes == again.changes
    put(suite, leave("s2"))
    no_difference(suite)
    series.remove_series(suite.theatre, suite.nurse, "b1")
    assert [window.kind for window in series.windows(suite.theatre, WEEK)] == [WindowKind.LEAVE]
    no_difference(suite)


def test_what_somebody_alters_behind_the_journal_is_found(suite: Suite) -> None:
    put(suite, block())
    series.change_day(suite.theatre, suite.nurse, "b1", MONDAY, None)
    with suite.theatre.store.writing() as session:
        cursor = cursor_of(session)
        cursor.execute("UPDATE series SET owner = 'person:s2'")
        cursor.execute("DELETE FROM series_change")
        cursor.close()
    found = verify_journal(suite.theatre).faults
    assert any("series b1: owner" in one for one in found)
    assert any("changed day" in one and "gone" in one for one in found)


def test_two_blocks_of_one_room_never_overlap_and_the_refusal_names_the_other(suite: Suite) -> None:
    put(suite, block())
    with pytest.raises(
        Refused, match=r"Theatre 1 belongs to Dr Stone on Mon 23 Nov 2026 from 08:00 to 16:00 \(block b1"
    ):
        put(suite, block(owner="service:spine", rule="FREQ=DAILY"))
    with pytest.raises(Refused, match="Mon 04 Jan 2027"):
        put(suite, replace(block(rule=""), first_day=date(2027, 1, 4)))
    put(suite, replace(block(rule="FREQ=DAILY"), starts="16:00", ends="24:00"))
    put(suite, replace(block(), resource="room:OR2"))
    with pytest.raises(Refused):
        series.change_day(suite.theatre, suite.nurse, "b1", MONDAY, ("08:00", 0, "17:00"))
    assert series.find_series(suite.theatre, "b1").changes == {}


def test_a_closure_says_which_cases_lie_in_it(suite: Suite) -> None:
    first, second = suite.case(), suite.case(surgeon="s2")
    book(suite.theatre, suite.nurse, first.id, "OR1", MORNING + timedelta(days=1), 60)
    book(suite.theatre, suite.nurse, second.id, "OR2", MORNING + timedelta(days=1), 60, hold=True)
    tuesday = MONDAY + timedelta(days=1)

    def told(one: Series) -> list[int]:
        return [lying.number for lying in series.set_series(suite.theatre, suite.nurse, one).cases]

    assert told(closure(first=tuesday)) == [first.number, second.number]
    assert told(closure("room:OR2", tuesday)) == [second.number]
    assert told(replace(leave("s1"), first_day=tuesday)) == [first.number]
    assert told(closure("room:OR3", tuesday)) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (block(owner=""), "person or to a service"), (block(owner="person:zz"), "has the id"),
        (replace(block(), resource="room:OR9"), "no room"), (replace(block(), resource=EVERYWHERE), "no room"),
        (replace(leave("s1"), resource="person:zz"), "has the id"), (replace(leave("s1"), resource="room:OR1"), "has the id"),
        (block(rule="FREQ=HOURLY"), "HOURLY"), (replace(block(), ends="08:00"), "ends at"),
        (block(days=1), "day long"), (block(release_days=-1), "released"),
        (replace(block(), first_day=date(1900, 1, 1)), "begin on"),
    ],
)  # fmt: skip
def test_what_is_no_block_is_a_sentence_and_no_change(suite: Suite, wrong: Series, words: str) -> None:
    before = suite.head()
    with pytest.raises(BadInput, match=words):
        put(suite, wrong)
    assert suite.head() == before


def test_a_day_that_is_none_of_its_days_and_a_change_to_the_same_are_refused(suite: Suite) -> None:
    put(suite, block())
    for day, times, fault in (
        (MONDAY + timedelta(days=1), None, BadInput), (MONDAY, ("08:00", 0, "16:00"), Refused),
        (MONDAY, ("08:00", 0, "07:00"), BadInput),
    ):  # fmt: skip
        with pytest.raises(fault):
            series.change_day(suite.theatre, suite.nurse, "b1", day, times)
    with pytest.raises(BadInput, match="no block 'b9'"):
        series.find_series(suite.theatre, "b9", WindowKind.BLOCK)


def test_what_is_tried_is_not_written(suite: Suite) -> None:
    before = suite.head()
    kept = series.tried(
        suite.theatre, suite.nurse, Verb.SCHEDULE, lambda: series.set_series(suite.theatre, suite.nurse, block())
    )
    assert kept.series.id == "b1"
    assert suite.head() == before
    assert series.list_series(suite.theatre) == []


def test_people_enter_their_own_leave_and_nobody_elses(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    suite.theatre.store.meta["identification"] = "pin"
    monkeypatch.setattr(identity, "_hasher", None, raising=False)
    stone = replace(suite.person("s1"), auth="pin")
    series.set_series(suite.theatre, stone, leave("s1"))
    with pytest.raises(NotPermitted):
        series.set_series(suite.theatre, stone, leave("s2"))
    with pytest.raises(NotPermitted):
        series.set_series(suite.theatre, stone, block())


def test_leave_keeps_no_title_and_an_older_one_is_shown_to_nobody(suite: Suite) -> None:
    kept = put(suite, leave("s2", title="surgery of a knee"))
    assert kept.title == ""
    with suite.theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT body FROM entry WHERE kind = 'series.set'")
        assert not any(b"knee" in bytes(body) for (body,) in cursor.fetchall())
        cursor.close()
    with suite.theatre.store.writing() as session:
        session.connection().exec_driver_sql("UPDATE series SET title = 'surgery of a knee'")
    assert [one.title for one in series.list_series(suite.theatre)] == [""]
    assert [one.title for one in series.windows(suite.theatre, WEEK)] == [""]
