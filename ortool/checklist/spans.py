"""How long something lasts, by the clock or by the calendar, and how a site writes it in its settings."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Literal, NamedTuple

Unit = Literal["s", "min", "h", "d", "wk", "mo"]
_SECONDS: dict[Unit, int] = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "wk": 604_800, "mo": 2_629_746}
LONGEST = timedelta(days=36_525)
"""What a span may be at most: 100 years, so that every date that it leads to exists."""
_WORDS: dict[Unit, str] = {"d": "day", "wk": "week", "mo": "month"}
_SPAN = re.compile(r"([0-9]{1,5})\s*(s|min|h|d|wk|mo)?\s*(DEMO)?", re.IGNORECASE)
_NUMBER = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s*(DEMO)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A number of seconds, minutes or hours, which pass alike everywhere, or of days, weeks or months of a calendar."""

    number: int
    unit: Unit

    @property
    def about(self) -> timedelta:
        """Its length; for a month the mean one of the Gregorian calendar, 30.44 days."""
        return timedelta(seconds=self.number * _SECONDS[self.unit])

    @property
    def words(self) -> str:
        """The span as it is said, such as `15 min` or `6 weeks`."""
        word = _WORDS.get(self.unit)
        return f"{self.number} {self.unit}" if word is None else f"{self.number} {word}{'s' * (self.number != 1)}"

    def after(self, start: datetime, zone: tzinfo) -> datetime:
        """Return the instant (UTC) that lies so long after `start` (timezone-aware).

        Days, weeks and months keep the time of day in `zone`, over a change of the clocks too; the 31st of a month that
        has no such day is its last. A time that the clocks skip is taken as if they had not been put forward yet.
        """
        if self.unit not in _WORDS:
            return start.astimezone(UTC) + self.about
        local = start.astimezone(zone)
        if self.unit == "mo":
            month = local.month - 1 + self.number
            year, month = local.year + month // 12, month % 12 + 1
            day = min(local.day, calendar.monthrange(year, month)[1])
            moved = local.replace(year=year, month=month, day=day, fold=0)
        else:
            # Wall times: days are added to what the clock on the wall says.
            moved = (local.replace(tzinfo=None, fold=0) + self.about).replace(tzinfo=zone)
        return moved.astimezone(UTC)


class SiteNumber(NamedTuple):
    """A number that a site has fixed, and whether it is marked DEMO, for no patient."""

    number: Decimal
    is_demo: bool


def read_site_span(value: int | str, unit: Unit) -> tuple[Span, bool] | None:
    """Return the length in `180`, `180 s`, `4 h`, `6 wk` or `3 min DEMO`, and whether it is marked DEMO."""
    match = _SPAN.fullmatch(str(value).strip())
    if not match or int(match[1]) == 0:
        return None
    named: dict[str, Unit] = {name: name for name in _SECONDS}
    span = Span(int(match[1]), named.get((match[2] or unit).lower(), unit))
    return (span, match[3] is not None) if span.about <= LONGEST else None


def read_site_number(value: int | str) -> SiteNumber | None:
    """Return the number in `60` or `60 DEMO`; None for anything else, and for 0."""
    match = _NUMBER.fullmatch(str(value).strip())
    if not match or not Decimal(match[1]):
        return None
    return SiteNumber(Decimal(match[1]), match[2] is not None)
