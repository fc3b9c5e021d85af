"""Book, move, cancel: never two at once, and a sentence that says who is there already."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState
from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, OrtoolError, Refused, StorageFault
from ortool.people.permissions import Verb
from ortool.services import arranging
from ortool.services.boards import day_board, day_span
from ortool.services.booking import Clash, book, cancel, move, would_fit
from ortool.services.cases import find_case
from ortool.services.journals import case_entries, recent_entries
from ortool.services.theatre import Repeated
from ortool.storage.store import cursor_of
from tests.services.suite import MORNING, Suite


def at(hour: float, day: int = 23) -> datetime:
    """Return a time of the day of the tests, in UTC."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


def booked(suite: Suite, case: Case, room: str = "OR1", hour: float = 8, minutes: int = 120, day: int = 23) -> Slot:
    """Book a case."""
    return book(suite.theatre, suite.nurse, case.id, room, at(hour, day), minutes)


def clash(suite: Suite, case: Case, room: str, hour: float, minutes: int = 120) -> Clash:
    """Assert that a booking clashes and that nothing is written; return the refusal."""
    before = suite.head()
    with pytest.raises(Clash) as refusal:
        booked(suite, case, room, hour, minutes)
    assert suite.head() == before
    return refusal.value


@pytest.fixture
def first(suite: Suite) -> Case:
    """A case that holds theatre 1 from 8 to 10, with Dr Stone, Dr Ether and patient H-SAME."""
    case = suite.case(hospital_number="H-SAME", anaesthetist="a1")
    booked(suite, case)
    return case


@pytest.mark.parametrize(
    ("words", "room", "who"),
    [
        ({"surgeon": "s2"}, "OR1", "Theatre 1 is taken by case 1001 from 08:00 to 10:00."),
        ({"surgeon": "s1"}, "OR2", "Dr Stone is with case 1001 in OR1 from 08:00 to 10:00."),
        ({"surgeon": "s2", "anaesthetist": "a1"}, "OR2", "Dr Ether is with case 1001 in OR1 from 08:00 to 10:00."),
        ({"surgeon": "s2", "hospital_number": "H-SAME"}, "OR2", "The patient is with case 1001 in OR1"),
    ],
    ids=["room", "surgeon", "anaesthetist", "patient"],
)
def test_a_clash_names_the_other_case_and_the_nearest_start_works(
    suite: Suite, first: Case, words: dict[str, str], room: str, who: str
) -> None:
    other = suite.case(**words)
    refusal = clash(suite, other, room, 9)
    assert who in refusal.message
    assert "nearest start that works is 10:00 on Mon 23 Nov" in refusal.hint
    slot = book(suite.theatre, suite.nurse, other.id, room, refusal.nearest, 120)
    assert slot.start == at(10)


@pytest.mark.parametrize("hour", [6, 7, 8, 8.5, 9.99])
def test_any_overlap_is_a_clash(suite: Suite, first: Case, hour: float) -> None:
    clash(suite, suite.case(surgeon="s2"), "OR1", hour, 121 if hour == 6 else 120)


@pytest.mark.parametrize("hour", [6, 10])
def test_touching_slots_are_no_clash(suite: Suite, first: Case, hour: float) -> None:
    booked(suite, suite.case(), "OR1", hour)


def test_turnover_keeps_the_room_and_not_the_people(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(turnover_minutes=30)
    booked(suite, suite.case())
    assert clash(suite, suite.case(surgeon="s2"), "OR1", 10).nearest == at(10.5)
    booked(suite, suite.case(), "OR2", 10)
    booked(suite, suite.case(surgeon="s2"), "OR1", 10.5)


def test_turnover_is_kept_before_the_next_slot_too(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(turnover_minutes=30)
    booked(suite, suite.case(), hour=8)
    clash(suite, suite.case(surgeon="s2"), "OR1", 5.75)


def test_a_surgeon_may_cover_two_rooms_where_the_site_says_so(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(rooms_per_surgeon=2)
    booked(suite, suite.case(), "OR1")
    booked(suite, suite.case(), "OR2", 9)
    assert "Dr Stone" in clash(suite, suite.case(), "OR3", 9.5).message
    booked(suite, suite.case(), "OR3", 10)


def test_a_site_that_allows_fewer_rooms_again_counts_every_lane(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(rooms_per_surgeon=2)
    one = suite.case()
    booked(suite, one, "OR1")
    booked(suite, suite.case(), "OR2", 8, 240)
    cancel(suite.theatre, suite.nurse, one.id, "patient ill")
    object.__setattr__(suite.theatre.settings, "__dict__", suite.theatre.settings.__dict__ | {"rooms_per_surgeon": 1})
    assert "Dr Stone" in clash(suite, suite.case(), "OR1", 8).message


def test_the_nearest_start_holds_on_a_day_that_is_full(suite: Suite) -> None:
    for day in (23, 24, 25):
        booked(suite, suite.case(), "OR1", 0, 1440, day)
    booked(suite, suite.case(surgeon="s2"), "OR1", 4, 1200, 26)
    other = suite.case(surgeon="s2")
    refusal = clash(suite, other, "OR1", 8, 480)
    book(suite.theatre, suite.nurse, other.id, "OR1", refusal.nearest, 480)
    assert refusal.nearest == at(24, 26)


def test_the_nearest_start_fits_its_whole_length(suite: Suite) -> None:
    booked(suite, suite.case(), "OR1", 8, 60)
    booked(suite, suite.case(), "OR1", 34, 120)
    other = suite.case(surgeon="s2")
    refusal = clash(suite, other, "OR1", 8, 1380)
    assert refusal.nearest == at(9)
    refusal = clash(suite, other, "OR1", 8.5, 1440)
    assert refusal.nearest == at(9)
    booked(suite, suite.case(), "OR1", 32.5, 30)
    assert clash(suite, other, "OR1", 8, 1440).nearest == at(36)


def test_a_move_keeps_the_slot_and_may_overlap_itself(suite: Suite, first: Case) -> None:
    slot = move(suite.theatre, suite.nurse, first.id, "OR1", at(9), 120)
    assert (slot.start, slot.revision) == (at(9), 1)
    booked(suite, suite.case(), "OR1", 8, 60)


MIDNIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
"""Where the day of the tests begins in Amsterdam."""


@pytest.mark.parametrize("start", [datetime(2026, 3, 29, 10, 30, tzinfo=UTC), MIDNIGHT - timedelta(minutes=1)])
def test_a_slot_does_not_begin_before_today(make_suite: Callable[..., Suite], start: datetime) -> None:
    suite = make_suite(time_zone="Europe/Amsterdam")
    standing, free = suite.case(), suite.case(surgeon="s2")
    booked(suite, standing)
    before = suite.head()
    for ask in (
        lambda: book(suite.theatre, suite.nurse, free.id, "OR2", start, 30),
        lambda: move(suite.theatre, suite.nurse, standing.id, "OR2", start, 30),
        lambda: would_fit(suite.theatre, free.id, "OR2", start, 30),
    ):
        with pytest.raises(Refused, match="is past: a slot begins today, Mon 23 Nov 2026, or later"):
            ask()
    assert suite.head() == before


def test_today_begins_at_midnight_in_the_theatres_zone(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(time_zone="Europe/Amsterdam")
    assert book(suite.theatre, suite.nurse, suite.case().id, "OR1", MIDNIGHT, 30).start == MIDNIGHT


def test_a_list_of_days_gone_by_may_be_booked(suite: Suite) -> None:
    case = suite.case()
    assert book(suite.theatre, suite.nurse, case.id, "OR1", at(8, 2), 60, past=True).start == at(8, 2)


def test_a_move_to_where_it_stands_is_refused(suite: Suite, first: Case) -> None:
    before = suite.head()
    with pytest.raises(Refused, match="nothing would change"):
        move(suite.theatre, suite.nurse, first.id, "OR1", at(8), 120)
    assert suite.head() == before
    assert move(suite.theatre, suite.nurse, first.id, "OR1", at(8), 125).revision == 1


def test_a_move_that_clashes_leaves_everything_where_it_was(suite: Suite, first: Case) -> None:
    other = suite.case(surgeon="s2")
    booked(suite, other, "OR2", 8)
    before = suite.head()
    with pytest.raises(Clash, match="case 1002"):
        move(suite.theatre, suite.nurse, first.id, "OR2", at(9), 60)
    assert suite.head() == before
    board = day_board(suite.theatre, date(2026, 11, 23))
    assert [one.slot.start for one in board.cases["OR1"]] == [at(8)]
    clash(suite, suite.case(surgeon="s2"), "OR1", 9)


def test_a_cancelled_case_gives_its_time_back_and_keeps_its_reason(suite: Suite, first: Case) -> None:
    with pytest.raises(Refused, match="needs a reason"):
        cancel(suite.theatre, suite.nurse, first.id, "  ")
    slot = cancel(suite.theatre, suite.nurse, first.id, "fever\x1b[2J")
    assert slot.cancelled
    assert "\x1b" not in slot.cancel_reason
    assert find_case(suite.theatre, "1001").state is CaseState.CANCELLED
    booked(suite, suite.case(), "OR1", 8)
    for again in (lambda: booked(suite, first), lambda: cancel(suite.theatre, suite.nurse, first.id, "again")):
        with pytest.raises(Refused):
            again()


def test_what_has_begun_is_neither_moved_nor_cancelled(suite: Suite, first: Case) -> None:
    suite.act(first, StampMilestone("PIR"))
    before = suite.head()
    with pytest.raises(Refused, match="is in room"):
        move(suite.theatre, suite.nurse, first.id, "OR2", at(12), 60)
    with pytest.raises(Refused, match="is in room"):
        cancel(suite.theatre, suite.nurse, first.id, "late")
    assert suite.head() == before


@pytest.mark.parametrize(
    ("room", "minutes", "words"),
    [("OR9", 60, "no room"), ("OR1", 0, "before it starts"), ("OR1", -60, "before it starts"), ("OR1", 4, "too short"),
     ("OR1", 1441, "longer than a day")],
)  # fmt: skip
def test_a_slot_that_cannot_be_is_refused(suite: Suite, room: str, minutes: int, words: str) -> None:
    case = suite.case()
    before = suite.head()
    with pytest.raises((Refused, BadInput), match=words):
        book(suite.theatre, suite.nurse, case.id, room, at(8), minutes)
    assert suite.head() == before


def test_one_case_has_one_slot(suite: Suite, first: Case) -> None:
    with pytest.raises(Refused, match="Move it instead"):
        booked(suite, first, "OR2", 14)


def test_nobody_is_surgeon_and_anaesthetist_of_one_case(suite: Suite) -> None:
    with pytest.raises(BadInput, match="surgeon and anaesthetist"):
        suite.case(surgeon="b1", anaesthetist="b1")


@pytest.mark.parametrize(("start", "end", "lane"), [(9, 11, 1), (7, 9, 1), (8, 10, 1), (8.5, 9, 1), (0, 24, 1)])
def test_the_database_itself_refuses_an_overlapping_claim(
    suite: Suite, first: Case, start: float, end: float, lane: int
) -> None:
    other = suite.case(surgeon="s2")
    booked(suite, other, "OR2", 14)
    claim = "INSERT INTO claim SELECT id, 'room:OR1', ?, ?, ? FROM slot WHERE room_id = 'OR2'"
    micros = [lane, *(int(at(hour).timestamp() * 1_000_000) for hour in (start, end))]
    with pytest.raises((IntegrityError, StorageFault), match="overlaps"), suite.theatre.store.writing() as session:
        cursor_of(session).execute(claim, tuple(micros))
    with pytest.raises((IntegrityError, StorageFault), match="overlaps"), suite.theatre.store.writing() as session:
        cursor_of(session).execute(
            "UPDATE claim SET resource = 'room:OR1', start_at = ?, end_at = ? WHERE resource = 'room:OR2'",
            tuple(micros[1:]),
        )


def test_the_database_takes_a_claim_that_only_touches(suite: Suite, first: Case) -> None:
    booked(suite, suite.case(surgeon="s2"), "OR2", 14)
    micros = [int(at(hour).timestamp() * 1_000_000) for hour in (10, 11)]
    with suite.theatre.store.writing() as session:
        cursor_of(session).execute(
            "INSERT INTO claim SELECT id, 'room:OR1', 1, ?, ? FROM slot WHERE room_id = 'OR2'", tuple(micros)
        )


def test_a_repeated_booking_writes_nothing(suite: Suite) -> None:
    case = suite.case()
    book(suite.theatre, suite.nurse, case.id, "OR1", at(8), 60, "command-1")
    before = suite.head()
    with pytest.raises(Repeated):
        book(suite.theatre, suite.nurse, case.id, "OR1", at(8), 60, "command-1")
    assert suite.head() == before


def test_every_change_of_a_slot_is_an_entry(suite: Suite, first: Case) -> None:
    move(suite.theatre, suite.nurse, first.id, "OR2", at(9), 60, "surgeon\u202e late")
    cancel(suite.theatre, suite.nurse, first.id, "fever")
    entries = case_entries(suite.theatre, first.id)
    assert [entry.kind for entry in entries] == ["case.added", "slot.booked", "slot.moved", "slot.cancelled"]
    assert [entry.body.get("revision") for entry in entries] == [None, 0, 1, 2]
    assert "\u202e" not in entries[2].body["reason"]


def test_the_journal_holds_no_patient_in_the_open(suite: Suite, first: Case) -> None:
    seen = str([dict(entry.body) for entry in recent_entries(suite.theatre)])
    assert "Patient 1" not in seen
    assert "H-SAME" not in seen


AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)]
)
def test_a_day_is_as_long_as_it_is(make_suite: Callable[..., Suite], day: date, hours: int) -> None:
    suite = make_suite(time_zone="Europe/Amsterdam")
    span = day_span(suite.theatre, day)
    assert span.length == timedelta(hours=hours)
    assert span.start.astimezone(AMSTERDAM).hour == 0


def test_a_board_of_a_dst_day_shows_its_first_and_last_hour_and_no_other(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(time_zone="Europe/Amsterdam")
    suite.clock.now = datetime(2026, 10, 24, 8, 0, tzinfo=UTC)
    day = date(2026, 10, 25)
    start, end = day_span(suite.theatre, day).start, day_span(suite.theatre, day).end
    half = timedelta(minutes=30)
    inside = [start - half, start + half, end - half]
    for room, begins in zip(("OR1", "OR2", "OR3"), inside, strict=True):
        book(suite.theatre, suite.nurse, suite.case().id, room, begins, 60)
    for begins in (start - 3 * half, end + half):
        book(suite.theatre, suite.nurse, suite.case(surgeon="s2").id, "OR2", begins, 60)
    board = day_board(suite.theatre, day)
    assert [one.slot.start for one in board.all_cases] == inside


def test_the_board_of_today_is_today_in_the_theatres_zone(make_suite: Callable[..., Suite]) -> None:
    suite = make_suite(time_zone="Pacific/Auckland")
    suite.clock.now = MORNING.replace(hour=20)
    assert day_board(suite.theatre).day == date(2026, 11, 24)


def test_every_refusal_is_one_sentence_for_a_person(suite: Suite, first: Case) -> None:
    for wrong in (
        lambda: booked(suite, first),
        lambda: find_case(suite.theatre, "9999"),
        lambda: find_case(suite.theatre, "²"),
        lambda: find_case(suite.theatre, "9" * 40),
        lambda: suite.case(surgeon="n1"),
        lambda: suite.case(levels="L9"),
    ):
        with pytest.raises(OrtoolError) as refusal:
            wrong()
        assert "\n" not in str(refusal.value)


def test_what_the_database_refuses_leaves_the_transaction_usable(
    suite: Suite, first: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = suite.case(surgeon="s2"), suite.case(surgeon="s2")
    # As if the other booking were made between the look and the deed.
    monkeypatch.setattr(arranging, "held_of", lambda *_: [])
    with suite.theatre.writing(suite.nurse, Verb.SCHEDULE):
        with pytest.raises(Refused, match="a moment ago"):
            booked(suite, one, "OR1", 9)
        assert find_case(suite.theatre, str(one.number)).id == one.id
        assert booked(suite, other, "OR2", 9).start == at(9)
    assert [slot.case.id for slot in day_board(suite.theatre, date(2026, 11, 23)).cases["OR2"]] == [other.id]
