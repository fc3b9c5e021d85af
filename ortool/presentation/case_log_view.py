"""How a case log is looked at, and the turns of phrase that its sections share."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.text import Text

from ortool.caselog.marks import Mark, Seqs
from ortool.caselog.report import CaseReport
from ortool.presentation.plain import QUIET, WARN, data, entries, joined, length, wall


@dataclass(frozen=True, slots=True)
class View:
    """The theatre's zone, the width in columns, the day whose times need no date, and whether to keep to ASCII."""

    zone: ZoneInfo
    width: int
    day: date
    ascii_only: bool

    def at(self, moment: datetime | None) -> str:
        """Return a time of day, with its date where that is another day."""
        return wall(moment, self.zone, self.day)

    def typed(self, mark: Mark) -> Text:
        """Return when an entry was typed, and the lag in words where it is beyond the site's limit."""
        text = Text(self.at(mark.recorded_at), overflow="fold")
        return text.append(f" {length(mark.lag)} LATE", style=WARN) if mark.late else text

    def when(self, mark: Mark) -> Text:
        """Return when something happened, and when it was typed where the two read differently."""
        text = Text(self.at(mark.occurred_at), overflow="fold")
        if not mark.late and self.at(mark.occurred_at) == self.at(mark.recorded_at):
            return text
        return text.append(", typed ").append_text(self.typed(mark))


def view_of(report: CaseReport, zone: ZoneInfo, width: int, ascii_only: bool) -> View:
    """Return the view of a report on the day of its operation: patient in room, else planned, else today."""
    moment = report.plan.in_room or report.plan.start or report.now
    return View(zone, width, moment.astimezone(zone).date(), ascii_only)


def people(mark: Mark, second: str = "") -> Text:
    """Return who entered something, how that is known, the second person, and the paper that it stood on first."""
    text = data(mark.by).append(f" ({mark.auth})")
    if mark.transcribed:
        text.append(" transcribed from ").append_text(data(mark.transcribed))
    if mark.written_by:
        text.append(" written by ").append_text(data(mark.written_by))
    if mark.verified_by:
        text.append(" verified by ").append_text(data(mark.verified_by))
    return text.append(" with ").append_text(data(second)) if second else text


def source(seqs: Seqs) -> Text:
    """Return the journal numbers that a line was read from."""
    return Text(entries(seqs), style=QUIET)


def said(view: View, mark: Mark, seqs: Seqs, second: str = "") -> Text:
    """Return who, when, typed when, and the journal numbers, on one line."""
    return joined([people(mark, second), view.when(mark), source(seqs)])
