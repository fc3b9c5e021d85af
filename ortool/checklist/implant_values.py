"""What may be written down of an implant: sizes, readings, ratios, and who it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from ortool.checklist.barcodes import parse_barcode
from ortool.checklist.commands import Device
from ortool.checklist.implant_definition import ImplantPart, Reading
from ortool.checklist.scan import Scan
from ortool.errors import Refused
from ortool.text import clean, identifier

_RATIO = re.compile(r"(\d{1,2})\s*(?:/|of)\s*(\d{1,2})")
NAMED = {"device_identifier": "device identifier", "lot": "lot", "serial": "serial", "expires": "expiry"}


def checked_values(part: ImplantPart, values: Mapping[str, str], sizes_only: bool = False) -> dict[str, str]:
    """Return the values that were given, written in one way. Raises Refused for one that cannot be."""
    readings = {reading.id: reading for reading in (part.sizes if sizes_only else part.readings)}
    if unknown := sorted(set(values) - set(readings)):
        raise Refused(f"Nothing called {clean(unknown[0], 40)!r} is written down of a {part.title.lower()} here.")
    return {name: checked_value(readings[name], text) for name, text in values.items() if text.strip()}


def checked_value(reading: Reading, text: str) -> str:
    """Return a value as it is stored. Raises Refused with what is asked for."""
    text = clean(text, 200)
    if reading.kind == "choice" and text not in reading.choices:
        raise Refused(f"{reading.title}: one of {', '.join(reading.choices)}.")
    if reading.kind == "number":
        return _number(reading, text)
    if reading.kind == "ratio":
        match = _RATIO.fullmatch(text)
        if not match or not 0 <= int(match[1]) <= int(match[2]) or not int(match[2]):
            raise Refused(f"{reading.title}: write how many of how many, for example 2/2.")
        return f"{int(match[1])}/{int(match[2])}"
    return text


def _number(reading: Reading, text: str) -> str:
    try:
        number = Decimal(text.replace(",", ".")) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 100_000:
        raise Refused(f"{reading.title}: a number{f' of {reading.unit}' if reading.unit else ''}, not {text[:20]!r}.")
    low, high = reading.min, reading.max
    if (low is not None and number < Decimal(str(low))) or (high is not None and number > Decimal(str(high))):
        limits = f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'} {reading.unit}".strip()
        raise Refused(f"{reading.title}: {text[:20]} is outside {limits}.", "Read it again.")
    written = format(number.quantize(Decimal("0.001")), "f")
    return written.rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Identified:
    """An implant in hand, known as well as it can be. `entry` is `scan` or `manual`."""

    device: Device
    scan: Scan | None
    entry: str

    def body(self) -> dict[str, object]:
        """Return what an entry keeps of it."""
        device = self.device
        expires = device.expires.isoformat() if device.expires else ""
        kept = {name: getattr(device, name) for name in ("raw", "device_identifier", "lot", "serial", "description")}
        return {name: text for name, text in (kept | {"expires": expires, "entry": self.entry}).items() if text}


def identify(device: Device, today: date) -> Identified:
    """Return the implant that a barcode and what was typed name together. The barcode is read here, never believed.

    Raises Refused where the two contradict each other, or where neither says lot, serial or device identifier.
    """
    scan = parse_barcode(device.raw, today) if device.raw else None
    typed = replace(
        device,
        raw=scan.raw if scan else "",
        device_identifier=identifier(device.device_identifier),
        lot=identifier(device.lot),
        serial=identifier(device.serial),
        description=clean(device.description),
    )
    merged: dict[str, object] = {}
    by_hand = scan is None or bool(scan.faults)
    for name, words in NAMED.items():
        read, said = getattr(scan, name) if scan else "", getattr(typed, name)
        if read and said and read != said:
            raise Refused(f"The {words} typed is {said}, the barcode says {read}.", "Scan it again, or type it again.")
        merged[name] = read or said or None if name == "expires" else read or said
        by_hand = by_hand or bool(said and not read and name != "expires")
    known = replace(typed, **merged)  # type: ignore[arg-type]
    if not (known.lot or known.serial or known.device_identifier):
        raise Refused("Neither lot, serial nor device identifier is known.", "Scan it, or type it.")
    return Identified(known, scan, "manual" if by_hand else "scan")
