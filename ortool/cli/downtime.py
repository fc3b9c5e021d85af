"""`ortool downtime`: the forms for a day without a screen, printed before it comes, and the drill."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Print the day's forms for a dead screen; hold a drill.",
)

Minutes = Annotated[float | None, typer.Option(min=0, metavar="MINUTES", help="Measured elsewhere; asks nothing.")]


@app.command("print", epilog="Example: ortool downtime print --day today --room OR1 --to /media/usb/forms --by cn1")
def print_forms(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="YYYY-MM-DD, today or tomorrow.")] = "today",
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only this room.")] = "",
    blank: Annotated[int, typer.Option(min=0, metavar="N", help="Blank forms for each room.")] = 3,
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where; else the folder of the settings.")] = None,
    named: Annotated[bool, typer.Option("--named", help="With patients' names, for who may export them.")] = False,
) -> None:
    """Print the lists of a day, a sheet of each case and blank forms, as text and PDF, into a folder of their own.

    The folder is read without ortool and its database. What was printed there more than 24 hours ago is removed.
    """
    from ortool.cli.inputs import read_day
    from ortool.cli.output import say, show
    from ortool.services.downtime import print_day

    with opened(ctx) as theatre:
        wanted = read_day(day, theatre)
        found = print_day(theatre, wanted, room, blank, to.absolute() if to else None, named)
    show(str(found.folder))
    words = "with patients' names" if named else "without names"
    say(f"{found.lists} lists, {found.cases} sheets of cases and {found.blanks} blank forms, {words}.")


@app.command("drill", epilog="Example: ortool downtime drill --by cn1")
def drill(
    ctx: typer.Context,
    first_line: Minutes = None,
    back_entry: Minutes = None,
    lines: Annotated[int | None, typer.Option(min=0, metavar="N", help="How many lines were entered again.")] = None,
    command_id: Annotated[str, typer.Option(metavar="TEXT", help="Makes a repeat of the same command harmless.")] = "",
) -> None:
    """Measure the time from a dead screen to the first line on paper, and of entering the form again; keep both.

    Without options it is led by Enter alone. `ortool doctor` says when the last drill was.
    """
    from ortool.cli.output import say
    from ortool.services.drilling import record_drill
    from ortool.services.theatre import Repeated

    given = (first_line, back_entry, lines)
    if None in given and given != (None, None, None):
        raise BadInput("Give all three: --first-line, --back-entry and --lines.", "Or none, and the drill is led.")
    with opened(ctx) as theatre:
        actor = actor_of(ctx, theatre)
        if first_line is None or back_entry is None or lines is None:
            first, back, entered = _led()
        else:
            first, back, entered = timedelta(minutes=first_line), timedelta(minutes=back_entry), lines
        try:
            found = record_drill(theatre, actor, first, back, entered, command_id)
        except Repeated:
            say("This drill was written down before.")
            return
    say(f"Written down: {found.words}.")


def _led() -> tuple[timedelta, timedelta, int]:
    """Lead through the drill by Enter and one number. Raises BadInput where nobody could press it."""
    from ortool.cli.output import say

    if not sys.stdin.isatty():
        raise BadInput("A drill is led at a terminal.", "Or give --first-line, --back-entry and --lines.")
    say("Choose a case and tell the team that this is a drill. The patient's care goes on as it does.")
    _pressed("Cover the screen, say 'the screen is dead', and press Enter.")
    began = time.monotonic()
    _pressed("Press Enter when the first line stands on paper, with its time and initials.")
    first = timedelta(seconds=max(1.0, time.monotonic() - began))
    _pressed("Write on for as long as you like. Press Enter when you begin to enter the form (key g on the case).")
    began = time.monotonic()
    _pressed("Press Enter when the last line of the form is entered.")
    back = timedelta(seconds=time.monotonic() - began)
    text = _pressed("How many lines was that? Write the number and press Enter.").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise BadInput(f"{text[:20]!r} is no number of lines.", "Nothing was written down.")
    return first, back, int(text)


def _pressed(words: str) -> str:
    from ortool.cli.output import say

    say(words)
    line = sys.stdin.readline()
    if not line:
        raise BadInput("The drill was broken off; nothing was written down.")
    return line
