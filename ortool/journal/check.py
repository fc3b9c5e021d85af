"""The check of a journal, entry by entry and wherever the entries come from: a database or an exported file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ortool.journal.canonical import decode
from ortool.journal.entry import Header, chain_hash, genesis
from ortool.journal.secrets import MARK, SecretText
from ortool.journal.signing import (
    CHECKPOINT,
    NEW_KEY,
    RESTORED,
    SYSTEM,
    checkpoint_note,
    from_text,
    is_signed,
    key_id_of,
    key_note,
    to_text,
)

EVERY = 64
"""A terminal that has the signing key writes a checkpoint after so many entries, at the latest."""
Reader = Callable[[Header, bytes], None]


@dataclass(frozen=True, slots=True)
class Epoch:
    """A restore from a backup: the entries after `kept`, up to `lost` (0: not known), are another history's."""

    seq: int
    kept: int
    lost: int
    recorded_us: int

    def explains(self, seq: int) -> bool:
        """Whether an entry of this number that was seen before may rightly be gone."""
        return self.kept < seq and (not self.lost or seq <= self.lost)


@dataclass(slots=True)
class Verification:
    """What a verification checked and what it found. Empty `faults` means: nothing was altered that it can see.

    `unseen` names what could not have been found, for want of a witness; `notes` what a reader should know besides.
    """

    entries: int = 0
    streams: int = 0
    secrets: int = 0
    redacted: int = 0
    head_seq: int = 0
    head_hash: str = ""
    checkpoints: int = 0
    sealed_to: int = 0
    faults: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Chain:
    """Takes the entries in order and recomputes everything: links, numbers, versions, checkpoints, heads seen before.

    `keys` are the public keys that are trusted, by id; with none, the first key that the journal names is taken and
    told in `learned`. `seen` holds (number, link) of entries that somebody saw; the first bytes of a link do. With
    `since`, entries up to that number are taken on trust, `link` being the link of the last of them where it is known.
    """

    def __init__(
        self,
        site_id: str,
        keys: Mapping[str, bytes] | None = None,
        seen: Iterable[tuple[int, bytes]] = (),
        since: int = 0,
        link: bytes | None = None,
    ) -> None:
        self.result = Verification()
        self.site_id = site_id
        self.keys = dict(keys or {})
        self.learned: dict[str, bytes] = {}
        self.commitments: dict[str, tuple[int, str]] = {}
        self.epochs: list[Epoch] = []
        self.sparse: list[tuple[int, int]] = []
        self._seen: dict[int, list[bytes]] = {}
        for number, known in seen:
            if number > since:
                self._seen.setdefault(number, []).append(known)
        self._rewritten: list[int] = []
        self.since = since
        self._prev = link if since else genesis(site_id)
        self._next = since + 1
        self._versions: dict[str, int] = {}

    @property
    def link(self) -> bytes:
        """The link of the last entry that was taken."""
        return self._prev or b""

    def take(self, header: Header, body: bytes, prev: bytes, link: bytes) -> None:
        """Check one entry against all before it."""
        result, seq = self.result, header.seq
        if seq != self._next:
            result.faults.append(f"entry {self._next}: missing (the next is {seq})")
        self._check_version(header)
        if prev != self._prev and self._prev is not None:
            result.faults.append(f"entry {seq}: does not continue the entry before it")
        if not _is_sealed(prev, header, body, link):
            result.faults.append(f"entry {seq}: its content is not what was sealed")
        if self._seen and not all(link.startswith(known) for known in self._seen.pop(seq, ())):
            self._rewritten.append(seq)
        if header.stream == SYSTEM:
            self._system(header, body, prev)
        if _MARK in body:
            self.commitments |= _commitments(seq, body)
        self._prev, self._next = link, seq + 1
        result.entries += 1

    def _check_version(self, header: Header) -> None:
        before = self._versions.get(header.stream)
        if before is None and self.since:
            before = header.version - 1
        expected = (before or 0) + 1
        if header.version != expected:
            words = f"entry {header.seq}: version {header.version} of {header.stream}, expected {expected}"
            self.result.faults.append(words)
        self._versions[header.stream] = header.version

    def take_text(self, identifier: str, seq: int, salt: bytes, text: str) -> None:
        """Check one text that stands beside an entry."""
        named_by, commitment = self.commitments.pop(identifier, (0, ""))
        self.result.secrets += 1
        if SecretText(identifier, salt, text).commitment != commitment or named_by != seq:
            self.result.faults.append(f"entry {seq}: a text beside it is not what was sealed")

    def finish(self) -> Verification:
        """Return what was found, once every entry and every text has been taken."""
        result = self.result
        result.head_seq, result.head_hash = self._next - 1, self.link.hex()
        result.streams, result.redacted = len(self._versions), len(self.commitments)
        for seq in self._rewritten:
            self._unlike(seq, "it is another one than was seen before; history was rewritten")
        for seq in self._seen:
            self._unlike(seq, "it was seen before and is gone; the journal was cut")
        return result

    def _unlike(self, seq: int, what: str) -> None:
        epoch = next((one for one in self.epochs if one.explains(seq)), None)
        if epoch is None:
            self.result.faults.append(f"entry {seq}: {what}")
        else:
            words = f"Entry {seq}, as it was seen before, was lost when a backup was restored (entry {epoch.seq})."
            self.result.notes.append(words)

    def _system(self, header: Header, body: bytes, prev: bytes) -> None:
        if header.kind not in (CHECKPOINT, NEW_KEY, RESTORED):
            return
        value = _value(body)
        if header.kind == CHECKPOINT:
            self._checkpoint(header.seq, value, prev)
        elif header.kind == NEW_KEY:
            self._key(header.seq, value)
        else:
            kept, lost = value.get("kept_seq"), value.get("lost_seq")
            if isinstance(kept, int) and isinstance(lost, int):
                self.epochs.append(Epoch(header.seq, kept, lost, header.recorded_us))

    def _checkpoint(self, seq: int, value: Mapping[str, Any], prev: bytes) -> None:
        result, head, key_id = self.result, to_text(prev), str(value.get("key_id"))
        if (value.get("seq"), value.get("head")) != (seq - 1, head):
            result.faults.append(f"entry {seq}: its checkpoint was made for another history")
        elif key_id not in self.keys:
            if self.keys:
                result.faults.append(f"entry {seq}: its checkpoint is signed with a key that nobody vouches for")
        elif not is_signed(self.keys[key_id], value.get("signature"), checkpoint_note(self.site_id, seq - 1, head)):
            result.faults.append(f"entry {seq}: the signature of its checkpoint is false")
        else:
            if result.sealed_to and seq - result.sealed_to - 2 > EVERY:
                self.sparse.append((result.sealed_to + 1, seq - 1))
            result.checkpoints += 1
            result.sealed_to = seq - 1

    def _key(self, seq: int, value: Mapping[str, Any]) -> None:
        public, key_id, by = from_text(value.get("public")), str(value.get("key_id")), str(value.get("by"))
        note = key_note(self.site_id, key_id, to_text(public))
        if key_id in self.keys and self.keys[key_id] == public:
            return
        voucher = self.keys.get(by) if self.keys else public
        if voucher is None or key_id != key_id_of(public) or not is_signed(voucher, value.get("signature"), note):
            self.result.faults.append(f"entry {seq}: no key that is trusted here vouches for the new signing key")
            return
        self.keys[key_id] = self.learned[key_id] = public


_MARK = MARK.encode()


def _is_sealed(prev: bytes, header: Header, body: bytes, link: bytes) -> bool:
    try:
        return chain_hash(prev, header, body) == link
    except TypeError:
        return False


def _value(body: bytes) -> Mapping[str, Any]:
    try:
        value = decode(body)
    except (msgspec.DecodeError, ValueError):  # a text in it that is no UTF-8 is a ValueError
        return {}
    return value if isinstance(value, dict) else {}


def _commitments(seq: int, body: bytes) -> dict[str, tuple[int, str]]:
    parts = _value(body).values()
    return {
        part[MARK]: (seq, part.get("sha256", ""))
        for part in parts
        if isinstance(part, dict) and isinstance(part.get(MARK), str)
    }
