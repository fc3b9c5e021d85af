"""Signing keys as people handle them: the first one, another one, and which are trusted here."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ortool.errors import Refused
from ortool.journal import log
from ortool.journal.check import Chain
from ortool.journal.signing import SigningKey, to_text
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services import seals
from ortool.services.theatre import Theatre
from ortool.storage.store import cursor_of


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A signing key by its id, and the file that holds it."""

    id: str
    path: Path


def first_key(theatre: Theatre, actor: Actor) -> KeyInUse:
    """Begin to seal the journal: make the key, or take the one in its file. Raises Refused, BadInput."""
    path = seals.key_path(theatre.settings, theatre.store.site_id)
    if path.exists():
        _use(theatre, actor, key := seals.read_key(path), None)
        return KeyInUse(key.id, path)
    with ExitStack() as unless_used:
        key = seals.make_key(path)
        unless_used.callback(path.unlink)
        _use(theatre, actor, key, None)
        unless_used.pop_all()
    return KeyInUse(key.id, path)


def next_key(theatre: Theatre, actor: Actor) -> KeyInUse:
    """Seal with a new key from now on; the old one vouches for it and stays beside it. Raises Refused, BadInput."""
    path = seals.key_path(theatre.settings, theatre.store.site_id)
    if theatre.is_demo:
        raise Refused("A demonstration seals nothing.")
    theatre.permit(actor, Verb.RESTORE)
    if not path.exists():
        return first_key(theatre, actor)
    old = seals.read_key(path)
    aside = path.with_name(f"{path.name}.{old.id}")
    with ExitStack() as unless_used:
        path.rename(aside)
        unless_used.callback(aside.replace, path)
        key = seals.make_key(path)
        _use(theatre, actor, key, old)
        unless_used.pop_all()
    return KeyInUse(key.id, path)


def _use(theatre: Theatre, actor: Actor, key: SigningKey, by: SigningKey | None) -> None:
    known, before = _known(theatre), theatre.terminal.signer
    with ExitStack() as unless_named:
        unless_named.callback(setattr, theatre.terminal, "signer", before)
        theatre.terminal.signer = key  # the entry that names it is sealed with it at once
        with theatre.writing(actor, Verb.RESTORE) as desk:
            if key.id not in known:
                seals.new_key(desk, key, by)
        unless_named.pop_all()
    theatre.terminal.trust({key.id: key.public})


def _known(theatre: Theatre) -> dict[str, bytes]:
    """Return every key that the journal names."""
    with theatre.reading() as session:
        cursor = cursor_of(session)
        chain = Chain(theatre.store.site_id)
        log.verify(cursor, theatre.store.site_id, chain)
        cursor.close()
    return chain.keys


@dataclass(frozen=True, slots=True)
class KeyHere:
    """A key that this terminal trusts: its id, its public half in base64, and whether this terminal seals with it."""

    id: str
    public: str
    seals: bool


def keys_here(theatre: Theatre) -> list[KeyHere]:
    """Return the keys that this terminal trusts, the one that it seals with first."""
    signer, memory = theatre.terminal.signer, theatre.terminal.memory
    own = {signer.id: signer.public} if signer else {}
    known = own | dict(memory.keys if memory else {})
    return [KeyHere(name, to_text(public), name in own) for name, public in known.items()]
