"""`ortool block`: time in a room that belongs to a surgeon or a service."""

from __future__ import annotations

from typing import Annotated

import typer

from ortool.cli import series_options as given
from ortool.cli.session import opened

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Time that a surgeon or a service owns."
)


@app.command(
    "add",
    epilog="Example: ortool block add OR2 --service spine --every mon,wed --starts 08:00 --ends 16:00 --by co1",
)
def add(
    ctx: typer.Context,
    *,
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")],
    starts: given.Starts,
    ends: given.Ends,
    owner: Annotated[str, typer.Option(metavar="PERSON", help="Whose time it is.")] = "",
    service: Annotated[str, typer.Option(metavar="NAME", help="Or the service whose time it is.")] = "",
    first: given.From = "today",
    until: given.Until = "",
    rule: given.Rule = "",
    every: given.Every = "",
    weeks: given.Weeks = 1,
    release: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Open to everybody so many days before; without: never.")
    ] = None,
    title: given.Title = "",
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Give time in a room to a surgeon or a service. Two blocks of one room never overlap."""
    with opened(ctx) as theatre:
        new = given.read_series(
            theatre, "block", f"room:{room}", first, starts, ends,
            rule=rule, every=every, weeks=weeks, until=until, title=title,
            owner=given.owner_of(theatre, owner, service), release_days=release,
        )  # fmt: skip
        given.write(ctx, theatre, new, dry_run, as_json)


@app.command("list", epilog="Example: ortool block list --json")
def list_blocks(ctx: typer.Context, ended: given.Ended = False, as_json: given.Json = False) -> None:
    """List the blocks: room, days, hours, owner, release, and the days that are otherwise."""
    with opened(ctx) as theatre:
        given.show_series(theatre, "block", ended, as_json)


@app.command("change", epilog="Example: ortool block change b1 --ends 17:00 --by co1")
def change(
    ctx: typer.Context,
    *,
    block: given.Which,
    starts: Annotated[str, typer.Option(metavar="HH:MM", help="From when.")] = "",
    ends: Annotated[str, typer.Option(metavar="HH:MM", help="Until when; 24:00 for the end of the day.")] = "",
    day: Annotated[str, typer.Option(metavar="DAY", help="Only on this day; without: on every one.")] = "",
    owner: Annotated[str, typer.Option(metavar="PERSON", help="Whose time it is.")] = "",
    service: Annotated[str, typer.Option(metavar="NAME", help="Or the service whose time it is.")] = "",
    until: given.Until = "",
    rule: given.Rule = "",
    every: given.Every = "",
    weeks: given.Weeks = 1,
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Change a block: its hours (of one --day, or of all), its owner, its days, or its last day."""
    with opened(ctx) as theatre:
        if day.strip():
            given.only_hours(owner, service, until, rule, every)
            given.move_day(ctx, theatre, "block", block, day, starts, ends, dry_run, as_json)
            return
        new = given.changed(
            ctx, theatre, "block", block, starts, ends,
            owner=owner, service=service, until=until, rule=rule, every=every, weeks=weeks,
        )  # fmt: skip
        given.write(ctx, theatre, new, dry_run, as_json)


@app.command("cancel-day", epilog="Example: ortool block cancel-day b1 2026-12-24 --by co1")
def cancel_day(
    ctx: typer.Context,
    block: given.Which,
    day: given.Day,
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Give one day of a block back: its time then belongs to nobody."""
    with opened(ctx) as theatre:
        given.cancel(ctx, theatre, "block", block, day, dry_run, as_json)


@app.command("release", epilog="Example: ortool block release b1 --days 14 --by co1")
def release_block(
    ctx: typer.Context,
    block: given.Which,
    days: Annotated[int | None, typer.Option(metavar="DAYS", help="How many days before; without: never.")] = None,
    dry_run: given.DryRun = False,
    as_json: given.Json = False,
) -> None:
    """Set how long before each of its days a block is open to everybody."""
    from dataclasses import replace

    with opened(ctx) as theatre:
        found = given.found(ctx, theatre, "block", block)
        given.write(ctx, theatre, replace(found, release_days=days), dry_run, as_json)


@app.command("remove", epilog="Example: ortool block remove b1 --by co1")
def remove(ctx: typer.Context, block: given.Which, dry_run: given.DryRun = False, as_json: given.Json = False) -> None:
    """Take a block away, its past days too; `change --until` ends it instead."""
    with opened(ctx) as theatre:
        given.remove(ctx, theatre, "block", block, dry_run, as_json)
