"""The other cells of a theatre list: text, identifiers, minutes, sides, urgencies and priorities."""

import re

from ortool.errors import BadInput
from ortool.exchange.listed import Side, Urgency
from ortool.text import REPLACED, clean, identifier

MAX_MINUTES = 1440
SHOWN = 40

_WORD = 200
_MINUTES = re.compile(r"([+-]?[0-9]{1,6})(?:\.0+)?(?:\s*(?:min|mins|minutes))?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_SIDES: dict[str, Side] = {
    **dict.fromkeys(("none", "n/a", "na", "-"), ""),
    **dict.fromkeys(("left", "l", "lt"), "left"),
    **dict.fromkeys(("right", "r", "rt"), "right"),
    **dict.fromkeys(("both", "bilateral", "bilat", "both sides", "left and right"), "both"),
    **dict.fromkeys(("midline", "central", "centre", "center"), "midline"),
}
_URGENCIES: dict[str, Urgency] = {
    **dict.fromkeys(("elective", "planned", "routine", "scheduled"), "elective"),
    **dict.fromkeys(("urgent", "expedited"), "urgent"),
    **dict.fromkeys(("emergency", "emergent", "immediate"), "emergency"),
}
_PRIORITIES = {
    **dict.fromkeys(("highest", "top", "immediate", "first"), 1),
    **dict.fromkeys(("high", "urgent", "soon"), 2),
    **dict.fromkeys(("medium", "normal", "routine", "standard", "semi-urgent"), 3),
    **dict.fromkeys(("low", "non-urgent"), 4),
    **dict.fromkeys(("lowest", "planned", "last"), 5),
}
_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"no", "n", "false", "0", "none", "-"})


def read_text(text: str, limit: int = 200, multiline: bool = False) -> str:
    """Return `text` cleaned. Raises BadInput rather than cut it at `limit`, or if nothing readable is left."""
    # Four raw characters for each kept one leave room for accents written apart.
    cleaned = clean(text[: 4 * limit + 1], limit + 1, multiline)
    if len(cleaned) > limit or len(text) > 4 * limit:
        raise BadInput(f"The text is longer than {limit} characters.", "Shorten it.")
    if cleaned and not cleaned.replace(REPLACED, "").strip():
        raise BadInput("The cell holds no readable character.", "Write it again.")
    return cleaned


def read_name(text: str) -> str:
    """Return a person's name as cleaned text with single spaces. Raises BadInput if it has no letter."""
    cleaned = " ".join(read_text(text, 120).split())
    if not any(char.isalpha() for char in cleaned):
        raise BadInput(f"{shown(text)} is not a name.", "Write a name with letters.")
    return cleaned


def read_hospital_number(text: str) -> str:
    """Return a hospital number. Raises BadInput on hidden characters and on a number rounded by a spreadsheet."""
    if len(text) > _WORD:
        raise BadInput(f"{shown(text)} is too long for a hospital number.", "Write it as on the wristband.")
    number = identifier(text)
    if _SCIENTIFIC.fullmatch(number):
        raise BadInput(f"{number} was shortened by a spreadsheet.", "Format the column as text and export again.")
    if not any(char.isalnum() for char in number):
        raise BadInput(f"{shown(text)} is not a hospital number.", "Write it as on the wristband.")
    return number


def read_minutes(text: str) -> int:
    """Return whole minutes from 1 to 1440. Raises BadInput."""
    match = _MINUTES.fullmatch(clean(text, SHOWN))
    if match is None:
        raise BadInput(f"{shown(text)} is not a number of minutes.", f"Write whole minutes from 1 to {MAX_MINUTES}.")
    return check_minutes(int(match[1]))


def check_minutes(minutes: int) -> int:
    """Return `minutes` if a case can be planned for so long. Raises BadInput."""
    if not 1 <= minutes <= MAX_MINUTES:
        raise BadInput(f"{minutes} minutes cannot be planned.", f"Write whole minutes from 1 to {MAX_MINUTES}.")
    return minutes


def read_side(text: str) -> Side:
    """Return the side. Raises BadInput."""
    side = _SIDES.get(folded(text))
    if side is None:
        raise BadInput(f"{shown(text)} is not a side.", "Write left, right, both or midline.")
    return side


def read_urgency(text: str) -> Urgency:
    """Return the urgency. Raises BadInput."""
    urgency = _URGENCIES.get(folded(text))
    if urgency is None:
        raise BadInput(f"{shown(text)} is not an urgency.", "Write elective, urgent or emergency.")
    return urgency


def read_priority(text: str) -> int:
    """Return a priority: 1 (first) to 5, also P1 to P5 and the usual words. Raises BadInput."""
    word = folded(text)
    number = word.removeprefix("p").strip()
    if number in {"1", "2", "3", "4", "5"}:
        return int(number)
    priority = _PRIORITIES.get(word)
    if priority is None:
        raise BadInput(f"{shown(text)} is not a priority.", "Write 1 (first) to 5, or high, routine, low.")
    return priority


def read_yes_no(text: str) -> bool:
    """Return yes or no as a bool. Raises BadInput."""
    word = folded(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadInput(f"{shown(text)} is neither yes nor no.", "Write yes or no.")


def shown(text: str) -> str:
    """Return `text` short and harmless, to be named in a sentence."""
    cleaned = clean(text[: 4 * SHOWN], SHOWN + 1)
    return cleaned if len(cleaned) <= SHOWN and len(text) <= 4 * SHOWN else f"{cleaned[:SHOWN]}…"


def folded(text: str) -> str:
    """Return `text` for comparing: cleaned, without case, with single spaces; nothing if it is too long for a word."""
    # Cutting instead could turn "left, …, not right" into "left".
    return "" if len(text) > _WORD else " ".join(clean(text, _WORD).casefold().split())
