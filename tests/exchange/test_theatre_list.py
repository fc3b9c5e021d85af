"""Theatre lists: what is read, and the sentence for each thing that cannot be."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ortool.errors import BadInput
from ortool.exchange.records import MAX_ROWS
from ortool.exchange.theatre_list import Fault, TheatreList, decode, read_theatre_list

ZONE = ZoneInfo("Europe/Amsterdam")
ROOMS = ("OR1", "OR2")
PROCEDURES = {
    "tlif": "tlif",
    "dynamic-stabilisation": "dynamic-stabilisation",
    "dynamic stabilisation": "dynamic-stabilisation",
}
ROW = {
    "date": "2026-11-23",
    "room": "OR1",
    "start": "08:00",
    "planned minutes": "90",
    "hospital number": "S-100001",
    "name": '"Sample, Alma"',
    "born": "1960-02-29",
    "procedure": "TLIF",
    "levels": "L4-5",
    "side": "left",
    "surgeon": "Dr Mock",
    "anaesthetist": "Dr Placeholder",
    "urgency": "elective",
    "notes": "",
    "allergies": "none known",
    "neuromonitoring": "yes",
}


def listed(*rows: dict[str, str], delimiter: str = ",") -> str:
    lines = [delimiter.join(ROW), *(delimiter.join((ROW | row).values()) for row in rows)]
    return "\n".join(lines) + "\n"


def read(text: str, **options: object) -> TheatreList:
    return read_theatre_list(text, zone=ZONE, procedures=PROCEDURES, rooms=ROOMS, **options)


def only_fault(text: str, **options: object) -> Fault:
    result = read(text, **options)
    assert len(result.faults) == 1, [str(fault) for fault in result.faults]
    return result.faults[0]


def test_reads_every_field_of_a_sound_row():
    (case,) = read(listed({})).cases
    assert case.line == 2
    assert (case.date, case.room, case.minutes) == (date(2026, 11, 23), "OR1", 90)
    assert case.start == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert case.start.tzinfo is UTC
    assert case.end == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert (case.hospital_number, case.name, case.born) == ("S-100001", "Sample, Alma", date(1960, 2, 29))
    assert (case.procedure, case.levels, case.side) == ("tlif", "L4-5", "left")
    assert (case.surgeon, case.anaesthetist, case.urgency) == ("Dr Mock", "Dr Placeholder", "elective")
    assert (case.notes, case.allergies, case.neuromonitoring) == ("", "none known", True)


def test_optional_columns_may_be_absent():
    text = "date;room;start;minutes;mrn;patient;operation;surgeon\n2026-11-23;or 1;8:00;60;S-1;Sample;tlif;Dr Mock\n"
    result = read(text)
    (case,) = result.cases
    assert (case.allergies, case.neuromonitoring, case.born, case.side, case.urgency) == (
        "",
        None,
        None,
        "",
        "elective",
    )
    assert result.columns["hospital_number"] == "mrn"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_finds_the_delimiter(delimiter):
    assert len(read(listed({}, delimiter=delimiter)).cases) == 1


def test_a_declared_separator_counts_as_a_line():
    result = read("sep=;\n" + listed({"start": "99:99"}, delimiter=";"))
    assert result.faults[0].line == 3


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("room", "THEATRE"),
        ("room", "or"),
        ("hospital number", "Hospital_No."),
        ("hospital number", "MRN"),
        ("born", "D.O.B."),
        ("planned minutes", "Duration (min)"),
        ("procedure", "Planned Operation"),
        ("anaesthetist", "Anesthesiologist"),
    ],
)
def test_knows_other_words_for_a_header(ours, theirs):
    text = listed({}).replace(ours, theirs, 1)
    assert read(text).faults == ()


def test_a_given_header_goes_before_the_known_words():
    text = listed({}).replace("surgeon", "who", 1)
    result = read(text, columns={"surgeon": "WHO"})
    assert result.cases[0].surgeon == "Dr Mock"
    assert result.columns["surgeon"] == "who"


def test_names_ignored_headers():
    assert read(listed({}).replace("levels", "shoe size", 1)).ignored == ("shoe size",)


def test_a_missing_column_names_the_nearest_headers():
    fault = only_fault(listed({}).replace("hospital number", "hosp. numbr", 1))
    assert (fault.line, fault.column) == (1, "hospital number")
    assert '"hosp. numbr"' in fault.sentence


def test_a_given_header_that_is_not_there_is_a_fault():
    fault = only_fault(listed({}), columns={"surgeon": "surgeom"})
    assert '"surgeon"' in fault.sentence


def test_a_given_field_that_does_not_exist_is_refused():
    with pytest.raises(BadInput, match="Did you mean surgeon"):
        read(listed({}), columns={"surgeons": "surgeon"})


def test_two_columns_for_one_field_are_a_fault():
    assert "both look like" in only_fault(listed({}).replace("levels", "theatre", 1)).sentence


def test_a_fault_reads_as_one_line():
    fault = only_fault(listed({"start": "25:00"}), file="list.csv")
    assert str(fault) == 'list.csv, line 2, column "start": 25:00 is not a time of day. Write HH:MM.'
    assert str(Fault(7, "", "No.")) == "line 7: No."


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("date", "2026-02-31", "February 2026 has 28 days"),
        ("date", "2026-13-01", "is not a date"),
        ("date", "23/11/2026", "Write YYYY-MM-DD"),
        ("date", "0000-01-01", "is not a date"),
        ("date", "9999-12-31", "is not a date"),
        ("date", "", "empty"),
        ("start", "8", "is not a time of day"),
        ("start", "08:61", "is not a time of day"),
        ("start", "08:00+05:00", "is at +01:00 then"),
        ("start", "", "empty"),
        ("planned minutes", "0", "from 1 to 1440"),
        ("planned minutes", "-30", "from 1 to 1440"),
        ("planned minutes", "1441", "from 1 to 1440"),
        ("planned minutes", "1:30", "is not a number of minutes"),
        ("planned minutes", "ninety", "is not a number of minutes"),
        ("planned minutes", "", "planned minutes or an end"),
        ("room", "OR9", "Rooms: OR1, OR2"),
        ("procedure", "dinamic stabilisation", '"dynamic stabilisation" (dynamic-stabilisation)'),
        ("procedure", "zzzz", "is not a known procedure"),
        ("born", "2026-11-24", "is after the operation"),
        ("born", "1896-11-22", "more than 130 years"),
        ("born", "1960-02-30", "does not exist"),
        ("side", "sideways", "left, right, both or midline"),
        ("urgency", "whenever", "elective, urgent or emergency"),
        ("neuromonitoring", "maybe", "yes or no"),
        ("hospital number", "", "empty"),
        ("hospital number", "S-1\x1b[2J", "not a usable identifier"),
        ("hospital number", "S-1\u202e2", "not a usable identifier"),
        ("hospital number", "1.00234E+05", "shortened by a spreadsheet"),
        ("hospital number", "---", "is not a hospital number"),
        ("name", "", "empty"),
        ("name", "\x1b\x1b", "no readable character"),
        ("surgeon", "", "empty"),
        ("levels", "L" * 61, "longer than 60"),
        ("allergies", "x" * 501, "longer than 500"),
        ("notes", "x" * 2001, "longer than 2000"),
    ],
)
def test_each_fault_names_its_line_and_column(column, cell, words):
    result = read(listed({"hospital number": "S-9", "start": "14:00"}, {column: cell}))
    (fault,) = result.faults
    assert (fault.line, fault.column) == (3, column)
    assert words in fault.sentence
    assert [case.hospital_number for case in result.cases] == ["S-9"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("side", "left" + " " * 300 + "not right"),
        ("procedure", "tlif" + " " * 500 + "cancelled"),
        ("room", "OR1" + " " * 300 + "x"),
        ("hospital number", "S-1" + " " * 300 + "2"),
        ("planned minutes", "60" + " " * 300 + "0"),
        ("date", "2026-11-23" + " " * 300 + "x"),
        ("start", "08:00" + " " * 300 + "x"),
    ],
)
def test_what_stands_far_behind_is_not_cut_away(column, cell):
    assert only_fault(listed({column: cell})).column == column


def test_every_fault_of_a_row_is_told_at_once():
    result = read(listed({"room": "OR9", "side": "up", "start": "25:00"}))
    assert sorted(fault.column for fault in result.faults) == ["room", "side", "start"]


@pytest.mark.parametrize(
    ("order", "cell", "born"), [("dmy", "23/11/2026", "28.02.1960"), ("mdy", "11/23/2026", "2/28/1960")]
)
def test_reads_the_chosen_order_of_dates(order, cell, born):
    (case,) = read(listed({"date": cell, "born": born}), date_order=order).cases
    assert (case.date, case.born) == (date(2026, 11, 23), date(1960, 2, 28))


def test_iso_dates_are_read_in_every_order():
    assert read(listed({}), date_order="dmy").cases[0].date == date(2026, 11, 23)


def test_a_time_in_the_spring_gap_does_not_exist():
    fault = only_fault(listed({"date": "2026-03-29", "start": "02:30"}))
    assert fault.sentence.startswith(
        "02:30 on 2026-03-29 does not exist in Europe/Amsterdam: the clock jumps from 02:00 to 03:00."
    )


def test_a_gap_of_half_an_hour_is_named_rightly():
    text = listed({"date": "2026-10-04", "start": "02:15"})
    result = read_theatre_list(text, zone=ZoneInfo("Australia/Lord_Howe"), procedures=PROCEDURES, rooms=ROOMS)
    assert "from 02:00 to 02:30" in result.faults[0].sentence


def test_a_time_that_happens_twice_asks_for_its_offset():
    fault = only_fault(listed({"date": "2026-10-25", "start": "02:30"}))
    assert "happens twice" in fault.sentence
    assert "02:30+02:00 or 02:30+01:00" in fault.sentence


@pytest.mark.parametrize(
    ("cell", "hour"),
    [("02:30+02:00", 0), ("02:30+0200", 0), ("02:30+01:00", 1), ("02:30 +0100", 1)],
)
def test_an_offset_resolves_a_time_that_happens_twice(cell, hour):
    (case,) = read(listed({"date": "2026-10-25", "start": cell})).cases
    assert case.start == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_an_end_may_replace_the_minutes():
    text = listed({"planned minutes": "10:15"}).replace("planned minutes", "end", 1)
    assert read(text).cases[0].minutes == 135


def test_an_end_over_the_clock_change_counts_real_minutes():
    text = listed({"date": "2026-10-25", "start": "01:00", "planned minutes": "04:00"})
    assert read(text.replace("planned minutes", "end", 1)).cases[0].minutes == 240


@pytest.mark.parametrize("end", ["07:59", "08:00"])
def test_an_end_that_is_not_after_the_start_is_a_fault(end):
    fault = only_fault(listed({"planned minutes": end}).replace("planned minutes", "end", 1))
    assert fault.column == "end"
    assert "is not after the start" in fault.sentence


def test_minutes_and_end_must_agree():
    text = listed({"levels": "10:00"}).replace("levels", "end", 1)
    assert "which makes 120" in only_fault(text).sentence
    assert read(text.replace(",90,", ",120,")).cases[0].minutes == 120


@pytest.mark.parametrize("levels", ["L4-5", "L4/5", "L4-L5", "L3-4 + L4-5"])
def test_levels_stay_as_written(levels):
    assert read(listed({"levels": levels})).cases[0].levels == levels


@pytest.mark.parametrize(
    ("cell", "side"), [("L", "left"), ("Right", "right"), ("Bilateral", "both"), ("midline", "midline"), ("-", "")]
)
def test_reads_sides(cell, side):
    assert read(listed({"side": cell})).cases[0].side == side


def test_an_empty_neuromonitoring_cell_stays_unsaid():
    assert read(listed({"neuromonitoring": ""})).cases[0].neuromonitoring is None


def test_a_repeated_row_is_a_fault():
    result = read(listed({}, {}))
    assert result.faults[0].line == 3
    assert "same as line 2" in result.faults[0].sentence
    assert len(result.cases) == 1


def test_one_patient_cannot_be_in_two_rooms_at_once():
    result = read(listed({}, {"start": "09:29", "room": "OR2", "hospital number": "s-100001"}))
    assert result.faults[0].column == "hospital number"
    assert "line 2 (OR1)" in result.faults[0].sentence


def test_one_patient_may_come_twice():
    assert len(read(listed({"start": "09:30"}, {"start": "08:00"}, {"date": "2026-11-24"})).cases) == 3


def test_an_overlap_is_found_whatever_the_order():
    later = {"start": "12:00", "planned minutes": "60"}
    long = {"start": "11:00", "planned minutes": "600"}
    result = read(listed(later, {"start": "08:00"}, long))
    assert [fault.line for fault in result.faults] == [4]


@pytest.mark.parametrize(("column", "cell"), [("name", "Testcase"), ("born", "1961-01-01")])
def test_one_hospital_number_is_one_person(column, cell):
    result = read(listed({}, {"start": "14:00", column: cell}))
    assert result.faults[0].column == column
    assert "One hospital number is one person" in result.faults[0].sentence


def test_a_name_may_be_written_either_way_round():
    assert read(listed({}, {"start": "14:00", "name": "ALMA SAMPLE"})).faults == ()


def test_a_cell_of_several_lines_keeps_the_line_numbers_right():
    notes = '"first\nsecond\r\nthird"'
    text = listed({"notes": notes}, {"hospital number": "S-2", "start": "99:00"})
    result = read(text)
    assert result.cases[0].line == 2
    assert result.cases[0].notes == "first\nsecond\nthird"
    assert result.faults[0].line == 5


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_blank_lines_are_counted_and_skipped(newline):
    text = listed({}, {"hospital number": "S-2", "room": "OR2"}).replace("\n", newline + newline)
    assert [case.line for case in read(text).cases] == [3, 5]


def test_an_unclosed_quotation_mark_is_a_fault_and_not_a_long_cell():
    text = listed({}, {"hospital number": "S-2", "notes": '"never closed'}, {"hospital number": "S-3"})
    result = read(text)
    assert [case.hospital_number for case in result.cases] == ["S-100001"]
    assert (result.faults[0].line, result.faults[0].column) == (3, "")
    assert "do not pair up" in result.faults[0].sentence


def test_a_row_of_another_width_is_not_trusted():
    fault = only_fault(listed({"name": "Sample, Alma"}))
    assert "17 cells and the header 16" in fault.sentence


def test_hostile_text_is_cleaned():
    (case,) = read(listed({"notes": "\x1b]0;x\x07[/b]\u202e", "surgeon": "Dr [red]Mock"})).cases
    assert case.surgeon == "Dr [red]Mock"
    assert not {"\x1b", "\x07", "\u202e"} & set(case.notes)


def test_a_hostile_header_is_cleaned():
    result = read(listed({}).replace("levels", "\x1b[2Jlevels?", 1))
    assert "\x1b" not in "".join(result.ignored)


def test_decodes_with_and_without_a_byte_order_mark():
    data = listed({"name": '"Ukázková, Žofie"'}).encode()
    assert decode(b"\xef\xbb\xbf" + data) == decode(data)
    assert read(decode(data)).cases[0].name == "Ukázková, Žofie"


@pytest.mark.parametrize("text", ["", "\n\n", " \n"])
def test_an_empty_file_is_refused(text):
    with pytest.raises(BadInput, match="empty"):
        read(text)


def test_a_header_alone_is_a_fault():
    assert "no case below" in only_fault(listed()).sentence


def test_too_many_columns_are_refused():
    with pytest.raises(BadInput, match="200 columns"):
        read("," * 200 + "x\n")


def test_five_thousand_rows_take_less_than_a_second():
    rows = []
    for number in range(MAX_ROWS):
        day = date(2026, 1, 1) + timedelta(days=number // 8)
        rows.append({"date": f"{day}", "start": f"{8 + number % 8:02}:00", "hospital number": f"S-{number:06}"})
    text = listed(*rows)
    began = time.process_time()
    result = read(text)
    assert time.process_time() - began < 5
    assert (len(result.cases), result.faults) == (MAX_ROWS, ())
