"""The board's cases are read by SQL of their own: as every other door reads them."""

from datetime import date, timedelta

import pytest

from ortool.services import boards, booking, cases
from tests.services.suite import Suite


@pytest.mark.parametrize("monitored", [None, False, True])
def test_a_case_on_the_board_is_the_case_everywhere(suite: Suite, monitored: bool | None) -> None:
    new = cases.NewCase(
        "H9", "Pat Ient", "small-operation", "s1", date(1961, 2, 28), "L4-5", "left", "a1", "urgent", "latex", monitored,
        "a note", 2, date(2026, 11, 2), date(2026, 12, 1),
    )  # fmt: skip
    case = cases.add_case(suite.theatre, suite.nurse, new)
    booked = booking.book(suite.theatre, suite.nurse, case.id, "OR2", suite.clock.now + timedelta(hours=1), 75)
    with suite.theatre.reading() as session:
        slot = cases.current_slot(session, case.id)
        assert slot is not None
        known = cases.read_case(session, case.id), cases.slot_of(slot, cases.rooms_of(session))
    one = boards.day_board(suite.theatre).all_cases[0]
    assert (one.case, one.slot) == known
    assert (one.case.born, one.case.neuromonitoring, one.slot.end) == (date(1961, 2, 28), monitored, booked.end)
    assert boards.case_list(suite.theatre, suite.clock.now.date())[0][0] == one.case
