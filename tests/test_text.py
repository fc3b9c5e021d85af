"""Foreign text comes in harmless, and says where it lost something."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ortool.errors import BadInput
from ortool.text import _PLAIN, CUT, REPLACED, _kept, clean, identifier

HOSTILE = {"Cc", "Cf", "Cs", "Co", "Cn"}
JOINER = "\u200d"
PICTURES = "👩👩🏽❤⚕🏳🌈🔥1#\u20e3\ufe0f\ufe0e\u200d\U000e0041\U000e0100\u0301 \n…"
anything = st.text(st.characters(), max_size=60) | st.text(st.sampled_from(PICTURES), max_size=40)


@given(anything, st.booleans())
def test_nothing_that_steers_a_terminal_is_left(text: str, multiline: bool) -> None:
    kept = clean(text, multiline=multiline).replace("\n", "") if multiline else clean(text)
    assert not [char for char in kept if char != JOINER and unicodedata.category(char) in HOSTILE]


@given(anything, st.integers(1, 30), st.booleans())
def test_cleaning_twice_changes_nothing_more(text: str, limit: int, multiline: bool) -> None:
    once = clean(text, limit, multiline)
    assert clean(once, limit, multiline) == once
    assert len(once) <= limit


def test_what_is_taken_for_plain_is_what_a_close_look_leaves_as_it_is() -> None:
    plain = [chr(code) for code in range(0x3000) if _PLAIN.fullmatch(chr(code))]
    assert len(plain) > 2_000
    assert [char for char in plain if _kept(char, {}, False) != [char]] == []
    assert not [char for char in plain if unicodedata.category(char)[0] == "M"]


@given(st.text(st.characters(categories=["M"]), min_size=1, max_size=40))
def test_marks_do_not_pile_up(marks: str) -> None:
    run = longest = 0
    for char in clean(f"a{marks}b"):
        run = run + 1 if unicodedata.category(char).startswith("M") else 0
        longest = max(longest, run)
    assert longest <= 4
    assert len(marks) <= 4 or REPLACED in clean(f"a{marks}b") or len(unicodedata.normalize("NFC", f"a{marks}")) <= 5


@pytest.mark.parametrize(
    "text", ["👩🏽\u200d⚕\ufe0f", "❤\ufe0f\u200d🔥", "🏳\ufe0f\u200d🌈", "1\ufe0f\u20e3", "👩\u200d👩\u200d👧"]
)
def test_an_emoji_stays_whole(text: str) -> None:
    assert clean(f"x{text}y") == f"x{text}y"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\u200db", "a�b"),
        ("👩\u200d", "👩�"),
        ("\u200d👩", "�👩"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴���"),
        ("a\ufe0f", "a�"),
        ("a\U000e0100b", "a�b"),
        ("\u3164", "�"),
        ("a\u034fb", "a�b"),
        ("z" + "\u0301" * 9 + "y", "ź" + "\u0301" * 4 + "�y"),
    ],
)
def test_what_cannot_be_seen_leaves_a_mark(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_something_huge_is_not_walked_through() -> None:
    began = time.perf_counter()
    assert clean("\u202e" * 10_000_000, 200) == REPLACED * 199 + CUT
    assert clean("x" * 10_000_000 + "\x1b", 200) == "x" * 199 + CUT
    assert time.perf_counter() - began < 1
    with pytest.raises(BadInput):
        identifier("H" + " " * 10_000_000 + "1")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("O'Brien [NKA]", "O'Brien [NKA]"),
        ("Žofie  Ukázková", "Žofie  Ukázková"),
        ("a\x1b]52;c;eA==\x07b", f"a{REPLACED}]52;c;eA=={REPLACED}b"),
        ("a\u202eb", f"a{REPLACED}b"),
        ("one\ttwo\u2028three\u00a0four", "one two three four"),
        ("e\u0301", "é"),
        ("line\r\nline", "line line"),
    ],
)
def test_plain_words_stay_and_what_goes_leaves_a_mark(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_lines_are_kept_where_they_are_asked_for() -> None:
    assert clean("one\r\ntwo\n", multiline=True) == "one\ntwo"


@pytest.mark.parametrize("text", ["H\x1b1", "H\u200b1", "x" * 65])
def test_an_identifier_is_refused_rather_than_mended(text: str) -> None:
    with pytest.raises(BadInput):
        identifier(text)


def test_a_good_identifier_passes() -> None:
    assert identifier(" H-0815/b ") == "H-0815/b"
