"""Calendar feeds over HTTP: no login but a token that nobody guesses, and no rendering where nothing changed."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import ETag, web

from ortool.errors import BadInput, StorageFault
from ortool.text import clean
from ortool.web.gate import Gate, dress, fresh, log
from ortool.web.pages import FEED_POLICY, feed_page

if TYPE_CHECKING:
    from ortool.calendar.feed import Feed
    from ortool.services.theatre import Theatre

TOKEN = r"{token:[A-Za-z0-9_-]{32,64}}"
ROBOTS = "User-agent: *\nAllow: /calendar/\nDisallow: /\n"
PACE_SECONDS, PER_FEED, UNKNOWN = 60.0, 60, 120
STREAM_SECONDS, STREAMS = 60.0, 8
RECOMPUTE_SECONDS, LOOK_SECONDS = 300.0, 2.0
HEADERS = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
Result = TypeVar("Result")


class Pace:
    """How often something was asked for within the last minute; the keys of what rests are forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)

    def allows(self, key: str, most: int) -> bool:
        """Count one more, and say whether it is within `most` a minute."""
        now = self._clock()
        if len(self._asked) > 4_096:
            self._asked = defaultdict(
                deque, {name: q for name, q in self._asked.items() if q and now - q[-1] < PACE_SECONDS}
            )
        asked = self._asked[key]
        while asked and now - asked[0] > PACE_SECONDS:
            asked.popleft()
        if len(asked) >= most:
            return False
        asked.append(now)
        return True


class Feeds:
    """The feeds' pages. `prefix` is the path under which a proxy offers them, such as `/theatre`; empty for none."""

    def __init__(self, gate: Gate, theatre: Callable[[], Theatre], prefix: str = "") -> None:
        self.gate, self._theatre, self.prefix = gate, theatre, checked_prefix(prefix)
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="feeds")
        self._pace = Pace()
        self._streams = asyncio.Semaphore(STREAMS)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, with the prefix too where there is one: some proxies pass it on, others take it off."""
        places = dict.fromkeys(("", self.prefix))
        routes = [web.get("/robots.txt", self.robots)]
        for place in places:
            routes += [
                web.get(f"{place}/calendar/{TOKEN}.ics", self.calendar),
                web.get(f"{place}/calendar/{TOKEN}", self.page),
                web.get(f"{place}/calendar/{{rest:.*}}", self.unknown),
            ]
        return routes

    @property
    def handlers(self) -> tuple[Any, ...]:
        """What is served without a login."""
        return (self.robots, self.calendar, self.page, self.unknown)

    def close(self) -> None:
        """Let go of the thread that reads."""
        self._clerk.shutdown()

    async def _ask(self, question: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, question)

    async def live(self, _application: web.Application) -> AsyncIterator[None]:
        """Let the calendars follow the day for as long as the server runs: every five minutes and at each milestone."""
        task = asyncio.create_task(self._follow())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _follow(self) -> None:
        from ortool.services.publishing import milestones_seen, publish_today

        seen: object = None
        due = 0.0
        while True:
            try:
                now = await self._ask(lambda: milestones_seen(self._theatre()))
                if now != seen or time.monotonic() >= due:
                    seen, due = now, time.monotonic() + RECOMPUTE_SECONDS
                    if moved := await self._ask(lambda: publish_today(self._theatre())):
                        log(f"{moved} slots moved in the calendars")
            except StorageFault:
                pass  # the database comes back, or every request says that it does not
            except Exception as error:  # noqa: BLE001 the edge: calendars follow on, and no value of it may be logged
                log(f"the calendars could not follow this time ({type(error).__name__})")
            await asyncio.sleep(LOOK_SECONDS)

    async def robots(self, _request: web.Request) -> web.Response:
        """Let calendar services in, which ask, and nobody else's robots."""
        return web.Response(text=ROBOTS)

    async def unknown(self, _request: web.Request) -> web.Response:
        """Answer an address that cannot be a feed's."""
        raise web.HTTPNotFound(text="There is no such calendar.")

    async def calendar(self, request: web.Request) -> web.StreamResponse:
        """Serve a feed, or say that it is as it was."""
        from ortool.services.feeds import changed_since, etag_of

        feed = await self._found(request)
        try:
            etag = await self._ask(lambda: etag_of(self._theatre(), feed))
            changed = await self._ask(lambda: changed_since(self._theatre(), feed, etag))
        except StorageFault:
            raise web.HTTPServiceUnavailable(
                text="The database does not answer.", headers={"Retry-After": "60"}
            ) from None
        if is_known(request, etag, changed):
            response: web.StreamResponse = web.Response(status=304)
        else:
            response = web.StreamResponse()
            response.content_type, response.charset = "text/calendar", "utf-8"
            response.headers["Content-Disposition"] = 'inline; filename="ortool.ics"'
        response.etag, response.last_modified = etag, changed
        response.headers.update(HEADERS)
        if response.status != 304 and request.method != "HEAD":
            await self._sent(request, response, feed)
        return response

    async def _sent(self, request: web.Request, response: web.StreamResponse, feed: Feed) -> None:
        """Stream a feed. A client that reads too slowly is left; it comes back by itself."""
        from ortool.services.feeds import pieces_of

        dress(response)
        async with self._streams:
            pieces = await self._ask(lambda: pieces_of(self._theatre(), feed))
            try:
                async with asyncio.timeout(STREAM_SECONDS):
                    await response.prepare(request)
                    while (piece := await self._ask(lambda: next(pieces, None))) is not None:
                        await response.write(piece)
                    await response.write_eof()
            finally:
                await self._ask(lambda: _closed(pieces))

    async def page(self, request: web.Request) -> web.Response:
        """Show a feed's addresses, and their picture for a telephone."""
        feed = await self._found(request)
        address = f"{self.gate.origin_of(request)}{self.prefix}/calendar/{request.match_info['token']}.ics"
        nonce = fresh()
        title = clean(f"{self._theatre().settings.site} {feed.title}")
        response = web.Response(text=feed_page(title, feed, address, nonce), content_type="text/html")
        response.headers.update(HEADERS)
        dress(response, FEED_POLICY.format(nonce=nonce))
        return response

    async def _found(self, request: web.Request) -> Feed:
        """Return the open feed of a request. Raises 404, 410, 413, 429 or 503."""
        from ortool.services.feeds import find_feed

        if request.can_read_body:
            raise web.HTTPRequestEntityTooLarge(0, text="A calendar is asked for without a body.")
        token = request.match_info["token"]
        try:
            feed = await self._ask(lambda: find_feed(self._theatre(), token))
        except StorageFault:
            raise web.HTTPServiceUnavailable(
                text="The database does not answer.", headers={"Retry-After": "60"}
            ) from None
        key, most = (feed.id, PER_FEED) if feed else ("", UNKNOWN)
        if not self._pace.allows(key, most):
            raise web.HTTPTooManyRequests(
                text="Asked too often. Once an hour is enough.", headers={"Retry-After": "3600"}
            )
        if feed is None:
            raise web.HTTPNotFound(text="There is no such calendar.")
        if not feed.is_open(self._theatre().now()):
            raise web.HTTPGone(text="This calendar was withdrawn. Ask the theatre for a new address.")
        return feed


def is_known(request: web.Request, etag: str, changed: datetime) -> bool:
    """Whether the client has this very version: by its tags where it names any, else by its time (RFC 9110 13.2.2)."""
    if "If-None-Match" in request.headers:
        try:
            tags = request.if_none_match or ()
        except ValueError:
            return False
        return any(tag.value in (etag, "*") for tag in tags if isinstance(tag, ETag))
    since = request.if_modified_since
    return since is not None and changed <= since


def checked_prefix(prefix: str) -> str:
    """Return a proxy's path without its last slash. Raises BadInput. What a request says of it is never believed."""
    path = prefix.strip().rstrip("/")
    allowed = path.startswith("/") and all(char.isalnum() or char in "/-_." for char in path) and "//" not in path
    if path and not (allowed and path.isascii() and ".." not in path):
        raise BadInput(f"{prefix[:40]!r} is no path.", "Write for example /theatre.")
    return path


def _closed(pieces: Iterator[bytes]) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
