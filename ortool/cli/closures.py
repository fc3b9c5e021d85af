"""`ortool closure`: time in which nobody may book, in one room or everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from ortool.cli import series_options as given
from ortool.cli.session import opened

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Time in which nobody may book."
)


@app.command("add", epilog='Example: ortool closure add --from 2026-12-25 --title "Christmas Day" --by co1')
def add(
    ctx: typer.Context,
    *,
    room: Annotated[str, typer.Argument(metavar="[ROOM]", help="The room's id; without: the whole theatre.")] = "",
    first: given.From = "today",
    last: given.Last = "",
    starts: given.Starts = "00:00",
    ends: given.Ends = "24:00",
    until: given.Until = "",
    rule: given.Rule = "",
    every: given.Every = "",
    weeks: given.Weeks = 1,
    title: given.Title = "",
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Close a room or the whole theatre. Booked cases stay; which of them lie in it is said."""
    with opened(ctx) as theatre:
        new = given.read_series(
            theatre, "closure", f"room:{room}" if room else "all", first, starts, ends,
            last=last, rule=rule, every=every, weeks=weeks, until=until, title=title,
        )  # fmt: skip
        given.write(ctx, theatre, new, dry_run, as_json)


@app.command("list", epilog="Example: ortool closure list --json")
def list_closures(ctx: typer.Context, ended: given.Ended = False, as_json: given.Json = False) -> None:
    """List the closures, by room."""
    with opened(ctx) as theatre:
        given.show_series(theatre, "closure", ended, as_json)


@app.command("cancel-day", epilog="Example: ortool closure cancel-day c2 2026-12-24 --by co1")
def cancel_day(
    ctx: typer.Context,
    closure: given.Which,
    day: given.Day,
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Open on one day of a closure after all."""
    with opened(ctx) as theatre:
        given.cancel(ctx, theatre, "closure", closure, day, dry_run, as_json)


@app.command("remove", epilog="Example: ortool closure remove c2 --by co1")
def remove(
    ctx: typer.Context, closure: given.Which, dry_run: given.DryRun = False, as_json: given.Json = False
) -> None:
    """Take a closure away."""
    with opened(ctx) as theatre:
        given.remove(ctx, theatre, "closure", closure, dry_run, as_json)
