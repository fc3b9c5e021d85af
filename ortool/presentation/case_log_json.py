"""A case log as JSON with stable keys (`ortool.case-log/1`).

Times are ISO 8601 in UTC with `Z`; lengths are whole minutes and whole seconds; there are no floats; what is not known
is null or empty, never absent. Every line carries `entries`: the journal numbers that it was read from.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from ortool.caselog.case import Case
from ortool.caselog.figures import PauseLine, PlanActual
from ortool.caselog.findings import CountLine, Lateness
from ortool.caselog.intervals import Contradiction
from ortool.caselog.lists import ListLine
from ortool.caselog.marks import Mark
from ortool.caselog.report import CaseReport
from ortool.presentation.identity import ends, initials
from ortool.presentation.plain import whole_minutes, whole_seconds

SCHEMA = "ortool.case-log/1"


def case_log_json(report: CaseReport, named: bool = True) -> dict[str, Any]:
    """Return the case log ready for `json.dumps`.

    `named=False` gives initials and the end of the hospital number for the patient; free text (reasons, notes, values)
    stays as it was typed and may still name somebody.
    """
    plan = report.plan
    return {
        "schema": SCHEMA,
        "as_of": moment(report.now),
        "case": case_json(report.case, named),
        "signed": report.is_signed,
        "checklist": None
        if report.checklist is None
        else line_json(report.checklist) | {"approved": report.checklist.approved},
        "plan": _plan(plan),
        "phases": _lines(report.phases),
        "milestones": [line_json(line) | {"missing": line.is_missing} for line in report.milestones],
        "missing": [line.id for line in report.missing],
        "not_on_checklist": list(report.not_on_checklist) if report.milestones else [],
        "out_of_order": [_contradiction(pair) for pair in report.contradictions],
        "intervals": _lines(report.intervals),
        "pauses": [_pause(line) for line in report.pauses],
        "gates": _lines(report.gates),
        "exceptions": _lines(report.exceptions),
        "counts": [_count(line) for line in report.counts],
        "added": _lines(report.added),
        "values": _lines(report.values),
        "in_room": _lines(report.in_room),
        "events": [line_json(line) | {"open": line.open} for line in report.events],
        "emergencies": _lines(report.emergencies),
        "owed_reasons": _lines(report.owed),
        "construct": line_json(report.implanted) if report.implanted else None,
        "signals": list(report.signals),
        "remarks": _lines(report.remarks),
        "people": _lines(report.people),
        "lateness": _lateness(report.lateness),
        "unfinished": list(report.unfinished),
        "signatures": _lines(report.signatures),
        "delays": [line_json(line) | {"owed": line.is_owed} for line in report.delays],
        "complications": _lines(report.complications),
        **line_json(report.topics),
        "compared_with_signed": report.is_checked,
        "altered": list(report.altered),
        "from_list": line_json(report.from_list) if report.from_list else None,
        "lists": [_list(line) for line in report.lists],
    }


def moment(value: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the second: `2026-11-23T07:30:00Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def case_json(case: Case, named: bool) -> dict[str, Any]:
    """Return the case header; without `named`, initials and the last three of the hospital number for the patient."""
    patient: dict[str, Any] = {"initials": initials(case.patient_name), "hospital_number_ends": ends(case)}
    if named:
        patient |= {
            "name": case.patient_name,
            "hospital_number": case.hospital_number,
            "born": case.born.isoformat() if case.born else None,
        }
    return {
        "number": case.number,
        "state": case.state.value,
        "patient": patient,
        "procedure": {"id": case.procedure_id, "name": case.procedure, "short": case.procedure_short},
        "levels": case.levels,
        "side": case.side,
        "specialty": case.specialty,
        "urgency": case.urgency,
        "surgeon": {"id": case.surgeon_id, "name": case.surgeon},
        "anaesthetist": {"id": case.anaesthetist_id, "name": case.anaesthetist},
        "allergies": case.allergies,
        "neuromonitoring": case.neuromonitoring,
        "notes": case.notes,
    }


def line_json(line: Any) -> dict[str, Any]:
    """Return a line of the report with the names of its fields; `seqs` is called `entries`."""
    return {_key(field.name): _value(getattr(line, field.name)) for field in fields(line)}


def _key(name: str) -> str:
    return "entries" if name == "seqs" else name


def _value(value: Any) -> Any:
    match value:
        case Mark():
            return line_json(value) | {"lag": _length(value.lag)}
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case timedelta():
            return _length(value)
        case Enum():
            return value.value
        case tuple():
            return [_value(one) for one in value]
        case None | bool() | int() | str():
            return value
        case dict():
            return {name: _value(one) for name, one in value.items()}
        case _:
            return line_json(value)


def _length(value: timedelta) -> dict[str, int]:
    return {"minutes": whole_minutes(value), "seconds": whole_seconds(value)}


def _lines(lines: Sequence[Any]) -> list[dict[str, Any]]:
    return [line_json(line) for line in lines]


def _plan(plan: PlanActual) -> dict[str, Any]:
    return line_json(plan)


def _pause(line: PauseLine) -> dict[str, Any]:
    return line_json(line) | {"duration": _value(line.duration)}


def _count(line: CountLine) -> dict[str, Any]:
    categories = [line_json(one) | {"difference": one.difference} for one in line.categories]
    return line_json(line) | {"categories": categories, "agrees": line.agrees}


def _list(line: ListLine) -> dict[str, Any]:
    checklist = line_json(line.checklist) | {"approved": line.checklist.approved}
    pauses = [_pause(pause) for pause in line.pauses]
    return line_json(line) | {"checklist": checklist, "pauses": pauses, "open": line.open}


def _lateness(line: Lateness) -> dict[str, Any]:
    return line_json(line) | {"percent": line.percent}


def _contradiction(pair: Contradiction) -> dict[str, Any]:
    return {
        "before": pair.before.stamp,
        "before_at": moment(pair.before.occurred_at),
        "after": pair.after.stamp,
        "after_at": moment(pair.after.occurred_at),
        "gap": _length(pair.gap),
        "entries": list(pair.seqs),
    }
