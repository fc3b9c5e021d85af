"""Who is logged in: random tokens, kept hashed and in memory only, that end by themselves."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp.web import WebSocketResponse

    from ortool.people.person import Actor

TOKEN_BYTES = 32
# The screens lock themselves long before (`idle_minutes`); in a case under way they stay, as at any terminal.
IDLE_SECONDS = 3600.0
LONGEST_SECONDS = 12 * 3600.0
MOST_SESSIONS = 64


@dataclass(slots=True, eq=False)
class Session:
    """One person in one browser, since `began`; times are of a clock that only goes forward, in seconds."""

    actor: Actor
    began: float
    seen: float
    sockets: set[WebSocketResponse] = field(default_factory=set)


class Sessions:
    """The sessions that are open. A token is never kept, only its SHA-256."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Session] = {}

    def begin(self, actor: Actor) -> str:
        """Open a session for a person who was proven just now, and return its token; the oldest gives way."""
        if len(self._open) >= MOST_SESSIONS:
            del self._open[min(self._open, key=lambda one: self._open[one].seen)]
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        self._open[_hashed(token)] = Session(actor, now, now)
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token, and note that it was used; None where there is none any more."""
        found = self._open.get(_hashed(token)) if token else None
        if found is None or self._is_over(found):
            return None
        found.seen = self._clock()
        return found

    def is_open(self, session: Session) -> bool:
        """Whether a session is still open."""
        return session in self._open.values() and not self._is_over(session)

    def touch(self, session: Session) -> None:
        """Note that somebody is there."""
        session.seen = self._clock()

    def end(self, session: Session) -> None:
        """Close a session."""
        self._open = {hashed: one for hashed, one in self._open.items() if one is not session}

    def ended(self) -> list[Session]:
        """Forget the sessions whose time is over, and return them."""
        over = [one for one in self._open.values() if self._is_over(one)]
        for one in over:
            self.end(one)
        return over

    def _is_over(self, session: Session) -> bool:
        now = self._clock()
        return now - session.seen > IDLE_SECONDS or now - session.began > LONGEST_SECONDS


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
