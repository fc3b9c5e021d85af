"""How a file of past cases writes its times, read strictly: a moment that the clock skips or repeats is none."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ortool.errors import BadInput
from ortool.exchange.past_map import PastMap
from ortool.exchange.values import shown

ReadTime = Callable[[str, int], datetime]

_FILEMAN = re.compile(r"([1-4])([0-9]{2})([0-9]{2})([0-9]{2})\.([0-9]{1,6})")
_SECONDS = re.compile(r"-?[0-9]{1,12}(\.[0-9]+)?")
_YEARS = range(1950, 2200)


def reader(found: PastMap, zone: ZoneInfo) -> ReadTime:
    """Return what reads a cell of the row with a number (from 0) as aware UTC. It raises BadInput."""
    if found.written == "seconds":
        base = _iso(found.base, zone)
        return lambda cell, row: _after(base + timedelta(days=found.days_apart * row), cell)
    if found.written == "fileman":
        return lambda cell, _row: _fileman(cell, zone)
    if found.written == "iso":
        return lambda cell, _row: _iso(cell, zone)
    return lambda cell, _row: _formed(cell, found.written, zone)


def _after(base: datetime, cell: str) -> datetime:
    if not _SECONDS.fullmatch(cell):
        raise BadInput(f"{shown(cell)} is no number of seconds.")
    seconds = float(cell)
    if abs(seconds) > 7 * 86_400:
        raise BadInput(f"{shown(cell)} s is {abs(seconds) / 86_400:.0f} days from the case.")
    return base + timedelta(seconds=seconds)


def _fileman(cell: str, zone: ZoneInfo) -> datetime:
    """Read `3220103.0705`: years since 1700, month, day, and the time of day whose last zeros are not written."""
    parts = _FILEMAN.fullmatch(cell)
    if parts is None:
        raise BadInput(f"{shown(cell)} is no FileMan date with a time.")
    clock = parts[5].ljust(6, "0")
    year = 1700 + 100 * int(parts[1]) + int(parts[2])
    return _formed(f"{year}{parts[3]}{parts[4]}{clock}", "%Y%m%d%H%M%S", zone, cell)


def _iso(cell: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise BadInput(f"{shown(cell)} is no date and time.") from None
    return _checked(found if found.tzinfo else found.replace(tzinfo=zone), zone, cell)


def _formed(cell: str, form: str, zone: ZoneInfo, written: str = "") -> datetime:
    try:
        found = datetime.strptime(cell, form)  # noqa: DTZ007  the file's own wall clock
    except ValueError:
        raise BadInput(f"{shown(written or cell)} is no date and time.") from None
    return _checked(found if found.tzinfo else found.replace(tzinfo=zone), zone, written or cell)


def _checked(moment: datetime, zone: ZoneInfo, cell: str) -> datetime:
    if moment.year not in _YEARS:
        raise BadInput(f"{shown(cell)} is in no year of a past case.")
    if moment.tzinfo is zone and moment.utcoffset() != moment.replace(fold=1).utcoffset():
        raise BadInput(f"{shown(cell)} happens twice or never in {zone}, where the clock changes.")
    return moment.astimezone(UTC)
