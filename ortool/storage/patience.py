"""How long a server is waited for, and when it is asked again."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TRIES = 5
TRY_SECONDS = 3.0
# Seconds in which the server must say something: a little more than a statement may take there.
USUAL = 6.0
_seconds: ContextVar[float] = ContextVar("seconds", default=USUAL)


def patience() -> float:
    """Return for how many seconds an answer is waited for now."""
    return _seconds.get()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Wait no longer than so for each answer inside the `with` block."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


def pause(tries: int) -> float:
    """Return how long to wait before another try: longer each time, and never as long as everybody else."""
    return random.uniform(0.5, 1.0) * 0.05 * float(2**tries)
