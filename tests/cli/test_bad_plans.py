"""A plan that cannot be: one sentence, the right exit code, and no entry. On the command line and in the services."""

from datetime import UTC, datetime

import pytest

from ortool.errors import BadInput, OrtoolError, Refused
from ortool.people.person import Person
from ortool.services import booking, furnishing, people, setup, waiting
from ortool.services.furnishing import RoomWords
from ortool.services.waiting import Urgency
from tests.services.suite import Suite

BOOK = "slot book 1004 --room OR2 --start 2026-11-25T09:00"
BLOCK = "block add OR1 --owner su1 --from 2026-11-24"
REFUSED = [
    (f"{BLOCK} --starts 08:00 --ends 16:00 --rule FREQ=SOMETIMES", 2, "FREQ"),
    (f"{BLOCK} --starts 08:00 --ends 16:00 --rule FREQ=WEEKLY;BYDAY=XX", 2, "not a list of days"),
    (f"{BLOCK} --starts 08:00 --ends 16:00 --rule FREQ=DAILY;INTERVAL=0", 2, "INTERVAL"),
    (f"{BLOCK} --starts 08:00 --ends 16:00 --every sometimes", 2, "sometimes"),
    (f"{BLOCK} --starts 16:00 --ends 16:00", 2, "not after 16:00"),
    (f"{BOOK} --minutes 0", 1, "minutes"),
    (f"{BOOK} --minutes -60", 1, "before it starts"),
    (f"{BOOK} --minutes 1800", 1, "longer than a day"),
    (f"{BOOK} --minutes 3", 1, "minutes"),
    (f"{BOOK} --end 2026-11-26T15:00", 1, "longer than a day"),
    ("slot move 1003 --room OR2 --start 2026-11-25T09:00 --minutes 0", 1, "minutes"),
    ("slot move 1003 --room OR2 --start 2026-11-25T09:00 --code X99", 2, "is no reason for a move"),
    ("slot release 1003 --code P02", 2, "is no reason for a cancellation"),
    ("person add n1 Nobody --initials NO --role pilot", 2, "pilot"),
    ("case add --hospital-number H-9 --name Nine --procedure hip --surgeon su1 --needs laser", 2, "called 'laser'"),
    ("case add --hospital-number H-9 --name Nine --procedure hip --surgeon su1 --needs 0xmill", 2, "is no need"),
    ("case change 1004 --needs laser", 2, "called 'laser'"),
    ("case change 1004 --due 2020-01-01", 2, "before it waits"),
    ("equipment set mill --name Mill --units -1", 2, "no number of them"),
    ("equipment set mill --name Mill --units 100", 2, "no number of them"),
    ("equipment set c-arm --units 0", 1, "slots to come hold more of it (case 1004)"),
    ("equipment set c-arm --not-in-use", 1, "slots to come hold more of it"),
    ("equipment set mill --name Mill --ready 2000", 2, "At most a day"),
    ("equipment set mill --name Mill --kind spoon", 2, "no kind of equipment"),
    ("room set OR1 --hours mon-fri_17:00-08:00", 2, "ends before it begins"),
    ("room set OR1 --hours never", 2, "no opening hours"),
    ("room set OR1 --turnover 90", 2, "turnover"),
    ("room set OR1 --not-in-use", 1, "slots still to come"),
]


@pytest.fixture
def planned(ortool, made_once):
    """The site with a C-arm that case 1004 holds."""

    def plan() -> None:
        for line in (
            "equipment set c-arm --name C-arm",
            "case add --hospital-number H-4 --name Four --procedure hip --surgeon su1 --needs c-arm",
            "slot book 1004 --room OR2 --start 2026-11-26T09:00 --minutes 60",
        ):
            assert ortool("--by", "co1", *line.split()).code == 0

    made_once("bad plans", plan)
    return ortool


@pytest.mark.parametrize(("line", "code", "words"), REFUSED, ids=[line for line, _, _ in REFUSED])
def test_a_plan_that_cannot_be_is_one_sentence_and_no_change(planned, head, line, code, words):
    before = head()
    told = planned("--by", "co1", *(word.replace("_", " ") for word in line.split()))
    assert (told.code, told.out) == (code, ""), told
    assert words in told.err
    assert "Traceback" not in told.err
    assert head() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[site]\nname = "X"\n[[rooms]]\nid = "OR1"\nname = "One"\nhours = "mon-fri 18:00-07:00"', "ends before"),
        ('[[equipment]]\nid = "c-arm"\nname = "C-arm"\nunits = -1', "units"),
        ('[[people]]\nid = "x"\nname = "X"\ninitials = "X"\nroles = []', "roles"),
        ('[[people]]\nid = "x"\nname = "X"\ninitials = "X"\nroles = ["pilot"]', "roles"),
        ('[[procedures]]\nid = "x"\nname = "X"\nshort = "X"\nminutes = 0', "minutes"),
        ('[[procedures]]\nid = "x"\nname = "X"\nshort = "X"\nminutes = 1800', "minutes"),
        ('[[procedures]]\nid = "x"\nname = "X"\nshort = "X"\nminutes = 60\nneeds = ["laser"]', "laser"),
        (
            '[[blocks]]\nid = "b"\nroom = "OR1"\nowner = "s1"\nfirst_day = 2026-11-23\nstarts = "08:00"\nends = "16:00"'
            '\nrule = "FREQ=NEVER"',
            "FREQ",
        ),
    ],
)
def test_a_theatre_file_that_cannot_be_changes_nothing(make_file_suite, text: str, words: str) -> None:
    suite: Suite = make_file_suite()
    before = suite.head()
    with pytest.raises(BadInput, match=words):
        setup.load_theatre(suite.theatre, suite.nurse, setup.read_theatre_file(text, "theatre.toml"))
    assert suite.head() == before


def test_an_unknown_zone_is_refused_before_anything_is_made(ortool, site):
    (site / "mars.toml").write_text('[site]\nname = "X"\ntime_zone = "Mars/Olympus"\n')
    for words in (("--zone", "Mars/Olympus"), ("--theatre", site / "mars.toml")):
        told = ortool("init", "--site", "X", *words, "--database", site / "new.db", "--settings", site / "none.toml")
        assert (told.code, "Mars/Olympus" in told.err) == (2, True), told
        assert not (site / "new.db").exists()


def test_the_services_refuse_the_same_without_a_face(make_file_suite) -> None:
    suite: Suite = make_file_suite()
    theatre, nurse, case = suite.theatre, suite.nurse, suite.case()
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    before = suite.head()
    for minutes in (0, -30, 1800):
        with pytest.raises(OrtoolError, match=r"minutes|before|longer"):
            booking.book(theatre, nurse, case.id, "OR1", nine, minutes)
    with pytest.raises(BadInput, match="at least one role"):
        people.add_person(theatre, nurse, Person("x9", "X Nine", "XN", frozenset()))
    with pytest.raises(BadInput, match="ends before it begins"):
        furnishing.change_room(theatre, nurse, "OR1", RoomWords(hours="mon 18:00-07:00"))
    with pytest.raises(BadInput, match="needs a name"):
        furnishing.change_room(theatre, nurse, "OR1", RoomWords(name=" "))
    with pytest.raises(BadInput, match="called 'laser'"):
        waiting.change_waiting(theatre, nurse, case.id, Urgency(needs="laser"))
    with pytest.raises(BadInput, match="no number of minutes|length of a slot"):
        waiting.where_it_fits(theatre, case.id, nine.date(), minutes=3)
    with pytest.raises(Refused, match="needs a reason"):
        booking.release(theatre, nurse, case.id, " ")
    assert suite.head() == before
