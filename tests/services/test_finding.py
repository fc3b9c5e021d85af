"""Finding cases: by what is wanted, within what one may read, and nothing of a text that was forgotten."""

from datetime import timedelta

import pytest

from ortool.caselog.found import Wanted
from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, NeedsIdentity
from ortool.people.person import NOBODY, Actor, Person
from ortool.services import booking, people, running
from ortool.services.finding import cases_behind, find_cases, procedure_called, room_called, surgeon_called
from ortool.services.setup import SYSTEM
from ortool.storage.store import cursor_of
from tests.services.suite import MORNING


def numbers(suite, most=200, after=0, **wanted):
    return [one.case.number for one in find_cases(suite.theatre, Wanted(**wanted), most, after).cases]


@pytest.fixture
def three(suite):
    """Three cases in two rooms on two days: s1 at L4-5 and L3-5, s2 at L4-5, all with the patient in the room."""
    cases = []
    for number, (surgeon, levels, room, days) in enumerate(
        [("s1", "L4-5", "OR1", 0), ("s1", "L3-5", "OR2", 0), ("s2", "L4-5", "OR1", 1)]
    ):
        case = suite.case(surgeon=surgeon, levels=levels)
        start = MORNING + timedelta(days=days, hours=2 * number)
        booking.book(suite.theatre, suite.nurse, case.id, room, start, 60)
        suite.act(case, StampMilestone("PIR"))
        cases.append(case)
    return cases


def test_each_thing_that_is_asked_for_narrows_the_list(suite, three):
    one, two, three = (case.number for case in three)
    day = MORNING.date()
    assert numbers(suite) == [three, two, one]
    assert numbers(suite, most=2) == [three, two]
    assert numbers(suite, most=2, after=2) == [one]
    assert numbers(suite, surgeon="s1") == [two, one]
    assert numbers(suite, room="OR1") == [three, one]
    assert numbers(suite, first=day, last=day) == [two, one]
    assert numbers(suite, first=day + timedelta(days=1)) == [three]
    assert numbers(suite, level="L3-4") == [two]
    assert numbers(suite, level="L4-5", surgeon="s2") == [three]
    assert numbers(suite, procedure="nothing") == []
    with pytest.raises(BadInput):
        numbers(suite, level="L9-9")


def test_what_is_called_is_found_by_id_name_and_initials_or_is_refused(suite):
    assert {surgeon_called(suite.theatre, text) for text in ("s1", "DS", "dr stone")} == {"s1"}
    assert room_called(suite.theatre, "theatre 2") == "OR2"
    with pytest.raises(BadInput, match="not known here"):
        procedure_called(suite.theatre, "nothing of the kind")


def test_notes_are_found_by_their_words_and_only_by_words(suite, three):
    running.add_note(suite.theatre, suite.nurse, three[0].id, "Drain kinked twice; déjà vu")
    running.add_note(suite.theatre, suite.nurse, three[1].id, "Kinked cord")
    assert numbers(suite, words="drain") == [three[0].number]
    assert numbers(suite, words="KINK") == [three[1].number, three[0].number]
    assert numbers(suite, words="kinked twice") == [three[0].number]
    assert numbers(suite, words="twice drain dé") == [three[0].number]
    assert numbers(suite, words="Patient") == []
    # What was typed is no language of queries.
    for text in ('"', "drain OR cord", "drain*", "NEAR(drain", "words:drain", "' OR 1=1 --", "drain & !x", "()", "-"):
        assert set(numbers(suite, words=text)) <= {three[0].number}


def test_a_text_that_is_forgotten_is_forgotten_by_the_index_at_once(suite, three):
    note = running.add_note(suite.theatre, suite.nurse, three[0].id, "Sister phoned")
    assert note
    assert numbers(suite, words="phoned")
    _forget(suite, "DELETE FROM secret_text WHERE txt = 'Sister phoned'")
    assert numbers(suite, words="phoned") == []
    # An index that is made anew does not bring it back.
    _forget(suite, "DELETE FROM note_case", "UPDATE index_progress SET seq = 0", "DELETE FROM case_mark")
    assert numbers(suite, words="phoned") == []


def test_an_index_of_another_journal_is_made_anew(suite, three):
    running.add_note(suite.theatre, suite.nurse, three[0].id, "Drain kinked")
    _forget(suite, "UPDATE index_progress SET seq = 100000")
    assert numbers(suite, words="kinked") == [three[0].number]
    _forget(suite, "UPDATE index_progress SET seq = 100000")
    assert numbers(suite, words="kinked") == [three[0].number]


def _forget(suite, *statements):
    """Carry statements out as the owner of the database would."""
    with suite.theatre.store.writing() as session:
        cursor = cursor_of(session)
        for statement in statements:
            cursor.execute(statement, ())
        cursor.close()


def test_who_got_a_lot(suite, three):
    with suite.theatre.store.writing() as session:
        cursor = cursor_of(session)
        cursor.execute(
            "INSERT INTO implant (seq, case_id, action, part, place, device_identifier, lot, serial, undone)"
            f" VALUES (1, ?, 'placed', 'screw', 'L4-left', '', 'A213', 'S9', {'FALSE' if suite.theatre.settings.on_server else 0})",
            (three[1].id,),
        )
        cursor.close()
    (found,) = find_cases(suite.theatre, Wanted(lot="A213")).cases
    assert found.case.number == three[1].number
    assert [(one.part, one.place, one.action, one.serial) for one in found.pieces] == [
        ("screw", "L4-left", "placed", "S9")
    ]
    assert numbers(suite, lot="A214") == []


def test_what_was_typed_late_has_its_share(suite, three):
    suite.clock.pass_time(hours=1)
    suite.act(three[0], StampMilestone("PIR", suite.clock.now - timedelta(minutes=30), "clock was wrong"))
    late = {one.case.number: one.late for one in find_cases(suite.theatre, Wanted()).cases}
    assert late[three[0].number] == 100
    assert late[three[2].number] == 0


def test_words_are_searched_in_what_one_may_read_and_the_search_is_kept(suite, three, monkeypatch):
    for case in three:
        running.add_note(suite.theatre, suite.nurse, case.id, "cement leaked")
    numbers(suite, words="cement")
    monkeypatch.setitem(suite.theatre.store.meta, "identification", "pin")
    suite.theatre.reader = NOBODY
    with pytest.raises(NeedsIdentity):
        numbers(suite, words="cement")
    with pytest.raises(NeedsIdentity):
        numbers(suite, event="intra.dural-tear")
    assert all(not one.case.patient_name for one in find_cases(suite.theatre, Wanted()).cases)
    suite.theatre.reader = Actor(suite.person("s2").person, "pin")
    assert numbers(suite, words="cement") == [three[2].number]
    with suite.theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT count(*) FROM entry WHERE kind = 'patient.read'")
        assert cursor.fetchone()[0] >= 1
        cursor.close()


def test_an_event_tells_whom_it_happened_to_only_to_who_may_read_the_case(suite, three, monkeypatch):
    numbers(suite, event="intra.dural-tear")
    with suite.theatre.store.writing() as session:
        cursor = cursor_of(session)
        for seq, case in enumerate(three, 90_001):
            cursor.execute(
                "INSERT INTO case_mark (seq, case_id, kind, what, minutes) VALUES (?, ?, 'complication', ?, 0)",
                (seq, case.id, "dural-tear"),
            )
        cursor.close()
    ids = [case.id for case in three]
    for name, role, given in (("x1", "coordinator", ""), ("x2", "patient", "auditor")):
        people.add_person(suite.theatre, SYSTEM, Person(name, name, name.upper(), frozenset({role})))
        if given:
            people.grant(suite.theatre, SYSTEM, name, [given])

    def named(figure):
        return [one.case.number for one in cases_behind(suite.theatre, ids, figure).cases if one.case.patient_name]

    every = [case.number for case in three]
    monkeypatch.setitem(suite.theatre.store.meta, "identification", "pin")
    for person, expected in ((suite.person("x1").person, []), (suite.person("s2").person, [every[2]])):
        suite.theatre.reader = Actor(person, "pin")
        assert sorted(numbers(suite, event="dural-tear")) == expected
        assert named("event_dural-tear") == expected
        assert named("turnover_median") == every
    suite.theatre.reader = Actor(suite.person("x2").person, "pin")
    assert sorted(numbers(suite, event="dural-tear")) == every
    assert named("event_dural-tear") == every
