"""Which header of a theatre list stands for which field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from ortool.errors import BadInput
from ortool.exchange.records import MAX_COLUMNS, header_key
from ortool.text import clean

REQUIRED = ("date", "room", "start", "minutes", "hospital_number", "name", "procedure", "surgeon")
_LABELS = {"minutes": "planned minutes", "hospital_number": "hospital number", "born": "date of birth"}
_SYNONYMS: dict[str, str] = {
    "date": "date, day, theatre date, operation date, surgery date, case date, list date",
    "room": "room, theatre, theater, or, or suite, or room, operating room, operating theatre, suite",
    "start": "start, start time, time, planned start, scheduled start, begin",
    "minutes": "minutes, planned minutes, duration, planned duration, duration min, duration minutes, mins, min, "
    "booked minutes, booked time, booked time min, length, estimated duration",
    "end": "end, end time, planned end, scheduled end, finish",
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
FIELDS = tuple(_SYNONYMS)
_KEYS = {field: tuple(header_key(word) for word in words.split(",")) for field, words in _SYNONYMS.items()}
_FIELD_OF = {key: field for field, keys in _KEYS.items() for key in (*keys, header_key(field))}
KNOWN_KEYS = frozenset(_FIELD_OF)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands: its cell index and header; `ignored` headers; `faults` as (column, sentence)."""

    index: Mapping[str, int]
    header: Mapping[str, str]
    ignored: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


def match_columns(cells: Sequence[str], chosen: Mapping[str, str] | None = None) -> Columns:
    """Match header `cells` to fields; `chosen` (field → header) goes before the synonyms. Raises BadInput."""
    if len(cells) > MAX_COLUMNS:
        raise BadInput(f"The header has more than {MAX_COLUMNS} columns.", "Keep only the columns of the theatre list.")
    headers = [clean(cell, 60) for cell in cells]
    chosen = {_field(field): header for field, header in (chosen or {}).items()}
    index, faults = _chosen(headers, chosen)
    _by_synonym(headers, chosen, index, faults)
    used = set(index.values())
    ignored = tuple(header for place, header in enumerate(headers) if place not in used and header)
    faults += [(label(field), _missing(field, ignored)) for field in _absent(index, chosen)]
    return Columns(index, {field: headers[place] for field, place in index.items()}, ignored, tuple(faults))


def label(field: str) -> str:
    """Return the words for `field` as a person would head its column."""
    return _LABELS.get(field, field)


def _field(field: str) -> str:
    if field in FIELDS:
        return field
    near = get_close_matches(clean(field, 60), FIELDS, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else f"Fields: {', '.join(FIELDS)}."
    raise BadInput(f'"{clean(field, 60)}" is not a field of a theatre list.', hint)


def _chosen(headers: list[str], chosen: Mapping[str, str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    index: dict[str, int] = {}
    faults: list[tuple[str, str]] = []
    keys = [header_key(header) for header in headers]
    for field, wanted in chosen.items():
        shown = clean(wanted, 60)
        places = [place for place, key in enumerate(keys) if key == header_key(shown)]
        if len(places) == 1:
            index[field] = places[0]
        elif places:
            faults.append((label(field), f'More than one column is headed "{shown}". Rename one of them.'))
        else:
            faults.append((label(field), f'No column is headed "{shown}". {_near(header_key(shown), headers)}'))
    return index, faults


def _by_synonym(
    headers: list[str], chosen: Mapping[str, str], index: dict[str, int], faults: list[tuple[str, str]]
) -> None:
    taken = set(index.values())
    for place, header in enumerate(headers):
        field = _FIELD_OF.get(header_key(header))
        if field is None or field in chosen or place in taken:
            continue
        if field in index:
            both = f'"{headers[index[field]]}" and "{header}" both look like the {label(field)}.'
            faults.append((label(field), f"{both} Rename one of them, or say which column to use."))
        else:
            index[field] = place


def _absent(index: Mapping[str, int], chosen: Mapping[str, str]) -> list[str]:
    return [
        field
        for field in REQUIRED
        if field not in index and field not in chosen and not (field == "minutes" and "end" in index)
    ]


def _missing(field: str, ignored: Sequence[str]) -> str:
    ranked = sorted(ignored, key=lambda header: -max(_likeness(header, key) for key in _KEYS[field]))
    return f"There is no column for the {label(field)}. {_quoted(ranked[:3])}"


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
