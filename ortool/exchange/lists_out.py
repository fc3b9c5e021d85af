"""The waiting list, the rooms and the equipment as CSV, in the columns in which they are read again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from ortool.caselog.case import Case
from ortool.exchange.csv_out import rows_to_csv
from ortool.schedule.resources import Equipment, Room

_WAITING = (
    "priority", "since", "due", "hospital number", "name", "born", "procedure", "levels", "side", "surgeon",
    "anaesthetist", "urgency", "needs", "notes", "allergies", "neuromonitoring",
)  # fmt: skip
_ROOMS = ("id", "name", "hours", "can", "turnover", "in use")
_EQUIPMENT = ("id", "name", "kind", "units", "ready", "in use")
_YES_NO = {True: "yes", False: "no", None: ""}


def waiting_csv(cases: Sequence[Case], staff: Iterable[str]) -> str:
    """Return the cases that wait. `staff` is everybody's name: where two are called alike, the id is written."""
    alike = {name for name, many in Counter(staff).items() if many > 1}

    def person(identifier: str, name: str) -> str:
        return identifier if name in alike else name

    return rows_to_csv(
        _WAITING,
        (
            (
                one.priority, one.waiting_since, one.due, one.hospital_number, one.patient_name, one.born,
                one.procedure_id, one.levels, one.side, person(one.surgeon_id, one.surgeon),
                person(one.anaesthetist_id, one.anaesthetist), one.urgency, one.needs, one.notes, one.allergies,
                _YES_NO[one.neuromonitoring],
            )
            for one in cases
        ),
    )  # fmt: skip


def rooms_csv(rooms: Iterable[tuple[Room, bool]]) -> str:
    """Return the rooms, each with whether it is in use. An empty turnover is the site's."""
    return rows_to_csv(
        _ROOMS,
        (
            (
                one.id, one.name, one.hours.written, ", ".join(sorted(one.capabilities)), _minutes(one.turnover),
                _YES_NO[used],
            )
            for one, used in rooms
        ),
    )  # fmt: skip


def equipment_csv(equipment: Iterable[tuple[Equipment, bool]]) -> str:
    """Return equipment, sets and beds, each with whether it is in use. `ready` is in minutes."""
    return rows_to_csv(
        _EQUIPMENT,
        (
            (one.id, one.name, one.kind.value, one.units, _minutes(one.ready), _YES_NO[used])
            for one, used in equipment
        ),
    )  # fmt: skip


def _minutes(length: timedelta | None) -> int | None:
    return None if length is None else length // timedelta(minutes=1)
