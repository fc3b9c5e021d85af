"""What a clock is, as a nurse lead writes it under `timers:`, and how long it runs on this site."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ortool.checklist.parts import Evidence, Identifier, Part, Words

SITE = 0
"""Stands for `site`: there is no safe length for everybody, the settings give this site's own."""
BY_HAND = "hand"
SiteValues = Mapping[str, int | str]
"""What a site has fixed for itself: a name, and a number or a text (`[site_values]` of the settings)."""
_LENGTH = re.compile(r"([0-9]{1,5})\s*(s|min|h)?\s*(DEMO)?", re.IGNORECASE)
_SECONDS = {"s": 1, "min": 60, "h": 3600}


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


class Timer(Part):
    """A clock: from `starts` (a stamp, an item answered done, or `hand`) until one of the stamps in `stops`.

    Its length is `minutes` or `seconds` (a list gives each round its own, the last goes on), or minutes `by_choice`
    of the item that starts it; a choice that is not named has no clock. `site` stands for the site's own value.
    `warn_before` is in the same unit. An `optional` one is not shown at all where the site gives no value.
    """

    id: Identifier
    title: Words
    short: Annotated[str, Field(min_length=1, max_length=14)]
    starts: Identifier
    stops: tuple[Identifier, ...] = ()
    minutes: Lengths = ()
    seconds: Lengths = ()
    by_choice: dict[str, Length] = Field(default_factory=dict)
    warn_before: Annotated[int, Field(ge=0)] = 0
    repeat: bool = False
    optional: bool = False
    acknowledge: Words = "Done"
    evidence: tuple[Evidence, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_length(self) -> "Timer":
        if sum(bool(given) for given in (self.minutes, self.seconds, self.by_choice)) != 1:
            raise ValueError("a timer needs exactly one of `minutes:`, `seconds:` and `by_choice:`")
        if self.by_choice and self.starts == BY_HAND:
            raise ValueError("`by_choice:` needs an item in `starts:`, for it asks what was answered there")
        return self

    @property
    def unit(self) -> Literal["min", "s"]:
        """The unit in which its lengths are written."""
        return "s" if self.seconds else "min"

    @property
    def warning(self) -> timedelta:
        """How long before it is due it warns."""
        return timedelta(seconds=self.warn_before * _SECONDS[self.unit])

    def length(self, choice: str, number: int, site: SiteValues) -> tuple[timedelta | None, bool]:
        """Return how long round `number` (from 1) lasts (None: the site's value is missing) and whether it is DEMO.

        A value of the site goes before the shipped one: it is named like the timer, with the choice where there is one
        (`eyes`, `antibiotic-next-clindamycin`).
        """
        name = f"{self.id}-{choice}" if self.by_choice else self.id
        own = _read(site[name], self.unit) if name in site else None
        if own is not None:
            return own
        given = (self.by_choice[choice],) if self.by_choice else self.minutes or self.seconds
        shipped = given[min(number, len(given)) - 1]
        return (None if shipped == SITE else timedelta(seconds=shipped * _SECONDS[self.unit])), False


def _read(value: int | str, unit: str) -> tuple[timedelta, bool] | None:
    """Return the length in `180`, `180 s`, `4 h` or `3 min DEMO`, and whether it is marked DEMO."""
    match = _LENGTH.fullmatch(str(value).strip())
    if not match or int(match[1]) == 0:
        return None
    return timedelta(seconds=int(match[1]) * _SECONDS[(match[2] or unit).lower()]), match[3] is not None
