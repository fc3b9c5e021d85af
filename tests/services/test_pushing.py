"""Slots in a calendar on a real CalDAV server: they move, they go, none is there twice, and nobody is overwritten."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import icalendar
import pytest

from ortool.calendar import Audience
from ortool.calendar.collection import Collection, checked_address, resource_of, says_the_same
from ortool.calendar.feed import FeedKind
from ortool.errors import BadInput, Refused
from ortool.services import booking, pushing
from ortool.services.journals import recent_entries, verify_journal
from ortool.services.pushing import Target
from ortool.storage.store import cursor_of
from ortool.storage.tables_calendar import PushedRow
from tests.calendar.dav import PASSWORD, USER, Radicale
from tests.services.suite import MORNING, Suite


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    one = Radicale(tmp_path_factory.mktemp("radicale"))
    yield one
    one.close()


@pytest.fixture
def suite(make_file_suite: Callable[..., Suite]) -> Suite:
    return make_file_suite()


@pytest.fixture
def address(radicale: Radicale) -> str:
    return radicale.calendar()


def booked(suite: Suite, hours: int):
    case = suite.case(name="Wilhelmina Quackenbush", hospital_number=f"HN-88{hours}", notes="spondylodiscitis")
    return case, booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=hours), 60)


def pushed(suite: Suite, address: str, force: bool = False, **of) -> pushing.Pushed:
    target = Target(address=address, audience=Audience.SLOT, **of)
    return pushing.push(suite.theatre, suite.nurse, target, USER, PASSWORD, force)


def counts(done: pushing.Pushed) -> tuple[int, int, int, int]:
    return done.sent, done.removed, done.unchanged, len(done.conflicts)


def starts(radicale: Radicale, address: str) -> list[datetime]:
    """Return the starts of all events there; each resource is one event without a METHOD."""
    found = []
    for text in radicale.events(address).values():
        calendar = icalendar.Calendar.from_ical(text)
        assert "METHOD" not in calendar
        (event,) = calendar.events
        found.append(event["DTSTART"].dt)
    return sorted(found)


def test_a_slot_that_moves_moves_its_event_and_one_that_is_gone_goes(suite, radicale, address):
    case, slot = booked(suite, 2)
    other, _ = booked(suite, 4)
    assert counts(pushed(suite, address)) == (2, 0, 0, 0)
    names = set(radicale.events(address))
    assert starts(radicale, address) == [slot.start, MORNING + timedelta(hours=4)]
    assert counts(pushed(suite, address)) == (0, 0, 2, 0), "nothing changed"

    booking.move(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=6), 60)
    assert counts(pushed(suite, address)) == (1, 0, 1, 0)
    assert starts(radicale, address) == [MORNING + timedelta(hours=4), MORNING + timedelta(hours=6)]
    assert set(radicale.events(address)) == names, "the same resource, and no second one"

    booking.cancel(suite.theatre, suite.nurse, other.id, "unwell")
    assert counts(pushed(suite, address)) == (1, 0, 1, 0)
    assert sum("STATUS:CANCELLED" in text for text in radicale.events(address).values()) == 1
    suite.clock.pass_time(days=8)
    assert counts(pushed(suite, address)) == (0, 1, 1, 0), "shown as cancelled for a week, then taken out"
    suite.clock.pass_time(days=40)
    assert counts(pushed(suite, address)) == (0, 0, 0, 0), "what is past stays where it was read"
    assert starts(radicale, address) == [MORNING + timedelta(hours=6)]


def test_what_others_put_there_stays_and_a_push_of_one_room_knows_only_its_own(suite, radicale, address):
    booked(suite, 2)
    foreign = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:mine\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    assert radicale.ask("PUT", f"{address}mine.ics", content=foreign).status_code == 201
    assert counts(pushed(suite, address, kind=FeedKind.ROOM, subject="OR1")) == (1, 0, 0, 0)
    assert counts(pushed(suite, address, kind=FeedKind.ROOM, subject="OR2")) == (0, 0, 0, 0)
    assert len(radicale.events(address)) == 2
    assert "Dentist" in radicale.events(address)["mine.ics"]


@pytest.mark.parametrize("how", ["changed", "removed"])
def test_what_somebody_changed_there_is_told_and_written_over_only_by_force(suite, radicale, address, how):
    case, slot = booked(suite, 2)
    pushed(suite, address)
    ((name, text),) = radicale.events(address).items()
    if how == "changed":
        theirs = text.replace("SUMMARY:OR1", "SUMMARY:Mine now\\, OR1")
        assert radicale.ask("PUT", address + name, content=theirs.encode()).status_code in (200, 201, 204)
    else:
        assert radicale.ask("DELETE", address + name).status_code == 200
    assert counts(pushed(suite, address)) == (0, 0, 1, 0), "nothing is to be sent"
    booking.move(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=5), 60)
    before = radicale.events(address)
    for _ in range(2):
        done = pushed(suite, address)
        assert done.conflicts == [slot.id]
        assert radicale.events(address) == before
    assert pushing.named(suite.theatre, done.conflicts) == [f"OR1 2026-11-23 13:00, case {case.number}"]
    assert counts(pushed(suite, address, force=True)) == (1, 0, 0, 0)
    assert starts(radicale, address) == [MORNING + timedelta(hours=5)]
    assert counts(pushed(suite, address)) == (0, 0, 1, 0)


def test_a_cancelled_event_that_somebody_changed_there_is_not_taken_out(suite, radicale, address):
    case, slot = booked(suite, 2)
    booking.cancel(suite.theatre, suite.nurse, case.id, "unwell")
    pushed(suite, address)
    ((name, text),) = radicale.events(address).items()
    radicale.ask("PUT", address + name, content=text.replace("Cancelled: ", "Why? ").encode())
    suite.clock.pass_time(days=8)
    assert pushed(suite, address).conflicts == [slot.id]
    assert len(radicale.events(address)) == 1
    assert counts(pushed(suite, address, force=True)) == (0, 1, 0, 0)
    assert radicale.events(address) == {}


@pytest.mark.parametrize("answered", [True, False])
def test_after_a_cut_nothing_is_sent_twice(suite, radicale, address, monkeypatch, answered):
    """The third PUT is cut, before or after the server has it."""
    for hours in (2, 4, 6, 8):
        booked(suite, hours)
    put, seen = Collection.put, []

    def cut(self, name, data, etag, force=False):
        seen.append(name)
        if len(seen) == 3:
            if not answered:
                put(self, name, data, etag, force)
            raise Refused("The line is down.")
        return put(self, name, data, etag, force)

    monkeypatch.setattr(Collection, "put", cut)
    done = pushed(suite, address)
    assert (counts(done), done.cut) == ((2, 0, 0, 0), "The line is down.")
    again = pushed(suite, address)
    assert (counts(again), again.cut) == ((2, 0, 2, 0), "")
    assert sorted(seen[:2] + seen[3:]) == sorted(set(seen))
    assert len(starts(radicale, address)) == 4
    assert counts(pushed(suite, address)) == (0, 0, 4, 0)


def test_a_push_whose_memory_was_dropped_finds_its_own_again(suite, radicale, address):
    booked(suite, 2)
    pushed(suite, address)
    with suite.theatre.store.writing() as session:
        cursor_of(session).execute("DELETE FROM pushed")
    assert counts(pushed(suite, address)) == (1, 0, 0, 0)
    assert len(radicale.events(address)) == 1


def test_what_was_sent_is_remembered_on_a_database_server_too(make_server_suite, radicale, address):
    suite = make_server_suite()
    case, _ = booked(suite, 2)
    assert counts(pushed(suite, address)) == (1, 0, 0, 0)
    booking.move(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=5), 60)
    assert counts(pushed(suite, address)) == (1, 0, 0, 0)
    assert counts(pushed(suite, address)) == (0, 0, 1, 0)


def test_the_journal_says_who_where_and_how_many_and_no_patient_leaves(suite, radicale, address):
    booked(suite, 2)
    pushed(suite, address, kind=FeedKind.ROOM, subject="OR1")
    begun, ended = (one for one in recent_entries(suite.theatre)[-2:])
    assert (begun.kind, begun.actor, begun.body["where"], begun.body["wanted"]) == (
        "calendar.push_begun", "n1", address, 1,
    )  # fmt: skip
    assert (ended.kind, ended.body["sent"], ended.body["of"], ended.body["audience"]) == (
        "calendar.pushed", 1, "room:OR1", "slot",
    )  # fmt: skip
    assert verify_journal(suite.theatre).faults == []
    said = "".join(radicale.events(address).values()) + repr((begun.body, ended.body))
    assert [word for word in ("Wilhelmina", "Quackenbush", "HN-88", "spondylo", PASSWORD) if word in said] == []
    with suite.theatre.reading() as session:
        row = session.get(PushedRow, (address, "room:OR1", booking_id(suite)))
        assert row.etag.startswith('"')


def booking_id(suite: Suite) -> str:
    with suite.theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT id FROM slot")
        ((slot,),) = cursor.fetchall()
        cursor.close()
    return slot


def test_a_dry_run_asks_nobody(suite):
    booked(suite, 2)
    target = Target(address="https://nowhere.invalid/x/", audience=Audience.BUSY)
    assert counts(pushing.plan_push(suite.theatre, suite.nurse, target)) == (1, 0, 0, 0)
    with pytest.raises(Refused, match="names a patient"):
        pushing.plan_push(suite.theatre, suite.nurse, Target(address=target.address, audience=Audience.NAMED))


@pytest.mark.parametrize(
    ("where", "password", "words"),
    [("", "wrong", "does not let"), ("nothing/", PASSWORD, "no calendar there")],
)
def test_a_server_that_lets_nobody_in_is_told_and_the_cut_is_kept(suite, address, where, password, words):
    booked(suite, 2)
    target = Target(address=f"{address}{where}", audience=Audience.BUSY)
    with pytest.raises(Refused, match=words) as told:
        pushing.push(suite.theatre, suite.nurse, target, USER, password)
    assert password not in str(told.value)
    assert recent_entries(suite.theatre)[-1].body["sent"] == 0


def test_a_server_that_is_away_is_told(suite):
    booked(suite, 2)
    with pytest.raises(Refused, match="cannot be reached"):
        pushing.push(suite.theatre, suite.nurse, Target(address="http://127.0.0.1:9/x/"), USER, PASSWORD)


@pytest.mark.parametrize(
    "wrong",
    ["", "x", "ftp://h/", "https://u:p@h/c/", "https://h/c/?token=1", "https:///c", "http://h:0/", "http://h.example/c/",
     "http://192.0.2.1/c/", "https://h/c c/", "https://h/\n", "https://h:99999/"],
)  # fmt: skip
def test_what_is_no_address_or_not_encrypted_is_refused(wrong):
    with pytest.raises(BadInput):
        checked_address(wrong)


def test_addresses_that_are_taken():
    assert checked_address("https://h.example/c") == "https://h.example/c/"
    assert checked_address("http://127.0.0.1:5232/u/c/") == "http://127.0.0.1:5232/u/c/"
    assert checked_address("http://[::1]/c") == "http://[::1]/c/"
    assert checked_address("http://h.example/c/", plain=True) == "http://h.example/c/"


def test_what_a_server_rewrote_is_still_the_same_and_what_it_changed_is_not():
    event = b"BEGIN:VEVENT\r\nUID:a\r\nSEQUENCE:1\r\nDTSTART:20260101T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
    one = resource_of(event)
    assert says_the_same(one, one.replace(b"SEQUENCE:1\r\n", b"").replace(b"SUMMARY:x", b"SUMMARY:x\r\nSEQUENCE:1"))
    for old, new in ((b"SUMMARY:x", b"SUMMARY:y"), (b"T100000Z", b"T110000Z"), (b"SEQUENCE:1", b"SEQUENCE:2")):
        assert not says_the_same(one, one.replace(old, new))
    assert not says_the_same(one, b"nothing")
    assert not says_the_same(one, one[:60])
