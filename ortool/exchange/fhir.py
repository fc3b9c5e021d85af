"""Case logs as one FHIR bundle (R4, 4.0.1): what happened as Procedure, its slot, devices, pauses, and who said so.

A pause is a QuestionnaireResponse only where something was answered: one that never happened is a missing resource,
not one full of blanks. Milestones that FHIR has no place for are extensions of the Procedure, each with both times.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ortool.checklist.coded import COMPLICATIONS
from ortool.checklist.places import words_of
from ortool.exchange.case_log import CaseLog, CaseLogs, ImplantLog, PauseLog
from ortool.exchange.log_tables import stamp

MILESTONE, EVENT, CHECKLIST = "urn:ortool:milestone", "urn:ortool:event", "urn:ortool:checklist"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:ortool:case-logs")
_SURGICAL = {"coding": [{"system": "http://snomed.info/sct", "code": "387713003", "display": "Surgical procedure"}]}
_ENTRY_TYPES = {"scan": "barcode", "manual": "manual"}
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_PATIENT_RECORD = {
    "system": "http://dicom.nema.org/resources/ontology/DCM",
    "code": "110110",
    "display": "Patient Record",
}
_AUDIT = "http://terminology.hl7.org/CodeSystem/audit-event-type"

Resource = dict[str, Any]


class _Bundle:
    """Resources by what they stand for, each once, in the order in which they came."""

    def __init__(self, site: str) -> None:
        self.site, self.entries = site, dict[str, Resource]()

    def add(self, kind: str, of: str, **fields: Any) -> str:
        """Put a resource in and return its reference; a second one for the same thing is the first."""
        found = str(uuid.uuid5(_SPACE, f"{self.site}\0{kind}\0{of}"))
        url = f"urn:uuid:{found}"
        kept = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        self.entries.setdefault(url, {"resourceType": kind, "id": found} | kept)
        return url


def bundle(logs: CaseLogs) -> Resource:
    """Return a collection of every case, as plain values for JSON."""
    made = _Bundle(logs.site)
    for log in logs.cases:
        _case(made, log)
    source = made.add("Organization", "site", name=logs.site)
    made.add(
        "AuditEvent", f"export {stamp(logs.made_at)}", type={"system": _AUDIT, "code": "object", "display": "Object"},
        action="R", recorded=stamp(logs.made_at), outcome="0",
        agent=[{"who": _ref(source), "requestor": True}],
        source={"observer": _ref(source)},
        outcomeDesc=f"{len(logs.cases)} case logs exported, {'identified' if logs.identified else 'de-identified'}",
    )  # fmt: skip
    entries = [{"fullUrl": url, "resource": resource} for url, resource in made.entries.items()]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": stamp(logs.made_at), "entry": entries}


def _ref(url: str, display: str = "") -> Resource:
    return {"reference": url} | ({"display": display} if display else {})


def _text(words: str) -> Resource:
    return {"text": words}


def _period(start: datetime | None, end: datetime | None) -> Resource:
    return {name: stamp(at) for name, at in (("start", start), ("end", end)) if at is not None}


def _case(made: _Bundle, log: CaseLog) -> None:
    patient = made.add(
        "Patient", log.patient.id,
        identifier=[{"value": log.patient.hospital_number}] if log.patient.hospital_number else [],
        name=[{"text": log.patient.name}] if log.patient.name else [],
        birthDate=log.patient.born.isoformat() if log.patient.born else "",
    )  # fmt: skip
    room = made.add("Location", log.room, name=log.room, status="active")
    people = {
        name: made.add("Practitioner", name, name=[{"text": name}]) for name in (log.surgeon, log.anaesthetist) if name
    }
    appointment = _appointment(made, log, patient, room, people)
    procedure = _procedure(made, log, patient, room, people)
    made.add(
        "Encounter", log.case,
        status="finished" if log.time_of("POR") else "in-progress" if log.milestones else "planned",
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
        subject=_ref(patient), appointment=[_ref(appointment)],
        location=[{"location": _ref(room)} | _when(_period(log.time_of("PIR"), log.time_of("POR")))],
    )  # fmt: skip
    for pause in log.pauses:
        _pause(made, log, pause, patient, procedure)
    for number, read in enumerate(log.reads):
        who = made.add("Practitioner", read.person, name=[{"text": read.person}])
        made.add(
            "AuditEvent", f"{log.case} read {number}", type=_PATIENT_RECORD,
            action="R", recorded=stamp(read.at), outcome="0", agent=[{"who": _ref(who), "requestor": True}],
            source={"observer": _ref(who)}, entity=[{"what": _ref(procedure)}], outcomeDesc=read.reason,
        )  # fmt: skip
    for number, signed in enumerate(log.signatures):
        who = made.add("Practitioner", signed.person, name=[{"text": signed.person}])
        made.add(
            "Provenance", f"{log.case} signature {number}", target=[_ref(procedure)], recorded=stamp(signed.at),
            activity=_text(f"{signed.statement} SHA-256 of the entries: {signed.digest}"),
            agent=[{"who": _ref(who), "type": _text("signed")}],
        )  # fmt: skip


def _when(period: Resource) -> Resource:
    return {"period": period} if period else {}


def _appointment(made: _Bundle, log: CaseLog, patient: str, room: str, people: dict[str, str]) -> str:
    schedule = made.add("Schedule", log.room, actor=[_ref(room)])
    is_gone = log.cancelled_at is not None
    slot = made.add(
        "Slot", log.case, schedule=_ref(schedule), status="free" if is_gone else "busy",
        start=stamp(log.planned_start), end=stamp(log.planned_end),
        comment="" if log.is_planned else "Nothing was planned: these are the times of what happened.",
    )  # fmt: skip
    status = "cancelled" if is_gone else "fulfilled" if log.milestones else "booked"
    actors = [patient, room, *people.values()]
    return made.add(
        "Appointment", log.case, status=status, slot=[_ref(slot)], start=stamp(log.planned_start),
        end=stamp(log.planned_end), cancelationReason=_text(log.cancel_reason or "not said") if is_gone else None,
        participant=[{"actor": _ref(actor), "status": "accepted"} for actor in actors],
    )  # fmt: skip


def _status(log: CaseLog) -> str:
    if log.cancelled_at is not None:
        return "not-done"
    if log.time_of("PF") or log.time_of("POR"):
        return "completed"
    return "in-progress" if log.time_of("PST") else "preparation"


def _procedure(made: _Bundle, log: CaseLog, patient: str, room: str, people: dict[str, str]) -> str:
    devices = [(one, _device(made, log, number, one, patient)) for number, one in enumerate(log.implants)]
    status = _status(log)
    return made.add(
        "Procedure", log.case, extension=list(_milestones(log)), status=status, category=_SURGICAL,
        identifier=[{"value": log.case}], statusReason=_text(log.cancel_reason) if log.cancel_reason else None,
        code=_text(log.procedure), subject=_ref(patient), location=_ref(room),
        performedPeriod=_period(log.time_of("PST"), log.time_of("PF")),
        performer=[
            {"function": _text(role), "actor": _ref(people[name])}
            for role, name in (("surgeon", log.surgeon), ("anaesthetist", log.anaesthetist)) if name
        ],
        bodySite=[_text(" ".join(filter(None, (log.levels, log.side))))] if log.levels or log.side else [],
        complication=[_text(event) for event in log.events],
        complicationDetail=[_ref(_condition(made, log, event, patient)) for event in dict.fromkeys(log.events)],
        note=[_text(note) for note in log.notes],
        focalDevice=[
            {"action": _text(one.action), "manipulated": _ref(device, f"{one.part} {words_of(one.place)}")}
            for one, device in devices
        ],
    )  # fmt: skip


def _condition(made: _Bundle, log: CaseLog, event: str, patient: str) -> str:
    known = COMPLICATIONS.get(event)
    return made.add(
        "Condition", f"{log.case} {event}", subject=_ref(patient), code=_text(known.title if known else event),
        identifier=[{"system": EVENT, "value": event}],
        verificationStatus={"coding": [{"system": _VERIFIED, "code": "confirmed"}]},
        category=[{"coding": [{"system": _CATEGORY, "code": "encounter-diagnosis"}]}],
    )  # fmt: skip


def _milestones(log: CaseLog) -> Iterator[Resource]:
    for one in log.milestones:
        parts = [
            {"url": "stamp", "valueCode": one.stamp},
            {"url": "occurred", "valueDateTime": stamp(one.occurred_at)},
        ]
        if one.recorded_at is not None:
            parts.append({"url": "recorded", "valueInstant": stamp(one.recorded_at)})
        yield {"url": MILESTONE, "extension": parts}


def _device(made: _Bundle, log: CaseLog, number: int, one: ImplantLog, patient: str) -> str:
    carrier = {"deviceIdentifier": one.device_identifier, "entryType": _ENTRY_TYPES.get(one.entry, "unknown")}
    return made.add(
        "Device", f"{log.case} {number}", udiCarrier=[carrier] if one.device_identifier else [], status="active",
        lotNumber=one.lot, serialNumber=one.serial,
        expirationDate=one.expires.isoformat() if one.expires else "",
        deviceName=[{"name": one.description or one.part, "type": "user-friendly-name"}], patient=_ref(patient),
    )  # fmt: skip


def _pause(made: _Bundle, log: CaseLog, pause: PauseLog, patient: str, procedure: str) -> None:
    authored = max(given.occurred_at for given in pause.answers)
    response = made.add(
        "QuestionnaireResponse", f"{log.case} {pause.id}", status="completed" if pause.is_whole else "in-progress",
        questionnaire=_questionnaire(log, pause),
        subject=_ref(patient), partOf=[_ref(procedure)], authored=stamp(authored),
        item=[
            {"linkId": given.item, "text": given.prompt, "answer": [{"valueString": _said(given.state, given.value)}]}
            for given in pause.answers
        ],
    )  # fmt: skip
    for by in dict.fromkeys(given.by for given in pause.answers):
        own = [given for given in pause.answers if given.by == by]
        who = made.add("Practitioner", by, name=[{"text": by}])
        made.add(
            "Provenance", f"{log.case} {pause.id} {by}", target=[_ref(response)],
            occurredPeriod=_period(min(one.occurred_at for one in own), max(one.occurred_at for one in own)),
            recorded=stamp(max(one.recorded_at for one in own)),
            agent=[{"who": _ref(who), "type": _text("entered")}],
        )  # fmt: skip


def _questionnaire(log: CaseLog, pause: PauseLog) -> str:
    """Return the canonical name of a pause of the checklist that was run, with its version."""
    name, _, rest = log.checklist.partition(" ")
    return f"{CHECKLIST}:{name}:{pause.id}|{rest.partition(' ')[0]}" if name else ""


def _said(state: str, value: str) -> str:
    return f"{state}: {value}" if value else state
