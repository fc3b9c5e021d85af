"""Barcodes of implants (UDI): GS1, HIBC and ICCBBA told apart and read. Never raises, whatever comes in."""

import re
from dataclasses import replace
from datetime import date

from ortool.checklist.hibc import read_hibc
from ortool.checklist.scan import SEPARATOR, SHOWN_SEPARATOR, Scan
from ortool.text import clean

LIMIT = 400
NEXT = "\N{SYMBOL FOR RECORD SEPARATOR}"
"""Stands between the two barcodes of one package where device and batch are printed apart."""

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# Scanners that cannot send the control character FNC1 stands for send one of these; none may stand in GS1 data.
_STAND_INS = re.compile("<GS>|\\{GS\\}|[|\u241d]")
_ENDS = "\r\n\t"
_ICCBBA_IDENTIFIER = 16


def parse_barcode(raw: str, today: date) -> Scan:
    """Return what a barcode says on the day `today` (for two-digit years). What is wrong is told in `faults`."""
    stored = _storable(raw)
    if len(raw) > LIMIT:
        return Scan(stored, faults=(f"This is no barcode of an implant: it has {len(raw)} characters.",))
    scans = [_one(part, today) for part in raw.split(NEXT)]
    joined = scans[0]
    for scan in scans[1:]:
        joined = _joined(joined, scan)
    return replace(joined, raw=stored)


def names_a_device(text: str) -> bool:
    """Whether a text is, without doubt, the barcode of a device: long enough, and its check digit is right."""
    scan = parse_barcode(text, date(2000, 1, 1)) if len(text) >= 10 and text[0] in "]0123456789+(" else None
    return scan is not None and bool(scan.device_identifier) and not scan.faults


def _storable(raw: str) -> str:
    return clean(raw.strip(_ENDS)[:LIMIT].replace(SEPARATOR, SHOWN_SEPARATOR), LIMIT)


def _one(text: str, today: date) -> Scan:
    text = _SYMBOLOGY.sub("", text.strip(_ENDS), count=1) if text.startswith("]") else text.strip(_ENDS)
    if not text.strip():
        return Scan("", faults=("Nothing was scanned.",))
    if text.startswith("*") and text.endswith("*") and len(text) > 2:
        text = text[1:-1]
    if text.startswith("+"):
        return read_hibc(text.replace("_", " "), text, today)
    text = _STAND_INS.sub(SEPARATOR, text.strip())
    if not text.strip(SEPARATOR + " "):
        return Scan("", faults=("Nothing was scanned.",))
    if any(not " " <= char <= "~" and char != SEPARATOR for char in text):
        return Scan(
            "", faults=("There are characters in this barcode that no implant's barcode can hold: scan again.",)
        )
    if text.startswith(("=", "&")):
        return _iccbba(text)
    if text[:1].isdigit() or text.startswith(("(", SEPARATOR)):
        # The GS1 library costs more to import than a whole start may take, and most starts scan nothing.
        from ortool.checklist.gs1 import read_gs1

        return read_gs1(text, text, today)
    return Scan("", faults=("This is no GS1, HIBC or ICCBBA barcode.",))


def _iccbba(text: str) -> Scan:
    """Return an ISBT 128 barcode of human tissue: kept as it is, but for its device identifier."""
    identifier = text[2 : 2 + _ICCBBA_IDENTIFIER]
    known = text.startswith("=/") and re.fullmatch(r"[A-Z0-9]{16}", identifier)
    return Scan(text, "ICCBBA", device_identifier=identifier if known else "")


def _joined(first: Scan, then: Scan) -> Scan:
    """Return two barcodes of one package as one; where they contradict each other, that is a fault."""
    faults = [*first.faults, *then.faults]
    for name in ("device_identifier", "lot", "serial", "expires", "made", "quantity"):
        one, other = getattr(first, name), getattr(then, name)
        if one and other and one != other:
            faults.append(f"The two barcodes differ in {name.replace('_', ' ')}: they are of two packages.")
    if _unlinked(first, then):
        faults.append("The second barcode does not belong to the first: scan both of one package.")
    return Scan(
        "",
        then.issuer if first.issuer == "unknown" else first.issuer,
        first.device_identifier or then.device_identifier,
        first.lot or then.lot,
        first.serial or then.serial,
        first.expires or then.expires,
        first.made or then.made,
        first.quantity or then.quantity,
        {**then.others, **first.others},
        tuple(faults),
    )


def _unlinked(first: Scan, then: Scan) -> bool:
    """Whether a HIBC secondary barcode names another primary's check character than the one beside it."""
    for one, other in ((first, then), (then, first)):
        if "link" in one.others and "unit of measure" in other.others:
            return one.others["link"] != other.others.get("check")
    return False
