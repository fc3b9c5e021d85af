"""What a clock is, as a nurse lead writes it under `timers:`, and how long it runs on this site."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from ortool.checklist.parts import Evidence, Identifier, Part, Words
from ortool.checklist.spans import LONGEST, SiteNumber, Span, Unit, read_site_number, read_site_span

SITE = 0
"""Stands for `site`: there is no safe length for everybody, the settings give this site's own."""
BY_HAND = "hand"
BY_READING = "reading"
SiteValues = Mapping[str, int | str]
"""What a site has fixed for itself: a name, and a number or a text (`[site_values]` of the settings)."""
UNITS: dict[str, Unit] = {
    "seconds": "s", "minutes": "min", "hours": "h", "days": "d", "weeks": "wk", "months": "mo",
}  # fmt: skip
_CALENDAR: tuple[Unit, ...] = ("d", "wk", "mo")


def _length(value: object) -> object:
    if value == "site":
        return SITE
    if value in ("0", 0):
        raise ValueError("a length is more than 0; write `site` where the site gives its own")
    return value


def _lengths(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Length = Annotated[int, BeforeValidator(_length), Field(ge=0)]
Lengths = Annotated[tuple[Length, ...], BeforeValidator(_lengths)]


class TimerReading(Part):
    """A number that is read off and typed by hand, and decides whether its clock runs.

    The clock runs while the last reading is below `below` (`site`: this site's own limit, in the settings under the
    timer's id and `-limit`). `min` and `max` only catch slips of typing. `cumulative`: what earlier low stretches took
    counts too, until the clock is answered.
    """

    title: Annotated[str, Field(min_length=1, max_length=40)]
    unit: Annotated[str, Field(max_length=20)] = ""
    min: float
    max: float
    below: Length
    cumulative: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> "TimerReading":
        if self.min >= self.max:
            raise ValueError("`min:` must be below `max:`")
        return self


class Timer(Part):
    """A clock: from `starts` (a stamp, an item answered done, `hand` or `reading`) until one of `stops` (a stamp that
    happened, or a pause that is complete).

    Its length is given in one unit (a list gives each round its own, the last goes on; with `until`, each holds for the
    rounds that begin before so long after the start), or in minutes `by_choice` of the item that starts it; a choice
    that is not named has no clock. `site` stands for the site's own value. Days, weeks and months are those of the
    calendar in the theatre's zone. `warn_before` is in the same unit, in days where that is weeks or months. An
    `optional` one is not shown at all where the site gives no value.
    """

    id: Identifier
    title: Words
    short: Annotated[str, Field(min_length=1, max_length=14)]
    starts: Identifier
    stops: tuple[Identifier, ...] = ()
    seconds: Lengths = ()
    minutes: Lengths = ()
    hours: Lengths = ()
    days: Lengths = ()
    weeks: Lengths = ()
    months: Lengths = ()
    until: Lengths = ()
    by_choice: dict[str, Length] = Field(default_factory=dict)
    reading: TimerReading | None = None
    warn_before: Annotated[int, Field(ge=0)] = 0
    repeat: bool = False
    optional: bool = False
    acknowledge: Words = "Done"
    evidence: tuple[Evidence, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_length(self) -> "Timer":
        given = [name for name in (*UNITS, "by_choice") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"a timer needs exactly one of `{':`, `'.join(UNITS)}:` and `by_choice:`")
        if self.by_choice and self.starts in (BY_HAND, BY_READING):
            raise ValueError("`by_choice:` needs an item in `starts:`, for it asks what was answered there")
        if (self.starts == BY_READING) != (self.reading is not None):
            raise ValueError("`starts: reading` needs a `reading:`, and no other start may have one")
        spans = (*self.lengths, *self.until, *self.by_choice.values(), self.warn_before)
        if max((Span(number, self.unit).about for number in spans), default=LONGEST) > LONGEST:
            raise ValueError("a timer runs for 100 years at most")
        if self.until and (len(self.until) != len(self.lengths) - 1 or list(self.until) != sorted(set(self.until))):
            raise ValueError("`until:` has one length less than the timer, each longer than the one before")
        return self

    @property
    def unit(self) -> Unit:
        """The unit in which its lengths are written."""
        return next((unit for name, unit in UNITS.items() if getattr(self, name)), "min")

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths of its rounds; none where they depend on a choice."""
        return next((given for name in UNITS if (given := getattr(self, name))), ())

    @property
    def is_calendar(self) -> bool:
        """Whether it is measured in days of the calendar."""
        return self.unit in _CALENDAR

    @property
    def warning(self) -> timedelta:
        """How long before it is due it warns."""
        return Span(self.warn_before, "d" if self.is_calendar else self.unit).about

    def round_of(self, started: datetime, begins: datetime, answered: int, zone: tzinfo) -> int:
        """Return which of the lengths (from 1) holds for the round that `begins` after `answered` answers."""
        if not self.until:
            return answered + 1
        return 1 + sum(Span(until, self.unit).after(started, zone) <= begins for until in self.until)

    def length(self, choice: str, number: int, site: SiteValues) -> tuple[Span | None, bool]:
        """Return how long round `number` (from 1) lasts (None: the site's value is missing) and whether it is DEMO.

        A value of the site goes before the shipped one: it is named like the timer, with the choice where there is one
        (`eyes`, `antibiotic-next-clindamycin`).
        """
        name = f"{self.id}-{choice}" if self.by_choice else self.id
        own = read_site_span(site[name], self.unit) if name in site else None
        if own is not None:
            return own
        given = (self.by_choice[choice],) if self.by_choice else self.lengths
        shipped = given[min(number, len(given)) - 1]
        return (None if shipped == SITE else Span(shipped, self.unit)), False

    def limit(self, site: SiteValues) -> SiteNumber | None:
        """Return the limit below which a reading starts it, and whether it is DEMO; None where it is missing."""
        own = read_site_number(site.get(f"{self.id}-limit", ""))
        if own is not None or self.reading is None or self.reading.below == SITE:
            return own
        return read_site_number(self.reading.below)
