"""Work in the background of a screen."""

import gc
from collections.abc import Awaitable, Callable
from typing import Any, cast

from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from ortool.errors import StorageFault

RARELY = 100
"""Collections of what is young before one of everything, where none comes in a quiet moment: Python's own is ten."""


def collect_rarely() -> None:
    """Keep the collector from walking over everything in the middle of a key: that takes longer than a key may wait."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, RARELY)


class Tidy:
    """Collects all garbage in moments in which nobody types."""

    def __init__(self, quiet: float = 4.0, every: float = 60.0) -> None:
        """`quiet`: seconds since the last key; `every`: seconds at least from one time to the next."""
        self._quiet, self._every = quiet, every
        self._last = float("-inf")

    def look(self, now: float, touched: float) -> bool:
        """Collect where it is quiet and time; return whether it did. Both are seconds of the same steady clock."""
        if now - touched < self._quiet or now - self._last < self._every:
            return False
        self._last = now
        gc.collect()
        return True


class Lost(Message):
    """The database could not be reached."""

    def __init__(self, fault: StorageFault) -> None:
        super().__init__()
        self.fault = fault


def start_work(node: DOMNode, work: Callable[[], Awaitable[object]], group: str = "work", only: bool = False) -> None:
    """Start `work` beside the screen; with `only`, what the group is still doing is given up.

    A callable is handed over, not a coroutine: nothing is left unawaited when the program is being left. Work that
    finds its screen gone has nobody left to show anything to.
    """

    async def carry_on() -> None:
        try:
            await work()
        except StorageFault as fault:
            node.app.post_message(Lost(fault))
        except NoMatches:
            if isinstance(node, Screen) and node in node.app.screen_stack and node.is_running and node.children:
                raise

    node.disable_messages(Worker.StateChanged)  # nobody listens, and each key would have three of them
    node.run_worker(cast(Any, carry_on), group=group, exclusive=only)
