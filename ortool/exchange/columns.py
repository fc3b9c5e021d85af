"""Which header of a list stands for which field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches

from ortool.errors import BadInput
from ortool.exchange.records import MAX_COLUMNS, header_key
from ortool.text import clean

_LABELS = {
    "minutes": "planned minutes", "hospital_number": "hospital number", "born": "date of birth",
    "since": "waiting since", "in_use": "in use",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """What a list holds: its name, what a row is, the headers that mean each field, and which fields every row needs.

    A required field may be left out where the list has the one that stands for it in `instead`.
    """

    name: str
    each: str
    synonyms: Mapping[str, str]
    required: tuple[str, ...]
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields."""
        return tuple(self.synonyms)

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the headers that mean field `name`, as keys."""
        return (*(header_key(word) for word in self.synonyms[name].split(",")), header_key(name))

    @property
    def field_of(self) -> dict[str, str]:
        """Return the field that each known header means, by its key."""
        return {key: name for name in self.synonyms for key in self.keys(name)}


_PATIENT = {
    "hospital_number": "hospital number, hospital no, hospital nr, hospital id, mrn, medical record number, "
    "patient number, patient no, patient id",
    "name": "name, patient, patient name, full name",
    "born": "born, dob, date of birth, birth date, birthday",
    "procedure": "procedure, operation, planned procedure, planned operation, surgery, procedure name",
    "levels": "levels, level, segments, segment, spinal levels",
    "side": "side, laterality",
    "surgeon": "surgeon, primary surgeon, consultant, operator, consultant surgeon",
    "anaesthetist": "anaesthetist, anesthetist, anaesthesiologist, anesthesiologist, anaesthesia, anesthesia",
    "urgency": "urgency, priority, class, case class",
    "notes": "notes, note, remarks, remark, comments, comment",
    "allergies": "allergies, allergy",
    "neuromonitoring": "neuromonitoring, ionm, neurophysiology, neuro monitoring",
}
_WHO = ("hospital_number", "name", "procedure", "surgeon")
THEATRE_LIST = Layout(
    "theatre list",
    "case",
    {
        "date": "date, day, theatre date, operation date, surgery date, case date, list date",
        "room": "room, theatre, theater, or, or suite, or room, operating room, operating theatre, suite",
        "start": "start, start time, time, planned start, scheduled start, begin",
        "minutes": "minutes, planned minutes, duration, planned duration, duration min, duration minutes, mins, min, "
        "booked minutes, booked time, booked time min, length, estimated duration",
        "end": "end, end time, planned end, scheduled end, finish",
    }
    | _PATIENT,
    ("date", "room", "start", "minutes", *_WHO),
    {"minutes": "end"},
)
WAITING_LIST = Layout(
    "waiting list",
    "case",
    _PATIENT
    | {
        # Where a list says how urgent and how early, "priority" is the order of going; a day's list has no such order.
        "urgency": "urgency, class, case class",
        "priority": "priority, prio, priority code, clinical priority, rank",
        "since": "since, waiting since, waits since, on list since, date added, date listed, added, referral date, "
        "referred, decision date, decision to treat",
        "due": "due, due date, due by, target date, latest date, treat by, treat by date, breach date",
        "needs": "needs, equipment, special equipment, requirements, resources",
    },
    _WHO,
)
ROOM_LIST = Layout(
    "list of rooms",
    "room",
    {
        "id": "id, room, room id, code",
        "name": "name, room name, description",
        "hours": "hours, opening hours, open",
        "can": "can, abilities, capabilities, able to",
        "turnover": "turnover, turnover minutes, turnover min",
        "in_use": "in use, active, used",
    },
    ("id", "name"),
)
EQUIPMENT_LIST = Layout(
    "list of equipment",
    "equipment",
    {
        "id": "id, equipment, equipment id, code",
        "name": "name, equipment name, description",
        "kind": "kind, type",
        "units": "units, number, count, quantity, how many",
        "ready": "ready, ready minutes, ready after, reprocessing, reprocessing minutes",
        "in_use": "in use, active, used",
    },
    ("id", "name"),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands: its cell index and header; `ignored` headers; `faults` as (column, sentence)."""

    index: Mapping[str, int]
    header: Mapping[str, str]
    ignored: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


def match_columns(
    cells: Sequence[str], chosen: Mapping[str, str] | None = None, layout: Layout = THEATRE_LIST
) -> Columns:
    """Match header `cells` to fields; `chosen` (field → header) goes before the synonyms. Raises BadInput."""
    if len(cells) > MAX_COLUMNS:
        raise BadInput(
            f"The header has more than {MAX_COLUMNS} columns.", f"Keep only the columns of the {layout.name}."
        )
    headers = [clean(cell, 60) for cell in cells]
    chosen = {_field(name, layout): header for name, header in (chosen or {}).items()}
    index, faults = _chosen(headers, chosen)
    _by_synonym(headers, chosen, index, faults, layout.field_of)
    used = set(index.values())
    ignored = tuple(header for place, header in enumerate(headers) if place not in used and header)
    faults += [(label(name), _missing(layout.keys(name), name, ignored)) for name in _absent(index, chosen, layout)]
    return Columns(index, {name: headers[place] for name, place in index.items()}, ignored, tuple(faults))


def label(name: str) -> str:
    """Return the words for field `name` as a person would head its column."""
    return _LABELS.get(name, name)


def _field(name: str, layout: Layout) -> str:
    if name in layout.fields:
        return name
    near = get_close_matches(clean(name, 60), layout.fields, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else f"Fields: {', '.join(layout.fields)}."
    raise BadInput(f'"{clean(name, 60)}" is not a field of a {layout.name}.', hint)


def _chosen(headers: list[str], chosen: Mapping[str, str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    index: dict[str, int] = {}
    faults: list[tuple[str, str]] = []
    keys = [header_key(header) for header in headers]
    for name, wanted in chosen.items():
        shown = clean(wanted, 60)
        places = [place for place, key in enumerate(keys) if key == header_key(shown)]
        if len(places) == 1:
            index[name] = places[0]
        elif places:
            faults.append((label(name), f'More than one column is headed "{shown}". Rename one of them.'))
        else:
            faults.append((label(name), f'No column is headed "{shown}". {_near(header_key(shown), headers)}'))
    return index, faults


def _by_synonym(
    headers: list[str],
    chosen: Mapping[str, str],
    index: dict[str, int],
    faults: list[tuple[str, str]],
    field_of: Mapping[str, str],
) -> None:
    taken = set(index.values())
    for place, header in enumerate(headers):
        name = field_of.get(header_key(header))
        if name is None or name in chosen or place in taken:
            continue
        if name in index:
            both = f'"{headers[index[name]]}" and "{header}" both look like the {label(name)}.'
            faults.append((label(name), f"{both} Rename one of them, or say which column to use."))
        else:
            index[name] = place


def _absent(index: Mapping[str, int], chosen: Mapping[str, str], layout: Layout) -> list[str]:
    return [
        name
        for name in layout.required
        if name not in index and name not in chosen and layout.instead.get(name) not in index
    ]


def _missing(keys: Sequence[str], name: str, ignored: Sequence[str]) -> str:
    ranked = sorted(ignored, key=lambda header: -max(_likeness(header, key) for key in keys))
    return f"There is no column for the {label(name)}. {_quoted(ranked[:3])}"


def _near(key: str, headers: Sequence[str]) -> str:
    ranked = sorted(filter(None, headers), key=lambda header: -_likeness(header, key))
    return _quoted(ranked[:3])


def _likeness(header: str, key: str) -> float:
    return SequenceMatcher(None, header_key(header), key).ratio()


def _quoted(headers: Sequence[str]) -> str:
    if not headers:
        return "The file has no other headers."
    names = ", ".join(f'"{header}"' for header in headers)
    return f"Nearest headers: {names}."
