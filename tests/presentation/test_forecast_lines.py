"""The forecast in words: what matters first, ranges with every minute, nothing that is cut without a sign."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from ortool.presentation.board_rows import board_rows, timeline_lines
from ortool.presentation.forecast_lines import (
    case_words,
    clash_line,
    clash_words,
    estimate_words,
    expected_words,
    forecast_lines,
    percent,
    row_words,
)
from ortool.schedule.durations import Past, estimate
from ortool.schedule.expected import Need
from ortool.schedule.forecast import forecast
from tests.presentation.shown import AMSTERDAM, a_board
from tests.schedule.test_forecast import a_case, at, stages


@pytest.fixture
def late():
    """A morning in which OR2's first case came 50 minutes late, and Dr A has a case in OR3 at half past twelve."""
    first = a_case(1001, "OR2", "08:00", 100, "b", began=at("08:50"), stages=stages("08:50"))
    day = [first, a_case(1003, "OR2", "10:15", 105, "a"), a_case(1007, "OR3", "12:30", 90, "a")]
    return forecast(day, at("09:30"), {"OR2": at("12:00"), "OR3": at("18:00")})


def test_a_late_case_says_its_range_and_how_late(late):
    words = row_words(late.of("c1001"), AMSTERDAM)
    assert words.startswith("→ 12:0")
    assert words.split(" late ")[1].isdigit()
    assert row_words(late.of("c1001"), AMSTERDAM, ascii_only=True).startswith("-> ")
    assert len(words) <= 23
    assert "it began 50 min late" in case_words(late.of("c1001"), AMSTERDAM)


def test_a_case_that_goes_to_plan_or_is_over_says_nothing():
    day = [a_case(1, "OR1", "08:00", 100), a_case(2, "OR2", "08:00", 60, began=at("08:30"), ended=at("10:00"))]
    found = forecast(day, at("07:00"))
    assert [row_words(one, AMSTERDAM) for one in found.cases] == ["", ""]
    assert expected_words(found.cases[1], AMSTERDAM) == "09:30–11:00 over"


def test_a_clash_is_one_sentence_with_its_reasons(late):
    clash = next(one for one in late.clashes if one.number == 1007)
    assert clash_words(clash, AMSTERDAM).startswith("Dr A is expected to be in OR2 with 1003 until 15:00 (14:")
    assert clash_words(clash, AMSTERDAM).endswith(
        "1003 in OR2 waits for OR2 (1001) until 13:13; 1001 in OR2 began 50 min late"
    )
    assert clash_line(clash, AMSTERDAM).startswith("13:30 OR3 1007: Dr A in OR2 until 15:00, 98 %: ")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("most", [1, 2, 4])
def test_lines_are_as_wide_and_as_many_as_asked(late, width, most):
    lines = forecast_lines(late, AMSTERDAM, width, most)
    assert len(lines) <= most
    assert all(sum(cell_len(piece.text) for piece in line) == width for line in lines)
    assert lines[-1][0].text.startswith(" ! Overtime: OR2 9")


def test_names_are_shown_as_they_are(late):
    clash = replace(late.clashes[0], need=Need("person:x", "[/]手術 [bold]x"))
    assert "[/]手術 [bold]x" in clash_words(clash, AMSTERDAM)


def test_nobody_is_promised_anything():
    assert [percent(one) for one in (0.0, 0.004, 0.5, 0.999, 1.0)] == ["1 %", "1 %", "50 %", "99 %", "99 %"]


def test_an_estimate_says_what_it_rests_on():
    assert estimate_words(estimate(100, 140), 120) == (
        "P50 100 min, P90 140 min (no cases yet, few data); 76 % inside 120 min"
    )
    known = estimate_words(estimate(100, 140, [Past(100, 100)] * 11, [Past(100, 100)]))
    assert known.endswith("(12 cases, 1 of this surgeon)")


@pytest.mark.parametrize("width", [80, 120])
def test_a_board_with_a_forecast_keeps_its_width(width):
    board = a_board()
    one = board.all_cases[-1]
    case = replace(a_case(one.case.number, one.slot.room_id, "08:00", 90), id=one.case.id)
    case = replace(case, planned=type(case.planned)(one.slot.start, one.slot.end), began=one.slot.start)
    found = forecast([case], one.slot.end)
    rows = board_rows(board, AMSTERDAM, forecast=found)
    assert all(sum(cell_len(piece.text) for piece in row.pieces(width)) == width for row in rows)
    assert any("→" in piece.text for row in rows for piece in row.pieces(width))
    drawn = timeline_lines(board, board.now, AMSTERDAM, ("07:00", "18:00"), "", width, found)
    assert any("░" in piece.text for line in drawn for piece in line)
    assert all(sum(cell_len(piece.text) for piece in line) <= width for line in drawn)
