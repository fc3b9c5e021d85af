"""Signed checkpoints: what is signed, how it is told apart from anything else, and how a signature is checked.

The signed text of a checkpoint is the note `ortool/<site>\\n<seq>\\n<base64 of the head>\\n` (UTF-8), that of a new key
`ortool/<site>/key\\n<key id>\\n<base64 of the public key>\\n`; both are signed with Ed25519. A key's id is the first 16
hexadecimal digits of the SHA-256 of its 32 public bytes.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from typing import Any

SYSTEM = "system"
CHECKPOINT = "journal.checkpoint"
NEW_KEY = "journal.key"
RESTORED = "journal.restored"
EXPORTED = "journal.exported"


def to_text(raw: bytes) -> str:
    """Return bytes as base64."""
    return b64encode(raw).decode()


def from_text(text: object) -> bytes:
    """Return the bytes of a base64 text, empty for anything that is none."""
    try:
        return b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""


def checkpoint_note(site_id: str, seq: int, head: str) -> bytes:
    """Return what a checkpoint signs; `head` is the link of entry `seq` in base64."""
    return f"ortool/{site_id}\n{seq}\n{head}\n".encode()


def key_note(site_id: str, key_id: str, public: str) -> bytes:
    """Return what vouches for a key; `public` is its public half in base64."""
    return f"ortool/{site_id}/key\n{key_id}\n{public}\n".encode()


def key_id_of(public: bytes) -> str:
    """Return the id of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


class SigningKey:
    """The private half of a key. It stays in its file outside the database."""

    def __init__(self, secret: bytes) -> None:
        """Take the 32 secret bytes. Raises ValueError for any other number of them."""
        # Loaded only where something is signed or checked: it would cost every start a tenth.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key: Any = Ed25519PrivateKey.from_private_bytes(secret)
        self.public: bytes = self._key.public_key().public_bytes_raw()
        self.id = key_id_of(self.public)

    def sign(self, note: bytes) -> str:
        """Return the signature of a note in base64."""
        return to_text(self._key.sign(note))


def is_signed(public: bytes, signature: object, note: bytes) -> bool:
    """Whether `signature` (base64) of `note` was made with the private half of `public`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(from_text(signature), note)
    except (InvalidSignature, ValueError):
        return False
    return True
