"""CSV as rows: encodings, delimiters, lines and caps."""

import csv

import pytest

from ortool.errors import BadInput
from ortool.exchange.records import MAX_BYTES, MAX_CELL, MAX_LINES, MAX_ROWS, Record, decode, split

KNOWN = frozenset({"date", "room"})


@pytest.mark.parametrize("data", [b"name\xe9", "date,room".encode("utf-16")])
def test_other_encodings_are_refused(data):
    with pytest.raises(BadInput, match="UTF-8"):
        decode(data)


def test_the_delimiter_is_the_one_that_shows_known_headers():
    assert split("date;a,b,c,d;room\n", KNOWN).rows[0].cells == ("date", "a,b,c,d", "room")


def test_a_row_knows_the_line_it_begins_on():
    rows = split('date,room\n"a\nb",c\n\nd,"e\r\n"\nf,g\n', KNOWN).rows
    assert [row.line for row in rows] == [1, 2, 5, 7]


def test_spaces_before_a_quoted_cell_do_not_break_it():
    assert split('date, "a, b"\n', KNOWN).rows == (Record(1, ("date", "a, b")),)


@pytest.mark.parametrize("row", ['"open', '"a"b,c', f"{'x' * (MAX_CELL + 1)},c"])
def test_a_row_that_cannot_be_split_ends_the_reading(row):
    records = split(f'date,room\n"1\n2",3\n{row}\n4,5\n', KNOWN)
    assert [record.line for record in records.rows] == [1, 2]
    assert records.broken_line == 4
    assert records.broken


def test_the_cell_limit_of_others_is_left_as_it_was():
    before = csv.field_size_limit()
    split("date,room\n", KNOWN)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("é" * (MAX_BYTES // 2 + 1), "5 MiB"),
        ("date\n" + "x\n" * (MAX_ROWS + 1), f"{MAX_ROWS} rows"),
        ("\n" * (MAX_LINES + 1), f"{MAX_LINES} lines"),
        ("\r" * (MAX_LINES + 1), f"{MAX_LINES} lines"),
    ],
)
def test_text_above_a_cap_is_refused(text, words):
    with pytest.raises(BadInput, match=words):
        split(text, KNOWN)


def test_bytes_above_the_cap_are_refused():
    with pytest.raises(BadInput, match="5 MiB"):
        decode(b"x" * (MAX_BYTES + 1))


def test_as_many_rows_as_the_cap_are_read():
    assert len(split("date\n" + "x\n" * MAX_ROWS, KNOWN).rows) == MAX_ROWS + 1
