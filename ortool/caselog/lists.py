"""The reviews and follow-ups that ran beside an operation, each with its own checklist version and its own entries."""

from dataclasses import dataclass
from datetime import datetime

from ortool.caselog.answers import AnswerLine, answer_line, answer_lines
from ortool.caselog.departures import exception_lines
from ortool.caselog.dossier import Dossier
from ortool.caselog.figures import GateLine, MilestoneLine, PauseLine
from ortool.caselog.findings import ChecklistLine, ExceptionLine, RemarkLine
from ortool.caselog.marks import Marker, Seqs
from ortool.caselog.pauses import gate_lines, pause_lines
from ortool.caselog.remarks import checklist_line, remark_lines
from ortool.caselog.timeline import milestone_lines
from ortool.checklist.run import Run


@dataclass(frozen=True, slots=True)
class ListLine:
    """One review or follow-up: the exact checklist that it began with, its time stamps, and every line of it.

    Signing the operation's log does not close it; `open` may go down for years.
    """

    id: str
    kind: str
    checklist: ChecklistLine
    milestones: tuple[MilestoneLine, ...]
    pauses: tuple[PauseLine, ...]
    answers: tuple[AnswerLine, ...]
    gates: tuple[GateLine, ...]
    exceptions: tuple[ExceptionLine, ...]
    remarks: tuple[RemarkLine, ...]
    seqs: Seqs

    @property
    def open(self) -> int:
        """How many of its lines still need something."""
        return sum(line.is_open for line in self.answers)


def list_lines(dossier: Dossier, now: datetime, marker: Marker) -> tuple[ListLine, ...]:
    """Return the lists that have begun beside a case as they stand at `now` (UTC), the oldest first."""
    return tuple(_list(one, one.run, now, marker) for one in dossier.beside if one.run)


def _list(dossier: Dossier, run: Run, now: datetime, marker: Marker) -> ListLine:
    answers: list[AnswerLine] = []
    for step in run.plan.steps:
        if step.pause:
            answers += answer_lines(run, step.pause, now, marker)
        elif step.record:
            answers.append(answer_line(run, step.record, "", now, marker))
    records = (*run.live, *run.taken_back, *run.undone, *dossier.history.remarks)
    return ListLine(
        dossier.list_id,
        run.plan.checklist.kind.value,
        checklist_line(dossier, run),
        milestone_lines(run, marker),
        pause_lines(run, now, marker),
        tuple(answers),
        gate_lines(run, marker),
        exception_lines(run, marker),
        remark_lines(dossier.history, marker),
        tuple(sorted(record.seq for record in records)),
    )
