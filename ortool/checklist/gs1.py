"""GS1 element strings on implants, read with the library `biip`; dates by the clock that is given."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from biip import ParseConfig, ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_element_strings import GS1ElementString

from ortool.checklist.scan import SEPARATOR, Scan, day_of, full_year

# biip places a two-digit year by the clock of the machine; here the day is an argument, so it reads no dates.
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)
_BRACKETED = re.compile(r"\((\d{2,4})\)")
_NAMES = {"01": "device_identifier", "10": "lot", "21": "serial", "17": "expires", "11": "made", "30": "quantity"}
_WORDS = {"device_identifier": "device identifier", "lot": "lot", "serial": "serial", "expires": "expiry date"}
_ON_IMPLANTS = ("01", "10", "11", "17", "21", "240")
_GTIN_LENGTHS = {8, 12, 13, 14}


def read_gs1(text: str, raw: str, today: date) -> Scan:
    """Return what a GS1 message says (`text` without its symbology id). What cannot be read becomes a fault."""
    faults: list[str] = []
    if text.startswith("("):
        text = _without_brackets(text)
    elif _is_bare_gtin(text):
        text = f"01{text.zfill(14)}"
    found: dict[str, Any] = {}
    others: dict[str, str] = {}
    for ai, value in _elements(text, faults):
        name = _NAMES.get(ai, "")
        if not name:
            others[ai] = value
        elif name in found:
            faults.append(f"The {_WORDS.get(name, name)} stands twice in this barcode.")
        else:
            found[name] = _value(name, value, today, faults)
    return Scan(raw, "GS1", **found, others=others, faults=tuple(faults))


def _elements(text: str, faults: list[str]) -> Iterator[tuple[str, str]]:
    rest = text.lstrip(SEPARATOR)
    while rest:
        try:
            element = GS1ElementString.extract(rest, config=_CONFIG)
        except ParseError:
            yield from _broken(rest, faults)
            return
        yield element.ai.ai, element.value
        rest = rest[len(element) :]
        if rest and element.ai.separator_required and not rest.startswith(SEPARATOR):
            faults.append(f"({element.ai.ai}) runs on beyond its length: a separator was lost.")
            return
        rest = rest.lstrip(SEPARATOR)


def _broken(rest: str, faults: list[str]) -> Iterator[tuple[str, str]]:
    """Say what is wrong with the element at the head of `rest`; a date that is none keeps what comes after it."""
    try:
        ai = GS1ApplicationIdentifier.extract(rest).ai
    except ParseError:
        faults.append(f"{rest[:12]!r} is not part of a GS1 barcode.")
        return
    value = rest[len(ai) : len(ai) + 6]
    if ai in ("11", "17") and len(value) == 6 and value.isdigit():
        yield ai, value
        yield from _elements(rest[len(ai) + 6 :], faults)
    else:
        faults.append(f"({ai}) cannot be read: {rest[len(ai) :][:20]!r} is too short or of the wrong kind.")


def _value(name: str, value: str, today: date, faults: list[str]) -> Any:
    if name in ("expires", "made"):
        year, month, day = int(value[:2]), int(value[2:4]), int(value[4:])
        found = day_of(full_year(year, today), month, day)
        if found is None:
            faults.append(f"The {'expiry' if name == 'expires' else 'production'} date {value} is no date.")
        return found
    if name == "device_identifier" and gs1_standard_check_digit(value[:-1]) != int(value[-1]):
        faults.append(f"The check digit of the device identifier {value} is wrong: scan again.")
    return int(value) if name == "quantity" else value


def _without_brackets(text: str) -> str:
    """Return the bracketed form, as it is printed under a barcode, as the barcode would hold it."""
    # biip's own reader of this form passes over what it does not understand; here nothing may be lost in silence.
    return _BRACKETED.sub(lambda match: SEPARATOR + match[1], "".join(text.split()))


def _is_bare_gtin(text: str) -> bool:
    """Whether `text` is a GTIN alone, as an EAN on a box is: not what a short GS1 message of an implant looks like."""
    if not text.isdigit() or len(text) not in _GTIN_LENGTHS:
        return False
    checked = gs1_standard_check_digit(text[:-1]) == int(text[-1])
    faults: list[str] = []
    readable = text.startswith(_ON_IMPLANTS) and bool(list(_elements(text, faults))) and not faults
    return checked and not readable
