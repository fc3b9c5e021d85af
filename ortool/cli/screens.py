"""The way from the command line to the screens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ortool.cli.session import Options, actor_of, open_named, open_theatre_of, opened, options_of
from ortool.errors import BadInput

if TYPE_CHECKING:
    import typer


def open_screens(ctx: typer.Context) -> None:
    """Open the screens on the site's own database. Raises BadInput where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(
            "The screens need a terminal.", "`ortool --help` lists the commands, `ortool demo` plays a case."
        )
    actor = None
    if options_of(ctx).by:
        with opened(ctx) as theatre:
            actor = actor_of(ctx, theatre)
    from ortool.tui.app import run_app

    if code := run_app(lambda: open_theatre_of(ctx), actor=actor):
        import typer

        raise typer.Exit(code)


def open_plainly() -> int:
    """Open the screens with nothing but the settings. Returns the exit code."""
    from ortool.tui.app import run_app

    return run_app(lambda: open_named(Options()))
