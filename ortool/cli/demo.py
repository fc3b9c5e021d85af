"""`ortool demo`: a sample theatre day in a throw-away database."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli import session
from ortool.errors import Refused

if TYPE_CHECKING:
    from ortool.services.theatre import Theatre

app = typer.Typer(rich_markup_mode=None, add_completion=False)

ZONE = "Europe/Amsterdam"
TURNOVER, FREEZE = 20, 24
"""Minutes kept free in a room after a slot, and hours in which a slot moves only with a reason."""
SITE = "Sample Hospital (invented)"
# The screens open in mid-morning, when cases are finished, running and waiting; the printed day ends with a signed log.
MORNING, EVENING = time(10, 42), time(16, 30)


@app.command("demo", epilog="Example: ortool demo; ortool demo --play --keep day.db > day.txt")
def demo(
    keep: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the database in this new file.")] = None,
    play: Annotated[bool, typer.Option("--play", help="Play a whole case and print it, on a terminal too.")] = False,
) -> None:
    """Show a sample theatre day, every person and patient invented. On a terminal the screens open.

    Without a terminal a whole case is played and printed: the day board, the checklist as run, and the case log.
    """
    from ortool.cli.output import say

    if keep is not None and keep.exists():
        how = f"Open it with `ortool --database {keep}`, or name a new file."
        raise Refused(f"{keep} exists already; nothing was changed.", how)
    screens = sys.stdin.isatty() and sys.stdout.isatty() and not play
    say("A demonstration: every person, patient and value is invented, and the checklists are not locally approved.")
    with _folder(keep) as path:
        if screens:
            from ortool.tui.app import run_app

            if code := run_app(lambda: _sample(path, MORNING)[0], demo=True):
                raise typer.Exit(code)
        else:
            _print(path, keep)
    if keep is not None:
        say(f"The database is kept in {keep}. Look at it with: ortool --database {keep}")
        say(
            f"Settings are not part of it: the demo keeps {TURNOVER} min for turnover and freezes {FREEZE} h"
            f" (ORTOOL_TURNOVER_MINUTES={TURNOVER} ORTOOL_FREEZE_HOURS={FREEZE})."
        )


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Yield where the database goes; without `keep` it is gone afterwards."""
    if keep is not None:
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="ortool-demo-") as folder:
        yield Path(folder) / "demo.db"


def _calendar_path(keep: Path | None) -> Path:
    if keep is not None:
        return keep.absolute().with_suffix(".ics")
    return Path(tempfile.mkdtemp(prefix="ortool-demo-")) / "demo.ics"


def _print(path: Path, keep: Path | None) -> None:
    from ortool.cli.playing import print_day

    theatre, told = _sample(path, EVENING)
    try:
        print_day(theatre, told, _calendar_path(keep))
    finally:
        theatre.close()


def _sample(path: Path, at: time) -> tuple[Theatre, str]:
    """Return the sample theatre of today as it stands at `at`, its clock running on from there, and the told case."""
    from ortool.services.rehearsal import rehearse_morning
    from ortool.services.sample import SITE_VALUES, fill_sample
    from ortool.services.theatre import open_theatre
    from ortool.settings import Settings

    settings = Settings(
        site=SITE, time_zone=ZONE, site_values=SITE_VALUES, turnover_minutes=TURNOVER, freeze_hours=FREEZE
    )
    real = session.clock()
    today = real.astimezone(settings.zone).date()
    begins = datetime.combine(today, at, settings.zone).astimezone(UTC)
    shift: timedelta = begins - real
    theatre = open_theatre(settings, path, now=lambda: session.clock() + shift, demo=True)
    fill_sample(theatre, today)
    return theatre, rehearse_morning(theatre, begins)
