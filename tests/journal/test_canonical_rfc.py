"""Our canonical bytes against a second, independent encoder of RFC 8785.

`ORTOOL_BODIES` says how many random bodies (5,000 in a usual run, 100,000 in the long one).
"""

import os
import random
import sys
from typing import Any

import rfc8785

from ortool.journal.canonical import MAX_INT, decode, encode

BODIES = int(os.environ.get("ORTOOL_BODIES", "5000"))
SIGNS = [chr(code) for code in (*range(0x80), 0xE9, 0x2028, 0x2029, 0x7F, 0x85, 0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF)]


def text(dice: random.Random, length: int = 12) -> str:
    """Return a text with every awkward sign in it sooner or later."""
    if dice.random() < 0.2:
        codes = (dice.randrange(sys.maxunicode) for _ in range(dice.randrange(length)))
        return "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)
    return "".join(dice.choices(SIGNS, k=dice.randrange(length)))


def value(dice: random.Random, depth: int = 0) -> Any:
    """Return a random value of the closed set."""
    kind = dice.randrange(5 if depth > 3 else 7)
    if kind == 0:
        return None
    if kind == 1:
        return dice.random() < 0.5
    if kind == 2:
        small = dice.random() < 0.5
        return dice.randint(-99, 99) if small else dice.choice((1, -1)) * dice.randrange(MAX_INT - 1)
    if kind in (3, 4):
        return text(dice)
    if kind == 5:
        return [value(dice, depth + 1) for _ in range(dice.randrange(5))]
    keys = ("".join(chr(dice.randrange(0x80)) for _ in range(dice.randrange(6))) for _ in range(dice.randrange(6)))
    return {key: value(dice, depth + 1) for key in keys}


def test_every_body_has_the_bytes_of_rfc_8785() -> None:
    seed = int(os.environ.get("ORTOOL_SEED", random.randrange(2**32)))
    dice = random.Random(seed)
    for number in range(BODIES):
        body = value(dice)
        mine = encode(body)
        assert mine == rfc8785.dumps(body), (seed, number, body)
        assert decode(mine) == body


def test_the_comparison_can_fail() -> None:
    assert rfc8785.dumps(1.0) != b"1.0"
    assert rfc8785.dumps({"b": 1, "a": 2}) != b'{"b":1,"a":2}'
