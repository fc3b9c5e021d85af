"""Values as plain JSON shapes. Times are ISO 8601 in UTC; a case is known by its number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ortool.caselog.case import Case, Slot
    from ortool.people.person import Person


def stamp(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the second: `2026-11-23T07:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Return a time as it is typed on the command line: local `2026-11-23 08:30`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def case_json(case: Case, slot: Slot | None) -> dict[str, Any]:
    """Return a case with its slot."""
    return {
        "number": case.number,
        "state": case.state.value,
        "patient": {
            "hospital_number": case.hospital_number,
            "name": case.patient_name,
            "born": case.born.isoformat() if case.born else None,
        },
        "procedure": case.procedure_id,
        "levels": case.levels,
        "side": case.side,
        "surgeon": {"id": case.surgeon_id, "name": case.surgeon},
        "anaesthetist": {"id": case.anaesthetist_id, "name": case.anaesthetist} if case.anaesthetist_id else None,
        "urgency": case.urgency,
        "allergies": case.allergies,
        "neuromonitoring": case.neuromonitoring,
        "notes": case.notes,
        "priority": case.priority,
        "waiting_since": case.waiting_since.isoformat() if case.waiting_since else None,
        "due": case.due.isoformat() if case.due else None,
        "needs": case.needs,
        "slot": slot_json(slot) if slot else None,
    }


def listed_json(case: Case, slot: Slot | None) -> dict[str, Any]:
    """Return a case as a list may show it: the patient in short, and no free text, which may name one."""
    from ortool.presentation.identity import short_identity

    whole = case_json(case, slot)
    kept = {name: value for name, value in whole.items() if name not in ("allergies", "notes")}
    return kept | {"patient": {"short": short_identity(case)}}


def slot_json(slot: Slot) -> dict[str, Any]:
    """Return a slot."""
    return {
        "room": slot.room_id,
        "start": stamp(slot.start),
        "end": stamp(slot.end),
        "minutes": round(slot.length.total_seconds() / 60),
        "cancelled": slot.cancelled,
        "cancel_reason": slot.cancel_reason,
        "revision": slot.revision,
        "held": slot.held,
        "warnings": list(slot.warnings),
    }


def person_json(person: Person) -> dict[str, Any]:
    """Return a person."""
    return {
        "id": person.id,
        "name": person.name,
        "initials": person.initials,
        "roles": sorted(person.roles),
        "grants": sorted(person.grants),
    }


def entry_json(entry: Any) -> dict[str, Any]:
    """Return a journal entry with its link of the chain."""
    return {
        "seq": entry.seq,
        "stream": entry.stream,
        "version": entry.version,
        "kind": entry.kind,
        "occurred_at": stamp(entry.occurred_at),
        "recorded_at": stamp(entry.recorded_at),
        "by": entry.actor,
        "auth": entry.auth,
        "body": dict(entry.body),
        "hash": entry.hash.hex(),
    }
