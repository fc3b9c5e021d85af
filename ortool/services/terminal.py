"""This terminal: its clock, its signing key where it has one, and what it remembers of the journal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ortool.errors import BadInput, OrtoolError
from ortool.journal import log
from ortool.journal.signing import SigningKey
from ortool.people.permissions import Verb
from ortool.services import clocks, heads, seals
from ortool.services.clocks import ClockDoubt, ClockGuard
from ortool.storage.store import cursor_of

if TYPE_CHECKING:
    from ortool.services.theatre import Desk, Theatre

# What is kept of reading, and what ortool keeps by itself, asks nobody about the clock.
_BY_THE_WAY = {Verb.READ_CASE, Verb.READ_LIST, Verb.READ_JOURNAL, Verb.PRINT, Verb.KEEP}


@dataclass
class Terminal:
    """What a terminal brings to the database. A rehearsal, and a demonstration, bring nothing."""

    guard: ClockGuard | None = None
    memory: heads.Memory | None = None
    doubt: ClockDoubt | None = None
    doubt_taken: bool = False
    alarm: str = ""
    notices: list[str] = field(default_factory=list)
    sealed: tuple[int, int] | None = None
    _key_file: Path | None = None
    _key: SigningKey | None = None

    @property
    def signer(self) -> SigningKey | None:
        """The signing key, None at a terminal without one. It is read when it is first needed."""
        if self._key is None and self._key_file is not None:
            try:
                self._key = seals.read_key(self._key_file)
            except BadInput as error:  # the work goes on; verify says that nothing is sealed
                self.notices.append(str(error))
                self._key_file = None
        return self._key

    @signer.setter
    def signer(self, key: SigningKey | None) -> None:
        self._key = key

    def origin(self, actor: str, auth: str, device: str) -> log.Origin:
        """Return who writes an entry now, from where, by which clock."""
        state = int(self.guard.state) if self.guard else 0
        return log.Origin(actor, auth, device, boot_id(), clocks.steady_ns(), state)

    def open_desk(self, desk: Desk, verb: Verb) -> None:
        """Before anything is written: is the clock in doubt, has it jumped? Raises ClockDoubt."""
        desk.sealed = self.sealed
        if self.doubt is not None and not self.doubt_taken:
            if verb not in _BY_THE_WAY:
                raise self.doubt
        elif self.doubt is not None:
            seals.system_entry(desk, "clock.acknowledged", {"sentence": self.doubt.message})
        if self.guard is not None and (jump := self.guard.look()):
            desk.jump = jump
            seals.system_entry(desk, "clock.jumped", {"delta_us": jump // timedelta(microseconds=1)})

    def committed(self, desk: Desk) -> None:
        """After the transaction is durable: what it said of this terminal has been said."""
        self.sealed = desk.sealed
        if self.doubt_taken:
            self.doubt = None
        if self.guard is not None and desk.jump:
            self.guard.told(desk.jump)

    def accept_clock(self) -> None:
        """Somebody says that the clock is right though it stands before the newest entry."""
        self.doubt_taken = True

    def standing(self, theatre: Theatre) -> list[str]:
        """Return the sentences that a screen shows for as long as they hold."""
        said = [self.alarm] if self.alarm else []
        if self.doubt is not None and not self.doubt_taken:
            said.append(str(self.doubt))
        if self.guard is not None:
            self.guard.look()
            said += [sentence] if (sentence := self.guard.sentence(theatre.settings.zone)) else []
        return said

    def remember(self, theatre: Theatre) -> None:
        """Write down the newest entry that this terminal has seen. A memory that disagrees is left as it is."""
        if self.memory is None or self.alarm:
            return
        with suppress(OrtoolError):  # a database that cannot be read is told of elsewhere
            with theatre.reading() as session:
                cursor = cursor_of(session)
                seq, link = log.head(cursor, theatre.store.site_id)
                cursor.close()
            newer = heads.with_head(self.memory, seq, link, theatre.now(), heads.place_of(theatre))
            if newer is not self.memory:
                self._keep(newer)

    def trust(self, keys: dict[str, bytes]) -> None:
        """Trust signing keys from now on."""
        if self.memory is not None and not keys.items() <= dict(self.memory.keys).items():
            self._keep(replace(self.memory, keys={**self.memory.keys, **keys}))

    def _keep(self, memory: heads.Memory) -> None:
        self.memory = memory
        try:
            heads.keep(memory)
        except OSError as error:
            self.notices.append(f"This terminal cannot remember the journal in {memory.path}: {error.strerror}.")

    def leave(self, theatre: Theatre) -> None:
        """Before a terminal is left: seal what is not sealed yet, and remember the head."""
        with suppress(OrtoolError):  # leaving never fails: the next terminal seals, and its own memory stands
            seals.seal_rest(theatre)
        self.remember(theatre)


def take_seat(theatre: Theatre, watched: bool) -> Terminal:
    """Return the terminal of a theatre that was just opened.

    Only a `watched` one, which runs by the computer's own clock, guards that clock and compares its memory.
    """
    site_id = theatre.store.site_id
    if theatre.is_demo:
        return Terminal()
    path = seals.key_path(theatre.settings, site_id)
    terminal = Terminal(_key_file=path if path.exists() else None)
    if not watched:
        return terminal
    terminal.guard = ClockGuard(clocks.wall_clock)
    terminal.memory = heads.recall(site_id)
    with theatre.reading() as session:
        cursor = cursor_of(session)
        newest, compared = log.newest_recorded(cursor), heads.compare(cursor, terminal.memory, heads.place_of(theatre))
        cursor.close()
    terminal.doubt = clocks.doubt(newest, theatre.now(), theatre.settings.zone)
    terminal.alarm = compared.alarm
    if compared.explained:
        terminal.notices.append(compared.explained)
        terminal.memory = replace(terminal.memory, seen=None)
    return terminal


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Return this machine's boot id, empty where the system does not tell; it is the same as long as we live."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return ""
