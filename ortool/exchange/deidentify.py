"""Taking out of a case log what says whose it is, so that what is left can still be counted.

Dates move by the same whole number of weeks for all of a patient's cases, by a keyed offset that only the site can
make again; lengths, weekdays and times of day stay. Free text, hospital numbers, lots and serial numbers go; people and
rooms become pseudonyms; ages end at 90 (HIPAA Safe Harbor, 45 CFR 164.514(b)(2), keeps no date but the year: where that
is asked for, drop the dates).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ortool.exchange.case_log import CaseLog, Who

OLDEST = 90
_WEEKS = 26
_CODE = re.compile(r"X?[PASNEFMC][0-9]{2}\b")
_STATES = {"value": "", "reason": ""}


def pseudonym(key: bytes, kind: str, text: str) -> str:
    """Return the same twelve signs for the same text; nobody makes them, or undoes them, without the key."""
    return hmac.new(key, f"{kind}\0{text}".encode(errors="surrogateescape"), hashlib.sha256).hexdigest()[:12]


def shift_of(key: bytes, patient: str) -> timedelta:
    """Return by how much a patient's dates move: 1 to 26 weeks, back or forth, never none."""
    number = int.from_bytes(hmac.new(key, b"shift\0" + patient.encode(), hashlib.sha256).digest()[:8])
    place = number % (2 * _WEEKS)
    return timedelta(weeks=place - _WEEKS if place < _WEEKS else place - _WEEKS + 1)


def deidentified(log: CaseLog, key: bytes) -> CaseLog:
    """Return a case log that names nobody."""
    patient = log.patient.id
    shift = shift_of(key, patient)
    moved = _moved(log.model_dump(), shift)
    age = log.patient.age
    people = {name: _person(key, getattr(log, name)) for name in ("surgeon", "anaesthetist")}
    code = _CODE.match(log.cancel_reason.strip())
    return CaseLog.model_validate(
        moved
        | people
        | {
            "case": pseudonym(key, "case", log.case),
            "patient": Who(id=pseudonym(key, "patient", patient), age=None if age is None else min(age, OLDEST)),
            "room": pseudonym(key, "room", log.room),
            "cancel_reason": code[0] if code else "",
            "notes": (),
            "signatures": (),
            "reads": (),
            "roles": [one | {"person": _person(key, one["person"])} for one in moved["roles"]],
            "implants": [one | {"lot": "", "serial": "", "description": ""} for one in moved["implants"]],
            "pauses": [
                one | {"answers": [given | _STATES | {"by": _person(key, given["by"])} for given in one["answers"]]}
                for one in moved["pauses"]
            ],
        }
    )


def _person(key: bytes, name: str) -> str:
    return pseudonym(key, "person", name) if name else ""


def _moved(value: Any, shift: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + shift
    if isinstance(value, Mapping):
        return {name: _moved(one, shift) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(one, shift) for one in value]
    return value
