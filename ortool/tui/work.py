"""Work in the background of a screen."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from ortool.errors import StorageFault


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
