"""Blocks, closures and leave in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ortool.presentation.listing import Column, column
from ortool.schedule.recurrence import Series, Times
from ortool.schedule.rule_words import words_of
from ortool.schedule.windows import EVERYWHERE, WindowKind


def where(series: Series, names: Mapping[str, str]) -> str:
    """Return the room or the person of a series. `names` are the people's, by id."""
    what, _, which = series.resource.partition(":")
    if series.resource == EVERYWHERE:
        return "everywhere"
    return names.get(which, which) if what == "person" else which


def owner(series: Series, names: Mapping[str, str]) -> str:
    """Return whose block it is, empty for what belongs to nobody."""
    what, _, which = series.owner.partition(":")
    return names.get(which, which) if what == "person" else which


def days(series: Series) -> str:
    """Return on which days it is: "every Monday and Wednesday from 23 Nov 2026"."""
    if series.rule:
        return f"{words_of(series.rule, series.first_day)}, from {_day(series.first_day)}"
    whole = (series.starts, series.ends) == ("00:00", "24:00")
    if series.days and whole and series.last_day:
        return f"{_day(series.first_day)} to {_day(series.last_day)}"
    return _day(series.first_day)


def hours(series: Series) -> str:
    """Return its hours: "08:00–16:00", "all day", "21:00–07:00 (+1 day)"."""
    return _hours(series.times)


def changes(series: Series) -> str:
    """Return the days that are otherwise: "not 24 Dec 2026; 31 Dec 2026 08:00–12:00"."""
    said = [
        f"not {_day(day)}" if times is None else f"{_day(day)} {_hours(times)}"
        for day, times in sorted(series.changes.items())
    ]
    return "; ".join(said)


def release(series: Series) -> str:
    """Return when a block is open to everybody, empty for never."""
    if series.release_days is None:
        return ""
    return f"{series.release_days} days before" if series.release_days != 1 else "1 day before"


def columns(found: Sequence[Series], names: Mapping[str, str]) -> list[Column]:
    """Return series as columns of a list; columns without a word are left out by the list."""
    return [
        column("id", [one.id for one in found]),
        column("where", [where(one, names) for one in found], rank=5, least=8),
        column("days", [days(one) for one in found], [short_days(one) for one in found], rank=2, least=16),
        column("hours", [hours(one) for one in found]),
        column("owner", [owner(one, names) for one in found], rank=4, least=10),
        column("title", [one.title for one in found], rank=1, least=8, may_go=True),
        column("released", [release(one) for one in found], rank=3, may_go=True),
        column("otherwise", [changes(one) for one in found], [_other_days(one) for one in found]),
    ]


def series_json(series: Series) -> dict[str, Any]:
    """Return a series as JSON gives it; times are wall clock in the theatre's zone."""
    return {
        "id": series.id,
        "kind": series.kind.value,
        "resource": series.resource,
        "owner": series.owner,
        "title": series.title,
        "first_day": series.first_day.isoformat(),
        "last_day": series.last_day.isoformat() if series.last_day else None,
        "starts": series.starts,
        "days": series.days,
        "ends": series.ends,
        "rule": series.rule,
        "rule_in_words": words_of(series.rule, series.first_day),
        "release_days": series.release_days if series.kind is WindowKind.BLOCK else None,
        "changes": {day.isoformat(): _change_json(times) for day, times in sorted(series.changes.items())},
    }


def _change_json(times: Times | None) -> dict[str, Any] | None:
    return None if times is None else {"starts": times[0], "days": times[1], "ends": times[2]}


def _hours(times: Times) -> str:
    starts, later, ends = times
    if (starts, ends) == ("00:00", "24:00"):
        return "all day"
    return f"{starts}–{ends}" + (f" (+{later} day{'s' if later > 1 else ''})" if later else "")


def _other_days(series: Series) -> str:
    count = len(series.changes)
    return f"{count} day{'s' if count > 1 else ''}" if count else ""


def short_days(series: Series) -> str:
    """Return on which days it is, without when it began."""
    return words_of(series.rule, series.first_day) if series.rule else days(series)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
