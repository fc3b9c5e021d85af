"""The sections of a case log that gather: delays with their reasons, complications, images, volumes, drugs."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from ortool.caselog.answers import AnswerLine
from ortool.caselog.complications import ComplicationLine
from ortool.caselog.delays import Delay, DelayReasonLine
from ortool.caselog.report import CaseReport
from ortool.presentation.case_log_room import answer_parts
from ortool.presentation.case_log_view import View, said, source
from ortool.presentation.plain import BAD, GOOD, WARN, data, indented, joined, length


def delays(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each delay of ten minutes or more: how long, by which formula, and the coded reasons or that one is owed."""
    parts: list[RenderableType] = []
    for line in report.delays:
        parts.append(_delay(line))
        for reason in line.reasons:
            parts += [indented(_reason(reason)), indented(said(view, reason.mark, reason.seqs))]
    if not parts and report.checklist and report.checklist.started:
        return [Text("none of 10 minutes or more")]
    return parts


def _delay(line: Delay) -> Text:
    grows = Text("so far") if line.lasts else None
    owed = Text("REASON OWED", style=BAD) if line.is_owed else None
    value = Text(length(line.value), style=WARN)
    return joined([data(line.title, "bold"), value, grows, data(line.formula), owed, source(line.seqs)])


def _reason(line: DelayReasonLine) -> Text:
    minutes = f"{line.minutes} min" if line.minutes else None
    words = data(line.text) if line.text else None
    return joined([data(f"{line.code} {line.title}", "bold"), data(f"({line.party})"), minutes, words])


def complications(report: CaseReport, view: View) -> list[RenderableType]:
    """Show each complication with its grades; what came after the signature, and what was corrected, says so."""
    parts: list[RenderableType] = []
    for line in report.complications:
        parts += [_complication(line), *(indented(one) for one in _grades(line))]
        parts.append(indented(said(view, line.mark, line.seqs)))
    if not parts and report.checklist and report.checklist.started:
        return [Text("none entered")]
    return parts


def _complication(line: ComplicationLine) -> Text:
    later = Text("ADDED AFTER THE SIGNATURE", style=WARN) if line.after_signature else None
    gone = None if line.stands or line.event == "withdrawn" else Text("later corrected or withdrawn")
    return joined([data(line.title, "bold"), data(line.period), later, gone])


def _grades(line: ComplicationLine) -> Iterable[Text]:
    grade = data(f"Clavien-Dindo {line.grade}: {line.grade_words}") if line.grade else None
    severity = data(f"SAVES severity {line.severity}: {line.severity_words}") if line.severity else None
    if grade or severity:
        yield joined([grade, severity])
    elif line.event != "withdrawn":
        yield Text("not graded", style=WARN)
    if line.text:
        yield data(line.text)


def imaging(report: CaseReport, view: View) -> list[RenderableType]:
    """Show what the images were read for, by whom, their numbers, and dose and time."""
    return _answers(report.topics.imaging, view)


def volumes(report: CaseReport, view: View) -> list[RenderableType]:
    """Show blood loss, fluids, urine and transfusion as they were said."""
    return _answers(report.topics.volumes, view)


def drugs(report: CaseReport, view: View) -> list[RenderableType]:
    """Show the drugs and when they began, and how each reminder of a further dose was answered."""
    parts = _answers(report.topics.drugs, view)
    for line in report.topics.reminders:
        what = Text("put off", style=WARN) if line.act == "snoozed" else Text(line.act, style=GOOD)
        reason = Text("reason: ").append_text(data(line.reason)) if line.reason else None
        parts.append(joined([data(f"{line.item} {line.title}", "bold"), what, data(line.asks), reason]))
        parts.append(indented(said(view, line.mark, line.seqs)))
    return parts


def _answers(lines: Iterable[AnswerLine], view: View) -> list[RenderableType]:
    return [part for line in lines for part in answer_parts(line, view)]
