"""Whatever is read, nothing but BadInput is raised and no half-read case comes out."""

from contextlib import suppress
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ortool.errors import BadInput
from ortool.exchange.theatre_list import TheatreList, decode, read_theatre_list
from ortool.schedule.wall_time import read_instant
from ortool.text import clean

ZONE = ZoneInfo("Europe/Amsterdam")
HEADER = "date,room,start,end,minutes,hospital number,name,procedure,surgeon,born,side,urgency,notes,neuromonitoring"
SOUND = ["2026-10-25", "OR1", "08:00", "09:00", "60", "S-1", "Sample", "tlif", "Dr Mock", "1960-01-01", "", "", "", ""]
ODD = st.sampled_from(["", "02:30", "2026-03-29", "0", "-1", "9" * 30, '"', "\x00", "\ud800", "\u202e", "+99:99", "٣"])
cells = st.one_of(ODD, st.text(max_size=12), st.sampled_from(SOUND))


def read(text: str) -> TheatreList:
    return read_theatre_list(text, zone=ZONE, procedures={"tlif": "tlif"}, rooms={"OR1"})


def assert_whole(result: TheatreList) -> None:
    faulty = {fault.line for fault in result.faults}
    for case in result.cases:
        assert case.line not in faulty
        assert case.start.tzinfo is UTC
        assert case.start.astimezone(ZONE).date() == case.date
        assert 1 <= case.minutes <= 1440
        assert (case.room, case.procedure) == ("OR1", "tlif")
        assert case.hospital_number
        assert case.name
        assert case.surgeon
        for text in (case.hospital_number, case.name, case.surgeon, case.levels, case.allergies):
            assert clean(text, 5000) == text
    for fault in result.faults:
        assert fault.line >= 1
        assert fault.sentence.endswith((".", "?")), fault.sentence
        assert clean(str(fault), 5000) == str(fault)


@given(st.binary(max_size=300))
def test_random_bytes(data):
    with suppress(BadInput):
        assert_whole(read(decode(data)))


@given(st.text(max_size=300))
def test_random_text_below_a_sound_header(text):
    with suppress(BadInput):
        assert_whole(read(f"{HEADER}\n{text}"))


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), cells), max_size=4), st.booleans())
def test_random_cells_in_a_sound_row(changes, twice):
    row = list(SOUND)
    for place, cell in changes:
        row[place] = cell
    text = ",".join(row)
    with suppress(BadInput):
        assert_whole(read(f"{HEADER}\n{text}\n" + (f"{text}\n" if twice else "")))


@given(st.datetimes(), st.sampled_from(["Europe/Amsterdam", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]))
def test_an_instant_shows_the_clock_it_was_read_from(moment, name):
    zone = ZoneInfo(name)
    day = moment.date()
    if not 1900 <= day.year <= 2100:
        day = day.replace(year=2026, day=min(day.day, 28))
    with suppress(BadInput):
        instant = read_instant(f"{moment:%H:%M}", day, zone)
        assert instant is not None
        back = instant.astimezone(zone)
        # Old local mean time has offsets with seconds; within the minute is the same clock.
        assert abs(back.replace(tzinfo=None) - moment.combine(day, moment.time())) < timedelta(minutes=1)
