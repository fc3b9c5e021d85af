"""HIBC barcodes (ANSI/HIBC 2.6): primary, secondary, joined by `/`, and their mod-43 check character."""

import re
from datetime import date
from typing import Any

from ortool.checklist.scan import Scan, day_of, full_year, julian

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""The characters of Code 39 in the order of their check values, 0 to 42."""

LIMIT = 18
_PRIMARY = re.compile(r"([A-Z][A-Z0-9]{3}[A-Z0-9]{1,18})([0-9])")
_DATE_LENGTHS = {"0": 4, "1": 4, "2": 6, "3": 6, "4": 8, "5": 5, "6": 7}
_QUANTITY_LENGTHS = {"8": 2, "9": 5}


def check_character(text: str) -> str:
    """Return the mod-43 check character of `text`. Raises ValueError for a character outside the alphabet."""
    return ALPHABET[sum(ALPHABET.index(char) for char in text) % 43]


class _Reading:
    """What has been read so far."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.found: dict[str, Any] = {}
        self.others: dict[str, str] = {}
        self.faults: list[str] = []

    def keep(self, name: str, value: Any) -> None:
        """Keep a value; one that stands there already must be the same."""
        if self.found.setdefault(name, value) != value:
            self.faults.append(f"Two different values of {name.replace('_', ' ')} stand in this barcode.")


def read_hibc(text: str, raw: str, today: date) -> Scan:
    """Return what a HIBC barcode says. A wrong check character, or what cannot be read, becomes a fault."""
    reading = _Reading(today)
    if strange := sorted(set(text) - set(ALPHABET)):
        reading.faults.append(f"{strange[0]!r} cannot stand in a HIBC barcode: scan again.")
    else:
        body = _checked(text, reading)
        first, *segments = body[1:].split("/")
        if first[:1].isalpha():
            _primary(first, reading)
            if segments and segments[0][:1] in ("$", *"0123456789"):
                _secondary(segments.pop(0), reading)
        else:
            _alone(first, segments, reading)
        for segment in segments:
            _extra(segment, reading)
    return Scan(raw, "HIBC", **reading.found, others=reading.others, faults=tuple(reading.faults))


def _checked(text: str, reading: _Reading) -> str:
    """Return `text` without its check character."""
    if len(text) > 2 and check_character(text[:-1]) == text[-1]:
        reading.others["check"] = text[-1]
        return text[:-1]
    # A check character that is a space is lost wherever the end of a line is trimmed.
    if len(text) > 2 and check_character(text) == " ":
        reading.others["check"] = " "
        return text
    reading.faults.append("The check character of this barcode is wrong: scan again.")
    return text[:-1]


def _primary(text: str, reading: _Reading) -> None:
    match = _PRIMARY.fullmatch(text)
    if match is None:
        reading.faults.append(f"{text[:24]!r} is no HIBC device identifier.")
        return
    reading.keep("device_identifier", text)
    reading.others["unit of measure"] = match[2]


def _alone(first: str, segments: list[str], reading: _Reading) -> None:
    """Read a secondary barcode alone: before its check character stands the one that links it to its primary."""
    last = segments.pop() if segments else first
    if not last:
        reading.faults.append("This barcode is empty.")
        return
    reading.others["link"] = last[-1]
    if segments or last is not first:
        segments.append(last[:-1])
        _secondary(first, reading)
    else:
        _secondary(last[:-1], reading)


def _secondary(text: str, reading: _Reading) -> None:
    for lead, name in (("$$+", "serial"), ("$$", "lot")):
        if text.startswith(lead):
            _keep_piece(name, _dated(text.removeprefix(lead), reading), reading)
            return
    for lead, name in (("$+", "serial"), ("$", "lot")):
        if text.startswith(lead):
            _keep_piece(name, text.removeprefix(lead), reading)
            return
    if not re.fullmatch(r"\d{5}.*", text):
        reading.faults.append(f"{text[:24]!r} is no HIBC secondary data.")
        return
    _keep_date("expires", text[:5], julian(full_year(int(text[:2]), reading.today), int(text[2:5])), reading)
    _keep_piece("lot", text[5:], reading)


def _dated(text: str, reading: _Reading) -> str:
    """Read quantity and expiry off the head of `text` and return the rest."""
    if length := _QUANTITY_LENGTHS.get(text[:1]):
        digits, text = text[1 : 1 + length], text[1 + length :]
        if len(digits) == length and digits.isdigit():
            reading.keep("quantity", int(digits))
        else:
            reading.faults.append(f"The quantity {digits!r} is no number.")
    flag = text[:1]
    if flag in ("", "7"):
        return text[1:]
    size = _DATE_LENGTHS.get(flag)
    if size is None:
        reading.faults.append(f"The date flag {flag!r} is not known in HIBC.")
        return ""
    # The flags 0 and 1 are themselves the first digit of the month.
    start = 0 if flag in "01" else 1
    digits, rest = text[start : start + size], text[start + size :]
    _keep_date("expires", digits, _date(flag, digits, reading.today) if len(digits) == size else None, reading)
    return rest


def _date(flag: str, digits: str, today: date) -> date | None:
    """Return the date behind a date flag: MMYY (last day), MMDDYY, YYMMDD, YYMMDDHH, YYJJJ or YYJJJHH."""
    if not digits.isdigit():
        return None
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits) - 1, 2)]
    if flag in "01":
        return day_of(full_year(pairs[1], today), pairs[0], 0)
    if flag in "56":
        return julian(full_year(pairs[0], today), int(digits[2:5]))
    year, month, day = (pairs[2], pairs[0], pairs[1]) if flag == "2" else (pairs[0], pairs[1], pairs[2])
    return day_of(full_year(year, today), month, day) if day else None


def _extra(segment: str, reading: _Reading) -> None:
    for lead, name in (("14D", "expires"), ("16D", "made")):
        if segment.startswith(lead):
            digits = segment.removeprefix(lead)
            real = len(digits) == 8 and digits.isdigit() and int(digits[:4]) and int(digits[6:])
            found = day_of(int(digits[:4]), int(digits[4:6]), int(digits[6:])) if real else None
            _keep_date(name, digits, found, reading)
            return
    if segment.startswith("S"):
        _keep_piece("serial", segment[1:], reading)
    elif segment.startswith("Q") and segment[1:].isdigit() and len(segment) <= 10:
        reading.keep("quantity", int(segment[1:]))
    elif segment:
        reading.others[f"/{segment[:3]}"] = segment


def _keep_date(name: str, digits: str, found: date | None, reading: _Reading) -> None:
    if found is None:
        reading.faults.append(f"The {'expiry' if name == 'expires' else 'production'} date {digits!r} is no date.")
    else:
        reading.keep(name, found)


def _keep_piece(name: str, text: str, reading: _Reading) -> None:
    if len(text) > LIMIT:
        reading.faults.append(f"The {name} has {len(text)} characters; HIBC allows {LIMIT}.")
    if text:
        reading.keep(name, text)
