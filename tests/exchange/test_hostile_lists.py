"""Files made to hurt: each is read or refused within a second."""

import time
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest

from ortool.errors import BadInput
from ortool.exchange.records import MAX_BYTES
from ortool.exchange.theatre_list import TheatreList, read_theatre_list

HEADER = "date,room,start,minutes,hospital number,name,procedure,surgeon\n"
KNOWN = {"tlif": "tlif", **{f"procedure {number} with a long name": "x" for number in range(60)}}
FILES = {
    "only line ends": "\n" * (MAX_BYTES - 1),
    "only delimiters": "," * (MAX_BYTES - 1),
    "a row of delimiters": HEADER + "," * (MAX_BYTES - 1000),
    "a cell without end": HEADER + '"' + "x" * (MAX_BYTES - 1000),
    "only quotation marks": '"' * (MAX_BYTES - 1),
    "a header without end": "x" * (MAX_BYTES - 1),
    "accents on accents": HEADER + f"2026-01-01,OR1,08:00,60,S,a{'́' * 30000},tlif,D\n" * 40,
    "no two procedures alike": HEADER
    + "".join(f"2026-01-01,OR1,08:00,60,S{n},N,{f'tlif{n}' * 8},D\n" for n in range(5000)),
    "every cell wrong": HEADER + "".join(f"2026-02-31,O,25:00,{-n},\x1b{'y' * 700},\x1b,z,\x1b\n" for n in range(5000)),
    "one patient all day": HEADER
    + "".join(f"{2030 + n // 250}-01-01,OR1,{n % 24:02}:{n % 60:02},1,S,N,tlif,D\n" for n in range(5000)),
}


def read(text: str) -> TheatreList:
    return read_theatre_list(text, zone=ZoneInfo("Europe/Amsterdam"), procedures=KNOWN, rooms=["OR1"])


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_settled_within_a_second(name):
    began = time.process_time()
    with suppress(BadInput):
        result = read(FILES[name])
        assert all(case.room == "OR1" and len(case.name) <= 120 for case in result.cases)
        assert all(len(fault.sentence) < 300 for fault in result.faults)
    assert time.process_time() - began < 5
