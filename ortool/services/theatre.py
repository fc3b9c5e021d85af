"""The theatre at work: its store, its clock and its settings, and the one way to write."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from ortool.errors import StorageFault
from ortool.journal import log
from ortool.journal.entry import Entry
from ortool.people.person import Actor
from ortool.services.site import facts_of, is_demo, with_site, zone_notice
from ortool.settings import Settings
from ortool.storage.backend import Backend
from ortool.storage.choice import open_store
from ortool.storage.store import cursor_of

if TYPE_CHECKING:
    from ortool.checklist.run import Run

SECRET = frozenset({"reason", "value", "text", "hospital_number", "name", "born", "allergies", "notes"})


class Repeated(Exception):
    """This command has been carried out before; repeating it is harmless and writes nothing."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What was folded of a case: its entries up to a version, and the run that they make."""

    version: int = 0
    run: Run | None = None
    entries: tuple[Entry, ...] = ()


@dataclass
class Theatre:
    """What every verb needs. `now` returns the time in UTC; a rehearsal may set it."""

    store: Backend
    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    device: str = field(default_factory=lambda: hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12])
    runs: dict[str, Folded] = field(default_factory=dict)
    _open: threading.local = field(default_factory=threading.local)

    @property
    def is_demo(self) -> bool:
        """Whether everything in this database is invented."""
        return is_demo(self.store.meta)

    @contextmanager
    def writing(self, actor: Actor, command_id: str = "") -> Iterator[Desk]:
        """One transaction of one person. Inside another one of the same thread it joins that one."""
        outer: Desk | None = getattr(self._open, "desk", None)
        if outer is not None:
            with outer.as_actor(actor, command_id):
                yield outer
            return
        with self.store.writing() as session:
            desk = Desk(self, session, actor, command_id or uuid.uuid4().hex)
            if command_id and log.find_command(desk.cursor, command_id):
                raise Repeated
            self._open.desk = desk
            try:
                yield desk
            finally:
                self._open.desk = None
                desk.cursor.close()
        self.runs.update(desk.runs)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent picture; inside a write transaction, that transaction's own."""
        outer: Desk | None = getattr(self._open, "desk", None)
        if outer is not None:
            yield outer.session
            return
        with self.store.reading() as session:
            yield session

    def runs_seen(self) -> dict[str, Folded]:
        """Return the folded runs that this thread may trust: what is committed, and its own open transaction's."""
        outer: Desk | None = getattr(self._open, "desk", None)
        return outer.runs if outer is not None else self.runs

    def store_version(self) -> int:
        """Return a number that changes when anything was written, here or elsewhere."""
        return self.store.data_version()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


class Desk:
    """An open write transaction: the session, and appending to the journal in somebody's name."""

    def __init__(self, theatre: Theatre, session: Session, actor: Actor, command_id: str) -> None:
        self.theatre = theatre
        self.session = session
        self.cursor = cursor_of(session)
        self.actor = actor
        self.runs = dict(theatre.runs)
        self._command_id = command_id
        self._entries = 0

    @contextmanager
    def as_actor(self, actor: Actor, command_id: str) -> Iterator[None]:
        """Append in another person's name for a while, as a joined verb does."""
        before = self.actor, self._command_id, self._entries
        self.actor, self._command_id, self._entries = actor, command_id or uuid.uuid4().hex, 0
        try:
            yield
        finally:
            self.actor, self._command_id, self._entries = before

    def append(self, stream: str, kind: str, body: Mapping[str, Any], occurred_at: datetime | None = None) -> Entry:
        """Append one entry. Free text and patient data in it are kept apart, so that they can be forgotten."""
        now = self.theatre.now()
        self._entries += 1
        command_id = self._command_id if self._entries == 1 else f"{self._command_id}#{self._entries}"
        self.session.info.setdefault("command_id", command_id)
        origin = log.Origin(self.actor.person.id, self.actor.auth, self.theatre.device, boot_id(), time.monotonic_ns())
        draft = log.Draft(stream, kind, body, occurred_at or now, command_id, SECRET)
        return log.append(self.cursor, self.theatre.store.site_id, draft, origin, now)


def open_theatre(
    settings: Settings, path: Path | None = None, now: Callable[[], datetime] | None = None, demo: bool = False
) -> Theatre:
    """Open (or make) the database and return the theatre. Raises StorageFault or BadInput.

    A database that is made now keeps what the settings say of its site, so that every terminal shows the same times.
    """
    store = open_store(settings, facts_of(settings, demo), path)
    try:
        theatre = Theatre(store, with_site(settings, store.meta), now or (lambda: datetime.now(UTC)))
    except StorageFault:
        store.close()
        raise
    store.notices += zone_notice(settings, store.meta)
    return theatre


def boot_id() -> str:
    """Return this machine's boot id, empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return ""
