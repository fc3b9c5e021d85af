"""Case logs as CSV: one row a case, one row a milestone (OMOP style), or a trainee's logbook."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from ortool.exchange.case_log import CaseLog
from ortool.exchange.csv_out import rows_to_csv

STAMPS = ("PIH", "AS", "PIR", "AI", "AR", "PC", "PST", "PCB", "PF", "EXT", "POR", "APACU", "AF", "DPACU")
CASE_COLUMNS = (
    "case", "patient", "hospital_number", "name", "born", "age", "procedure_id", "procedure", "specialty", "levels",
    "side", "surgeon", "anaesthetist", "urgency", "state", "room", "planned_start", "planned_end", "is_planned",
    "from_list_of_the_past", "cancelled_at", "cancel_reason", *STAMPS, "events", "delays", "implants",
)  # fmt: skip
"""Version 1 of the columns: a later version adds columns at the end and renames none."""
OMOP_COLUMNS = (
    "person_source_value", "procedure_source_value", "procedure_source_name", "procedure_date",
    "milestone_source_value",
    "milestone_datetime", "recorded_datetime", "provider_source_value", "care_site_source_value",
)  # fmt: skip
LOGBOOK_COLUMNS = (
    "date", "case", "age", "procedure", "levels", "side", "urgency", "role", "supervisor", "minutes_in_role",
    "incision_to_finish", "events",
)  # fmt: skip


def cases_csv(logs: Iterable[CaseLog]) -> str:
    """Return one row for each case."""
    return rows_to_csv(CASE_COLUMNS, (_case(log) for log in logs))


def _case(log: CaseLog) -> Sequence[object]:
    patient = log.patient
    implants = "; ".join(" ".join(filter(None, (one.part, one.place, one.action, one.lot))) for one in log.implants)
    return (
        log.case, patient.id, patient.hospital_number, patient.name, patient.born, patient.age, log.procedure_id,
        log.procedure, log.specialty, log.levels, log.side, log.surgeon, log.anaesthetist, log.urgency, log.state,
        log.room, stamp(log.planned_start), stamp(log.planned_end), log.is_planned, log.from_list_of_the_past,
        stamp(log.cancelled_at), log.cancel_reason, *(stamp(log.time_of(name)) for name in STAMPS),
        "; ".join(log.events), "; ".join(f"{code} {minutes}" for code, minutes in log.delays), implants,
    )  # fmt: skip


def omop_csv(logs: Iterable[CaseLog]) -> str:
    """Return one row for each milestone, as OMOP keeps source values: one procedure has one interval there."""
    return rows_to_csv(OMOP_COLUMNS, (row for log in logs for row in _milestones(log)))


def _milestones(log: CaseLog) -> Iterator[Sequence[object]]:
    for one in log.milestones:
        yield (
            log.patient.id, log.procedure_id, log.procedure, f"{log.planned_start:%Y-%m-%d}", one.stamp,
            stamp(one.occurred_at), stamp(one.recorded_at), log.surgeon, log.room,
        )  # fmt: skip


def logbook_csv(logs: Iterable[CaseLog], person: str) -> str:
    """Return the cases in which somebody had a role, one row for each role, without what names the patient."""
    rows = []
    for log in logs:
        held = [(one.role, one.since, one.until) for one in log.roles if one.person == person]
        if not held and person in (log.surgeon, log.anaesthetist):
            start, end = log.time_of("PST"), log.time_of("PF")
            role = "surgeon" if person == log.surgeon else "anaesthetist"
            held = [(role, start, end)] if start else [(role, log.planned_start, None)]
        for role, since, until in held:
            supervisor = log.surgeon if log.surgeon != person else ""
            rows.append(
                (
                    f"{log.planned_start:%Y-%m-%d}", log.case, log.patient.age, log.procedure, log.levels, log.side,
                    log.urgency, role, supervisor, _minutes(since, until),
                    _minutes(log.time_of("PST"), log.time_of("PF")), "; ".join(log.events),
                )
            )  # fmt: skip
    return rows_to_csv(LOGBOOK_COLUMNS, rows)


def stamp(moment: datetime | None) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _minutes(since: datetime | None, until: datetime | None) -> str:
    return "" if since is None or until is None else f"{(until - since).total_seconds() / 60:.0f}"
