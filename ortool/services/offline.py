"""Ticks and notes while the server does not answer: decided by what was last known, kept here, sent in order later."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import platformdirs

from ortool.checklist import commands
from ortool.checklist.commands import Command
from ortool.errors import Away, Unknown
from ortool.journal.entry import Entry
from ortool.people.person import Actor
from ortool.settings import Settings
from ortool.storage.patience import at_most
from ortool.storage.spool import Spool

if TYPE_CHECKING:
    from ortool.caselog.dossier import Dossier
    from ortool.services.theatre import Theatre

# How long a nurse waits for the server before the tick is kept here.
TICK_SECONDS = 1.0
# Entries that wait have numbers that no journal reaches: one that takes another back names it by this.
FIRST_NUMBER = 10**12


def run_key(case_id: str, list_id: str = "") -> str:
    """Return what a run is kept under: the case, or the case and the list that runs beside its operation."""
    return f"{case_id}/{list_id}" if list_id else case_id


@dataclass(frozen=True, slots=True)
class AddNote:
    """Add a note to a case. `occurred_at` is when it happened (UTC); None means now.

    An addendum may be `about` an entry (0: none); `after` is what is right there.
    """

    text: str
    occurred_at: datetime | None = None
    about: int = 0
    after: str = ""


_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (AddNote, *get_args(commands.Command))
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked of a case. `at` is when (UTC), None for now; `takes_back` the command that `ref` meant."""

    actor: Actor
    case_id: str
    command: Command | AddNote
    command_id: str
    list_id: str = ""
    at: datetime | None = None
    takes_back: str = ""


class _Written(msgspec.Struct):
    """How `Asked` stands in the spool."""

    site: str
    kind: str
    command: msgspec.Raw
    actor: Actor
    case_id: str
    list_id: str
    at: datetime
    takes_back: str


@dataclass
class Offline:
    """The spool of a terminal, the cases that it last knew, and what the waiting entries make of them."""

    spool: Spool
    site_id: str
    count: int = 0
    needs_person: int = 0
    known: dict[str, Dossier] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    # What was sent from here, and the number that its entry has now.
    sent: dict[str, int] = field(default_factory=dict)

    def know(self, dossier: Dossier) -> None:
        """Keep the newest that is known of a case."""
        self.known[run_key(dossier.case.id, dossier.list_id)] = dossier

    def look(self) -> None:
        """Count what waits, and what waits for a person."""
        kept = [one for one in self.spool.all() if _decode(one.command_id, one.payload)[0] == self.site_id]
        self.needs_person = sum(bool(one.refused) for one in kept)
        self.count = len(kept) - self.needs_person

    def put(self, asked: Asked, now: datetime) -> int:
        """Keep what was asked, durable, and return the number that it has while it waits."""
        ref = getattr(asked.command, "ref", 0)
        if ref >= FIRST_NUMBER:
            names = {FIRST_NUMBER + one.number: one.command_id for one in self.spool.all()}
            asked = replace(asked, takes_back=names.get(ref, ""))
        number = self.spool.put(asked.command_id, _encode(asked, self.site_id, asked.at or now))
        self.look()
        return FIRST_NUMBER + number

    def waiting(self) -> list[tuple[int, Asked]]:
        """Return what waits for this site, in order, with its number in the spool."""
        read = ((one.number, *_decode(one.command_id, one.payload)) for one in self.spool.waiting())
        return [(number, asked) for number, site, asked in read if site == self.site_id]


def spool_of(settings: Settings) -> Spool:
    """Return the spool of this user for the server that the settings name; its file need not be there."""
    from ortool.storage.postgres.link import shown

    name = hashlib.sha256(shown(settings.database_url).encode()).hexdigest()[:12]
    return Spool(Path(platformdirs.user_data_dir("ortool")) / f"waiting-{name}.db", settings.key)


def or_kept_here(
    theatre: Theatre, asked: Asked, send: Callable[[Asked], Dossier], keep: Callable[[Asked], Dossier]
) -> Dossier:
    """Send what was asked; where the server does not say in time that it is saved, keep it here.

    What waits goes first. Whether or not the server saved it after all, its command id makes it count once.
    """
    if theatre.offline is None or theatre.is_writing:
        return send(asked)
    try:
        with at_most(TICK_SECONDS):
            theatre.send_waiting()
            return theatre.remember(send(asked))
    except (Away, Unknown):
        return keep(asked)


def kept_here(settings: Settings) -> list[tuple[int, Asked, str]]:
    """Return what this terminal keeps: number, what was asked, and the sentence of the rules that refused it, if any.

    Raises StorageFault.
    """
    spool = spool_of(settings)
    try:
        return [(one.number, _decode(one.command_id, one.payload)[1], one.refused) for one in spool.all()]
    finally:
        spool.close()


def _encode(asked: Asked, site: str, at: datetime) -> bytes:
    command = asked.command
    return msgspec.json.encode(
        _Written(
            site, type(command).__name__, msgspec.Raw(msgspec.json.encode(command)), asked.actor,
            asked.case_id, asked.list_id, at, asked.takes_back,
        )
    )  # fmt: skip


def _decode(command_id: str, payload: bytes) -> tuple[str, Asked]:
    read = msgspec.json.decode(payload, type=_Written)
    command = msgspec.json.decode(read.command, type=_KINDS[read.kind])
    return read.site, Asked(read.actor, read.case_id, command, command_id, read.list_id, read.at, read.takes_back)
