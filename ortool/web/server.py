"""The server: calendar feeds, a login, and behind it the terminal program in a browser."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import WSMsgType, web

from ortool.errors import OrtoolError, Refused
from ortool.text import clean
from ortool.web.feeds import Feeds
from ortool.web.gate import REQUEST_SECONDS, Gate, dress, fresh, is_loopback, origins_of
from ortool.web.pages import LOGIN_POLICY, TERMINAL_POLICY, login_page, terminal_page
from ortool.web.sessions import LONGEST_SECONDS, Session, Sessions
from ortool.web.terminals import COLUMNS, ROWS, TerminalProgram, between

if TYPE_CHECKING:
    from ortool.services.theatre import Theatre

HEADER_BYTES, BODY_BYTES, MESSAGE_BYTES = 8 * 1024, 4 * 1024, 64 * 1024
CONNECTIONS, TERMINALS, PER_SESSION = 200, 24, 4
SWEEP_SECONDS = 1.0
_WRONG = "That id and PIN are not right together."
OF_SESSION = web.RequestKey("session", Session)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens, and under which address browsers know it; empty is the same.

    `prefix` is the path under which a proxy offers the feeds. With `feeds_only` there is no login and no screen.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    public_url: str = ""
    prefix: str = ""
    feeds_only: bool = False


@dataclass
class Server:
    """The pages of one theatre. `command` starts the terminal program; it finds its ticket in an inherited pipe."""

    opener: Callable[[], Theatre]
    command: Sequence[str]
    place: Place
    sessions: Sessions = field(default_factory=Sessions)
    _clerk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="clerk"))

    def __post_init__(self) -> None:
        self.gate = Gate(origins_of(self.place.host, self.place.port, self.place.public_url))
        # A cookie of this name is only taken over TLS, for this very host.
        self._cookie = "__Host-ortool" if self.gate.is_secure else "ortool"
        self._form_cookie = f"{self._cookie}-form"
        self._terminals = 0
        self.feeds = Feeds(self.gate, lambda: self._theatre, self.place.prefix)

    async def open(self) -> None:
        """Open the database. Raises OrtoolError, Refused where nobody has a PIN yet."""
        self._theatre = await self._ask(self.opener)
        if not self.place.feeds_only and not self._theatre.identifies:
            await self._ask(self._theatre.close)
            hint = "`ortool person pin` comes first; calendar feeds alone need none: --feeds-only."
            raise Refused("Nobody has a PIN here, so a browser could prove nobody.", hint)

    async def close(self) -> None:
        """Let go of the database."""
        self.feeds.close()
        await self._ask(self._theatre.close)
        self._clerk.shutdown()

    async def _ask(self, question: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, question)

    def application(self) -> web.Application:
        """Return the routes. Without a session there is the login, and nothing else."""
        application = web.Application(client_max_size=BODY_BYTES, middlewares=[self.gate.middleware])
        application.add_routes(self.feeds.routes())
        application.cleanup_ctx.append(self.feeds.live)
        if self.place.feeds_only:
            return application
        static = Path(str(files("textual_serve"))) / "static"
        routes = web.static("/static", static, show_index=False, follow_symlinks=False)
        application.add_routes(
            [
                web.get("/", self.terminal),
                web.get("/login", self.login_form),
                web.post("/login", self.login),
                web.post("/logout", self.logout),
                web.get("/ws", self.socket),
                routes,
            ]
        )
        application.middlewares.append(self._behind_the_login)
        application.cleanup_ctx.append(self._sweeping)
        return application

    @property
    def _behind_the_login(self) -> Any:
        @web.middleware
        async def passed(request: web.Request, handler: Any) -> web.StreamResponse:
            if request.path == "/login" or request.match_info.handler in self.feeds.handlers:
                response: web.StreamResponse = await handler(request)
                return response
            session = self.sessions.find(request.cookies.get(self._cookie, ""))
            if session is None:
                if request.path == "/" and request.method in ("GET", "HEAD"):
                    raise web.HTTPSeeOther("/login")
                raise web.HTTPForbidden(text="Log in first.")
            request[OF_SESSION] = session
            return await handler(request)  # type: ignore[no-any-return]

        return passed

    async def _sweeping(self, _application: web.Application) -> Any:
        """Close the sockets of sessions whose time is over, for as long as the server runs."""

        async def sweep() -> None:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                for session in self.sessions.ended():
                    await _close_all(session)

        task = asyncio.create_task(sweep())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def login_form(self, request: web.Request) -> web.Response:
        """Show the login."""
        return self._form(request)

    def _form(self, request: web.Request, sentence: str = "", status: int = 200) -> web.Response:
        nonce, proof = fresh(), request.cookies.get(self._form_cookie, "") or fresh()
        if not 16 <= len(proof) <= 64 or not proof.isascii():
            proof = fresh()
        page = login_page(clean(self._theatre.settings.site), nonce, proof, clean(sentence))
        response = web.Response(text=page, status=status, content_type="text/html")
        dress(response, LOGIN_POLICY.format(nonce=nonce))
        self._set_cookie(response, self._form_cookie, proof, 3600)
        return response

    def _set_cookie(self, response: web.StreamResponse, name: str, value: str, seconds: float) -> None:
        response.set_cookie(
            name, value, max_age=int(seconds), path="/", httponly=True, samesite="Strict", secure=self.gate.is_secure
        )

    async def login(self, request: web.Request) -> web.Response:
        """Prove a person by id and PIN, counted and locked as everywhere."""
        self.gate.check_origin(request)
        try:
            fields = await asyncio.wait_for(request.post(), REQUEST_SECONDS)
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except ValueError:
            raise web.HTTPBadRequest(text="That form cannot be read.") from None
        person, pin, proof = (str(fields.get(name, ""))[:64] for name in ("person", "pin", "proof"))
        known = request.cookies.get(self._form_cookie, "")
        if not known or not hmac.compare_digest(known.encode(), proof.encode(errors="replace")):
            return self._form(request, "The form was too old. Try again.", 403)
        if not self.gate.may_try():
            return self._form(request, "Too many people log in at once. Try again in a minute.", 429)
        return await self._logged_in(request, clean(person, 64), pin)

    async def _logged_in(self, request: web.Request, person: str, pin: str) -> web.Response:
        from ortool.services.identity import Locked, identify

        try:
            actor = await self._ask(lambda: identify(self._theatre, person, pin))
        except Locked as locked:
            return self._form(request, str(locked), 403)
        except Refused:
            return self._form(request, _WRONG, 403)
        except OrtoolError as fault:
            return self._form(request, str(fault), 503)
        response = web.Response(status=303, headers={"Location": "/"})
        self._set_cookie(response, self._cookie, self.sessions.begin(actor), LONGEST_SECONDS)
        return response

    async def logout(self, request: web.Request) -> web.Response:
        """End the session, and every terminal of it."""
        self.gate.check_origin(request)
        session: Session = request[OF_SESSION]
        self.sessions.end(session)
        await _close_all(session)
        response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(self._cookie, path="/", httponly=True, samesite="Strict", secure=self.gate.is_secure)
        return response

    async def terminal(self, request: web.Request) -> web.Response:
        """Show the page with the terminal."""
        socket = self.gate.origin_of(request).replace("http", "ws", 1) + "/ws"
        font_size = between(request.query.get("fontsize"), (8, 48), 16)
        response = web.Response(text=terminal_page(socket, font_size), content_type="text/html")
        dress(response, TERMINAL_POLICY.format(socket=socket.removesuffix("/ws")))
        return response

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the terminal program for as long as the socket is open and the session too."""
        from ortool.services.identity import hand_over

        self.gate.check_origin(request)
        session: Session = request[OF_SESSION]
        if len(session.sockets) >= PER_SESSION or self._terminals >= TERMINALS:
            raise web.HTTPTooManyRequests(text="Too many terminals are open.")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=MESSAGE_BYTES, compress=False)
        self._terminals += 1
        session.sockets.add(socket)
        try:
            await socket.prepare(request)
            ticket = await self._ask(lambda: hand_over(self._theatre, session.actor))
            program = TerminalProgram(self.command, ticket, socket)
            width, height = request.query.get("width"), request.query.get("height")
            await program.start(between(width, COLUMNS, 80), between(height, ROWS, 24))
            try:
                await self._pass_on(socket, session, program)
            finally:
                await asyncio.shield(program.stop())
        finally:
            self._terminals -= 1
            session.sockets.discard(socket)
            await socket.close()
        return socket

    async def _pass_on(self, socket: web.WebSocketResponse, session: Session, program: TerminalProgram) -> None:
        async for message in socket:
            if message.type != WSMsgType.TEXT or not self.sessions.is_open(session):
                return
            try:
                kind, *rest = json.loads(message.data)
            except (ValueError, TypeError, RecursionError):
                return
            said = rest[0] if rest else None
            if kind == "stdin" and isinstance(said, str):
                self.sessions.touch(session)
                await program.send_bytes(said.encode(errors="replace"))
            elif kind == "resize" and isinstance(said, dict):
                width, height = between(said.get("width"), COLUMNS, 80), between(said.get("height"), ROWS, 24)
                await program.set_terminal_size(width, height)
            elif kind == "ping" and isinstance(said, str | int | float):
                await socket.send_json(["pong", said])
            elif kind == "blur":
                await program.blur()
            elif kind == "focus":
                await program.focus()


async def _close_all(session: Session) -> None:
    for socket in list(session.sockets):
        await socket.close()


class _Full(asyncio.Protocol):
    """What meets a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.close()


async def listen(server: Server, ready: Callable[[int], None], until: asyncio.Event) -> None:
    """Open the database and serve until `until` is set; `ready` is told the port. Raises OrtoolError, OSError."""
    await server.open()
    silent = logging.getLogger("ortool.web.silent")
    silent.disabled = True  # aiohttp's own words hold requests as they came in, cookies and all
    runner = web.AppRunner(
        server.application(), access_log=None, logger=silent, keepalive_timeout=REQUEST_SECONDS, lingering_time=1,
        max_line_size=HEADER_BYTES, max_field_size=HEADER_BYTES, max_headers=64, shutdown_timeout=2,
    )  # fmt: skip
    try:
        await runner.setup()
        made = runner.server
        assert made is not None
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(
            lambda: made() if len(made.connections) < CONNECTIONS else _Full(), server.place.host, server.place.port
        )
        ready(int(listening.sockets[0].getsockname()[1]))
        await until.wait()
        listening.close()
    finally:
        await runner.cleanup()
        await server.close()


def warnings_of(place: Place) -> list[str]:
    """Return what whoever starts the server should know about this place."""
    if is_loopback(place.host) and not place.public_url:
        return []
    if place.public_url.startswith("https:"):
        return [f"Only a TLS proxy for {place.public_url} may reach this port; it must pass on Host and Origin."]
    return ["Without TLS, PINs and patients' names cross the network for everybody to read: put a TLS proxy in front."]
