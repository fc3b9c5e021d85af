"""The demonstration in print: the board, one case as it was run, its signed log, and a calendar file."""

from pathlib import Path

from ortool.calendar import Audience
from ortool.caselog.report import make_report
from ortool.cli.calendars import LIMITS, write_whole
from ortool.cli.output import say, show, show_rich, width
from ortool.cli.run_sheet import RunSheet
from ortool.people.person import Actor
from ortool.presentation.board import board_table
from ortool.presentation.case_log import case_log_renderable
from ortool.services.boards import day_board
from ortool.services.calendars import export_pieces
from ortool.services.journals import verify_journal
from ortool.services.people import find_person
from ortool.services.running import add_note, open_case, open_log, sign
from ortool.services.theatre import Theatre

DAYS = 5
ADDENDUM = "Walked with the physiotherapist in the evening; power 5/5 both legs."


def print_day(theatre: Theatre, case_id: str, calendar: Path) -> None:
    """Sign the told case and print the day; write its calendar to a file."""
    surgeon = Actor(find_person(theatre, open_case(theatre, case_id).case.surgeon_id))
    sign(theatre, surgeon, case_id)
    add_note(theatre, surgeon, case_id, ADDENDUM)
    settings, now = theatre.settings, theatre.now()
    board = day_board(theatre)
    dossier = open_log(theatre, case_id)
    assert dossier.run is not None
    _title("THE DAY BOARD")
    show_rich(board_table(board, settings.zone, width()))
    _title("THE CHECKLIST AS IT WAS RUN")
    for line in RunSheet(dossier, dossier.run, now, settings.zone, settings.late_minutes).lines():
        show(line)
    _title("THE CASE LOG")
    show_rich(case_log_renderable(make_report(dossier, now, settings.late_minutes), settings.zone, width()))
    _title("THE REST")
    write_whole(calendar, export_pieces(theatre, board.day, DAYS, Audience.SLOT))
    show(f"Calendar without patient data: {calendar}")
    found = verify_journal(theatre)
    verdict = "NOT INTACT" if found.faults else "intact"
    show(f"Journal: {found.entries} entries, {verdict}, head {found.head_hash[:12]}")
    say(LIMITS)


def _title(words: str) -> None:
    show()
    show(f"=== {words} {'=' * max(0, width() - len(words) - 5)}")
    show()
