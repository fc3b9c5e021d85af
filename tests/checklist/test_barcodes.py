"""Barcodes of implants: published vectors, made-up ones there and back, and hostile ones."""

from datetime import date

import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from ortool.checklist.barcodes import LIMIT, NEXT, parse_barcode
from ortool.checklist.hibc import ALPHABET, check_character

TODAY = date(2026, 11, 24)
GS = "\x1d"
DEVICE = "51022222233336"
PLAIN = f"01{DEVICE}1114123117150707" + f"10A213B1{GS}211234"


@pytest.mark.parametrize(
    "raw",
    [
        "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234",
        PLAIN,
        GS + PLAIN,
        "]C1" + PLAIN,
        "]d2" + PLAIN,
        "]Q3" + PLAIN,
        "]e0" + PLAIN,
        "]d2" + GS + PLAIN + "\r\n",
        PLAIN.replace(GS, "<GS>"),
        PLAIN.replace(GS, "|"),
        f"01{DEVICE}{GS}11141231{GS}17150707{GS}10A213B1{GS}211234{GS}",
    ],
)
def test_the_published_gs1_vector_in_every_dress(raw):
    scan = parse_barcode(raw, TODAY)
    assert (scan.issuer, scan.faults) == ("GS1", ())
    assert (scan.device_identifier, scan.lot, scan.serial) == (DEVICE, "A213B1", "1234")
    assert (scan.made, scan.expires) == (date(2014, 12, 31), date(2015, 7, 7))
    assert scan.is_complete


def test_the_published_hibc_primary():
    scan = parse_barcode("+A999123457", TODAY)
    assert (scan.issuer, scan.device_identifier, scan.others["unit of measure"]) == ("HIBC", "A99912345", "5")
    assert scan.others["check"] == "7"
    assert not scan.faults


def test_the_published_hibc_joined_by_a_slash():
    scan = parse_barcode("+A99912345/$$52001510X3" + "3", TODAY)
    assert (scan.device_identifier, scan.lot, scan.expires) == ("A99912345", "10X3", date(2020, 1, 15))
    assert not scan.faults


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0151022222233337", "check digit of the device identifier"),
        (f"01{DEVICE}17151300", "expiry date 151300 is no date"),
        (f"01{DEVICE}17150230", "expiry date 150230 is no date"),
        (f"01{DEVICE}1715", "cannot be read"),
        (f"01{DEVICE}10A213B1{GS}10B7", "lot stands twice"),
        (f"01{DEVICE}10{'A' * 21}", "runs on"),
        ("(01)" + DEVICE + "(xx)1", "not part of a GS1 barcode"),
        ("+A999123456", "check character"),
        ("+a999123457", "cannot stand in a HIBC barcode"),
        ("+1.", "check character"),
        ("", "Nothing was scanned"),
        ("hello", "no GS1, HIBC or ICCBBA"),
    ],
)
def test_what_is_broken_is_told_and_never_raised(text, told):
    assert told in " ".join(parse_barcode(text, TODAY).faults)


def test_a_broken_date_does_not_hide_what_follows_it():
    scan = parse_barcode(f"01{DEVICE}1715130010X", TODAY)
    assert (scan.device_identifier, scan.lot, scan.expires) == (DEVICE, "X", None)
    assert scan.faults


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("261231", date(2026, 12, 31)),
    ],
)
def test_last_day_of_the_month_and_century(digits, expected):
    assert parse_barcode(f"01{DEVICE}17{digits}", TODAY).expires == expected


def test_the_century_follows_the_day_that_is_asked_about():
    assert parse_barcode(f"01{DEVICE}17010101", date(2099, 5, 1)).expires == date(2101, 1, 1)


def test_an_ean_alone_is_a_device_identifier_and_a_short_batch_is_not():
    assert parse_barcode("4006381333931", TODAY).device_identifier == "04006381333931"
    batch = parse_barcode("1727010110123", TODAY)
    assert (batch.device_identifier, batch.lot, batch.expires) == ("", "123", date(2027, 1, 1))


def test_other_numbers_are_kept():
    scan = parse_barcode(f"01{DEVICE}30{2}{GS}240REF-7", TODAY)
    assert (scan.quantity, scan.others) == (2, {"240": "REF-7"})


def hibc(text: str) -> str:
    return text + check_character(text)


@pytest.mark.parametrize(
    ("piece", "expires", "quantity"),
    [
        ("$$0227LOT", date(2027, 2, 28), None),
        ("$$1227LOT", date(2027, 12, 31), None),
        ("$$2022827LOT", date(2027, 2, 28), None),
        ("$$3270228LOT", date(2027, 2, 28), None),
        ("$$427022823LOT", date(2027, 2, 28), None),
        ("$$527059LOT", date(2027, 2, 28), None),
        ("$$62705923LOT", date(2027, 2, 28), None),
        ("$$7LOT", None, None),
        ("$$8023270228LOT", date(2027, 2, 28), 2),
        ("$$9000023270228LOT", date(2027, 2, 28), 2),
        ("$LOT", None, None),
        ("27059LOT", date(2027, 2, 28), None),
    ],
)
def test_every_hibc_date_flag_joined_and_alone(piece, expires, quantity):
    for raw in (hibc("+A99912345/" + piece), hibc("+" + piece + "7")):
        scan = parse_barcode(raw, TODAY)
        assert (scan.lot, scan.expires, scan.quantity, scan.faults) == ("LOT", expires, quantity, ())


def test_hibc_serials_and_extras():
    scan = parse_barcode(hibc("+A99912345/$$+3270228SN1/16D20260101/Q3"), TODAY)
    assert (scan.serial, scan.made, scan.quantity) == ("SN1", date(2026, 1, 1), 3)
    scan = parse_barcode(hibc("+A99912345/$LOT/S12/14D20270228"), TODAY)
    assert (scan.lot, scan.serial, scan.expires) == ("LOT", "12", date(2027, 2, 28))
    assert parse_barcode(hibc("+$+SN17"), TODAY).serial == "SN1"


def test_the_two_barcodes_of_one_package_are_read_as_one():
    primary, secondary = hibc("+A99912345"), hibc("+$$3270228LOT7")
    scan = parse_barcode(primary + NEXT + secondary, TODAY)
    assert (scan.device_identifier, scan.lot, scan.faults) == ("A99912345", "LOT", ())
    stranger = hibc("+$$3270228LOTX")
    assert "does not belong" in parse_barcode(primary + NEXT + stranger, TODAY).faults[0]
    both = parse_barcode(f"01{DEVICE}{NEXT}10A1{NEXT}10A2", TODAY)
    assert "two packages" in both.faults[0]


def test_human_tissue_is_kept_raw_with_its_device_identifier():
    raw = "=/A9999XYZ100T0944=,000025=A99971312345600"
    scan = parse_barcode(raw, TODAY)
    assert (scan.raw, scan.issuer, scan.device_identifier) == (raw, "ICCBBA", "A9999XYZ100T0944")


FORM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./"
days = st.dates(date(1978, 1, 1), date(2076, 12, 31))


@given(
    st.text("0123456789", min_size=13, max_size=13),
    st.text(FORM, min_size=1, max_size=20),
    st.text(FORM, min_size=1, max_size=20),
    days,
    st.sampled_from(["", "]C1", "]d2", "]Q3", "]e0"]),
)
def test_gs1_there_and_back(body, lot, serial, day, symbology):
    device = body + str(gs1_standard_check_digit(body))
    raw = f"{symbology}01{device}17{day:%y%m%d}10{lot}{GS}21{serial}"
    scan = parse_barcode(raw, TODAY)
    assert (scan.device_identifier, scan.lot, scan.serial, scan.expires) == (device, lot, serial, day)
    assert not scan.faults
    assert parse_barcode(scan.raw, TODAY) == scan


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(1, 9))
def test_no_wrong_gs1_check_digit_passes(body, off):
    wrong = (gs1_standard_check_digit(body) + off) % 10
    assert parse_barcode(f"01{body}{wrong}", TODAY).faults


CODE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@given(st.text(CODE, min_size=1, max_size=18), st.text(CODE, min_size=1, max_size=18), days)
def test_hibc_there_and_back(product, lot, day):
    raw = hibc(f"+A999{product}5/$$3{day:%y%m%d}{lot}")
    # Without its last space a code that ends in J is, to the letter, another code whose check character is that J.
    trimmed = raw if raw.endswith("J ") else raw.strip()
    for seen in (raw, trimmed, f"*{raw}*"):
        scan = parse_barcode(seen, TODAY)
        assert (scan.device_identifier, scan.lot, scan.expires, scan.faults) == (f"A999{product}5", lot, day, ())


@given(st.text(CODE, min_size=1, max_size=18), st.integers(1, 42), st.data())
def test_no_single_wrong_character_of_a_hibc_barcode_passes(product, off, data):
    raw = hibc(f"+A999{product}5")
    place = data.draw(st.integers(1, len(raw) - 1))
    other = ALPHABET[(ALPHABET.index(raw[place]) + off) % 43]
    damaged = raw[:place] + other + raw[place + 1 :]
    scan = parse_barcode(damaged.rstrip(" "), TODAY)
    assert scan.faults or check_character(damaged.rstrip(" ")) == " "


@given(st.text(max_size=500))
def test_anything_gives_a_scan_that_is_safe_to_store(text):
    scan = parse_barcode(text, TODAY)
    assert len(scan.raw) <= LIMIT
    assert all(char.isprintable() for char in scan.raw)
    again = parse_barcode(scan.raw, TODAY)
    assert bool(again.faults) >= bool(scan.faults) or len(text) > LIMIT or scan.issuer == "HIBC"


@given(st.sampled_from(["+", "01", "(01)", "=", "]d2", "+$$", "17", "(", "+A999"]), st.text(max_size=60))
def test_a_good_beginning_with_anything_behind_it_never_raises(head, tail):
    parse_barcode(head + tail, TODAY)


@pytest.mark.parametrize("raw", ["9" * 10_000, "\x1b[31m", "٠١٥١٠", "+\x00\x01", "[red]x[/]", "=/" + "\x7f" * 16])
def test_hostile_input_gives_a_fault(raw):
    scan = parse_barcode(raw, TODAY)
    assert scan.faults
    assert scan.raw.isprintable()
