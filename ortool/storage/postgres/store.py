"""The database on a PostgreSQL server: opened under its contract, written by one at a time, waited for only so long."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from ortool.errors import Away, StorageFault, Unanswered, Unknown
from ortool.storage import schema
from ortool.storage.patience import TRIES, TRY_SECONDS, patience, pause
from ortool.storage.postgres import contract
from ortool.storage.postgres.faults import Trouble, fault_of, trouble_of
from ortool.storage.postgres.link import Link, connect, options_of, shown
from ortool.storage.postgres.watch import Watch
from ortool.storage.transaction import Transaction, cursor_on

AWAY_SECONDS = 1.0
UPGRADE = "Run `ortool db upgrade` as the owner of the database."
_ERRORS = (psycopg.Error, DBAPIError)


class PostgresStore:
    """One database on a server. `notices` are sentences about what opening it had to do."""

    def __init__(self, url: str, allow_plain: bool = False) -> None:
        self.shown = shown(url)
        self.notices: list[str] = []
        self.site_id = ""
        self.meta: dict[str, str] = {}
        self._options = options_of(url, allow_plain)
        self._writer = self._engine("READ COMMITTED")
        self._reader = self._engine("REPEATABLE READ", read_only=True)
        self._watch: Watch | None = None
        self._away_until = 0.0

        @event.listens_for(self._writer, "begin")
        def _lock(connection: Any) -> None:
            plain = connection.connection.dbapi_connection
            plain.execute("SELECT pg_advisory_xact_lock(%s)", (contract.WRITE_LOCK,))

    def keep_space(self) -> None:
        """Do nothing: the disk is the server's."""

    def check_guards(self, session: Session) -> None:
        """Raise StorageFault when a guard over the journal or the schedule is gone, or is another one."""
        contract.check_guards(session.connection().connection.dbapi_connection)

    def _engine(self, isolation: str, read_only: bool = False) -> Engine:
        def make() -> Link:
            link = self.connect()
            link.isolation_level = psycopg.IsolationLevel[isolation.replace(" ", "_")]
            link.read_only = read_only
            return link

        engine = create_engine("postgresql+psycopg://", creator=make, pool_size=4, pool_pre_ping=read_only)

        @event.listens_for(engine, "checkin")
        def _replace_when_broken(link: Any, record: Any) -> None:
            if link is not None and link.closed:
                record.invalidate()

        return engine

    def connect(self) -> Link:
        """Return a connection whose settings were checked. Raises psycopg.Error or StorageFault."""
        with ExitStack() as unless_sound:
            link = unless_sound.enter_context(closing(connect(self._options)))
            contract.prepare(link)
            unless_sound.pop_all()
        return link

    def open(self) -> "PostgresStore":
        """Check the server, the revision and the guards. Raises StorageFault; a start never alters the tables."""
        try:
            with self.connect() as link:
                revision = contract.revision_of(link)
                if revision is None:
                    raise StorageFault("This database has no tables yet.", UPGRADE)
                schema.check_known(revision)
                if revision != schema.HEAD:
                    raise StorageFault(f"This database is of revision {revision}, older than this program.", UPGRADE)
                contract.check_guards(link)
                self.meta = schema.meta_of(link.cursor())
        except _ERRORS as error:
            raise fault_of("The database cannot be opened", error) from None
        if "site_id" not in self.meta:
            raise StorageFault("This database does not say whose it is.", "Restore the newest backup.")
        self.site_id = self.meta["site_id"]
        return self

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One write transaction, by a session. It commits at the end and rolls back on any error."""
        with self.transaction() as opened:
            yield opened.session

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write transaction, behind the write lock. It commits at the end and rolls back on any error.

        A connection that is lost while it commits leaves open whether it did: the entry of the command says so.
        """
        session = self._begun()
        try:
            opened = Transaction(session.connection(), session)
            yield opened
            self._commit(session, opened.command_id)
        except _ERRORS as error:
            _roll_back(session)
            raise self._broken(error) from None
        finally:
            _roll_back(session)
            with suppress(*_ERRORS):
                session.close()

    def _begun(self) -> Session:
        """Return a session that holds the write lock. Waits and tries again where that may help."""
        self._refuse_while_away()
        until, tries = time.monotonic() + min(TRY_SECONDS, patience()), 0
        while True:
            session = Session(self._writer, expire_on_commit=False)
            try:
                session.connection()
            except _ERRORS as error:
                with suppress(*_ERRORS):
                    session.close()
                tries += 1
                trouble = trouble_of(error)
                if trouble is Trouble.AWAY:
                    self._writer.dispose()
                may_help = trouble in (Trouble.AWAY, Trouble.AGAIN, Trouble.BUSY)
                if not may_help or tries == TRIES or time.monotonic() >= until:
                    raise self._gone_if_away(fault_of("The database could not save this", error)) from None
                time.sleep(min(pause(tries), max(0.0, until - time.monotonic())))
            else:
                self._away_until = 0.0
                return session

    def _commit(self, session: Session, command_id: str) -> None:
        session.flush()
        try:
            session.commit()
        except _ERRORS as error:
            if trouble_of(error) is not Trouble.AWAY:
                raise
            if not self._was_saved(command_id):
                raise Unanswered("The connection broke before this was saved.", "Nothing was recorded.") from None

    def _was_saved(self, command_id: str) -> bool:
        """Find out whether a transaction whose answer was lost came through: it left its command's entry, or nothing.

        Behind the write lock, which it holds until it ends one way or the other. Raises Unknown.
        """
        seconds = min(contract.IDLE_MS / 1_000 + 2, patience())
        until, tries = time.monotonic() + seconds, 0
        while True:
            try:
                with self.connect() as link:
                    link.execute("SELECT pg_advisory_xact_lock(%s)", (contract.WRITE_LOCK,))
                    found = link.execute("SELECT 1 FROM entry WHERE command_id = %s", (command_id,)).fetchone()
                    return found is not None
            except (psycopg.Error, StorageFault):
                tries += 1
                if time.monotonic() >= until:
                    self._gone_if_away(Away())
                    raise Unknown(
                        "The database went away while this was being saved.",
                        "Look whether it stands there before it is entered again.",
                    ) from None
                time.sleep(pause(tries))

    def _broken(self, error: BaseException) -> StorageFault:
        """Return the fault for an error in the middle of a transaction; nothing of it was recorded."""
        fault = fault_of("The database could not save this", error)
        if isinstance(fault, Away) and "in time" not in str(error):
            return Unanswered("The connection broke before this was saved.", "Nothing was recorded.")
        return self._gone_if_away(fault)

    def _gone_if_away(self, fault: StorageFault) -> StorageFault:
        """Remember that nobody answers, so that the next one need not wait to learn it; return the fault."""
        if isinstance(fault, Away):
            self._away_until = time.monotonic() + AWAY_SECONDS
            if self._watch is not None:
                self._watch.answers = False
        return fault

    def _refuse_while_away(self) -> None:
        watched = self._watch is not None and self._watch.first.is_set()
        if (watched and self._watch and not self._watch.answers) or time.monotonic() < self._away_until:
            raise Away

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read transaction: one consistent picture, never in the way of a writer."""
        self._refuse_while_away()
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
        except _ERRORS as error:
            raise self._gone_if_away(fault_of("The database cannot be read", error)) from None

    @contextmanager
    def glance(self) -> Iterator[Any]:
        """A cursor for one short question."""
        with self.reading() as session:
            yield cursor_on(session.connection())

    def data_version(self) -> int:
        """Return the number of the newest entry that was heard of. Raises Away while the server does not answer."""
        if self._watch is None:
            self._watch = Watch(self.connect)
        self._watch.first.wait(TRY_SECONDS)
        if not self._watch.answers:
            raise Away
        self._away_until = 0.0
        return self._watch.version

    def close(self) -> None:
        """Let go of every connection."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self._writer.dispose()
        self._reader.dispose()


def _roll_back(session: Session) -> None:
    with suppress(*_ERRORS):
        session.rollback()
