"""Feeds: a token is known once and kept nowhere, every change of what is read changes the bytes, and nothing else does."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from sqlmodel import select

from ortool.calendar import Audience, render_event
from ortool.calendar.feed import FeedKind
from ortool.calendar.live import Expected
from ortool.checklist.commands import DeclareEmergency, StampMilestone
from ortool.errors import BadInput, Refused
from ortool.services import booking, feeds, renderings, setup
from ortool.services.calendars import export_calendar
from ortool.services.journals import newest_seq, verify_journal
from ortool.services.publishing import publish, publish_today
from ortool.storage.store import cursor_of
from ortool.storage.tables_calendar import FeedRow, RenderedRow, SeriesChangeRow, SeriesRow
from tests.services.suite import MORNING, SUITE, Suite


@pytest.fixture
def suite(make_suite):
    return make_suite()


@pytest.fixture
def on_file(make_file_suite):
    """What says nothing of the database is tried on a file alone."""
    return make_file_suite()


def booked(suite: Suite, hours: int = 2, **words: str):
    case = suite.case(**words)
    return case, booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=hours), 60)


def made(suite: Suite, level=Audience.TEAM, kind=FeedKind.ROOM, subject="OR1", days=365):
    return feeds.add_feed(suite.theatre, suite.nurse, kind, subject, level, days)


def bytes_of(suite: Suite, feed) -> bytes:
    return b"".join(feeds.pieces_of(suite.theatre, feed))


def test_a_token_opens_its_feed_and_stands_nowhere(suite):
    new = made(suite)
    assert len(new.token) >= 43
    assert feeds.find_feed(suite.theatre, new.token) == new.feed
    assert feeds.find_feed(suite.theatre, new.token[:-1] + "x") is None
    with suite.theatre.reading() as session:
        cursor = cursor_of(session)
        for table in ("feed", "entry", "secret_text"):
            cursor.execute(f"SELECT * FROM {table}")
            found = cursor.fetchall()
            assert found or table == "secret_text"
            cells = (
                bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                for row in found
                for cell in row
            )
            assert new.token.encode() not in b"\n".join(cells)
        cursor.close()
    assert new.token not in repr(feeds.list_feeds(suite.theatre))


def test_revoked_expired_and_rotated_feeds_are_closed_and_the_journal_has_it_all(suite):
    new, short = made(suite), made(suite, days=1)
    rotated = feeds.rotate_feed(suite.theatre, suite.nurse, new.feed.id)
    now = suite.clock.pass_time(days=2)
    found = {token: feeds.find_feed(suite.theatre, token) for token in (new.token, short.token, rotated.token)}
    assert [found[token].state(now) for token in found] == ["revoked", "expired", "open"]
    feeds.revoke_feed(suite.theatre, suite.nurse, rotated.feed.id)
    assert [one.is_open(now) for one in feeds.list_feeds(suite.theatre)] == [False] * 3
    with pytest.raises(Refused, match="already"):
        feeds.revoke_feed(suite.theatre, suite.nurse, rotated.feed.id)
    assert verify_journal(suite.theatre).faults == []
    with suite.theatre.store.writing() as session:
        row = session.exec(select(FeedRow).where(FeedRow.id == rotated.feed.id)).one()
        row.revoked_at = None
        session.add(row)
    assert [fault for fault in verify_journal(suite.theatre).faults if "revoked_at" in fault]


@pytest.mark.parametrize(
    ("kind", "subject", "level", "error"),
    [
        (FeedKind.ROOM, "OR9", Audience.BUSY, BadInput), (FeedKind.PERSON, "nobody", Audience.BUSY, BadInput),
        (FeedKind.SERVICE, "magic", Audience.BUSY, BadInput), (FeedKind.ROOM, "OR1", Audience.NAMED, Refused),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused(on_file, kind, subject, level, error):
    with pytest.raises(error):
        made(on_file, level, kind, subject)
    assert feeds.list_feeds(on_file.theatre) == []


def test_a_feed_of_somebody_who_left_is_closed(on_file):
    from ortool.services.people import retire_person

    new = made(on_file, Audience.BUSY, FeedKind.PERSON, "s2")
    retire_person(on_file.theatre, on_file.nurse, "s2")
    found = feeds.find_feed(on_file.theatre, new.token)
    assert found is not None
    assert found.state(on_file.clock.now) == "closed"


def test_each_kind_of_feed_holds_its_own_slots(suite):
    booked(suite)
    case, _ = booked(suite, 4, surgeon="s2")
    wanted = {
        (FeedKind.ROOM, "OR1"): 2,
        (FeedKind.ROOM, "OR2"): 0,
        (FeedKind.PERSON, "s2"): 1,
        (FeedKind.SERVICE, "spine"): 2,
    }
    for (kind, subject), number in wanted.items():
        data = bytes_of(suite, made(suite, Audience.SLOT, kind, subject).feed)
        assert data.count(b"BEGIN:VEVENT") == number, (kind, subject)
        assert (f"case {case.number}".encode() in data) == bool(number)


def renamed(old: str, new: str):
    def deed(suite, _case):
        setup.load_theatre(suite.theatre, suite.nurse, setup.read_theatre_file(SUITE.replace(old, new), "suite.toml"))

    return deed


CHANGES = {
    "surgeon": (renamed("Dr Stone", "Dr Pebble"), {Audience.TEAM}),
    "room": (renamed("Theatre 1", "The first theatre"), {Audience.BUSY, Audience.SLOT, Audience.TEAM}),
    "specialty": (renamed('"spine"', '"backs"'), {Audience.SLOT, Audience.TEAM}),
    "moved": (
        lambda suite, case: booking.move(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=5), 60),
        {Audience.BUSY, Audience.SLOT, Audience.TEAM},
    ),
    "cancelled": (
        lambda suite, case: booking.cancel(suite.theatre, suite.nurse, case.id, "unwell"),
        {Audience.BUSY, Audience.SLOT, Audience.TEAM},
    ),
    "another room": (renamed("Theatre 3", "Elsewhere"), set()),
    "a patient's": (lambda suite, _case: suite.case(name="Somebody Else"), set()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_stored_is_never_stale_and_the_tag_moves_with_the_bytes(on_file, change):
    case, _ = booked(on_file)
    open_ones = {level: made(on_file, level).feed for level in (Audience.BUSY, Audience.SLOT, Audience.TEAM)}
    before = {
        level: (bytes_of(on_file, feed), feeds.etag_of(on_file.theatre, feed)) for level, feed in open_ones.items()
    }
    deed, changed = CHANGES[change]
    deed(on_file, case)
    for level, feed in open_ones.items():
        tag, data = feeds.etag_of(on_file.theatre, feed), bytes_of(on_file, feed)
        assert (data != before[level][0]) == (level in changed), level
        assert (tag != before[level][1]) == (level in changed), level
        with on_file.theatre.store.writing() as session:
            cursor_of(session).execute("DELETE FROM rendered")
        assert bytes_of(on_file, feed) == data, "the copy says what is made anew"


def test_the_time_of_a_change_moves_with_the_bytes_and_outlasts_the_program(suite):
    case, _ = booked(suite)
    feed = made(suite).feed

    def changed(of: Suite) -> datetime:
        return feeds.changed_since(of.theatre, feed, feeds.etag_of(of.theatre, feed))

    first = changed(suite)
    suite.clock.pass_time(minutes=5)
    later = suite.elsewhere()
    assert (changed(suite), changed(later)) == (first, first)
    renamed("Dr Stone", "Dr Pebble")(suite, case)
    second = changed(later)
    assert (second, second > first) == (suite.clock.now.replace(microsecond=0), True)
    suite.clock.pass_time(seconds=-1)
    renamed("Dr Stone", "Dr Rock")(suite, case)
    assert changed(suite) > second, "two versions never share a time"
    later.theatre.close()


def test_a_stored_event_is_served_as_it_stands_and_nothing_is_rendered(suite, monkeypatch):
    booked(suite)
    feed = made(suite).feed
    first = bytes_of(suite, feed)
    monkeypatch.setattr(renderings, "render_event", None)
    assert bytes_of(suite, feed) == first
    assert feeds.etag_of(suite.theatre, feed)
    with suite.theatre.reading() as session:
        kept = session.exec(select(RenderedRow)).all()
    assert [row.audience for row in kept] == ["team"]
    assert kept[0].event in first


def test_a_calendar_is_the_same_when_nothing_can_be_kept(on_file, monkeypatch):
    from ortool.errors import StorageFault

    booked(on_file)
    feed = made(on_file).feed

    def full(*_: object) -> None:
        raise StorageFault("The disk is full.")

    monkeypatch.setattr(renderings, "_keep", full)
    first = bytes_of(on_file, feed)
    monkeypatch.undo()
    assert bytes_of(on_file, feed) == first


def test_named_events_are_never_kept_and_others_know_no_patient(suite):
    case, slot = booked(suite)
    export_calendar(suite.theatre, date(2026, 11, 23), 7, Audience.NAMED)
    with suite.theatre.reading() as session:
        assert session.exec(select(RenderedRow)).all() == []
        ((_, plain),) = renderings.events_of(session, [slot.id])
        ((_, named),) = renderings.events_of(session, [slot.id], named=True)
    assert (plain.patient_name, plain.hospital_number, plain.notes, plain.procedure) == (None, None, "", "")
    assert named.patient_name == case.patient_name
    site = suite.theatre.store.site_id
    assert render_event(plain, Audience.TEAM, site) == render_event(replace(named, notes="x"), Audience.TEAM, site)


def test_a_cancelled_slot_is_shown_for_some_days(on_file):
    case, _ = booked(on_file, 24 * 20)
    booking.cancel(on_file.theatre, on_file.nurse, case.id, "unwell")
    feed = made(on_file).feed
    for days, shown in ((6, True), (2, False)):
        on_file.clock.pass_time(days=days)
        assert (b"STATUS:CANCELLED" in bytes_of(on_file, feed)) is shown
    data = export_calendar(on_file.theatre, date(2026, 12, 1), 30, Audience.SLOT, cancelled_days=30)
    assert b"STATUS:CANCELLED" in data


def test_more_slots_than_a_page_stand_in_order_and_once(suite, monkeypatch):
    monkeypatch.setattr(renderings, "PAGE", 2)
    for hours in (8, 2, 6, 4, 10):
        booked(suite, hours)
    data = export_calendar(suite.theatre, date(2026, 11, 23), 1, Audience.BUSY)
    starts = [line for line in data.split(b"\r\n") if line.startswith(b"DTSTART")]
    assert starts == sorted(starts)
    assert len(set(starts)) == 5


def with_series(suite: Suite) -> None:
    """A weekly block of a service with one day off and one day moved, a closure of one night, and somebody's leave."""
    with suite.theatre.store.writing() as session:
        for name, kind, resource, owner, starts, days, ends, rule in (
            ("1", "block", "room:OR1", "service:spine", "08:00", 0, "16:00", "FREQ=WEEKLY;BYDAY=TU;COUNT=4"),
            ("2", "closure", "room:OR2", "", "22:00", 1, "24:00", ""),
            ("3", "leave", "person:s1", "person:s1", "00:00", 0, "24:00", "FREQ=DAILY;UNTIL=20261126"),
        ):
            row = SeriesRow(
                id=f"b{name}", kind=kind, resource=resource, owner=owner, title="for somebody", starts=starts, days=days,
                first_day=date(2026, 11, 23), ends=ends, rule=rule, changed_at=MORNING,
            )  # fmt: skip
            session.add(row)
        session.flush()
        session.add(SeriesChangeRow(series_id="b1", day=date(2026, 12, 1), cancelled=True))
        session.add(SeriesChangeRow(series_id="b1", day=date(2026, 12, 8), starts="10:00", days=0, ends="14:00"))


def test_blocks_closures_and_leave_stand_in_the_calendars_that_they_are_of(suite):
    new = made(suite, Audience.BUSY, FeedKind.PERSON, "s1").feed
    before = feeds.etag_of(suite.theatre, new)
    with_series(suite)
    everything = export_calendar(suite.theatre, date(2026, 11, 1), 90, Audience.SLOT)
    seen = sorted(
        (str(one["SUMMARY"]), one["DTSTART"].dt.astimezone(UTC).strftime("%m-%d %H"), one["DTEND"].dt.hour)
        for one in recurring_ical_events.of(icalendar.Calendar.from_ical(everything)).between(
            datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
        )
    )
    assert seen == [
        ("OR1: reserved, spine", "11-24 08", 16), ("OR1: reserved, spine", "12-08 10", 14),
        ("OR1: reserved, spine", "12-15 08", 16), ("OR2: closed", "11-23 22", 0),
    ]  # fmt: skip
    assert b"for somebody" not in everything
    assert b"Away" not in everything
    assert b"reserved" not in export_calendar(suite.theatre, date(2026, 11, 1), 90, Audience.SLOT, series=False)
    assert b"SUMMARY:Away" in bytes_of(suite, new)
    assert feeds.etag_of(suite.theatre, new) != before
    room = bytes_of(suite, made(suite, Audience.TEAM, FeedKind.ROOM, "OR2").feed)
    assert (room.count(b"BEGIN:VEVENT"), b"for somebody" in room) == (1, True)


def test_a_late_case_moves_its_event_and_a_booking_takes_the_forecast_back(suite):
    case, slot = booked(suite, 0)
    after, _ = booked(suite, 1, surgeon="s2")
    feed = made(suite, Audience.SLOT).feed
    first, tag = bytes_of(suite, feed), feeds.etag_of(suite.theatre, feed)
    suite.clock.pass_time(minutes=5)
    assert publish_today(suite.theatre) == 0
    suite.clock.pass_time(minutes=30)
    suite.act(case, DeclareEmergency(), StampMilestone("PIR"))
    before = len(verify_journal(suite.theatre).faults), newest_seq(suite.theatre)
    assert publish_today(suite.theatre) == 2
    assert publish_today(suite.theatre) == 0
    lines = bytes_of(suite, feed).decode()
    assert feeds.etag_of(suite.theatre, feed) != tag
    late = [int(minutes) for minutes in re.findall(r"case \d+\\, running (\d+) min\r?\n? ?late", lines)]
    assert late == sorted(late)
    assert (len(late), late[0] in range(30, 60)) == (2, True)
    assert f"DTSTART:{slot.start + timedelta(minutes=35):%Y%m%dT%H%M%SZ}" in lines
    assert lines.count("SEQUENCE:1\r\n") == 2
    assert b"min late" not in bytes_of(suite, made(suite, Audience.BUSY).feed)
    assert (len(verify_journal(suite.theatre).faults), newest_seq(suite.theatre)) == (before[0], before[1] + 1)
    booking.move(suite.theatre, suite.nurse, after.id, "OR1", MORNING + timedelta(hours=6), 60)
    moved = bytes_of(suite, feed).decode()
    assert f"DTSTART:{MORNING + timedelta(hours=6):%Y%m%dT%H%M%SZ}" in moved
    assert "SEQUENCE:2\r\n" in moved
    assert moved.count("min late") == 1
    assert first.decode() != moved


def test_a_day_that_runs_late_moves_its_calendar_stamp_by_stamp(on_file):
    """Two cases in OR1 and one of the same surgeon in OR2: the first begins 40 minutes late."""
    first, _ = booked(on_file, 1)
    second, _ = booked(on_file, 2)
    case = on_file.case()
    booking.book(on_file.theatre, on_file.nurse, case.id, "OR2", MORNING + timedelta(hours=3), 60)
    feed = feeds.add_feed(on_file.theatre, on_file.nurse, FeedKind.PERSON, "s1", Audience.SLOT).feed

    def said() -> dict[int, tuple[str, str, int]]:
        """Return start, how late and the sequence by case."""
        publish_today(on_file.theatre)
        found = {}
        for event in icalendar.Calendar.from_ical(bytes_of(on_file, feed)).events:
            number, _, late = str(event["SUMMARY"]).partition("case ")[2].partition(", ")
            found[int(number)] = (f"{event['DTSTART'].dt:%H:%M}", late, int(event["SEQUENCE"]))
        return found

    quiet = {first.number: ("09:00", "", 0), second.number: ("10:00", "", 0), case.number: ("11:00", "", 0)}
    assert said() == quiet
    on_file.clock.now = MORNING + timedelta(hours=1, minutes=40)
    on_file.act(first, DeclareEmergency(), StampMilestone("PIR"))
    late = said()
    assert late[first.number][::2] == ("09:40", 1)
    assert late[first.number][1].startswith("running ")
    starts, words, sequence = late[second.number]
    assert (starts > "11:05", words.startswith("running "), sequence) == (True, True, 1)
    assert late[case.number][0] > starts
    on_file.clock.now = MORNING + timedelta(hours=2, minutes=10)
    on_file.act(first, StampMilestone("POR"))
    done = said()
    assert done[first.number] == ("09:40", "", 2), "what is over is late no more"
    assert "10:10" <= done[second.number][0] < starts
    assert done == said()


def test_a_move_that_was_said_before_does_not_take_a_revision_back(on_file):
    case, slot = booked(on_file, 3)
    for minutes, revision in ((15, 1), (30, 2)):
        late = Expected(slot.id, slot.start + timedelta(minutes=minutes), slot.end + timedelta(minutes=minutes))
        assert publish(on_file.theatre, [late]) == 1
        assert f"SEQUENCE:{revision}\r\n".encode() in export_calendar(
            on_file.theatre, date(2026, 11, 23), 1, Audience.BUSY
        )
    booking.move(on_file.theatre, on_file.nurse, case.id, "OR1", MORNING + timedelta(hours=5), 60)
    assert b"SEQUENCE:3\r\n" in export_calendar(on_file.theatre, date(2026, 11, 23), 1, Audience.BUSY)


def test_a_slot_that_is_only_held_is_tentative(suite):
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING + timedelta(hours=2), 60, hold=True)
    feed = made(suite, Audience.BUSY).feed
    assert b"STATUS:TENTATIVE" in bytes_of(suite, feed)
    booking.confirm(suite.theatre, suite.nurse, case.id)
    assert b"STATUS:CONFIRMED" in bytes_of(suite, feed)
