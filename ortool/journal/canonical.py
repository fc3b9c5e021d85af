"""Canonical bytes of an entry's body: one value, one encoding, in any process and any year.

The closed set is str, int below 2**53, bool, None, list and dict with ASCII keys. On it the encoding equals RFC 8785.
Floats are refused: they have no single canonical form.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

MAX_INT = 2**53
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """Return the canonical bytes of `value`. Raises TypeError for anything outside the closed set."""
    _check(value)
    return _encoder.encode(value)


def encode_flat(values: list[str | int]) -> bytes:
    """Return the canonical bytes of a list of texts and whole numbers, whose types the caller vouches for.

    Raises TypeError for a text with half a surrogate pair.
    """
    try:
        return _encoder.encode(values)
    except UnicodeEncodeError:
        raise TypeError("half a surrogate pair has no canonical form") from None


def decode(body: bytes) -> Any:
    """Return the value of stored bytes."""
    return _decoder.decode(body)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError("half a surrogate pair has no canonical form") from None


def _check(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
        return
    if isinstance(value, int):
        if abs(value) >= MAX_INT:
            raise TypeError(f"{value} is too large for a canonical body")
    elif isinstance(value, (list, tuple)):
        for part in value:
            _check(part)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise TypeError(f"{key!r} is no key of a canonical body")
            _check(part)
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form")
