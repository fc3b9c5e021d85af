"""The rules of a legal slot and the gaps that they leave, compared with trying every five minutes."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ortool.errors import BadInput, Refused
from ortool.schedule.codes import CANCELLATIONS, check_cancellation, words_of
from ortool.schedule.gaps import Picture, gaps
from ortool.schedule.hours import read_hours
from ortool.schedule.placing import About, Firmness, Member, Rules, Wanted, claims_of, concerns_of, told
from ortool.schedule.resources import Equipment, House, Kind, Need, Room, read_needs
from ortool.schedule.slots import Held, Span, free_lanes
from ortool.schedule.windows import Window, WindowKind

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAWN = datetime(2026, 11, 23, 5, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def span(start: int, length: int) -> Span:
    return Span(DAWN + minutes(start), DAWN + minutes(start + length))


HOUSE = House(
    {
        "OR1": Room("OR1", "Theatre 1", frozenset({"laminar-flow"}), read_hours("mon-fri 07:00-16:00")),
        "OR2": Room("OR2", "Theatre 2", turnover=minutes(10)),
    },
    {
        "c-arm": Equipment("c-arm", "C-arm", Kind.EQUIPMENT, 2),
        "set": Equipment("set", "Screw set", Kind.SET, 1, minutes(180)),
        "pacu": Equipment("pacu", "Recovery beds", Kind.RECOVERY, 1),
    },
)
RULES = Rules(AMSTERDAM, minutes(20), firmness={About.CLOSURE: Firmness.REFUSE, About.HOURS: Firmness.REFUSE})


def wanted(needs: str = "", number: int = 9, recovery: int = 0, **words: object) -> Wanted:
    people = (Member("s1", "Dr Stone"), Member("a1", "Dr Ether", "anaesthetist"))
    return Wanted("c", number, "H-9", people, "spine", read_needs(needs), recovery=minutes(recovery), **words)  # type: ignore[arg-type]


def test_a_case_claims_its_room_its_people_its_equipment_and_a_bed_after_it() -> None:
    claims = claims_of(
        wanted("2x c-arm, set, laminar-flow", recovery=60), HOUSE.rooms["OR1"], span(0, 100), HOUSE, RULES
    )
    said = {claim.resource: (claim.span.start - DAWN, claim.span.length, claim.lanes, claim.count) for claim in claims}
    assert said == {
        "room:OR1": (minutes(0), minutes(120), 1, 1),
        "person:s1": (minutes(0), minutes(100), 1, 1),
        "person:a1": (minutes(0), minutes(100), 1, 1),
        "patient:H-9": (minutes(0), minutes(100), 1, 1),
        "equipment:c-arm": (minutes(0), minutes(100), 2, 2),
        "equipment:set": (minutes(0), minutes(280), 1, 1),
        "equipment:pacu": (minutes(100), minutes(60), 1, 1),
    }
    assert claims_of(wanted(), HOUSE.rooms["OR2"], span(0, 100), HOUSE, RULES)[0].span.length == minutes(110)


@pytest.mark.parametrize(
    ("needs", "room", "words"),
    [
        ("laminar-flow", "OR2", "Case 9 needs laminar-flow, which OR2 does not have. OR1 can."),
        ("mri", "OR1", "Case 9 needs mri, which OR1 does not have. No room here can"),
        ("3x c-arm", "OR1", "Case 9 needs 3 of C-arm, and there are 2 in all."),
    ],
)
def test_what_a_room_cannot_do_is_refused_in_a_sentence(needs: str, room: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        claims_of(wanted(needs), HOUSE.rooms[room], span(0, 60), HOUSE, RULES)
    assert words in str(refused.value)


def test_what_speaks_against_a_slot_is_told_and_the_reason_of_a_leave_is_not() -> None:
    day = Span(datetime(2026, 11, 22, 23, tzinfo=UTC), datetime(2026, 11, 23, 23, tzinfo=UTC))
    windows = [
        Window(WindowKind.CLOSURE, "all", day, "Invented holiday"),
        Window(WindowKind.LEAVE, "person:s1", day, "burnout"),
        Window(WindowKind.BLOCK, "room:OR1", day, "", "service:urology"),
        Window(WindowKind.BLOCK, "room:OR1", day, "", "service:spine"),
        Window(WindowKind.BLOCK, "room:OR1", day, "", "person:s2", released=True),
    ]
    said = [one.sentence for one in concerns_of(wanted(), HOUSE.rooms["OR1"], span(600, 60), windows, RULES)]
    assert said == [
        "The theatre is closed on Mon 23 Nov (Invented holiday).",
        "Dr Stone is away on Mon 23 Nov.",
        "OR1 is urology's block on Mon 23 Nov.",
        "OR1 is not open for all of it (mon-fri 07:00-16:00).",
    ]


def test_a_stretch_over_the_night_the_clock_changes_is_told_in_wall_clock() -> None:
    night = Span(datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC))
    assert told(night, AMSTERDAM) == "from Sat 24 Oct 22:00 to Sun 25 Oct 07:00"
    assert sum(
        (s.length for s in read_hours("sun 00:00-24:00").spans(date(2026, 10, 25), AMSTERDAM)), minutes(0)
    ) == minutes(25 * 60)


held_claims = st.lists(
    st.builds(
        lambda what, lane, start, length: Held(what, lane, span(start, length), "1", "OR1"),
        st.sampled_from(
            ("room:OR1", "room:OR2", "person:s1", "patient:H-9", "equipment:c-arm", "equipment:set", "equipment:pacu")
        ),
        st.integers(1, 2),
        st.integers(0, 140).map(lambda n: n * 5),
        st.integers(2, 40).map(lambda n: n * 5),
    ),
    max_size=8,
)
closures = st.lists(
    st.builds(
        lambda where, start, length: Window(WindowKind.CLOSURE, where, span(start, length)),
        st.sampled_from(("all", "room:OR1", "room:OR2")),
        st.integers(0, 140).map(lambda n: n * 5),
        st.integers(2, 40).map(lambda n: n * 5),
    ),
    max_size=2,
)


@settings(max_examples=60, deadline=None)
@given(
    held_claims, closures, st.integers(1, 40).map(lambda n: n * 5), st.sampled_from(("", "c-arm", "2x c-arm", "set"))
)
def test_the_gaps_are_exactly_the_starts_that_work(
    held: list[Held], closed: list[Window], length: int, needs: str
) -> None:
    case, long = wanted(needs, recovery=60), minutes(length)
    picture = Picture.of(HOUSE, RULES, closed, held)
    within = Span(DAWN, DAWN + minutes(780))
    found = gaps(case, long, picture, within)
    for room in HOUSE.rooms:
        start = within.start
        while start <= within.end - long:
            inside = any(gap.room == room and gap.first <= start <= gap.last for gap in found)
            assert inside == picture.fits(case, room, Span(start, start + long)), (room, start)
            start += FIVE


@given(held_claims)
def test_taking_a_place_leaves_every_lane_free_of_overlap(held: list[Held]) -> None:
    picture = Picture.of(HOUSE, RULES, (), ())
    placed = 0
    for number, one in enumerate(held):
        case = Wanted("c", number, f"H-{number}", (Member(f"s{number % 2}", "Dr"),), needs=read_needs("c-arm"))
        if picture.fits(case, "OR2", one.span):
            picture.take(case, "OR2", one.span)
            placed += 1
        else:
            with pytest.raises(Refused):
                picture.take(case, "OR2", one.span)
    for many in picture.held.values():
        for lane in {each.lane for each in many}:
            row = sorted((each.span for each in many if each.lane == lane), key=lambda s: s.start)
            assert all(before.end <= after.start for before, after in itertools.pairwise(row))
    assert len(picture.held.get("room:OR2", [])) == placed


def test_several_lanes_are_free_or_none() -> None:
    claims = claims_of(wanted("2x c-arm"), HOUSE.rooms["OR2"], span(0, 60), HOUSE, RULES)
    c_arm = next(claim for claim in claims if claim.resource == "equipment:c-arm")
    assert free_lanes(c_arm, []) == (1, 2)
    assert free_lanes(c_arm, [Held("equipment:c-arm", 2, span(30, 10), "1", "OR1")]) == ()


@pytest.mark.parametrize("text", ["0x c-arm", "c arm!", "100x c-arm", "=cmd()", "x" * 50])
def test_a_line_that_is_no_need_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_needs(text, {"c-arm"})


def test_needs_are_read_as_people_write_them() -> None:
    assert read_needs("C-arm, 2x drill; microscope\n2 x drill") == (
        Need("c-arm"), Need("drill", 2), Need("microscope"),
    )  # fmt: skip
    assert [str(need) for need in read_needs("2*drill microscope")] == ["2x drill", "microscope"]


@pytest.mark.parametrize("text", ["mon 8-16", "mon 16:00-08:00", "day 08:00-16:00", "mon 08:00-24:30"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_hours(text)


def test_a_cancellation_code_is_one_of_the_list() -> None:
    assert check_cancellation(" xp02 ") == "XP02"
    assert words_of("XP02") == "patient: not fasted"
    assert not any(code.startswith("XM") for code in CANCELLATIONS)
    with pytest.raises(BadInput):
        check_cancellation("P99")
