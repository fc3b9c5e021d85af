"""`ortool serve`: calendar feeds, and the terminal program in a browser, behind a login."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.session import Options, open_theatre_of, options_of
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from ortool.web.server import Server

EVERY_ADDRESS = ("0.0.0.0", "::")

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("serve", epilog="Example: ortool serve; ortool serve --port 9000 --public-url https://or.example")
def serve(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8765,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    public_url: Annotated[
        str, typer.Option(metavar="URL", help="The address that browsers use, where a TLS proxy stands in front.")
    ] = "",
    prefix: Annotated[
        str, typer.Option(metavar="PATH", help="The path under which the proxy offers the calendar feeds.")
    ] = "",
    feeds_only: Annotated[
        bool, typer.Option("--feeds-only", help="Offer calendar feeds, and no login and no screens.")
    ] = False,
    beyond_this_computer: Annotated[
        bool, typer.Option("--beyond-this-computer", help="Listen on an address that others reach too.")
    ] = False,
) -> None:
    """Offer calendar feeds, and the screens in a browser: everybody logs in there with id and PIN.

    The screens need PINs (`ortool person pin`); --feeds-only needs none.

    It listens on this computer only; for others, put a TLS proxy in front and say its address with --public-url.
    """
    from ortool.cli.output import say
    from ortool.web.gate import is_loopback
    from ortool.web.server import Place, Server, warnings_of

    if not is_loopback(host) and not beyond_this_computer:
        how = "A TLS proxy on this computer needs no more than --public-url; --beyond-this-computer insists."
        raise Refused(f"Others could reach {host} without TLS.", how)
    if host in EVERY_ADDRESS and not public_url:
        raise BadInput("Browsers know no such address.", "Say with --public-url which one they use.")
    if port == 0:
        port = _free_port(host)
    place = Place(host, port, public_url, prefix, feeds_only)
    for warning in warnings_of(place):
        say(warning)
    try:
        asyncio.run(_serve(Server(lambda: open_theatre_of(ctx), program(options_of(ctx)), place)))
    except OSError as error:
        raise BadInput(f"{host} port {port} cannot be listened on: {error.strerror}.", "Choose another.") from None


def program(options: Options) -> list[str]:
    """Return the command that opens the screens of the same theatre."""
    words = [sys.executable, "-m", "ortool"]
    if options.database is not None:
        words += ["--database", str(options.database.absolute())]
    if options.settings is not None:
        words += ["--settings", str(options.settings.absolute())]
    return [*words, "--clock-ok"] if options.clock_ok else words


def _free_port(host: str) -> int:
    import socket

    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


async def _serve(server: Server) -> None:
    from ortool.cli.output import say
    from ortool.web.server import listen

    until = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, until.set)

    def ready(port: int) -> None:
        host = server.place.host
        where = server.place.public_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
        if server.place.feeds_only:
            say(f"Calendar feeds are at {where}{server.feeds.prefix}/calendar/ ; Ctrl+C ends it.")
        else:
            say(f"The screens are at {where}/ , calendar feeds at {server.feeds.prefix}/calendar/ ; Ctrl+C ends it.")

    await listen(server, ready, until)
