"""The case log: what happened in one case, every figure with the journal entries that it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ortool.caselog.case import Case
from ortool.caselog.complications import ComplicationLine, complication_lines
from ortool.caselog.delays import Delay, delays
from ortool.caselog.departures import UNDONE, exception_lines
from ortool.caselog.dossier import Dossier
from ortool.caselog.figures import GateLine, MilestoneLine, PauseLine, PhaseLine, PlanActual
from ortool.caselog.findings import (
    AddedLine,
    ChecklistLine,
    CountLine,
    ExceptionLine,
    FromList,
    Lateness,
    PersonLine,
    RemarkLine,
    SignatureLine,
    ValueLine,
)
from ortool.caselog.happenings import (
    EmergencyLine,
    EventLine,
    OwedLine,
    emergency_lines,
    event_lines,
    owed_lines,
)
from ortool.caselog.history import Listed
from ortool.caselog.implanted import ConstructLine, construct_line
from ortool.caselog.intervals import Contradiction, Interval, intervals, out_of_order
from ortool.caselog.lists import ListLine, list_lines
from ortool.caselog.marks import Marker
from ortool.caselog.milestones import GLOSSARY
from ortool.caselog.pauses import gate_lines, pause_lines
from ortool.caselog.readings import added_lines, count_lines, value_lines
from ortool.caselog.remarks import checklist_line, remark_lines, signature_lines
from ortool.caselog.room import StintLine, stint_lines
from ortool.caselog.timeline import listed_lines, milestone_lines, phase_lines, plan_actual
from ortool.caselog.topics import NOTHING, Topics, topics
from ortool.caselog.unfinished import unfinished
from ortool.caselog.who import person_lines
from ortool.checklist.construct import Construct
from ortool.checklist.records import Answer, Count, Stamp
from ortool.checklist.run import Run
from ortool.checklist.signals import signals


@dataclass(frozen=True, repr=False)
class CaseReport:
    """Everything that a case log shows, as of `now` (UTC). `checklist` is None for a procedure without one.

    `altered` says of a signed case what does not match any more what was signed, where that was checked.
    """

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
    implanted: ConstructLine | None = None
    in_room: tuple[StintLine, ...] = ()
    events: tuple[EventLine, ...] = ()
    emergencies: tuple[EmergencyLine, ...] = ()
    owed: tuple[OwedLine, ...] = ()
    lists: tuple[ListLine, ...] = ()
    delays: tuple[Delay, ...] = ()
    complications: tuple[ComplicationLine, ...] = ()
    topics: Topics = NOTHING
    altered: tuple[str, ...] = ()
    is_checked: bool = False
    from_list: FromList | None = None

    def __repr__(self) -> str:
        """Name the report without its patient, so that no traceback shows one."""
        return f"CaseReport(case={self.case!r})"

    @property
    def missing(self) -> tuple[MilestoneLine, ...]:
        """The required milestones that were not stamped."""
        return tuple(line for line in self.milestones if line.is_missing)

    @property
    def not_on_checklist(self) -> tuple[str, ...]:
        """The milestones of the glossary that this checklist does not ask for: they belong to the desk or the room."""
        return tuple(code for code in GLOSSARY if code not in {line.id for line in self.milestones})

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
    marker = Marker(dossier.names, timedelta(minutes=late_minutes), dossier.history.claimed)
    run = dossier.run
    report = CaseReport(
        dossier.case,
        now,
        None,
        plan_actual(dossier, marker),
        Lateness(0, 0, late_minutes, ()),
        remarks=remark_lines(dossier.history, marker),
        signatures=signature_lines(dossier.history, marker),
        people=person_lines(dossier, marker),
        unfinished=tuple(unfinished(dossier, now)),
        lists=list_lines(dossier, now, marker),
        altered=dossier.altered or (),
        is_checked=dossier.altered is not None,
    )
    if (listed := dossier.history.listed) is not None:
        return _with_list(report, listed, dossier.names)
    return report if run is None else _with_run(report, dossier, run, marker)


def _with_list(report: CaseReport, listed: Listed, names: Mapping[str, str]) -> CaseReport:
    # When a time of a list was typed is not known, so that none is late.
    marker = Marker(names, timedelta.max)
    return replace(
        report,
        from_list=FromList(listed.source, listed.line, marker.mark(listed), (listed.seq,)),
        milestones=listed_lines(listed, marker),
        intervals=tuple(one for one in intervals(listed.stamps) if not one.missing),
    )


def _with_run(report: CaseReport, dossier: Dossier, run: Run, marker: Marker) -> CaseReport:
    now, construct = report.now, Construct(run)
    return replace(
        report,
        checklist=checklist_line(dossier, run),
        lateness=_lateness(run, marker, report.lateness.limit_minutes),
        phases=phase_lines(run, now),
        milestones=milestone_lines(run, marker),
        contradictions=out_of_order(run),
        intervals=intervals(run.stamps),
        pauses=pause_lines(run, now, marker),
        exceptions=exception_lines(run, marker),
        gates=gate_lines(run, marker),
        counts=count_lines(run, marker),
        added=added_lines(run, marker),
        values=value_lines(run, now, marker),
        signals=signals(run, report.lateness.limit_minutes),
        construct=construct,
        implanted=construct_line(construct, marker),
        in_room=stint_lines(run, marker),
        events=event_lines(run, now, marker),
        emergencies=emergency_lines(run, marker),
        owed=owed_lines(run, marker),
        delays=delays(dossier, now, marker),
        complications=complication_lines(run, dossier.history, marker),
        topics=topics(run, now, marker),
    )


def _lateness(run: Run, marker: Marker, late_minutes: int) -> Lateness:
    """Count the records whose time a person may state: stamps, answers and counts that stand or were corrected."""
    timed = [record for record in run.live if isinstance(record, Stamp | Answer | Count)]
    late = tuple(record.seq for record in timed if marker.is_late(record))
    return Lateness(len(late), len(timed), late_minutes, late)
