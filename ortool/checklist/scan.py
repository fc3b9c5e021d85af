"""What one barcode of an implant says, whoever issued it."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

SEPARATOR = "\x1d"
"""What a scanner sends for FNC1: it ends a field of variable length."""

SHOWN_SEPARATOR = "\N{SYMBOL FOR GROUP SEPARATOR}"
"""The same where it must be seen, shown and stored."""

Issuer = Literal["GS1", "HIBC", "ICCBBA", "unknown"]


@dataclass(frozen=True, slots=True)
class Scan:
    """A barcode as it was read. `faults` are sentences; with one of them nothing here may be relied upon.

    `raw` is what came in, made safe to store: a group separator reads U+241D, and parsing `raw` again gives the same.
    """

    raw: str
    issuer: Issuer = "unknown"
    device_identifier: str = ""
    lot: str = ""
    serial: str = ""
    expires: date | None = None
    made: date | None = None
    quantity: int | None = None
    others: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether the barcode names the device and the very piece or batch: no second barcode is needed."""
        return bool(self.device_identifier and (self.lot or self.serial))


def full_year(two_digits: int, today: date) -> int:
    """Return the year that two digits mean: at most 50 years ahead, 49 back (GS1 General Specifications 7.12)."""
    year = today.year - today.year % 100 + two_digits
    if year - today.year > 50:
        return year - 100
    return year + 100 if today.year - year > 49 else year


def day_of(year: int, month: int, day: int) -> date | None:
    """Return a date, the last of the month for day 0, None where there is no such day."""
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def julian(year: int, day: int) -> date | None:
    """Return the `day`th day (from 1) of a year, None where there is no such day."""
    found = date(year, 1, 1) + timedelta(days=day - 1) if 1 <= day <= 366 else None
    return found if found and found.year == year else None
