"""The sample theatre: invented rooms, people and a list of cases, moved so that its first day is today."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from ortool import shipped
from ortool.errors import StorageFault
from ortool.people.permissions import Verb
from ortool.schedule.rules import read_rule
from ortool.services.importing import import_list, import_waiting
from ortool.services.setup import SYSTEM, BlockLine, TheatreFile, load_theatre, read_theatre_file
from ortool.services.theatre import Theatre

SITE_VALUES: dict[str, int | str] = {
    "prep-dry": "180 s DEMO",
    "retractor": "60 min DEMO",
    "map-low": "5 min DEMO",
    "map-low-limit": "65 DEMO",
    "antibiotic-next-clindamycin": "360 min DEMO",
}
"""What only a site can fix, invented for the demonstration and marked so wherever it is shown. For no patient."""
PLANNED_AT = time(15, 0)


def fill_sample(theatre: Theatre, today: date) -> None:
    """Load the sample theatre and its list, with the list's first day on `today`. Raises BadInput or StorageFault.

    It is entered as a scheduler would have done it: on the afternoon before.
    """
    folder = shipped.folder("data")
    file = move_blocks(read_theatre_file(_text(folder / "theatre.toml"), "theatre.toml"), today)
    text = _text(folder / "theatre_list.csv")
    listed = move_dates(text, today)
    waiting = move_dates(_text(folder / "waiting_list.csv"), today, first_day(text), ("since", "due"))
    planned_at = datetime.combine(today - timedelta(days=1), PLANNED_AT, theatre.settings.zone).astimezone(UTC)
    with clock_at(theatre, planned_at), theatre.writing(SYSTEM, Verb.KEEP):
        load_theatre(theatre, SYSTEM, file)
        faults = (
            *import_list(theatre, SYSTEM, listed, "theatre_list.csv").faults,
            *import_waiting(theatre, SYSTEM, waiting, "waiting_list.csv").faults,
        )
    if faults:
        raise StorageFault(f"The sample list does not fit: {faults[0]}", "Install ortool again.")


def move_blocks(file: TheatreFile, first: date) -> TheatreFile:
    """Return a theatre with its blocks moved as `move_dates` moves the list: the earliest begins on `first`.

    Their days of the week turn with them, so that each day of the list keeps its blocks.
    """
    shift = first - min((block.first_day for block in file.blocks), default=first)

    def moved(block: BlockLine) -> BlockLine:
        rule = read_rule(block.rule)
        turned = tuple(sorted((nth, (day + shift.days) % 7) for nth, day in rule.by_day))
        starts_with = (rule.week_start + shift.days) % 7
        until = rule.until + shift if rule.until else None
        written = str(replace(rule, by_day=turned, week_start=starts_with, until=until))
        return block.model_copy(update={"first_day": block.first_day + shift, "rule": written})

    return file.model_copy(update={"blocks": tuple(moved(block) for block in file.blocks)})


def first_day(text: str) -> date:
    """Return the earliest date in the first column of a list."""
    _, *rows = csv.reader(io.StringIO(text))
    return min(date.fromisoformat(row[0]) for row in rows)


def move_dates(text: str, first: date, stands: date | None = None, columns: Sequence[str] = ()) -> str:
    """Return a list with the dates of some columns (the first one) moved so that `stands` (the earliest) is `first`."""
    header, *rows = csv.reader(io.StringIO(text))
    shift = first - (stands or first_day(text))
    places = {header.index(name) for name in columns} or {0}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        moved = [
            (date.fromisoformat(cell) + shift).isoformat() if place in places and cell else cell
            for place, cell in enumerate(row)
        ]
        writer.writerow(moved)
    return out.getvalue()


@contextmanager
def clock_at(theatre: Theatre, moment: datetime) -> Iterator["SetClock"]:
    """Let the theatre's clock stand at `moment` (UTC) for a while; it can be set on the way."""
    before, clock = theatre.now, SetClock(moment)
    theatre.now = clock
    try:
        yield clock
    finally:
        theatre.now = before


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the time it was set to (UTC)."""
        return self.at


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        raise StorageFault(f"The sample file {path.name} is missing.", "Install ortool again.") from None
