"""Labels that are answers: a barcode that was scanned, kept with the parts that it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ortool.checklist.barcodes import parse_barcode
from ortool.checklist.definition import Item
from ortool.checklist.scan import SEPARATOR, SHOWN_SEPARATOR, Scan
from ortool.errors import Refused
from ortool.text import REPLACED, clean

PARTS = ("device_identifier", "lot", "serial")
LIMIT = 120


class LabelStop(Refused):
    """A hard stop: `stops` say why. The item can only be overridden, with a reason and a second person."""

    def __init__(self, item: Item, stops: tuple[str, ...]) -> None:
        roles = " or ".join(role.value.replace("_", " ") for role in item.override_by)
        super().__init__(
            f"HARD STOP at {item.id} {item.prompt}: {' '.join(stops)}",
            f"It is only overridden, with a reason and a second person, one of the two {roles}.",
        )
        self.stops = stops


@dataclass(frozen=True, slots=True)
class Label:
    """What was scanned: `value` is the code as it came in, `parts` what it says, `stops` why it must not be used."""

    value: str
    parts: Mapping[str, str] = field(default_factory=dict)
    stops: tuple[str, ...] = ()


def read_label(item: Item, raw: str, today: date) -> Label:
    """Return the label answered to `item` on the day `today`. Raises Refused for what is no label that it asks for."""
    scan = parse_barcode(raw, today)
    if not scan.faults and _is_known(item, scan):
        return Label(scan.raw, _parts(scan), _stops(scan, today))
    plain = clean(raw, LIMIT + 1)
    if item.code == "any" and plain and REPLACED not in plain and not _is_structured(raw):
        if len(plain) > LIMIT:
            raise Refused(f"{item.id} {item.prompt}: no label has {len(raw)} characters.", "Scan it again.")
        return Label(plain)
    why = " ".join(scan.faults) or "It names neither product, lot nor serial."
    raise Refused(f"{item.id} {item.prompt} asks for a label to be scanned. {why}", "Scan it again, or type it.")


def _is_known(item: Item, scan: Scan) -> bool:
    # A plain number may read as a lot by chance: where any label is taken, only a product makes it a product's.
    named = scan.device_identifier or (item.code != "any" and (scan.lot or scan.serial))
    return bool(named or (scan.issuer == "HIBC" and (scan.lot or scan.serial)))


def _is_structured(raw: str) -> bool:
    """Whether a text can only be a product's barcode: one that was misread is never taken for a plain label."""
    return raw.startswith(("]", "(")) or SEPARATOR in raw or SHOWN_SEPARATOR in raw


def _parts(scan: Scan) -> dict[str, str]:
    found = {"issuer": scan.issuer} | {name: getattr(scan, name) for name in PARTS}
    found["expires"] = scan.expires.isoformat() if scan.expires else ""
    return {name: text for name, text in found.items() if text}


def _stops(scan: Scan, today: date) -> tuple[str, ...]:
    expired = scan.expires is not None and scan.expires < today
    return (f"It expired on {scan.expires}.",) if expired else ()
