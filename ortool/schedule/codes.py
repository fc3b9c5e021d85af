"""Why a slot was given up: the codes of delays with an X before them, but for those that only an operation brings."""

from collections.abc import Mapping

from ortool.errors import BadInput
from ortool.reasons import DELAY_CODES
from ortool.text import clean

NOT_BEFORE_A_CASE = "M"
MOVES: Mapping[str, str] = {
    code: one.title for code, one in DELAY_CODES.items() if not code.startswith(NOT_BEFORE_A_CASE)
}
CANCELLATIONS: Mapping[str, str] = {f"X{code}": title for code, title in MOVES.items()}


def words_of(code: str) -> str:
    """Return what a code says, with whose it is: `patient: not fasted`. An unknown one is returned as it is."""
    found = DELAY_CODES.get(code.removeprefix("X"))
    return f"{found.group}: {found.title}" if found else code


def check_cancellation(text: str) -> str:
    """Return the code of a cancellation; an empty text is none. Raises BadInput for any other."""
    code = clean(text, 20).upper()
    if code and code not in CANCELLATIONS:
        raise BadInput(f"{code!r} is no reason for a cancellation.", "Known: XP02 (not fasted), XF03 (no bed) …")
    return code


def check_move(text: str) -> str:
    """Return the code of a move; an empty text is none. Raises BadInput for any other."""
    code = clean(text, 20).upper()
    if code and code not in MOVES:
        raise BadInput(f"{code!r} is no reason for a move.", "Known: F01 (case before over-ran), F07 (emergency) …")
    return code
