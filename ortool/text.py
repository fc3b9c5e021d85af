"""The one sanitiser of foreign text: names, imported files, barcodes and typed words pass through here."""

import unicodedata

from ortool.errors import BadInput

REPLACED = "\N{REPLACEMENT CHARACTER}"
CUT = "…"
_MARKS_IN_A_ROW = 4
_SPACES = {"\t": " ", "\u2028": " ", "\u2029": " "}


def clean(text: str, limit: int = 200, multiline: bool = False) -> str:
    """Return `text` safe to store and to show: NFC, no control, escape, bidi or invisible characters.

    A character that had to go leaves U+FFFD behind, a cut at `limit` characters an ellipsis: a reader knows.
    """
    kept: list[str] = []
    marks = 0
    spaces = _SPACES if multiline else _SPACES | {"\n": " "}
    for raw in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        char = " " if unicodedata.category(raw) == "Zs" else spaces.get(raw, raw)
        marks = marks + 1 if unicodedata.category(char).startswith("M") else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        kept.append(char if _is_visible(char) or (multiline and char == "\n") else REPLACED)
    whole = "".join(kept).strip()
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + CUT


def identifier(text: str, limit: int = 64) -> str:
    """Return `text` as an identifier (hospital number, code). Raises BadInput on what `clean` would replace."""
    cleaned = clean(text, limit + 1)
    if REPLACED in cleaned or len(cleaned) > limit:
        raise BadInput(f"{cleaned[:20]!r}… is not a usable identifier.", f"Use up to {limit} printable characters.")
    return cleaned


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
