"""Signed checkpoints in the journal: written by whoever has the signing key, in the transaction that makes them due."""

import os
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from ortool.errors import BadInput, Refused
from ortool.journal import log
from ortool.journal.check import EVERY
from ortool.journal.entry import Entry, to_micros
from ortool.journal.signing import (
    CHECKPOINT,
    NEW_KEY,
    RESTORED,
    SYSTEM,
    SigningKey,
    checkpoint_note,
    key_note,
    to_text,
)
from ortool.people.permissions import Verb
from ortool.reading import KEY_BYTES, read_plain_text
from ortool.settings import Settings

if TYPE_CHECKING:
    from ortool.services.theatre import Desk, Theatre

LATEST = timedelta(minutes=5)
_AT_ONCE = {"case.signed", RESTORED, NEW_KEY}
_NOT_AFTER = {CHECKPOINT}


def key_path(settings: Settings, site_id: str) -> Path:
    """Return where the signing key of a site is: as the settings say, or in the user's data folder."""
    if settings.signing_key_file:
        return Path(settings.signing_key_file).expanduser()
    return Path(platformdirs.user_data_dir("ortool")) / "signing" / f"{site_id}.key"


def make_key(path: Path) -> SigningKey:
    """Make a key in a new file that only its owner may read. Raises Refused where there is one, BadInput."""
    secret = os.urandom(32)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"There is a signing key in {path} already.", "Move it away first.") from None
    except OSError as error:
        raise BadInput(f"The signing key {path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return SigningKey(secret)


def read_key(path: Path) -> SigningKey:
    """Return the key in a file. Raises BadInput."""
    try:
        return SigningKey(bytes.fromhex(read_plain_text(path, KEY_BYTES, "ascii").strip()))
    except (OSError, ValueError):
        hint = "It holds 64 hexadecimal digits; without it nothing is sealed here."
        raise BadInput(f"The signing key {path} cannot be read.", hint) from None


def system_entry(desk: "Desk", kind: str, body: Mapping[str, Any]) -> Entry:
    """Append an entry that ortool itself writes. It takes no part in the numbering of a command's own entries."""
    theatre = desk.theatre
    origin, now = theatre.terminal.origin("ortool", "system", theatre.device), theatre.now()
    draft = log.Draft(SYSTEM, kind, body, now, uuid.uuid4().hex)
    return log.append(desk.cursor, theatre.store.site_id, draft, origin, now)


def follow(desk: "Desk", entry: Entry) -> None:
    """Write a checkpoint where the entry just appended makes one due."""
    signer = desk.theatre.terminal.signer
    if signer is None or not _is_due(desk.sealed, entry):
        return
    # Another terminal may have sealed meanwhile: what the journal says counts.
    desk.sealed = log.newest_of(desk.cursor, SYSTEM, CHECKPOINT) or (0, 0)
    if _is_due(desk.sealed, entry):
        seal(desk, signer)


def _is_due(sealed: tuple[int, int] | None, entry: Entry) -> bool:
    if sealed is None or entry.kind in _AT_ONCE:
        return True
    seq, micros = sealed
    return entry.seq - seq >= EVERY or to_micros(entry.recorded_at) - micros >= LATEST // timedelta(microseconds=1)


def seal(desk: "Desk", signer: SigningKey) -> None:
    """Write a checkpoint over everything up to the newest entry."""
    site_id = desk.theatre.store.site_id
    seq, link = log.head(desk.cursor, site_id)
    head = to_text(link)
    signature = signer.sign(checkpoint_note(site_id, seq, head))
    body = {"seq": seq, "head": head, "key_id": signer.id, "signature": signature}
    entry = system_entry(desk, CHECKPOINT, body)
    desk.sealed = entry.seq, to_micros(entry.recorded_at)


def seal_rest(theatre: "Theatre", at_least: timedelta = timedelta()) -> bool:
    """Seal what no checkpoint covers yet, as a terminal does before it is left. Return whether anything was.

    With `at_least`, only where the newest checkpoint is that old.
    """
    from ortool.services.setup import SYSTEM as ORTOOL

    signer = theatre.terminal.signer
    if signer is None or not _has_rest(theatre, at_least):
        return False
    with theatre.writing(ORTOOL, Verb.KEEP) as desk:
        seal(desk, signer)
    return True


def _has_rest(theatre: "Theatre", at_least: timedelta) -> bool:
    from ortool.storage.store import cursor_of

    with theatre.reading() as session:
        cursor = cursor_of(session)
        seq, _ = log.head(cursor, theatre.store.site_id)
        sealed, micros = log.newest_of(cursor, SYSTEM, CHECKPOINT) or (0, 0)
        cursor.close()
    return seq > sealed and to_micros(theatre.now()) - micros >= at_least // timedelta(microseconds=1)


def new_key(desk: "Desk", key: SigningKey, by: SigningKey | None) -> Entry:
    """Write down that a key is in use from now on; `by`, the key before, vouches for it (None: it is the first)."""
    public = to_text(key.public)
    signature = (by or key).sign(key_note(desk.theatre.store.site_id, key.id, public))
    body = {"key_id": key.id, "public": public, "by": by.id if by else "", "signature": signature}
    return desk.append(SYSTEM, NEW_KEY, body)
