"""`ortool calendar import` and `ortool calendar source`: leave and closures from foreign calendars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.services.sources import Source, Taken
    from ortool.services.theatre import Theatre

sources = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Calendars that leave and closures come from.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be new, changed and gone; write nothing.")]
Which = Annotated[str, typer.Argument(metavar="SOURCE", help="Its id or name, as listed.")]


def import_calendar(
    ctx: typer.Context,
    origin: Annotated[str, typer.Argument(metavar="FILE|URL", help="An .ics file, or https:// or webcal://.")],
    *,
    feeds: Annotated[
        Literal["leave", "closures", "rooms"],
        typer.Option(
            "--as", help="leave of --person; closures, everywhere or of --room; rooms: --room is used by others."
        ),
    ],
    person: Annotated[str, typer.Option(metavar="PERSON", help="Whose leave it is.")] = "",
    room: Annotated[str, typer.Option(metavar="ROOM", help="Which room it closes.")] = "",
    name: Annotated[str, typer.Option(metavar="TEXT", help="What to call it; without: the file or host.")] = "",
    zone: Annotated[
        str, typer.Option(metavar="ZONE", help="The zone of times that name none, or an unknown one.")
    ] = "",
    with_free: Annotated[
        bool | None, typer.Option("--with-free/--without-free", help="Take what is marked as free; closures always do.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take leave, closures or others' use of a room from a calendar: 30 days back to 400 ahead. It can be refreshed."""
    from ortool.services.fetching import host_of, is_address
    from ortool.services.sources import Feeds, Source, list_sources

    with opened(ctx) as theatre:
        actor = actor_of(ctx, theatre)
        whole = origin if is_address(origin) else str(Path(origin).absolute())
        free = feeds == "closures" if with_free is None else with_free
        called = name.strip() or host_of(whole)
        if any(one.name.casefold() == called.casefold() for one in list_sources(theatre)):
            raise BadInput(f"A calendar {called[:40]!r} is there already.", "Refresh it, or give this one a --name.")
        source = Source("", called, Feeds(feeds), _resource(theatre, feeds, person, room), whole, zone.strip(), free)
        _take_in(theatre, actor, source, dry_run, as_json)


@sources.command("list", epilog="Example: ortool calendar source list")
def list_all(ctx: typer.Context, as_json: Json = False) -> None:
    """List the calendars that leave and closures come from. Of an address only the host is shown."""
    from ortool.cli.output import show_json, show_list
    from ortool.presentation.listing import column
    from ortool.services.fetching import host_of
    from ortool.services.sources import list_sources

    with opened(ctx) as theatre:
        found, zone = list_sources(theatre), theatre.settings.zone
        if as_json:
            show_json([_json(one) for one in found])
            return
        columns = [
            column("id", [one.id for one in found]),
            column("name", [one.name for one in found], least=10),
            column("feeds", [one.feeds.value for one in found]),
            column("of", [one.resource for one in found]),
            column("from", [host_of(one.origin) for one in found], least=10, may_go=True),
            column("read", [f"{one.read_at.astimezone(zone):%Y-%m-%d %H:%M}" for one in found]),
        ]
        show_list(columns, "Nothing is read from a calendar.")


@sources.command("refresh", epilog="Example: ortool calendar source refresh cal1 --dry-run --by co1")
def refresh(ctx: typer.Context, source: Which, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Read a calendar again: what it says now replaces exactly what it said before."""
    from ortool.services.sources import find_source

    with opened(ctx) as theatre:
        actor = actor_of(ctx, theatre)
        _take_in(theatre, actor, find_source(theatre, source), dry_run, as_json)


@sources.command("withdraw", epilog="Example: ortool calendar source withdraw cal1 --by co1")
def withdraw(ctx: typer.Context, source: Which) -> None:
    """Take a calendar away with everything that came from it."""
    from ortool.cli.output import show
    from ortool.services.sources import find_source
    from ortool.services.sources import withdraw as take_away

    with opened(ctx) as theatre:
        actor = actor_of(ctx, theatre)
        found = find_source(theatre, source)
        count = take_away(theatre, actor, found)
        show(f"Calendar {found.id} ({found.name}) is withdrawn, and {count} {found.feeds.value} stretches with it.")


def _resource(theatre: Theatre, feeds: str, person: str, room: str) -> str:
    from ortool.services.people import find_person

    if feeds == "leave":
        if not person.strip() or room.strip():
            raise BadInput("Leave is of a person.", "Give --person, and no --room.")
        return f"person:{find_person(theatre, person).id}"
    if person.strip():
        raise BadInput("Only leave is of a person.", "Leave --person out, or say --as leave.")
    if feeds == "rooms" and not room.strip():
        raise BadInput("Which room do others use?", "Give --room.")
    return f"room:{room.strip()}" if room.strip() else "all"


def _take_in(theatre: Theatre, actor: Any, source: Source, dry_run: bool, as_json: bool) -> None:
    from ortool.services.series import tried
    from ortool.services.sources import read_source, take_in

    data = read_source(theatre, source)
    if dry_run:
        taken = tried(theatre, actor, source.verb, lambda: take_in(theatre, actor, source, data))
    else:
        taken = take_in(theatre, actor, source, data)
    _say(theatre, taken, dry_run, as_json)


def _say(theatre: Theatre, taken: Taken, dry_run: bool, as_json: bool) -> None:
    from ortool.cli.output import say, show, show_json
    from ortool.cli.series_options import cases_words

    counts = {"new": taken.new, "changed": taken.changed, "gone": taken.gone, "same": taken.same, "free": taken.free}
    if as_json:
        show_json(
            _json(taken.source) | counts | {"written": not dry_run, "cases_in_it": [c.number for c in taken.cases]}
        )
    else:
        said = f"{taken.new} new, {taken.changed} changed, {taken.gone} gone, {taken.same} as before"
        head = "Nothing was written. It would be" if dry_run else f"Calendar {taken.source.id} is read"
        show(f"{head}: {said}.")
    if taken.free:
        say(f"{taken.free} are marked as free and were left out; --with-free takes them too.")
    if taken.cases:
        say(cases_words(taken.cases, theatre.settings.zone))


def _json(source: Source) -> dict[str, Any]:
    from ortool.services.fetching import host_of

    return {
        "id": source.id, "name": source.name, "feeds": source.feeds.value, "resource": source.resource,
        "from": host_of(source.origin), "zone": source.zone, "with_free": source.with_free,
        "read_at": source.read_at.isoformat(timespec="seconds"),
    }  # fmt: skip
