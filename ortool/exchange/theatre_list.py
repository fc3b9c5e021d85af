"""A theatre list or a waiting list (CSV) read into cases, with a sentence for every cell that cannot be trusted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ortool.errors import BadInput
from ortool.exchange.columns import THEATRE_LIST, WAITING_LIST
from ortool.exchange.known import Known
from ortool.exchange.listed import Fault, ListedCase, ListedWaiting, TheatreList
from ortool.exchange.records import decode
from ortool.exchange.repeats import Repeats, WaitingRepeats
from ortool.exchange.table import Row, Table, read_table
from ortool.exchange.values import (
    check_minutes,
    read_hospital_number,
    read_minutes,
    read_name,
    read_priority,
    read_side,
    read_text,
    read_urgency,
    read_yes_no,
)
from ortool.schedule.resources import read_needs
from ortool.schedule.wall_time import DateOrder, read_date, read_instant
from ortool.text import clean

__all__ = [
    "Fault", "ListedCase", "ListedWaiting", "TheatreList", "decode", "read_theatre_list", "read_waiting_list",
]  # fmt: skip

OLDEST_YEARS = 130
NOTES = 2_000
ALLERGIES = 500

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Site:
    zone: ZoneInfo
    known: Known
    order: DateOrder


def read_theatre_list(
    text: str,
    *,
    zone: ZoneInfo,
    procedures: Mapping[str, str],
    rooms: Collection[str],
    file: str = "",
    columns: Mapping[str, str] | None = None,
    date_order: DateOrder = "iso",
) -> TheatreList:
    """Read a theatre list; times are the theatre's wall clock in `zone`.

    `procedures` maps lower-cased names, ids and aliases to procedure ids; `columns` maps fields to headers of the file.
    A row with any fault yields no case. Raises BadInput where the file as a whole cannot be read.
    """
    site, repeats = _Site(zone, Known(rooms, procedures), date_order), Repeats()

    def parse(row: Row) -> ListedCase | None:
        case = _case(row, site)
        if case is not None and (conflict := repeats.conflict(case)):
            row.fault(*conflict)
        return case

    found = read_table(text, THEATRE_LIST, parse, columns, file)
    return TheatreList(found.rows, found.faults, found.columns, found.ignored)


def read_waiting_list(
    text: str,
    *,
    procedures: Mapping[str, str],
    needs: Collection[str],
    file: str = "",
    columns: Mapping[str, str] | None = None,
    date_order: DateOrder = "iso",
) -> Table[ListedWaiting]:
    """Read a waiting list: the cases of a theatre list without a day, with how they wait.

    `needs` is the equipment and the abilities that there are. Otherwise as `read_theatre_list`.
    """
    known, repeats = Known((), procedures), WaitingRepeats()

    def parse(row: Row) -> ListedWaiting | None:
        case = _waiting(row, known, needs, date_order)
        if case is not None and (conflict := repeats.conflict(case)):
            row.fault(*conflict)
        return case

    return read_table(text, WAITING_LIST, parse, columns, file)


def _waiting(row: Row, known: Known, needs: Collection[str], order: DateOrder) -> ListedWaiting | None:
    since = row.read("since", lambda cell: read_date(cell, order), None)
    case = ListedWaiting(
        line=row.record.line,
        priority=row.read("priority", read_priority, 3),
        since=since,
        due=row.read("due", lambda cell: _due(cell, since, order), None),
        needs=row.read("needs", lambda cell: ", ".join(str(need) for need in read_needs(cell, needs)), ""),
        **_patient(row, known, None, order),
    )
    return None if row.faults else case


def _due(cell: str, since: date | None, order: DateOrder) -> date:
    due = read_date(cell, order)
    if since is not None and due < since:
        raise BadInput(f"{due} is before it waits ({since}).", "Correct one of the dates.")
    return due


def _patient(row: Row, known: Known, day: date | None, order: DateOrder) -> dict[str, Any]:
    """Return what a theatre list and a waiting list say alike of a case."""
    return {
        "hospital_number": row.read("hospital_number", read_hospital_number, ""),
        "name": row.read("name", read_name, ""),
        "born": row.read("born", lambda cell: _born(cell, day, order), None),
        "procedure": row.read("procedure", known.procedure, ""),
        "levels": row.read("levels", lambda cell: read_text(cell, 60), ""),
        "side": row.read("side", read_side, ""),
        "surgeon": row.read("surgeon", read_name, ""),
        "anaesthetist": row.read("anaesthetist", read_name, ""),
        "urgency": row.read("urgency", read_urgency, "elective"),
        "notes": row.read("notes", lambda cell: read_text(cell, NOTES, multiline=True), ""),
        "allergies": row.read("allergies", lambda cell: read_text(cell, ALLERGIES), ""),
        "neuromonitoring": row.read("neuromonitoring", read_yes_no, None),
    }


def _case(row: Row, site: _Site) -> ListedCase | None:
    day = row.read("date", lambda cell: read_date(cell, site.order), None)
    start = row.read("start", lambda cell: read_instant(cell, day, site.zone), None)
    minutes = _minutes(row, day, start, site.zone)
    # What stands in for a faulty cell never leaves this function: a row with a fault is no case.
    case = ListedCase(
        line=row.record.line,
        date=day or date.min,
        room=row.read("room", site.known.room, ""),
        start=start or _NEVER,
        minutes=minutes or 0,
        **_patient(row, site.known, day, site.order),
    )
    return None if row.faults else case


def _minutes(row: Row, day: date | None, start: datetime | None, zone: ZoneInfo) -> int | None:
    planned = row.read("minutes", read_minutes, None)
    spanned = row.read("end", lambda cell: _span(cell, day, start, zone), None)
    if not row.cell("minutes") and not row.cell("end"):
        row.fault("minutes", "The cell is empty. Every case needs planned minutes or an end.")
    elif planned is not None and spanned is not None and planned != spanned:
        row.fault("minutes", f"{planned} minutes do not agree with the end, which makes {spanned}. Correct one.")
    return planned if planned is not None else spanned


def _span(cell: str, day: date | None, start: datetime | None, zone: ZoneInfo) -> int | None:
    end = read_instant(cell, day, zone)
    if end is None or start is None:
        return None
    if end <= start:
        raise BadInput(f"The end {clean(cell, 30)} is not after the start.", "Give minutes for a case over midnight.")
    return check_minutes(int((end - start).total_seconds() // 60))


def _born(cell: str, day: date | None, order: DateOrder) -> date:
    born = read_date(cell, order)
    if day is not None and born > day:
        raise BadInput(f"{born} is after the operation on {day}.", "Correct one of the dates.")
    if day is not None and (born.year + OLDEST_YEARS, born.month, born.day) < (day.year, day.month, day.day):
        raise BadInput(f"{born} is more than {OLDEST_YEARS} years before the operation.", "Correct the date of birth.")
    return born
