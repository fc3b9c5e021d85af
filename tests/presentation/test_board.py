"""The day board as text and as JSON: no patient is named on a list."""

import json
from dataclasses import replace

import pytest
from rich.cells import cell_len

from ortool.caselog.milestones import CaseState
from ortool.presentation.board import board_json, board_table, state_words
from ortool.presentation.identity import initials, short_identity
from tests.caselog.a_case import case
from tests.presentation.shown import AMSTERDAM, a_board, board_case, rendered, same_as_golden, squeezed


def shown(board, width=80, **options):
    return rendered(board_table(board, AMSTERDAM, width, **options), width)


def test_the_day_reads_as_approved():
    assert same_as_golden("board_80.txt", "\n".join(shown(a_board())) + "\n")


def test_the_day_as_json_is_as_approved():
    assert same_as_golden("board.json", json.dumps(board_json(a_board()), indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", ["Wilhelmina Quackenbush", "[bold]x[/]", "\x1b[31m[/]", "手術室の患者 " * 9])
def test_no_line_is_longer_than_the_width(width, name):
    board = a_board(patient_name=name, surgeon=name, procedure_short=name)
    lines = shown(board, width)
    assert max(cell_len(line) for line in lines) <= width
    assert "\x1b" not in "".join(lines)


def test_brackets_in_data_are_kept():
    text = squeezed(shown(a_board(surgeon="[/]", procedure_short="[bold]x[/]"), 120))
    assert text.count("[bold]x[/]") == 3


@pytest.mark.parametrize("width", [80, 120])
def test_no_list_names_the_patient(width):
    text = squeezed(shown(a_board(), width)) + json.dumps(board_json(a_board()))
    assert "Quackenbush" not in text
    assert "HN-8830" not in text
    assert "1951" not in text
    assert "WQ…217" in text


def test_json_names_the_patient_where_asked():
    text = json.dumps(board_json(a_board(), named=True))
    assert "Wilhelmina Quackenbush" in text
    assert "HN-8830-2217" in text


def test_state_phase_and_grade_are_words():
    text = "\n".join(shown(a_board(), 120))
    for words in ("◕ closing", "Closure: over", "EMERGENCY", "in 09:07", "out 09:50", "0 cases", "old"):
        assert words in text


@pytest.mark.parametrize("state", list(CaseState))
def test_every_state_has_an_ascii_twin(state):
    one = board_case(state=state)
    assert state.value in state_words(one)
    assert state_words(one, ascii_only=True).isascii()


def test_ascii_only_keeps_to_ascii():
    assert "\n".join(shown(a_board(), ascii_only=True)).isascii()


def test_a_slot_that_runs_into_the_next_day_says_so():
    board = a_board()
    late = board_case(1009, "21:00", "23:30")
    assert "24 Nov 2026" in " ".join(shown(replace(board, cases={"or1": (late,)}), 120))


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Wilhelmina Quackenbush", "WQ"), ("Jean-Luc de la Tour", "JLDL"), ("[NKA]", "N"), ("", "?"), ("[/] \x1b", "?")],
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_a_short_identity_ends_with_three_characters():
    assert short_identity(case(hospital_number="AB12345")) == "WQ …345"
