"""One value has one encoding."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.journal.canonical import MAX_INT, decode, encode

keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
leaves = st.none() | st.booleans() | st.integers(-MAX_INT + 1, MAX_INT - 1) | st.text(max_size=20)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(values)
def test_bytes_are_those_of_sorted_compact_json(value: object) -> None:
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert encode(value) == expected.encode()


@given(values)
def test_what_is_read_back_is_encoded_the_same(value: object) -> None:
    assert decode(encode(value)) == value
    assert encode(decode(encode(value))) == encode(value)


@given(st.dictionaries(keys, leaves, min_size=2, max_size=6))
def test_the_order_of_keys_does_not_matter(body: dict[str, object]) -> None:
    assert encode(dict(reversed(body.items()))) == encode(body)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        0.1,
        float("nan"),
        Decimal("1"),
        b"bytes",
        {1, 2},
        MAX_INT,
        -MAX_INT,
        {"é": 1},
        {1: 2},
        [{"a": [1.5]}],
        "\ud800",
    ],
)
def test_what_has_no_single_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)
