"""Words that may have to be forgotten: kept beside the entry, which holds only a salted commitment to them."""

import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MARK = "$secret"
REDACTED = "[redacted]"
HIDDEN = "[hidden]"


@dataclass(frozen=True, slots=True)
class SecretText:
    """A text, its salt, and the id under which the entry's body names it."""

    id: str
    salt: bytes
    text: str

    @property
    def commitment(self) -> str:
        """SHA-256 of salt and text, in hex: what the journal's chain seals."""
        return hashlib.sha256(self.salt + self.text.encode(errors="surrogateescape")).hexdigest()


def hide(body: Mapping[str, Any], names: frozenset[str]) -> tuple[dict[str, Any], list[SecretText]]:
    """Return `body` with the non-empty texts under `names` replaced by commitments, and those texts."""
    hidden: list[SecretText] = []
    public: dict[str, Any] = {}
    for name, value in body.items():
        if name in names and isinstance(value, str) and value:
            secret = SecretText(uuid.uuid4().hex, os.urandom(16), value)
            hidden.append(secret)
            public[name] = {MARK: secret.id, "sha256": secret.commitment}
        else:
            public[name] = value
    return public, hidden


def show(body: Mapping[str, Any], texts: Mapping[str, str], missing: str = REDACTED) -> dict[str, Any]:
    """Return `body` with its commitments replaced by `texts`; a text that is gone reads as `missing`."""
    return {
        name: texts.get(value[MARK], missing) if isinstance(value, dict) and MARK in value else value
        for name, value in body.items()
    }
