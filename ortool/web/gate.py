"""What every request passes first: whose host and origin it names, how much it may be, and what is said back."""

from __future__ import annotations

import secrets
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from ortool.errors import BadInput
from ortool.web.pages import NOTHING_POLICY

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REQUEST_SECONDS = 10.0
TRIES, TRIES_SECONDS = 60, 60.0


def origins_of(host: str, port: int, public_url: str) -> frozenset[str]:
    """Return the origins that a browser may name. Raises BadInput for a public address that is none."""
    if public_url:
        parts = urlsplit(public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise BadInput(f"{public_url[:80]!r} is no address of a site.", "Write for example https://or.example.")
        return frozenset({f"{parts.scheme}://{parts.netloc.lower()}"})
    names = {host, "localhost", "127.0.0.1"} if is_loopback(host) else {host}
    return frozenset(f"http://{f'[{name}]' if ':' in name else name}:{port}" for name in names)


def is_loopback(host: str) -> bool:
    """Whether an address reaches this computer only."""
    return host in ("localhost", "127.0.0.1", "::1")


class Gate:
    """The middleware in front of every page, the login too."""

    def __init__(self, origins: frozenset[str]) -> None:
        self.origins = origins
        self.is_secure = all(origin.startswith("https:") for origin in origins)
        self._hosts = {urlsplit(origin).netloc for origin in origins}
        self._tries: deque[float] = deque()

    def origin_of(self, request: web.Request) -> str:
        """Return the origin under which this request reached us."""
        return next(origin for origin in self.origins if urlsplit(origin).netloc == request.host.lower())

    def may_try(self) -> bool:
        """Count a login, and say whether one more in this minute is looked at: each takes the time of a hash."""
        now = time.monotonic()
        while self._tries and now - self._tries[0] > TRIES_SECONDS:
            self._tries.popleft()
        if len(self._tries) >= TRIES:
            return False
        self._tries.append(now)
        return True

    def check_origin(self, request: web.Request) -> None:
        """Refuse what another site sent: whatever writes, and the socket, must name our own origin."""
        if request.headers.get("Origin", "").lower() != self.origin_of(request):
            raise web.HTTPForbidden(text="This came from another site.")

    @property
    def middleware(self) -> Middleware:
        """The middleware, as aiohttp takes it."""

        @web.middleware
        async def passed(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._pass(request, handler)

        return passed

    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.monotonic()
        try:
            if request.host.lower() not in self._hosts:
                raise web.HTTPMisdirectedRequest(text="There is no such site here.")
            response = await handler(request)
        except web.HTTPException as told:
            response = told
        except Exception as error:  # noqa: BLE001 the edge: whatever it was, no value of it may be shown or logged
            log(f"a fault of its own ({type(error).__name__})")
            response = web.Response(status=500, text="ortool met a fault of its own.")
        if not response.prepared:
            dress(response)
        route = request.match_info.route.resource
        log(f"{request.method} {route.canonical if route else '-'} {response.status} {time.monotonic() - began:.3f} s")
        if isinstance(response, web.HTTPException):
            raise response
        return response


def dress(response: web.StreamResponse, policy: str = NOTHING_POLICY) -> None:
    """Put the headers on a response that every one of them carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["Server"] = "ortool"


def fresh() -> str:
    """Return a random word that nobody can guess."""
    return secrets.token_urlsafe(16)


def log(line: str) -> None:
    """Say on stderr what was asked for: the kind of page and how it went, never what stood in it."""
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", file=sys.stderr, flush=True)  # noqa: T201
