"""CSV out: always quoted, never a formula, and nothing lost on the way back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.exchange.csv_out import rows_to_csv


def back(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_cell_is_quoted():
    assert rows_to_csv(["a", "b"], [[1, None]]) == '"a","b"\r\n"1",""\r\n'


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\0=1", "  =1", "\n=1", " \0", " \tx", "\u00a0=1"]
)
def test_a_cell_that_could_run_is_disarmed(cell):
    assert back(rows_to_csv(["x"], [[cell]]))[1] == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["L4-5", "a=b", "S-100234", "", "'quoted'", 'say "yes"', "two\nlines", "a,b;c"])
def test_other_cells_stay_as_they_are(cell):
    assert back(rows_to_csv(["x"], [[cell]]))[1] == [cell]


def test_headers_are_disarmed_too():
    assert back(rows_to_csv(["=x"], [])) == [["'=x"]]


def test_a_ragged_row_is_refused():
    with pytest.raises(ValueError, match="2 cells, the header 1"):
        rows_to_csv(["x"], [[1, 2]])


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_what_goes_out_comes_back(rows):
    read = back(rows_to_csv(["a", "b"], rows))[1:]
    for written, found in zip(rows, read, strict=True):
        for cell, seen in zip(written, found, strict=True):
            assert seen in (cell, f"'{cell}")
            assert not seen.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
