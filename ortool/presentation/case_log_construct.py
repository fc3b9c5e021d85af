"""The section of a case log that holds the construct: what is in the patient, and what was wasted or taken out."""

from rich.console import RenderableType
from rich.text import Text

from ortool.caselog.report import CaseReport
from ortool.checklist.construct import CellState, Construct
from ortool.checklist.construct_findings import FindingKind, findings
from ortool.checklist.places import words_of
from ortool.checklist.records import Action
from ortool.presentation.case_log_view import View, source
from ortool.presentation.construct import device_words, reading_words
from ortool.presentation.plain import BAD, WARN, data, indented, joined

_STYLES = {FindingKind.OVERRIDDEN: BAD, FindingKind.DIFFERENCE: BAD, FindingKind.OPEN: WARN}
_WORDS = {Action.WASTED: "wasted", Action.EXPLANTED: "taken out"}


def construct_section(report: CaseReport, _view: View) -> list[RenderableType]:
    """Show every position that was planned or implanted, what is not as it should be, and wasted implants."""
    construct = report.construct
    if construct is None or not construct.records:
        return []
    parts: list[RenderableType] = []
    for cell in construct.cells.values():
        if cell.state is CellState.EMPTY:
            continue
        sizes = f"implanted {cell.size or 'size not known'}" if cell.implanted else "not implanted"
        planned = f"planned {cell.planned_size}" if cell.planned else "no planned size"
        records = [record for record in (cell.planned, cell.implanted, *cell.checks) if record]
        seqs = tuple(sorted(record.seq for record in records))
        parts.append(joined([data(cell.title, "bold"), data(sizes), data(planned), source(seqs)]))
        if cell.implanted:
            facts = (device_words(cell.implanted), *reading_words(cell))
            parts.append(indented(joined([data(text) for text in facts])))
            if cell.implanted.regulatory_context:
                parts.append(indented(data(f"regulatory context: {cell.implanted.regulatory_context}")))
    parts += [data(finding.sentence, _STYLES[finding.kind]) for finding in findings(construct)]
    return parts + _set_aside(report, construct)


def _set_aside(report: CaseReport, construct: Construct) -> list[Text]:
    titles = {part.id: part.title for part in construct.parts}
    lines: list[Text] = []
    for record in construct.records:
        if word := _WORDS.get(record.action):
            what = f"{titles.get(record.part, record.part)} {words_of(record.place)}".strip()
            facts = (f"{what} {word}", device_words(record), f"reason: {record.reason}")
            lines.append(joined([*(data(fact) for fact in facts), source((record.seq,))]))
    return lines
