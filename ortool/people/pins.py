"""What makes a PIN, and how long wrong ones lock it. Hashing and counting are done where the time and the table are."""

from datetime import timedelta
from itertools import pairwise

from ortool.errors import BadInput

SHORTEST, LONGEST = 6, 12
FREE = 5
LIMIT = 20
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)


def check_pin(pin: str) -> str:
    """Return a PIN that may be set. Raises BadInput for one that is too short, no number, or the first to be guessed.

    Six digits are the least (NIST SP 800-63B §3.1.1); none is asked to be changed without a cause.
    """
    if not (pin.isascii() and pin.isdigit()) or not SHORTEST <= len(pin) <= LONGEST:
        raise BadInput(f"A PIN has {SHORTEST} to {LONGEST} digits.", "Choose another.")
    if _is_trivial(pin):
        raise BadInput("That PIN is among the first that anybody would try.", "Choose another.")
    return pin


def _is_trivial(pin: str) -> bool:
    steps = {(int(later) - int(earlier)) % 10 for earlier, later in pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < 3:
        return True  # 111111, 123456, 987654, 135791; 112211
    return any(pin == pin[:length] * (len(pin) // length) for length in (2, 3) if len(pin) % length == 0)


def wait_after(failed: int) -> timedelta | None:
    """Return how long nothing is tried after so many wrong PINs in a row; None until somebody unlocks it."""
    if failed >= LIMIT:
        return None
    if failed < FREE:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << (failed - FREE)), LONGEST_WAIT)
