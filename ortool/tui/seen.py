"""Screens that rest while another one hides them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from ortool.tui.stepped import SteppedScreen


class SeenScreen(SteppedScreen[None]):
    """A screen that does its regular work only while it is seen.

    Whatever a hidden screen does makes Textual paint everything above it again, and nobody would see it: so it rests,
    and is told to catch up when it is seen again. A form or a palette above leaves it in sight.
    """

    BLANK = True
    """Nothing shows between its widgets: nothing is drawn there line by line."""

    def __init__(self) -> None:
        super().__init__()
        self._regular: list[Timer] = []

    def every(self, seconds: float, deed: Callable[[], Any]) -> None:
        """Do something again and again while the screen is seen."""
        self._regular.append(self.set_interval(seconds, deed))

    def on_screen_suspend(self) -> None:
        """Rest."""
        if is_hidden(self):
            for timer in self._regular:
                timer.pause()

    def on_screen_resume(self) -> None:
        """Go on."""
        for timer in self._regular:
            timer.resume()


def in_sight(stack: Sequence[Screen[Any]]) -> list[Screen[Any]]:
    """Return which screens of a stack are seen: the topmost that is none of the questions, and those above it."""
    under = max((place for place, screen in enumerate(stack) if not screen.is_modal), default=0)
    return list(stack[under:])


def is_hidden(screen: Screen[Any]) -> bool:
    """Return whether a screen above this one leaves nothing of it in sight."""
    stack = screen.app.screen_stack
    return screen in stack and screen not in in_sight(stack)
