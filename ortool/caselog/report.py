"""The case log: what happened in one case, every figure with the journal entries that it was read from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.caselog.case import Case
from ortool.caselog.departures import UNDONE, exception_lines
from ortool.caselog.dossier import Dossier, unfinished
from ortool.caselog.figures import GateLine, MilestoneLine, PauseLine, PhaseLine, PlanActual
from ortool.caselog.findings import (
    AddedLine,
    ChecklistLine,
    CountLine,
    ExceptionLine,
    Lateness,
    PersonLine,
    RemarkLine,
    SignatureLine,
    ValueLine,
)
from ortool.caselog.history import History
from ortool.caselog.intervals import Contradiction, Interval, intervals, out_of_order
from ortool.caselog.marks import Marker
from ortool.caselog.pauses import gate_lines, pause_lines
from ortool.caselog.readings import added_lines, count_lines, value_lines
from ortool.caselog.timeline import milestone_lines, phase_lines, plan_actual
from ortool.caselog.who import person_lines
from ortool.checklist.construct import Construct
from ortool.checklist.records import Answer, Count, Stamp
from ortool.checklist.run import Run
from ortool.checklist.signals import signals

SHORT_HASH = 12
_REMARKS = {"note.added": "note", "case.amended": "addendum", "slot.cancelled": "cancellation"}


@dataclass(frozen=True, repr=False)
class CaseReport:
    """Everything that a case log shows, as of `now` (UTC). `checklist` is None for a procedure without one."""

    case: Case
    now: datetime
    checklist: ChecklistLine | None
    plan: PlanActual
    lateness: Lateness
    phases: tuple[PhaseLine, ...] = ()
    milestones: tuple[MilestoneLine, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    intervals: tuple[Interval, ...] = ()
    pauses: tuple[PauseLine, ...] = ()
    exceptions: tuple[ExceptionLine, ...] = ()
    gates: tuple[GateLine, ...] = ()
    counts: tuple[CountLine, ...] = ()
    added: tuple[AddedLine, ...] = ()
    values: tuple[ValueLine, ...] = ()
    remarks: tuple[RemarkLine, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    people: tuple[PersonLine, ...] = ()
    unfinished: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    construct: Construct | None = None

    def __repr__(self) -> str:
        """Name the report without its patient, so that no traceback shows one."""
        return f"CaseReport(case={self.case!r})"

    @property
    def missing(self) -> tuple[MilestoneLine, ...]:
        """The required milestones that were not stamped."""
        return tuple(line for line in self.milestones if line.is_missing)

    @property
    def undone(self) -> tuple[ExceptionLine, ...]:
        """What was entered and taken back: visible for ever."""
        return tuple(line for line in self.exceptions if line.kind == UNDONE)

    @property
    def is_signed(self) -> bool:
        """Whether the case log has been signed."""
        return bool(self.signatures)


def make_report(dossier: Dossier, now: datetime, late_minutes: int) -> CaseReport:
    """Return the case log of a dossier as of `now` (UTC); what was typed more than `late_minutes` later is late."""
    marker = Marker(dossier.names, timedelta(minutes=late_minutes))
    run = dossier.run
    plan, people = plan_actual(dossier, marker), person_lines(dossier, marker)
    remarks, signatures = _remarks(dossier.history, marker), _signatures(dossier.history, marker)
    left = tuple(unfinished(dossier, now))
    if run is None:
        lateness = Lateness(0, 0, late_minutes, ())
        return CaseReport(
            dossier.case,
            now,
            None,
            plan,
            lateness,
            remarks=remarks,
            signatures=signatures,
            people=people,
            unfinished=left,
        )
    return CaseReport(
        dossier.case,
        now,
        _checklist_line(dossier, run),
        plan,
        _lateness(run, marker, late_minutes),
        phase_lines(run, now),
        milestone_lines(run, marker),
        out_of_order(run),
        intervals(run),
        pause_lines(run, now, marker),
        exception_lines(run, marker),
        gate_lines(run, marker),
        count_lines(run, marker),
        added_lines(run, marker),
        value_lines(run, now, marker),
        remarks,
        signatures,
        people,
        left,
        signals(run, late_minutes),
        Construct(run),
    )


def _checklist_line(dossier: Dossier, run: Run) -> ChecklistLine:
    checklist = run.plan.checklist
    return ChecklistLine(
        checklist.id,
        checklist.version,
        checklist.title,
        dossier.sha256[:SHORT_HASH],
        checklist.approved_by,
        checklist.approved_on,
        checklist.based_on,
        dossier.started,
    )


def _lateness(run: Run, marker: Marker, late_minutes: int) -> Lateness:
    """Count the records whose time a person may state: stamps, answers and counts that stand or were corrected."""
    timed = [record for record in run.live if isinstance(record, Stamp | Answer | Count)]
    late = tuple(record.seq for record in timed if marker.is_late(record))
    return Lateness(len(late), len(timed), late_minutes, late)


def _remarks(history: History, marker: Marker) -> tuple[RemarkLine, ...]:
    return tuple(
        RemarkLine(_REMARKS.get(one.kind, one.kind), one.text, marker.mark(one), (one.seq,)) for one in history.remarks
    )


def _signatures(history: History, marker: Marker) -> tuple[SignatureLine, ...]:
    return tuple(
        SignatureLine(one.statement, one.digest, one.entries, marker.mark(one), (one.seq,))
        for one in history.signatures
    )
