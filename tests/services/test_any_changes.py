"""Whatever is changed in the schedule, the tables are what the entries say, and all of it can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.schedule.slots import Span
from ortool.services.arranging import Change, Placement, Why, arrange
from ortool.services.booking import book
from ortool.services.journals import verify_journal
from ortool.services.setup import SYSTEM, load_theatre, read_theatre_file
from ortool.services.theatre import Theatre
from ortool.services.undoing import undo_last
from ortool.services.waiting import waiting_list
from tests.faults.accepted import Taken, overlapping
from tests.faults.audit import rows
from tests.services.suite import MORNING, Clock, Suite, furnish, settings

HOUSE = """
[[equipment]]
id = "c-arm"
name = "C-arm"
units = 2
[[equipment]]
id = "screws"
name = "Screws"
kind = "set"
units = 2
ready_minutes = 60
[[equipment]]
id = "pacu"
name = "Beds"
kind = "recovery"
units = 2
[[procedures]]
id = "imaged"
name = "Imaged"
short = "Im"
minutes = 60
needs = ["c-arm", "screws"]
recovery_minutes = 30
[[procedures]]
id = "doubly"
name = "Doubly"
short = "Do"
minutes = 60
turnover = 5
needs = ["2x c-arm"]
"""
UNITS = {"person": 2, "equipment": 2}
CASES, STANDING = 6, 2

Asked = tuple[int, tuple[str, int, int, bool] | None, bool, bool]
one_change: st.SearchStrategy[Asked] = st.tuples(
    st.integers(0, CASES - 1),
    st.none()
    | st.tuples(
        st.sampled_from(["OR1", "OR2", "OR3"]),
        st.integers(0, 16),
        st.sampled_from([30, 60, 90]),
        st.booleans(),
    ),
    st.booleans(),
    st.booleans(),
)
commands = st.lists(st.lists(one_change, min_size=1, max_size=3, unique_by=lambda one: one[0]), max_size=12)


@pytest.fixture(scope="module")
def new_suite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Suite]:
    """Return a function that opens a furnished suite with six cases, two of which are booked by somebody else."""
    folder: Path = tmp_path_factory.mktemp("any")
    numbers = iter(range(10_000))

    def make() -> Suite:
        clock = Clock()
        site = settings(turnover_minutes=15, rooms_per_surgeon=2)
        suite = Suite(furnish(folder / f"{next(numbers)}.db", site, clock), clock)
        load_theatre(suite.theatre, SYSTEM, read_theatre_file(HOUSE, "house"))
        return suite

    return make


def furnished(suite: Suite) -> list[str]:
    kinds = ("imaged", "doubly", "small-operation")
    with suite.theatre.writing(suite.nurse, Verb.KEEP):
        cases = [suite.case(procedure=kinds[n % 3], surgeon=("s1", "s2")[n % 2]).id for n in range(CASES)]
    for n in range(STANDING):
        book(suite.theatre, suite.surgeon, cases[n], f"OR{n + 1}", MORNING + timedelta(hours=n), 60)
    return cases


def carry_out(suite: Suite, cases: list[str], asked: list[Asked]) -> bool:
    """Carry several changes out as one command; return whether they were accepted."""
    changes = [
        Change(
            cases[number],
            Placement(to[0], _span(to[1], to[2]), to[3]) if to else None,
            cancels=cancels and to is None,
            restores=restores and to is not None,
        )
        for number, to, cancels, restores in asked
    ]
    try:
        with suite.theatre.writing(suite.nurse, Verb.SCHEDULE) as desk:
            arrange(desk, changes, Why("any"))
    except (Refused, BadInput):
        return False
    return True


def _span(quarter: int, minutes: int) -> Span:
    start = MORNING + timedelta(minutes=15 * quarter)
    return Span(start, start + timedelta(minutes=minutes))


def picture(theatre: Theatre) -> tuple[list[object], ...]:
    """Return everything that a change may touch: what is held and in which lane, the slots, the cases."""
    return (
        rows(theatre, "SELECT slot_id, resource, lane, start_at, end_at FROM claim ORDER BY 1, 2, 3"),
        rows(
            theatre,
            "SELECT id, room_id, start_at, end_at, state FROM slot WHERE state IN ('booked', 'held') ORDER BY id",
        ),
        rows(theatre, "SELECT id, state FROM op_case ORDER BY id"),
    )


def waiting(theatre: Theatre) -> set[str]:
    """Return the cases without a slot that are not cancelled, from the tables' other columns."""
    stands = "SELECT case_id FROM slot WHERE state IN ('booked', 'held')"
    return {row[0] for row in rows(theatre, f"SELECT id FROM op_case WHERE state = 'booked' AND id NOT IN ({stands})")}


@tried(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=commands)
# The second C-arm, while the first is away: taken back, it is the second again.
@example(
    asked=[
        [(3, ("OR3", 0, 60, False), False, False)],
        [(0, None, False, False)],
        [(3, ("OR3", 16, 60, False), False, False)],
    ]
)
# A case that was cancelled while it waited, then restored into a slot: taken back, it is cancelled again.
@example(
    asked=[
        [(0, None, False, False)],
        [(0, None, True, False)],
        [(0, ("OR1", 0, 30, False), False, True)],
    ]
)
def test_any_changes_leave_what_the_entries_say_and_can_all_be_taken_back(
    new_suite: Callable[[], Suite], asked: list[list[Asked]]
) -> None:
    suite = new_suite()
    try:
        cases = furnished(suite)
        pictures = [picture(suite.theatre)]
        for several in asked:
            if carry_out(suite, cases, several):
                pictures.append(picture(suite.theatre))
        assert overlapping([Taken(*row) for row in pictures[-1][0]], UNITS) == []
        assert verify_journal(suite.theatre).faults == []
        assert {one.case.id for one in waiting_list(suite.theatre)} == waiting(suite.theatre)
        while pictures[1:]:
            undo_last(suite.theatre, suite.nurse)
            assert picture(suite.theatre) == pictures[-2]
            pictures.pop()
        with pytest.raises(Refused, match="nothing of yours"):
            undo_last(suite.theatre, suite.nurse)
        assert verify_journal(suite.theatre).faults == []
    finally:
        suite.theatre.close()
