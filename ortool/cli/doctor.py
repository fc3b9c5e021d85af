"""`ortool doctor`: what is wrong here, and how to mend it."""

from dataclasses import asdict
from typing import Annotated

import typer

from ortool.cli.session import options_of, settings_of

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("doctor", epilog="Example: ortool doctor")
def doctor(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Look at python, the database, the settings and the checklists; change nothing. Exit 1 where one is wrong."""
    from ortool.cli.output import say, show_json, show_table
    from ortool.services.health import examine
    from ortool.settings import settings_path

    findings = examine(settings_of(ctx), options_of(ctx).settings or settings_path())
    ill = [one for one in findings if not one.well]
    if as_json:
        show_json([asdict(one) for one in findings])
    else:
        rows = [("well" if one.well else "WRONG", one.what, one.seen, one.mend) for one in findings]
        show_table(("", "what", "seen", "mend"), rows, "")
        say(f"{len(ill)} wrong." if ill else "All is well.")
    if ill:
        raise typer.Exit(1)
