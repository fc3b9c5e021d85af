"""`ortool leave`: when somebody is away."""

from __future__ import annotations

from typing import Annotated

import typer

from ortool.cli import series_options as given
from ortool.cli.session import opened

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="When people are away.")


@app.command("add", epilog="Example: ortool leave add sp1 --from 2026-12-21 --to 2026-12-31 --by sp1")
def add(
    ctx: typer.Context,
    *,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id, initials or name.")],
    first: given.From = "today",
    last: given.Last = "",
    starts: given.Starts = "00:00",
    ends: given.Ends = "24:00",
    until: given.Until = "",
    rule: given.Rule = "",
    every: given.Every = "",
    weeks: given.Weeks = 1,
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Enter leave, one's own or anybody's as a scheduler. Booked cases stay; which of them lie in it is said."""
    from ortool.services.people import find_person

    with opened(ctx) as theatre:
        new = given.read_series(
            theatre, "leave", f"person:{find_person(theatre, person).id}", first, starts, ends,
            last=last, rule=rule, every=every, weeks=weeks, until=until,
        )  # fmt: skip
        given.write(ctx, theatre, new, dry_run, as_json)


@app.command("list", epilog="Example: ortool leave list --json")
def list_leave(ctx: typer.Context, ended: given.Ended = False, as_json: given.Json = False) -> None:
    """List who is away and when."""
    with opened(ctx) as theatre:
        given.show_series(theatre, "leave", ended, as_json)


@app.command("cancel-day", epilog="Example: ortool leave cancel-day l3 2026-12-24 --by sp1")
def cancel_day(
    ctx: typer.Context,
    leave: given.Which,
    day: given.Day,
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Be there after all on one day of leave that returns."""
    with opened(ctx) as theatre:
        given.cancel(ctx, theatre, "leave", leave, day, dry_run, as_json)


@app.command("remove", epilog="Example: ortool leave remove l3 --by sp1")
def remove(ctx: typer.Context, leave: given.Which, dry_run: given.DryRun = False, as_json: given.Json = False) -> None:
    """Take leave away."""
    with opened(ctx) as theatre:
        given.remove(ctx, theatre, "leave", leave, dry_run, as_json)
