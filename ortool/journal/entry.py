"""An entry: one record in the journal, as it was hashed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ortool.journal.canonical import encode_flat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCHEMA = 1


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970 in UTC. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Return the UTC datetime of stored microseconds."""
    return EPOCH + timedelta(0, 0, micros)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands around a body. Times are microseconds UTC; `mono_ns` is the terminal's monotonic clock."""

    seq: int
    stream: str
    version: int
    command_id: str
    kind: str
    schema: int
    occurred_us: int
    recorded_us: int
    mono_ns: int
    boot: str
    clock: int
    actor: str
    auth: str
    device: str

    def as_list(self) -> list[str | int]:
        """Return the fields in the order in which they are hashed."""
        return [getattr(self, name) for name in self.__slots__]


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored entry with its body read, secrets resolved."""

    seq: int
    stream: str
    version: int
    command_id: str
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    auth: str
    device: str
    body: Mapping[str, Any]
    hash: bytes


def chain_hash(prev: bytes, header: Header, body: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ prev ‖ canonical header ‖ 0x00 ‖ body): the link of the chain."""
    digest = hashlib.sha256(b"\x00" + prev)
    digest.update(encode_flat(header.as_list()))
    digest.update(b"\x00" + body)
    return digest.digest()


def genesis(site_id: str) -> bytes:
    """Return the link before the first entry of a site."""
    return hashlib.sha256(site_id.encode()).digest()
