"""`ortool calendar feed`: calendars that programs subscribe to, each with an address of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.calendar.feed import Feed
    from ortool.services.feeds import NewFeed

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Add, list, revoke and rotate feeds."
)

Days = Annotated[int, typer.Option(min=1, max=800, help="Days until it ends.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Address = Annotated[str, typer.Option(metavar="URL", help="Where `ortool serve` is reached, with its prefix.")]
HERE = "http://127.0.0.1:8765"
ONCE = "The address is shown this once; whoever has it reads this calendar. `ortool serve` serves it."


@app.command("add", epilog="Example: ortool calendar feed add --person su1 --level busy --by co1")
def add(
    ctx: typer.Context,
    person: Annotated[str, typer.Option(metavar="PERSON", help="The slots of this surgeon or anaesthetist.")] = "",
    room: Annotated[str, typer.Option(metavar="ROOM", help="The slots of this room.")] = "",
    service: Annotated[str, typer.Option(metavar="SERVICE", help="The slots of this specialty.")] = "",
    level: Annotated[
        Literal["busy", "slot", "team"],
        typer.Option(help="busy: time taken; slot: and specialty, case number; team: and staff. Never the patient."),
    ] = "busy",
    days: Days = 365,
    address: Address = HERE,
    as_json: Json = False,
) -> None:
    """Make a feed of a person, a room or a service, and show its address once."""
    from ortool.calendar import Audience
    from ortool.calendar.feed import FeedKind
    from ortool.cli.calendars import narrowed_to
    from ortool.services.feeds import add_feed

    if sum(map(bool, (person, room, service))) != 1:
        raise BadInput("Of what is the feed?", "Give one of --person, --room and --service.")
    kind = FeedKind.PERSON if person else FeedKind.ROOM if room else FeedKind.SERVICE
    with opened(ctx) as theatre:
        subject = narrowed_to(theatre, room, person, service, "")[kind.value]
        _told(add_feed(theatre, actor_of(ctx, theatre), kind, subject, Audience(level), days), address, as_json)


@app.command("list", epilog="Example: ortool calendar feed list")
def list_all(ctx: typer.Context, as_json: Json = False) -> None:
    """List the feeds. Their addresses are not kept anywhere: rotate one whose address is lost."""
    from ortool.cli.output import show_json, show_table
    from ortool.services.feeds import list_feeds

    with opened(ctx) as theatre:
        now, found = theatre.now(), list_feeds(theatre)
        if as_json:
            show_json([feed_json(feed) | {"state": feed.state(now)} for feed in found])
            return
        rows = [
            (one.id, one.kind, one.title, one.audience, one.state(now), f"{one.expires_at:%Y-%m-%d}") for one in found
        ]
        show_table(("feed", "of", "whom or what", "level", "state", "ends"), rows, "There are no feeds.")


@app.command("revoke", epilog="Example: ortool calendar feed revoke 1f0c9a2b3d --by co1")
def revoke(ctx: typer.Context, feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed's id.")]) -> None:
    """End a feed at once: whoever asks for it is told that it is gone."""
    from ortool.cli.output import show
    from ortool.services.feeds import revoke_feed

    with opened(ctx) as theatre:
        ended = revoke_feed(theatre, actor_of(ctx, theatre), feed)
        show(f"Feed {ended.id} of {ended.title} is revoked.")


@app.command("rotate", epilog="Example: ortool calendar feed rotate 1f0c9a2b3d --by co1")
def rotate(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed's id.")],
    days: Days = 365,
    address: Address = HERE,
    as_json: Json = False,
) -> None:
    """Replace a feed by the same one with a new address; the old one is gone at once."""
    from ortool.services.feeds import rotate_feed

    with opened(ctx) as theatre:
        _told(rotate_feed(theatre, actor_of(ctx, theatre), feed, days), address, as_json)


def feed_json(feed: Feed) -> dict[str, Any]:
    """Return a feed as JSON has it."""
    return {
        "id": feed.id,
        "kind": str(feed.kind),
        "subject": feed.subject,
        "title": feed.title,
        "level": str(feed.audience),
        "expires_at": feed.expires_at.isoformat(),
        "revoked_at": feed.revoked_at.isoformat() if feed.revoked_at else None,
    }


def _told(made: NewFeed, address: str, as_json: bool) -> None:
    from ortool.cli.output import say, show, show_json

    page = f"{address.rstrip('/')}/calendar/{made.token}"
    if as_json:
        show_json(feed_json(made.feed) | {"address": f"{page}.ics", "page": page})
    else:
        feed = made.feed
        show(f"Feed {feed.id} of {feed.title}, level {feed.audience}, until {feed.expires_at:%Y-%m-%d}:")
        show(f"{page}.ics")
        show(f"{page}  (a page with both addresses and a QR code)")
    say(ONCE)
