"""Ctrl+C as a wish to be done now: what was found by then is kept, and a second one ends the program at once."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Self


class CtrlC:
    """While it is entered, the first Ctrl+C is only remembered."""

    def __init__(self) -> None:
        self.is_pressed = False
        self._before: Callable[[int, FrameType | None], Any] | int | None = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Give Ctrl+C back what it did before."""
        signal.signal(signal.SIGINT, self._before)

    def _press(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_pressed = True
        # What the system does: it ends the program even while a solver hears of nothing.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
