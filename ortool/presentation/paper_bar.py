"""A paper sheet that is being entered, and the bar that says so for as long as it lasts."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ortool.presentation.pieces import Piece, wrap
from ortool.presentation.words import clock

NO_FORM = "a sheet without a number"


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """The sheet: who wrote it (id and name), its form's number, and whether it may be another one than this run's.

    `verifier` compares what is entered with it, where somebody does.

    `form` stands in every entry; `numbered` is False where the sheet carries none. `last` is the time that was written
    beside the entry before (UTC), `entered` how many were taken from it.
    """

    writer: str
    writer_name: str
    form: str
    numbered: bool
    differs: bool = False
    last: datetime | None = None
    entered: int = 0
    verifier: str = ""
    verifier_name: str = ""

    @property
    def named(self) -> str:
        """The sheet in words."""
        return f"sheet {self.form}" if self.numbered else NO_FORM


def paper_lines(
    sheet: PaperSheet | None, patient: str, zone: ZoneInfo, width: int, ends: str = "Esc ends"
) -> list[list[Piece]]:
    """Return the bar, never cut; nothing while nothing is entered from paper. `ends` says which key ends it here."""
    if sheet is None:
        return []
    words = [f"PAPER ENTRY for {patient}", f"from {sheet.named}", f"written by {sheet.writer_name}"]
    words += [f"verified by {sheet.verifier_name}"] if sheet.verifier else []
    words += [f"last time {clock(sheet.last, zone)}"] if sheet.last else []
    words += ["SHEET MAY BE OF ANOTHER VERSION"] if sheet.differs else []
    return wrap([Piece(f" {word}", "warn") for word in [*words, f"– {ends}"]], width, gap=0)


def typed_time(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a time as it is typed: `HH:MM` today, `YYYY-MM-DD HH:MM` on another day."""
    local = moment.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%Y-%m-%d %H:%M}"
