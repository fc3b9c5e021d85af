"""The way from the command line to the screens."""

import sys

import typer

from ortool.cli.session import open_theatre_of
from ortool.errors import BadInput


def open_screens(ctx: typer.Context) -> None:
    """Open the screens on the site's own database. Raises BadInput where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(
            "The screens need a terminal.", "`ortool --help` lists the commands, `ortool demo` plays a case."
        )
    from ortool.tui.app import run_app

    if code := run_app(lambda: open_theatre_of(ctx)):
        raise typer.Exit(code)
