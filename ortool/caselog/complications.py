"""What went wrong, by the lists: at once or at a follow-up, and what was corrected or withdrawn since."""

from dataclasses import dataclass

from ortool.caselog.history import History
from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.coded import COMPLICATIONS, SEVERITIES, grade_words
from ortool.checklist.records import Complication
from ortool.checklist.run import Run


@dataclass(frozen=True, slots=True)
class ComplicationLine:
    """One complication as it was entered. `after_signature`: it came later than the signature.

    `stands` is False where a later entry corrects or withdraws it; `corrects` names the entry that this one replaces.
    `grade` is Clavien-Dindo, `severity` that of SAVES V2 (0: not said).
    """

    event: str
    title: str
    period: str
    grade: str
    grade_words: str
    severity: int
    severity_words: str
    text: str
    corrects: int
    stands: bool
    after_signature: bool
    mark: Mark
    seqs: Seqs


def complication_lines(run: Run, history: History, marker: Marker) -> tuple[ComplicationLine, ...]:
    """Return every complication in the order in which it was entered; what was corrected stays visible."""
    signed = history.signatures[0].seq if history.signatures else None
    every = [record for record in run.live if isinstance(record, Complication)]
    return tuple(_line(run, one, signed, marker) for one in every)


def _line(run: Run, record: Complication, signed: int | None, marker: Marker) -> ComplicationLine:
    code = COMPLICATIONS.get(record.event)
    return ComplicationLine(
        record.event,
        code.title if code else "",
        code.group if code else "",
        record.grade,
        grade_words(record.grade),
        record.severity,
        SEVERITIES.get(record.severity, ""),
        record.text,
        record.corrects,
        record in run.complications,
        signed is not None and record.seq > signed,
        marker.mark(record),
        (record.corrects, record.seq) if record.corrects else (record.seq,),
    )
