"""A theatre list before it is booked: one line a case, and for a long list the cases of each day and room."""

from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from ortool.checklist.levels import parse_levels
from ortool.exchange.listed import ListedCase, ListedWaiting
from ortool.people.person import Person
from ortool.presentation.case_lists import LEAST_OPERATION, surgeon_column
from ortool.presentation.identity import short
from ortool.presentation.listing import Column, column
from ortool.presentation.words import plural

SHOWN = 40
"""A list that is longer is shown up to here, and then counted."""


def preview_columns(
    listed: Sequence[ListedCase], names: Mapping[str, tuple[str, str]], people: Sequence[Person], zone: ZoneInfo
) -> list[Column]:
    """Return the columns of a preview. `names` gives each procedure's name and its short name."""
    starts = [one.start.astimezone(zone) for one in listed]
    ends = [" ".join(filter(None, (str(parse_levels(one.levels)), one.side))) for one in listed]
    long, brief = (
        [_operation(one, names[one.procedure][form], end) for one, end in zip(listed, ends, strict=True)]
        for form in (0, 1)
    )
    return [
        column("date", [f"{start:%a %Y-%m-%d}" for start in starts], [f"{start:%Y-%m-%d}" for start in starts], rank=2),
        column("start", [f"{start:%H:%M}" for start in starts]),
        column("room", [one.room for one in listed]),
        column("operation", long, brief, rank=1, least=LEAST_OPERATION, ends=ends),
        surgeon_column([_surgeon(one.surgeon, people) for one in listed]),
        column("min", [one.minutes for one in listed]),
        column("patient", [short(one.name, one.hospital_number) for one in listed]),
        column("line", [one.line for one in listed], rank=3, may_go=True),
    ]


def waiting_columns(
    listed: Sequence[ListedWaiting], names: Mapping[str, tuple[str, str]], people: Sequence[Person]
) -> list[Column]:
    """Return the columns of a waiting list's preview. `names` gives each procedure's name and its short name."""
    ends = [" ".join(filter(None, (str(parse_levels(one.levels)), one.side))) for one in listed]
    long, brief = (
        [_operation(one, names[one.procedure][form], end) for one, end in zip(listed, ends, strict=True)]
        for form in (0, 1)
    )
    return [
        column("priority", [one.priority for one in listed]),
        column("since", [one.since for one in listed]),
        column("due", [one.due for one in listed]),
        column("operation", long, brief, rank=1, least=LEAST_OPERATION, ends=ends),
        surgeon_column([_surgeon(one.surgeon, people) for one in listed]),
        column("needs", [one.needs for one in listed], rank=0, least=8),
        column("patient", [short(one.name, one.hospital_number) for one in listed]),
        column("line", [one.line for one in listed], rank=3, may_go=True),
    ]


def counts(listed: Sequence[ListedCase]) -> list[str]:
    """Return one line a day: how many cases, and how many in each room."""
    days: dict[str, Counter[str]] = {}
    for one in sorted(listed, key=lambda case: (case.date, case.room)):
        days.setdefault(f"{one.date:%a %Y-%m-%d}", Counter())[one.room] += 1
    return [
        f"{day}  {plural(rooms.total(), 'case')}: " + ", ".join(f"{room} {number}" for room, number in rooms.items())
        for day, rooms in days.items()
    ]


def _surgeon(text: str, people: Sequence[Person]) -> str:
    """Return the name of the surgeon whom a list may give by id or initials too."""
    wanted = text.casefold()
    fits = (one.name for one in people if wanted in (one.id.casefold(), one.initials.casefold()))
    return next(fits, text)


def _operation(one: ListedCase | ListedWaiting, name: str, end: str) -> str:
    urgency = "" if one.urgency == "elective" else one.urgency.upper()
    return " ".join(filter(None, (urgency, name, end)))
