"""The one sanitiser of foreign text: names, imported files, barcodes and typed words pass through here."""

import re
import unicodedata

from ortool.errors import BadInput

REPLACED = "\N{REPLACEMENT CHARACTER}"
CUT = "…"
_MARKS_IN_A_ROW = 4
_SPACES = {"\t": " ", "\u2028": " ", "\u2029": " "}
_JOINER = "\N{ZERO WIDTH JOINER}"
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STYLES = "\ufe0e\ufe0f"
_TONES = range(0x1F3FB, 0x1F400)
# Letters, marks and symbols that show nothing (Unicode's Default_Ignorable_Code_Point outside Cf, and the empty
# braille cell): with them two names look the same, and selectors can carry a whole hidden message.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for start, stop in ((0x180B, 0x1810), (0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for code in range(start, stop)
}
_NO_PICTURE = _UNSEEN | {REPLACED}
# Most text: Latin letters, punctuation, arrows, lines, boxes and signs, all of them seen and none of them a mark.
_PLAIN = re.compile("[ -~¡-¬®-\u02ff‐-‧‰-⁞←-⏿─-➿]*")
# What is far beyond any limit is cut before it is looked at, character by character.
_LONGEST_LOOK, _LOOK = 2_000, 20


def clean(text: str, limit: int = 200, multiline: bool = False) -> str:
    """Return `text` safe to store and to show: NFC, no control, escape, bidi or invisible characters.

    A character that had to go leaves U+FFFD behind, a cut at `limit` characters an ellipsis: a reader knows.
    Emoji keep what joins and colours them.
    """
    looked_at = text[: _LONGEST_LOOK + _LOOK * limit]
    spaces = _SPACES if multiline else _SPACES | {"\n": " "}
    plain = unicodedata.normalize("NFC", looked_at.replace("\r\n", "\n"))
    if not _PLAIN.fullmatch(plain):
        plain = "".join(_kept(plain, spaces, multiline))
    whole = plain.strip()
    if len(whole) <= limit and len(looked_at) == len(text):
        return whole
    return whole[: limit - 1].rstrip(f" \n{_JOINER}{_STYLES}") + CUT


def _kept(text: str, spaces: dict[str, str], multiline: bool) -> list[str]:
    kept: list[str] = []
    marks = 0
    for place, raw in enumerate(text):
        char = " " if unicodedata.category(raw) == "Zs" else spaces.get(raw, raw)
        following = text[place + 1 : place + 2]
        shown = _is_visible(char) or _belongs_to_emoji(char, kept, following) or (multiline and char == "\n")
        marks = marks + 1 if unicodedata.category(char).startswith("M") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(char if shown else REPLACED)
        elif marks == _MARKS_IN_A_ROW + 1:
            kept.append(REPLACED)
    return kept


def identifier(text: str, limit: int = 64) -> str:
    """Return `text` as an identifier (hospital number, code). Raises BadInput on what `clean` would replace."""
    cleaned = clean(text, limit + 1)
    if REPLACED in cleaned or len(cleaned) > limit or len(text) > _LONGEST_LOOK + _LOOK * limit:
        raise BadInput(f"{cleaned[:20]!r}… is not a usable identifier.", f"Use up to {limit} printable characters.")
    return cleaned


def harmless(text: str) -> str:
    """Return `text` without what steers a terminal, laid out as it was: the last net under everything that is shown.

    Foreign text is cleaned where it comes in. This is for what came in another way, such as an altered database.
    """
    if text.isprintable():
        return text
    return "".join(REPLACED if steers(char) and char != "\n" else char for char in text)


def steers(char: str) -> bool:
    """Whether a character moves, colours, turns or hides what a terminal shows, or is none at all."""
    return char != _JOINER and unicodedata.category(char) in _STEERING


def _is_visible(char: str) -> bool:
    return char not in _UNSEEN and unicodedata.category(char) not in _STEERING


def _belongs_to_emoji(char: str, before: list[str], following: str) -> bool:
    """Whether a character that shows nothing by itself joins two pictures or chooses how one is drawn."""
    last = before[-1] if before else ""
    if char in _STYLES:
        return _is_picture(last) or (last in "0123456789#*" and following == "\u20e3" and last != "")
    pictured = _is_picture(last) or (last != "" and (last in _STYLES or ord(last) in _TONES))
    return char == _JOINER and pictured and _is_picture(following)


def _is_picture(char: str) -> bool:
    return char != "" and ((unicodedata.category(char) == "So" and char not in _NO_PICTURE) or char in "↔↕▪▫◾◽")
