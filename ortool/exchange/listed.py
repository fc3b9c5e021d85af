"""What a theatre list says once it is read: its cases, and the faults that a person has to mend."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Side = Literal["", "left", "right", "both", "midline"]
Urgency = Literal["elective", "urgent", "emergency"]


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One row of a theatre list without a fault; `start` is aware UTC, `minutes` is planned room time."""

    line: int
    date: dt.date
    room: str
    start: dt.datetime
    minutes: int
    hospital_number: str
    name: str
    born: dt.date | None
    procedure: str
    levels: str
    side: Side
    surgeon: str
    anaesthetist: str
    urgency: Urgency
    notes: str
    allergies: str
    neuromonitoring: bool | None

    @property
    def end(self) -> dt.datetime:
        """Return the planned end as aware UTC."""
        return self.start + dt.timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class ListedWaiting:
    """One row of a waiting list without a fault. `priority` is 1 (first) to 5; `since` and `due` are days."""

    line: int
    hospital_number: str
    name: str
    born: dt.date | None
    procedure: str
    levels: str
    side: Side
    surgeon: str
    anaesthetist: str
    urgency: Urgency
    notes: str
    allergies: str
    neuromonitoring: bool | None
    priority: int
    since: dt.date | None
    due: dt.date | None
    needs: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that cannot be read: the 1-based line on which its row begins, the column, and a sentence."""

    line: int
    column: str
    sentence: str
    file: str = ""

    def __str__(self) -> str:
        """Return the fault as one line for a person."""
        place = [self.file] if self.file else []
        place.append(f"line {self.line}")
        if self.column:
            place.append(f'column "{self.column}"')
        return f"{', '.join(place)}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class TheatreList:
    """A read theatre list: sound cases, faults in file order, field → header used, and headers that were ignored."""

    cases: tuple[ListedCase, ...]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
