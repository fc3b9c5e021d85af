"""The way from the command line to the screens."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ortool.cli.session import Options, actor_of, open_named, open_theatre_of, opened, options_of
from ortool.errors import BadInput

if TYPE_CHECKING:
    import typer

    from ortool.people.person import Actor
    from ortool.services.theatre import Theatre

# The inherited pipe that `ortool serve` names to the program it starts; see ortool/web/terminals.py.
HANDED = "ORTOOL_HANDED"


def open_screens(ctx: typer.Context) -> None:
    """Open the screens on the site's own database. Raises BadInput where there is no terminal."""
    if HANDED in os.environ:
        _open_handed(ctx)
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(
            "The screens need a terminal.", "`ortool --help` lists the commands, `ortool demo` plays a case."
        )
    actor = None
    if options_of(ctx).by:
        with opened(ctx) as theatre:
            actor = actor_of(ctx, theatre)
    _run(ctx, actor)


def _run(ctx: typer.Context, actor: Actor | None) -> None:
    """Run the screens with somebody at them; their PIN was for being here, and not for a signature later."""
    import typer

    from ortool.tui.app import run_app

    here = replace(actor, now=False) if actor else None

    def opener() -> Theatre:
        theatre = open_theatre_of(ctx)
        theatre.reader = here or theatre.reader
        return theatre

    if code := run_app(opener, actor=here):
        raise typer.Exit(code)


def _open_handed(ctx: typer.Context) -> None:
    """Open the screens for whom a server has proven, behind its socket: who it is comes through an inherited pipe."""
    from ortool.services.identity import take_over

    ticket = _handed()
    with opened(ctx) as theatre:
        actor = take_over(theatre, ticket)
    _run(ctx, actor)


def _handed() -> bytes:
    try:
        with os.fdopen(int(os.environ.pop(HANDED)), "rb") as pipe:
            return pipe.read(4096)
    except (OSError, ValueError):
        raise BadInput("Nothing was handed over.", "`ortool serve` starts this program itself.") from None


def open_plainly() -> int:
    """Open the screens with nothing but the settings. Returns the exit code."""
    from ortool.tui.app import run_app

    return run_app(lambda: open_named(Options()))
