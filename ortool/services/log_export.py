"""Case logs go out: identified for whoever may name patients, or with what names them taken out."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, select

from ortool.caselog.found import Wanted
from ortool.caselog.past import UNNAMED, PastCase
from ortool.checklist.construct import Construct
from ortool.checklist.records import Action, Answer
from ortool.checklist.run import Run
from ortool.errors import BadInput
from ortool.exchange.case_log import (
    Answered,
    CaseLog,
    CaseLogs,
    ImplantLog,
    Milestone,
    PauseLog,
    ReadLog,
    RoleLog,
    SignatureLog,
    Who,
)
from ortool.exchange.deidentify import deidentified
from ortool.exchange.fhir import bundle
from ortool.exchange.log_tables import cases_csv, logbook_csv, omop_csv
from ortool.journal import log as journal
from ortool.people.permissions import Verb
from ortool.services import access
from ortool.services.dossiers import dossier_of
from ortool.services.offline import run_key
from ortool.services.people import find_person
from ortool.services.site_key import site_key
from ortool.services.statistics import past_cases
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow, PersonRow

_PLACED = (Action.PLACED, Action.WASTED, Action.EXPLANTED)


class Form(StrEnum):
    """The formats in which case logs go out."""

    CSV = "csv"
    JSON = "json"
    FHIR = "fhir"
    OMOP = "omop"
    LOGBOOK = "logbook"


def export_logs(theatre: Theatre, wanted: Wanted, form: Form, identified: bool = False, trainee: str = "") -> str:
    """Return the case logs that fit as text in a format. With `identified` patients, staff and free text are named.

    A logbook names its own person and the supervisors, never a patient. Raises BadInput, NeedsIdentity or Refused.
    """
    if (form is Form.LOGBOOK) != bool(trainee):
        raise BadInput("A logbook is somebody's, and nothing else is.", "Name the person, with this format only.")
    logs = case_logs(theatre, wanted, identified, trainee)
    if form is Form.LOGBOOK:
        return logbook_csv(logs.cases, find_person(theatre, trainee).name)
    if form is Form.CSV:
        return cases_csv(logs.cases)
    if form is Form.OMOP:
        return omop_csv(logs.cases)
    found = bundle(logs) if form is Form.FHIR else logs.model_dump(mode="json", by_alias=True)
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def case_logs(theatre: Theatre, wanted: Wanted, identified: bool = False, trainee: str = "") -> CaseLogs:
    """Return the case logs that fit, as every format is written from them. Raises as `export_logs`."""
    if identified:
        access.seen(theatre, Verb.NAME_PATIENTS, "an export of case logs")
    else:
        access.seen(theatre, Verb.READ_LIST, "an export of case logs without names")
    key = b"" if identified else site_key(theatre)
    logs = []
    for log in _logs(theatre, past_cases(theatre, wanted)):
        if trainee and not identified:
            logs.append(_for_logbook(log))
        else:
            logs.append(log if identified else deidentified(log, key))
    site = theatre.settings.site if identified else "de-identified"
    return CaseLogs(site=site, made_at=theatre.now(), identified=identified, cases=tuple(logs))


def _for_logbook(log: CaseLog) -> CaseLog:
    return log.model_copy(update={"patient": Who(id="", age=log.patient.age), "notes": ()})


def _logs(theatre: Theatre, past: list[PastCase]) -> Iterator[CaseLog]:
    with theatre.reading() as session:
        names = dict(session.exec(select(PersonRow.id, PersonRow.name)).all())
        reads = _reads(session, names)
        for one in sorted(past, key=lambda case: (case.start, case.number)):
            row = session.get(CaseRow, one.id)
            assert row is not None
            log = _log(theatre, session, one, row, names)
            kept = sorted((*log.reads, *reads.get(one.number, ())), key=lambda read: read.at)
            yield log.model_copy(update={"reads": tuple(kept)})


def _reads(session: Session, names: dict[str, str]) -> dict[int, list[ReadLog]]:
    """Return who has read each case by its number, as the journal keeps it."""
    cursor, found = cursor_of(session), dict[int, list[ReadLog]]()
    for entry in journal.read_stream(cursor, access.STREAM):
        what, _, number = str(entry.body.get("what", "")).partition(" ")
        if what == "case" and number.isascii() and number.isdigit():
            read = ReadLog(person=names.get(entry.actor, entry.actor), at=entry.recorded_at)
            found.setdefault(int(number), []).append(read)
    cursor.close()
    return found


def _log(theatre: Theatre, session: Session, past: PastCase, row: CaseRow, names: dict[str, str]) -> CaseLog:
    log = CaseLog(
        case=str(past.number),
        patient=_patient(row, past),
        procedure_id=past.procedure_id, procedure=past.procedure, specialty=past.specialty, levels=past.levels,
        side=row.side, surgeon=past.surgeon, anaesthetist=names.get(row.anaesthetist_id or "", ""),
        urgency=past.urgency, state=row.state, room=past.room, planned_start=past.start, planned_end=past.end,
        is_planned=past.is_planned, from_list_of_the_past=past.is_history, cancelled_at=past.cancelled_at,
        cancel_reason=past.cancel_reason, events=past.events, notes=(row.notes,) if row.notes else (),
        delays=tuple((one.code, one.minutes) for one in past.delays),
        milestones=tuple(
            Milestone(stamp=name, occurred_at=at) for name, at in sorted(past.times.items(), key=lambda one: one[1])
        ),
    )  # fmt: skip
    return _with_run(theatre, session, log, past, names) if past.is_followed else log


def _patient(row: CaseRow, past: PastCase) -> Who:
    """Return whose case it is. Nobody knows whether two cases without a number are one patient's, so they are not."""
    number, name = ("" if one == UNNAMED else one for one in (row.hospital_number, row.patient_name))
    age = _age(row.born, past.start)
    return Who(id=number or f"case {past.number}", hospital_number=number, name=name, born=row.born, age=age)


def _age(born: date | None, at: datetime) -> int | None:
    if born is None:
        return None
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def _with_run(theatre: Theatre, session: Session, log: CaseLog, past: PastCase, names: dict[str, str]) -> CaseLog:
    is_kept = run_key(past.id) in theatre.runs_seen()
    dossier = dossier_of(theatre, session, past.id)
    if not is_kept:  # ten years of cases are more than a terminal can remember
        theatre.runs_seen().pop(run_key(past.id), None)
    run = dossier.run
    if run is None:
        return log
    checklist = run.plan.checklist
    return log.model_copy(
        update={
            "milestones": tuple(
                Milestone(
                    stamp=one.stamp, occurred_at=one.occurred_at, recorded_at=one.recorded_at,
                    late=one.stamp in past.late,
                )
                for one in sorted(run.stamps.values(), key=lambda stamp: (stamp.occurred_at, stamp.seq))
            ),
            "implants": tuple(_implants(run)),
            "pauses": tuple(_pauses(run, theatre.now(), names)),
            "roles": tuple(
                RoleLog(
                    person=names.get(one.person, one.person), role=one.role, since=one.joined.occurred_at,
                    until=one.ended.occurred_at if one.ended else None,
                )
                for one in run.team
            ),
            "signatures": tuple(
                SignatureLog(
                    person=names.get(one.actor, one.actor), at=one.recorded_at, statement=one.statement,
                    digest=one.digest,
                )
                for one in dossier.history.signatures
            ),
            "reads": (
                *log.reads,
                *(
                    ReadLog(person=names.get(one.actor, one.actor), at=one.recorded_at, reason=one.text)
                    for one in dossier.history.opened
                ),
            ),
            "notes": (*log.notes, *(one.text for one in dossier.history.remarks if one.text)),
            "checklist": f"{checklist.id} {checklist.version} {dossier.sha256}",
        }
    )  # fmt: skip


def _implants(run: Run) -> Iterator[ImplantLog]:
    for one in Construct(run).records:
        if one.action in _PLACED:
            yield ImplantLog(
                part=one.part, place=one.place, action=one.action.value, description=one.description,
                device_identifier=one.device_identifier, lot=one.lot, serial=one.serial,
                expires=one.expires, entry=one.entry, occurred_at=one.occurred_at,
            )  # fmt: skip


def _pauses(run: Run, now: datetime, names: dict[str, str]) -> Iterator[PauseLog]:
    for pause in run.plan.pauses.values():
        given: list[tuple[str, Answer]] = [
            (item.prompt, run.answers[item.id]) for item in run.items_of(pause) if item.id in run.answers
        ]
        if given:
            yield PauseLog(
                id=pause.id,
                title=pause.title,
                is_whole=not run.missing(pause, now),
                answers=tuple(
                    Answered(
                        item=one.item, prompt=prompt, state=one.state.value, value=one.value, reason=one.reason,
                        by=names.get(one.actor, one.actor), occurred_at=one.occurred_at, recorded_at=one.recorded_at,
                    )
                    for prompt, one in given
                ),
            )  # fmt: skip
