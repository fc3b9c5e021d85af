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

OFTEN, RARELY = 10, 1_000
"""Collections of what is young before one of everything; the first is Python's own."""


def collect_rarely(rarely: bool) -> None:
    """Let the collector leave alone what has been there for long, or not: that takes longer than a key may wait."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, RARELY if rarely else OFTEN)


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
