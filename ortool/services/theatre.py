"""The theatre at work: its store, its clock and its settings, and the one way to write."""

from __future__ import annotations

import hashlib
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from ortool.errors import NeedsGlass, NeedsIdentity, NeedsPin, NotPermitted, Refused, StorageFault
from ortool.journal import log
from ortool.journal.entry import Entry
from ortool.people.permissions import TABLE, Bond, Ruling, Verb, rule
from ortool.people.person import NOBODY, SYSTEM, UNIDENTIFIED, Actor, Person
from ortool.services import seals
from ortool.services.site import facts_of, is_demo, with_site, zone_notice
from ortool.services.terminal import Terminal, take_seat
from ortool.settings import Settings
from ortool.storage.backend import Backend
from ortool.storage.choice import open_store
from ortool.storage.store import cursor_of
from ortool.storage.tables import Meta, PersonRow
from ortool.storage.transaction import Transaction

if TYPE_CHECKING:
    from datetime import date

    from ortool.caselog.dossier import Dossier
    from ortool.checklist.run import Run
    from ortool.schedule.expected import DayForecast
    from ortool.services.histories import Known
    from ortool.services.offline import Offline

SECRET = frozenset(
    {"reason", "value", "text", "before", "instead", "hospital_number", "name", "born", "allergies", "notes", "email"}
)


# The fact in `meta` that says how people prove who they are.
IDENTIFICATION = "identification"


class Repeated(Exception):
    """This command has been carried out before; repeating it is harmless and writes nothing."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What was folded of a case: its entries up to a version, and the run that they make.

    `dossier` is all that was known of the case when `seq` was the newest entry of the journal.
    """

    version: int = 0
    run: Run | None = None
    entries: tuple[Entry, ...] = ()
    seq: int = 0
    dossier: Dossier | None = None


MOST_RUNS = 100
"""Cases that a theatre keeps folded in memory: more than are under way in any house on one day."""


class Runs(dict[str, Folded]):
    """The folded runs by their keys, those used last at the end. Beyond `MOST_RUNS` the first are let go."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def __setitem__(self, key: str, folded: Folded) -> None:
        """Keep a run as the one that was used last."""
        with self._lock:
            self.pop(key, None)
            super().__setitem__(key, folded)
            while len(self) > MOST_RUNS:
                del self[next(iter(self))]

    def take(self, others: Mapping[str, Folded]) -> None:
        """Keep what a transaction has made or read anew."""
        for key, folded in others.items():
            if self.get(key) is not folded:
                self[key] = folded


@dataclass
class Theatre:
    """What every verb needs. `now` returns the time in UTC; a rehearsal may set it."""

    store: Backend
    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    device: str = field(default_factory=lambda: hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12])
    runs: Runs = field(default_factory=Runs)
    terminal: Terminal = field(default_factory=Terminal)
    offline: Offline | None = None
    news: list[str] = field(default_factory=list)
    # Who is at this terminal, for what is read; what is written names its person itself.
    reader: Actor = NOBODY
    noted: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    # A screen in the theatre keeps nobody from a case under way; a command line has nobody's hands full.
    attended: bool = True
    # The newest forecast, and how long cases took as it stood this morning: both can be made again at any time.
    forecasts: dict[tuple[date, int, int], DayForecast] = field(default_factory=dict)
    histories: dict[date, dict[str, Known]] = field(default_factory=dict)
    _open: threading.local = field(default_factory=threading.local)

    @property
    def is_demo(self) -> bool:
        """Whether everything in this database is invented."""
        return is_demo(self.store.meta)

    @property
    def identifies(self) -> bool:
        """Whether people prove here who they are: from the first PIN on. Until then identities are only chosen."""
        return self.store.meta.get(IDENTIFICATION) == "pin"

    def permit(self, actor: Actor, verb: Verb, bond: Bond = Bond.NONE, running: bool = False) -> None:
        """Return where `actor` may do this; the one place where that is decided.

        Raises NeedsIdentity, NeedsPin, NeedsGlass or Refused. While nobody has a PIN there is nothing to decide by.
        """
        if actor.auth == SYSTEM or not self.identifies:
            return
        person = actor.person
        ruling = rule(verb, person.grants, bond, actor.is_proven, actor.now, running and self.attended)
        if ruling is Ruling.ALLOWED:
            return
        if not actor.is_proven:
            raise NeedsIdentity(f"To {verb.value}, say who you are: PIN or badge.")
        if ruling is Ruling.PROVE:
            raise NeedsPin(f"To {verb.value}, {person.name} gives the PIN again.")
        if ruling is Ruling.WITH_REASON:
            raise NeedsGlass(
                f"{person.name} is not in the team of this case.", "Join the team, or open the case with a reason."
            )
        whose = " here" if bond is not Bond.OWN else ""
        raise NotPermitted(f"{person.name} may not {verb.value}{whose}.", "`ortool person list` says who may.")

    @contextmanager
    def writing(self, actor: Actor, verb: Verb, command_id: str = "") -> Iterator[Desk]:
        """One transaction of one person for one verb. Inside another one of the same thread it joins that one.

        A verb about a case or a person writes nothing before `Desk.permit` was told how the actor stands to it.
        """
        outer: Desk | None = getattr(self._open, "desk", None)
        if outer is not None:
            with outer.as_actor(actor, verb, command_id):
                yield outer
            return
        with self.store.transaction() as opened:
            actor = self._as_known_now(opened, actor)
            desk = Desk(self, opened, actor, verb, command_id or uuid.uuid4().hex)
            if command_id and log.find_command(desk.cursor, command_id):
                raise Repeated
            self._open.desk = desk
            try:
                self.terminal.open_desk(desk, verb)
                yield desk
            finally:
                self._open.desk = None
                desk.cursor.close()
        self.runs.take(desk.runs)
        self.terminal.committed(desk)

    def _as_known_now(self, opened: Transaction, actor: Actor) -> Actor:
        """Return the actor with what the database says of them now: another terminal may have changed it.

        Once people prove who they are, somebody who was only chosen from a list is nobody known.
        """
        if not self.identifies:
            cursor = opened.cursor()
            cursor.execute("SELECT name, value FROM meta WHERE name = ?", (IDENTIFICATION,))
            self.store.meta |= dict(cursor.fetchall())
            cursor.close()
        if not self.identifies or actor.auth in (SYSTEM, UNIDENTIFIED):
            return actor
        if not actor.is_proven:
            return NOBODY
        row = opened.session.get(PersonRow, actor.person.id)
        if row is None or not row.active:
            raise Refused(f"{actor.person.name} does not work here any more.", "Say who you are.")
        return replace(actor, person=person_of(row))

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

    @property
    def is_writing(self) -> bool:
        """Whether this thread is in the middle of a write transaction."""
        return getattr(self._open, "desk", None) is not None

    def store_version(self) -> int:
        """Return a number that changes when anything was written, here or elsewhere; what waits here is sent first."""
        version = self.store.data_version()
        self.send_waiting()
        return version

    @property
    def kept_here(self) -> tuple[int, int]:
        """How many commands wait at this terminal, and how many more the rules refused when they were sent."""
        return (self.offline.count, self.offline.needs_person) if self.offline is not None else (0, 0)

    def send_waiting(self) -> None:
        """Send what waits at this terminal, in order; `news` says what came of it. Raises Away, Unanswered, Unknown."""
        if self.offline is not None and self.offline.count:
            from ortool.services import keeping

            keeping.send_waiting(self, self.offline)

    def remember(self, dossier: Dossier) -> Dossier:
        """Return a dossier that is stored; where a server may go away, keep it as the last that was known."""
        if self.offline is not None and not self.is_writing:
            self.offline.know(dossier)
        return dossier

    def newest(self) -> int:
        """Return the number of the journal's newest entry, 0 where there is none."""
        if self.is_writing:
            with self.reading() as session:
                return self.newest_in(session)
        with self.store.glance() as cursor:
            return log.head(cursor, self.store.site_id)[0]

    def newest_in(self, session: Session) -> int:
        """Return the number of the newest entry in the picture of a session, 0 where there is none."""
        cursor = cursor_of(session)
        seq, _ = log.head(cursor, self.store.site_id)
        cursor.close()
        return seq

    def prove_it_saves(self) -> None:
        """Commit a fact that nobody reads. Raises StorageFault where the database does not save now."""
        with self.store.writing() as session:
            # A new value each time: what is the same already would never reach the disk.
            session.merge(Meta(name="last_proof", value=uuid.uuid4().hex))

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()
        if self.offline is not None:
            self.offline.spool.close()


class Desk:
    """An open write transaction, and appending to the journal in somebody's name."""

    def __init__(self, theatre: Theatre, opened: Transaction, actor: Actor, verb: Verb, command_id: str) -> None:
        self.theatre = theatre
        self.opened = opened
        self.cursor = opened.cursor()
        self.actor = actor
        self.runs = dict(theatre.runs)
        self.sealed: tuple[int, int] | None = None
        self.jump = timedelta()
        self._command_id = command_id
        self._entries = 0
        self._permitted = False
        self._is_whole = False
        self._ask(verb)

    @property
    def session(self) -> Session:
        """A session in this transaction; what only appends to the journal needs none."""
        return self.opened.session

    @contextmanager
    def as_actor(self, actor: Actor, verb: Verb, command_id: str) -> Iterator[None]:
        """Append in another person's name for a while, as a joined verb does, to a command of its own.

        Where this transaction is `whole`, it goes on with the command that stands.
        """
        before = self.actor, self._command_id, self._entries, self._permitted, self._is_whole
        self.actor = actor
        if command_id or not self._is_whole:
            self._command_id, self._entries = command_id or uuid.uuid4().hex, 0
        self._ask(verb)
        try:
            yield
        finally:
            command, entries = self._command_id, self._entries
            self.actor, self._command_id, self._entries, self._permitted, self._is_whole = before
            if command == self._command_id:
                self._entries = entries

    def whole(self) -> None:
        """Let every verb that joins from now on append to this one's command: so it is taken back as one."""
        self._is_whole = True

    def _ask(self, verb: Verb) -> None:
        self._permitted = not TABLE[verb].about
        if self._permitted:
            self.theatre.permit(self.actor, verb)

    def permit(self, verb: Verb, bond: Bond, running: bool = False) -> None:
        """Ask the table about a verb on a case or a person. Raises as `Theatre.permit` does."""
        self.theatre.permit(self.actor, verb, bond, running)
        self._permitted = True

    def name(self, command_id: str) -> None:
        """Give what is appended from now on the id of a command that is known by what it says; empty changes nothing.

        The journal takes each id once, whatever was checked before.
        """
        if command_id:
            self._command_id, self._entries = command_id, 0

    def append(self, stream: str, kind: str, body: Mapping[str, Any], occurred_at: datetime | None = None) -> Entry:
        """Append one entry. Free text and patient data in it are kept apart, so that they can be forgotten."""
        if not self._permitted:
            raise Refused("Nothing says who may write this.", "This is a fault of the program; nothing was written.")
        now = self.theatre.now()
        self._entries += 1
        command_id = self._command_id if self._entries == 1 else f"{self._command_id}#{self._entries}"
        self.opened.name(command_id)
        origin = self.theatre.terminal.origin(self.actor.person.id, self.actor.auth, self.theatre.device)
        draft = log.Draft(stream, kind, body, occurred_at or now, command_id, SECRET)
        entry = log.append(self.cursor, self.theatre.store.site_id, draft, origin, now)
        seals.follow(self, entry)
        return entry


def open_theatre(
    settings: Settings,
    path: Path | None = None,
    now: Callable[[], datetime] | None = None,
    demo: bool = False,
    watched: bool = False,
) -> Theatre:
    """Open (or make) the database and return the theatre. Raises StorageFault or BadInput.

    A database that is made now keeps what the settings say of its site, so that every terminal shows the same times.
    A `watched` terminal runs by the computer's own clock, guards it, and compares what it remembers of the journal.
    """
    store = open_store(settings, facts_of(settings, demo), path)
    try:
        theatre = Theatre(store, with_site(settings, store.meta), now or (lambda: datetime.now(UTC)))
        theatre.terminal = take_seat(theatre, watched)
    except StorageFault:
        store.close()
        raise
    if not demo:
        store.keep_space()
    store.notices += zone_notice(settings, store.meta)
    if path is None and settings.on_server:
        _mind_the_network(theatre)
    return theatre


def _mind_the_network(theatre: Theatre) -> None:
    """Take ticks while the server is away; first send what was left from the last time."""
    from ortool.services.offline import Offline, spool_of

    theatre.offline = Offline(spool_of(theatre.settings), theatre.store.site_id)
    theatre.offline.look()
    try:
        theatre.send_waiting()
    except StorageFault as fault:
        theatre.news.append(str(fault))
    theatre.store.notices += theatre.news
    theatre.news.clear()


def person_of(row: PersonRow) -> Person:
    """Return a stored person as a value."""
    return Person(row.id, row.name, row.initials, frozenset(row.roles.split()), frozenset(row.given.split()))
